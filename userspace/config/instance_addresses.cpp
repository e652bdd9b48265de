// SPDX-License-Identifier: BSD-2-Clause
#include "config/instance_addresses.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include "config/address_line.hpp"
#include "config/values.hpp"

namespace xvrrp::config {

namespace {

constexpr std::size_t kMaxIpv4Addresses = 255; // the width of the advert's Count field
// An advert is one packet: 40 bytes of IPv6 header, 8 before the addresses, 16 for each.
constexpr std::size_t kMaxIpv6Addresses = (1500 - 40 - 8) / 16;

void add_address(InstanceDraft& draft, VirtualAddress address) {
  std::vector<VirtualAddress>& addresses = draft.instance.addresses;
  if (addresses.empty())
    draft.instance.router.family = address.prefix.address.family();
  else if (!check_family(draft.diagnostics, address.where, address.prefix.address,
                         draft.instance.router.family))
    return;
  addresses.push_back(std::move(address));
}

/// Other routers drop IPv6 adverts that do not begin with a link-local address.
void bring_link_local_first(InstanceDraft& draft) {
  std::vector<VirtualAddress>& addresses = draft.instance.addresses;
  const auto first = std::find_if(addresses.begin(), addresses.end(), [](const VirtualAddress& address) {
    return address.prefix.address.is_link_local();
  });
  if (first == addresses.end()) {
    // The line that could not be read may be the one.
    if (!draft.addresses_incomplete && !draft.block.incomplete)
      draft.diagnostics.error(addresses.front().where,
                              "an IPv6 virtual router needs a link-local virtual address: add one, for "
                              "example fe80::1/64 (other routers drop adverts that do not begin with one)");
    return;
  }
  if (first == addresses.begin())
    return;
  draft.diagnostics.warning(first->where, first->prefix.address.text() +
                                              " is moved to the front: an IPv6 advert begins "
                                              "with a link-local address (RFC 9568 5.2.9)");
  std::rotate(addresses.begin(), first, first + 1);
}

/// As keepalived does.
void exclude_excess(InstanceDraft& draft) {
  std::vector<VirtualAddress>& addresses = draft.instance.addresses;
  const bool ipv4 = draft.instance.router.family == Family::IPv4;
  const std::size_t max = ipv4 ? kMaxIpv4Addresses : kMaxIpv6Addresses;
  if (addresses.size() <= max)
    return;
  const auto excess = addresses.begin() + static_cast<std::ptrdiff_t>(max);
  draft.diagnostics.warning(excess->where,
                            "too many virtual addresses: an advert " +
                                std::string{ipv4 ? "holds " : "of 1500 bytes holds "} + std::to_string(max) +
                                ", so those from here on are treated as virtual_ipaddress_excluded");
  draft.excluded.insert(draft.excluded.begin(), std::make_move_iterator(excess),
                        std::make_move_iterator(addresses.end()));
  addresses.erase(excess, addresses.end());
}

} // namespace

void read_addresses(InstanceDraft& draft, const Statement& block) {
  std::vector<VirtualAddress> read;
  const bool complete = read_address_lines(draft.diagnostics, block, AddressKind::Virtual, read);
  draft.addresses_incomplete = draft.addresses_incomplete || !complete;
  draft.has_address_lines = draft.has_address_lines || !block.body.empty();
  for (auto& address : read)
    add_address(draft, std::move(address));
}

void read_excluded_addresses(InstanceDraft& draft, const Statement& block) {
  (void)read_address_lines(draft.diagnostics, block, AddressKind::Virtual, draft.excluded);
}

void finish_addresses(InstanceDraft& draft) {
  Instance& instance = draft.instance;
  if (!instance.addresses.empty() && instance.router.family == Family::IPv6)
    bring_link_local_first(draft);
  exclude_excess(draft);
  if (instance.addresses.empty())
    return; // which is an error, and nothing to advertise
  instance.excluded = draft.excluded.size();
  instance.addresses.insert(instance.addresses.end(), std::make_move_iterator(draft.excluded.begin()),
                            std::make_move_iterator(draft.excluded.end()));
  check_given_once(draft.diagnostics, instance.addresses, instance.interface, "virtual address");
}

} // namespace xvrrp::config
