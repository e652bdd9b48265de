// SPDX-License-Identifier: BSD-2-Clause
#include "platform/interfaces.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/errno.h>

#include "platform/rtnetlink.hpp"

namespace xvrrp::platform {

namespace {

// The link first and its addresses afterwards: an address that comes between is seen, one of a link that goes
// is not asked for.
Status add_addresses(NetlinkQuery& query, std::vector<Interface>& links) {
  auto addresses = query.dump(RTM_GETADDR, ifaddrmsg{}, parse_address);
  if (!addresses)
    return std::move(addresses).error();
  for (auto& [index, address] : *addresses) {
    const auto at = std::find_if(links.begin(), links.end(),
                                 [wanted = index](const Interface& link) { return link.index == wanted; });
    if (at != links.end())
      at->addresses.push_back(std::move(address));
  }
  // The kernel answers one family after the other, in an order it does not promise.
  for (auto& link : links) {
    std::stable_partition(link.addresses.begin(), link.addresses.end(), [](const InterfaceAddress& address) {
      return address.prefix.address.family() == Family::IPv4;
    });
  }
  return Done{};
}

Result<std::optional<Interface>> find(std::uint32_t index, const std::string& name) {
  auto query = NetlinkQuery::open();
  if (!query)
    return std::move(query).error();
  ifinfomsg header{};
  header.ifi_index = static_cast<int>(index);
  const NetlinkMessage message = make_message(RTM_GETLINK, 0, header);
  if (!name.empty())
    nla_put_string(message.get(), IFLA_IFNAME, name.c_str());
  std::vector<Interface> links;
  const int code = query->ask(*message, [&](nlmsghdr* answer) {
    if (auto link = parse_link(answer))
      links.push_back(std::move(*link));
  });
  if (code == -NLE_NODEV || (code == 0 && links.empty()))
    return std::optional<Interface>{};
  if (code < 0)
    return netlink_error("asking for interface " + (name.empty() ? std::to_string(index) : name), code);
  if (auto status = add_addresses(*query, links); !status)
    return std::move(status).error();
  return std::optional{std::move(links.front())};
}

} // namespace

Result<std::optional<Interface>> find_interface(std::string_view name) {
  if (name.empty() || name.size() >= IF_NAMESIZE)
    return std::optional<Interface>{};
  return find(0, std::string{name});
}

Result<std::optional<Interface>> find_interface(std::uint32_t index) {
  if (index == 0)
    return std::optional<Interface>{};
  return find(index, "");
}

Result<std::vector<Interface>> interfaces() {
  auto query = NetlinkQuery::open();
  if (!query)
    return std::move(query).error();
  auto links = query->dump(RTM_GETLINK, ifinfomsg{}, parse_link);
  if (!links)
    return links;
  std::sort(links->begin(), links->end(),
            [](const Interface& left, const Interface& right) { return left.index < right.index; });
  if (auto status = add_addresses(*query, *links); !status)
    return std::move(status).error();
  return links;
}

std::map<std::uint32_t, std::string> interface_names() {
  std::map<std::uint32_t, std::string> names;
  const std::unique_ptr<struct if_nameindex, decltype(&if_freenameindex)> all{if_nameindex(),
                                                                              if_freenameindex};
  for (const auto* one = all.get(); one != nullptr && one->if_index != 0; ++one)
    names.emplace(one->if_index, one->if_name);
  return names;
}

} // namespace xvrrp::platform
