// SPDX-License-Identifier: BSD-2-Clause
#include "config/instance_addresses.hpp"

#include <algorithm>
#include <string>

#include "config/address_line.hpp"
#include "config/values.hpp"

namespace xvrrp::config {

namespace {

constexpr std::size_t kMaxIpv4Addresses = 255; // the width of the advert's Count field
// An advert is one packet: 40 bytes of IPv6 header, 8 before the addresses, 16 for each.
constexpr std::size_t kMaxIpv6Addresses = (1500 - 40 - 8) / 16;

void report_too_many(InstanceDraft& draft, const Location& where) {
  const std::string limit = draft.instance.router.family == Family::IPv4
                                ? std::to_string(kMaxIpv4Addresses) + " per vrrp_instance"
                                : std::to_string(kMaxIpv6Addresses) +
                                      " per IPv6 vrrp_instance, as many as an advert of 1500 bytes holds";
  draft.diagnostics.error(where, "too many virtual addresses: allowed are " + limit);
}

void add_address(InstanceDraft& draft, const VirtualAddress& address) {
  std::vector<VirtualAddress>& addresses = draft.instance.addresses;
  if (addresses.empty())
    draft.instance.router.family = address.prefix.address.family();
  else if (!check_family(draft.diagnostics, address.where, address.prefix.address,
                         draft.instance.router.family))
    return;
  const auto same = std::find_if(addresses.begin(), addresses.end(), [&](const VirtualAddress& other) {
    return other.prefix.address == address.prefix.address;
  });
  if (same != addresses.end()) {
    draft.diagnostics.error(address.where, "virtual address " + address.prefix.address.text() +
                                               " is given twice: first " +
                                               place_text(same->where, address.where));
    return;
  }
  const std::size_t max =
      draft.instance.router.family == Family::IPv4 ? kMaxIpv4Addresses : kMaxIpv6Addresses;
  // One more than allowed is kept, so that the excess is reported once.
  if (addresses.size() > max)
    return;
  if (addresses.size() == max) {
    report_too_many(draft, address.where);
    draft.addresses_incomplete = true;
  }
  addresses.push_back(address);
}

} // namespace

void read_addresses(InstanceDraft& draft, const Statement& block) {
  draft.addresses_incomplete = draft.addresses_incomplete || block.incomplete;
  for (const Statement& line : block.body) {
    draft.has_address_lines = true;
    const auto address =
        line.dropped || draft.diagnostics.full() ? std::nullopt : read_address_line(draft.diagnostics, line);
    if (address)
      add_address(draft, *address);
    else
      draft.addresses_incomplete = true;
  }
}

void finish_addresses(InstanceDraft& draft) {
  std::vector<VirtualAddress>& addresses = draft.instance.addresses;
  if (addresses.empty() || draft.instance.router.family != Family::IPv6)
    return;
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

} // namespace xvrrp::config
