// SPDX-License-Identifier: BSD-2-Clause
#include "platform/left_behind.hpp"

#include <set>
#include <string>
#include <utility>

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "platform/routes.hpp"
#include "platform/rtnetlink.hpp"

namespace xvrrp::platform {
namespace {

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

using Addresses = std::set<std::pair<std::uint32_t, std::string>>;

Addresses addresses_of(const InstallMessages& messages) {
  Addresses found;
  for_each_message(messages, [&](nlmsghdr* message) {
    if (const auto parsed = parse_address(message))
      found.emplace(parsed->index, parsed->address.prefix.text());
  });
  return found;
}

} // namespace

void append(InstallMessages& messages, const AddressBatch& batch) {
  for (const auto& chunk : batch.installs())
    messages.insert(messages.end(), chunk.begin(), chunk.end());
}

Result<Removed> remove_left_behind(const Claims& claims) {
  // Addresses take routes away with them.
  const auto routes = remove_left_routes(claims);
  if (!routes)
    return routes.error();
  const auto ours = addresses_of(claims.ours);
  const auto stays = addresses_of(claims.stays);
  const auto others = addresses_of(claims.others);
  const auto addresses =
      remove_addresses_with_protocol(0, kAddressProtocol, [&](std::uint32_t ifindex, const IpPrefix& prefix) {
        const std::pair key{ifindex, prefix.text()};
        return ours.count(key) == 0 || stays.count(key) > 0 || others.count(key) > 0;
      });
  if (!addresses)
    return addresses.error();
  return Removed{*addresses, *routes};
}

std::uint64_t network_cookie() {
  const UniqueFd fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  std::uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  const bool known = fd && ::getsockopt(fd.get(), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) == 0;
  return known ? cookie : 0;
}

} // namespace xvrrp::platform
