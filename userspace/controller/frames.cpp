// SPDX-License-Identifier: BSD-2-Clause
#include "controller/frames.hpp"

#include <algorithm>

#include <xvrrp/abi/types.h>

namespace xvrrp::controller {
namespace {

template <std::size_t N>
void copy_address(const IpAddress& address, std::uint8_t (&to)[N]) {
  std::copy_n(address.bytes().begin(), N, to);
}

xv_advert_spec describe(const config::Instance& instance, const Sender& sender, core::Version version,
                        std::uint8_t priority) {
  xv_advert_spec spec{};
  std::copy(sender.mac.begin(), sender.mac.end(), spec.source_mac);
  spec.family = static_cast<__u8>(instance.router.family);
  spec.version = static_cast<__u8>(version);
  spec.vrid = instance.router.vrid;
  spec.priority = priority;
  spec.count = static_cast<__u8>(instance.advertised().size());
  spec.interval = interval_on_the_wire(version, instance.router.advertisement_interval);
  copy_address(sender.source, spec.source);
  if (instance.authentication.type == config::AuthenticationType::Pass) {
    spec.auth_type = XV_AUTH_PASS;
    std::copy(instance.authentication.data.begin(), instance.authentication.data.end(), spec.auth_data);
  }
  return spec;
}

/// One advert of `spec` per destination.
void append_adverts(const config::Instance& instance, xv_advert_spec spec,
                    std::vector<AdvertFrame>& adverts) {
  const auto addresses = address_list(instance);
  spec.addresses = addresses.data();
  const bool unicast = !instance.unicast_peers.empty();
  const auto destinations =
      unicast ? instance.unicast_peers : std::vector{vrrp_group(instance.router.family)};
  for (const auto& destination : destinations) {
    copy_address(destination, spec.destination);
    Frame frame(XV_ADVERT_FRAME_MAX);
    frame.resize(xv_build_advert(&spec, frame.data()));
    adverts.push_back({destination, std::move(frame), unicast});
  }
}

std::vector<AdvertFrame> build_adverts(const config::Instance& instance, const Sender& sender,
                                       bool message_only, std::uint8_t priority) {
  std::vector<AdvertFrame> adverts;
  auto spec = describe(instance, sender, instance.router.version, priority);
  spec.message_only_sum = message_only;
  append_adverts(instance, spec, adverts);
  if (instance.router.v2_interop)
    append_adverts(instance, describe(instance, sender, core::Version::V2, priority), adverts);
  return adverts;
}

Frame build_announcement(const AnnouncedAddress& announced) {
  const auto* const address = announced.address.bytes().data();
  Frame frame(XV_NA_FRAME_BYTES);
  if (announced.address.family() == Family::IPv4)
    frame.resize(xv_build_gratuitous_arp(announced.mac.data(), address, frame.data()));
  else
    frame.resize(xv_build_unsolicited_na(announced.mac.data(), address, frame.data()));
  return frame;
}

Announcement::When turn_of(const AnnouncedAddress& announced) {
  if (announced.pace.spacing > Nanoseconds::zero())
    return Announcement::When::Paced;
  return announced.virtual_mac ? Announcement::When::WithAdvert : Announcement::When::AfterAddress;
}

std::vector<bool> checksum_forms(config::ChecksumForm form) {
  switch (form) {
  case config::ChecksumForm::PseudoHeader:
    return {false};
  case config::ChecksumForm::MessageOnly:
    return {true};
  case config::ChecksumForm::AsHeard:
    return {false, true};
  }
  return {};
}

} // namespace

IpAddress vrrp_group(Family family) {
  if (family == Family::IPv4)
    return IpAddress::v4(224, 0, 0, 18);
  return {Family::IPv6, {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12}};
}

std::uint16_t interval_on_the_wire(core::Version version, Nanoseconds interval) {
  if (version == core::Version::V2)
    return static_cast<std::uint16_t>(
        std::max(std::chrono::seconds{1}, std::chrono::round<std::chrono::seconds>(interval)).count());
  return static_cast<std::uint16_t>(
      std::chrono::floor<Centiseconds>(std::max(interval, core::kShortestAnnounced)).count());
}

std::vector<std::uint8_t> address_list(const config::Instance& instance) {
  std::vector<std::uint8_t> list;
  for (const auto& vip : instance.advertised()) {
    const auto& address = vip.prefix.address;
    list.insert(list.end(), address.bytes().begin(), address.bytes().begin() + address.size());
  }
  return list;
}

Frames build_frames(const config::Instance& instance, Sender sender) {
  Frames frames;
  for (const bool message_only : checksum_forms(instance.checksum_form))
    frames.forms.push_back({build_adverts(instance, sender, message_only, sender.priority),
                            build_adverts(instance, sender, message_only, core::kPriorityStopping)});
  for (const auto& announced : sender.addresses)
    frames.announcements.push_back({announced.ifindex, build_announcement(announced), turn_of(announced)});
  frames.sender = std::move(sender);
  return frames;
}

} // namespace xvrrp::controller
