// SPDX-License-Identifier: BSD-2-Clause
#include "platform/unicast_filter.hpp"

#include <algorithm>

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <sys/socket.h>

#include "platform/rtnetlink.hpp"

namespace xvrrp::platform {
namespace {

int change(int type, int flags, std::uint32_t ifindex, const UnicastFilter::Mac& mac) {
  auto query = NetlinkQuery::open();
  if (!query)
    return -NLE_FAILURE;
  ndmsg header{};
  header.ndm_family = AF_BRIDGE;
  header.ndm_ifindex = static_cast<int>(ifindex);
  header.ndm_state = NUD_PERMANENT;
  header.ndm_flags = NTF_SELF;
  const NetlinkMessage message = make_message(type, flags | NLM_F_ACK, header);
  nla_put(message.get(), NDA_LLADDR, static_cast<int>(mac.size()), mac.data());
  return query->ask(*message, [](nlmsghdr*) {});
}

} // namespace

UnicastFilter::~UnicastFilter() {
  for (const auto& [ifindex, mac] : added_)
    remove(ifindex, mac);
}

void UnicastFilter::remove(std::uint32_t ifindex, const Mac& mac) {
  change(RTM_DELNEIGH, 0, ifindex, mac);
}

void UnicastFilter::release(std::uint32_t ifindex, const std::set<Mac>& kept) {
  std::erase_if(added_, [&](const auto& entry) {
    const auto& [device, mac] = entry;
    if (device != ifindex || kept.count(mac) > 0)
      return false;
    remove(device, mac);
    return true;
  });
}

Status UnicastFilter::add(std::uint32_t ifindex, const Mac& mac) {
  if (std::find(added_.begin(), added_.end(), std::pair{ifindex, mac}) != added_.end())
    return Done{};
  if (const int code = change(RTM_NEWNEIGH, NLM_F_CREATE, ifindex, mac); code < 0)
    return netlink_error("adding a MAC address to the receive filter of interface " + std::to_string(ifindex),
                         code);
  added_.emplace_back(ifindex, mac);
  return Done{};
}

} // namespace xvrrp::platform
