// SPDX-License-Identifier: BSD-2-Clause
#include "controller/frames.hpp"

#include <algorithm>

#include <xvrrp/abi/types.h>

namespace xvrrp::controller {
namespace {

const IpAddress kVrrpGroup = IpAddress::v4(224, 0, 0, 18);

template <std::size_t N>
void copy_address(const IpAddress& address, std::uint8_t (&to)[N]) {
  std::copy_n(address.bytes().begin(), N, to);
}

} // namespace

std::uint16_t interval_on_the_wire(const core::RouterConfig& router) {
  if (router.version == core::Version::V2)
    return static_cast<std::uint16_t>(
        std::chrono::floor<std::chrono::seconds>(router.advertisement_interval).count());
  return static_cast<std::uint16_t>(std::chrono::floor<Centiseconds>(router.advertisement_interval).count());
}

std::vector<AdvertFrame> build_adverts(const config::Instance& instance, const Mac& mac,
                                       std::uint8_t priority) {
  std::vector<std::uint8_t> addresses;
  for (const auto& address : instance.addresses) {
    const auto& bytes = address.prefix.address.bytes();
    addresses.insert(addresses.end(), bytes.begin(), bytes.begin() + 4);
  }
  xv_advert_spec spec{};
  std::copy(mac.begin(), mac.end(), spec.source_mac);
  spec.version = static_cast<__u8>(instance.router.version);
  spec.vrid = instance.router.vrid;
  spec.priority = priority;
  spec.count = static_cast<__u8>(instance.addresses.size());
  spec.interval = interval_on_the_wire(instance.router);
  spec.message_only_sum = instance.checksum_without_pseudo_header;
  spec.addresses = addresses.data();
  copy_address(instance.router.primary_address, spec.source);
  if (instance.authentication.type == config::AuthenticationType::Pass) {
    spec.auth_type = XV_AUTH_PASS;
    std::copy(instance.authentication.data.begin(), instance.authentication.data.end(), spec.auth_data);
  }

  const bool unicast = !instance.unicast_peers.empty();
  const auto destinations = unicast ? instance.unicast_peers : std::vector{kVrrpGroup};
  std::vector<AdvertFrame> adverts;
  for (const auto& destination : destinations) {
    copy_address(destination, spec.destination);
    std::array<std::uint8_t, XV_ADVERT_FRAME_MAX> buffer{};
    const auto length = xv_build_ipv4_advert(&spec, buffer.data());
    adverts.push_back({destination, Frame{buffer.begin(), buffer.begin() + length}, unicast});
  }
  return adverts;
}

Frame build_announcement(const Mac& mac, const IpAddress& address) {
  Frame frame(XV_ARP_FRAME_BYTES);
  xv_build_gratuitous_arp(mac.data(), address.bytes().data(), frame.data());
  return frame;
}

} // namespace xvrrp::controller
