// SPDX-License-Identifier: BSD-2-Clause
#include "platform/link_monitor.hpp"

#include <array>

#include <linux/rtnetlink.h>

#include "platform/rtnetlink.hpp"

namespace xvrrp::platform {

namespace {

constexpr int kReceiveBuffer = 4 << 20; // some thousand announcements
constexpr std::size_t kMessageBuffer =
    1 << 16; // one announcement; a link with many SR-IOV functions takes tens of KiB

void translate(nlmsghdr* header, const std::function<void(const LinkEvent&)>& deliver) {
  if (auto link = parse_link(header)) {
    if (header->nlmsg_type == RTM_DELLINK)
      deliver(LinkGone{link->index, std::move(link->name)});
    else
      deliver(LinkChanged{link->index, std::move(link->name), link->admin_up, link->carrier, link->mac});
  } else if (auto message = parse_address(header)) {
    const auto& address = message->address;
    if (header->nlmsg_type == RTM_DELADDR)
      deliver(AddressRemoved{message->index, address.prefix, address.protocol});
    else if (!address.tentative)
      deliver(AddressAdded{message->index, address.prefix, address.protocol});
  }
}

} // namespace

LinkMonitor::LinkMonitor(UniqueFd fd) : fd_(std::move(fd)), buffer_(kMessageBuffer) {}

Result<LinkMonitor> LinkMonitor::open() {
  constexpr std::array<int, 3> groups{RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR};
  auto fd = open_rtnetlink(groups, kReceiveBuffer);
  if (!fd)
    return std::move(fd).error();
  return LinkMonitor{std::move(*fd)};
}

Status LinkMonitor::drain(const std::function<void(const LinkEvent&)>& deliver) {
  for (;;) {
    const int code =
        receive_waiting(fd_.get(), buffer_, [&](nlmsghdr* header) { translate(header, deliver); });
    if (code == 0)
      return Done{};
    if (code != ENOBUFS)
      return system_error("reading link announcements", code);
    deliver(Overrun{});
  }
}

} // namespace xvrrp::platform
