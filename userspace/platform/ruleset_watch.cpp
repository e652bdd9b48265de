// SPDX-License-Identifier: BSD-2-Clause
#include "platform/ruleset_watch.hpp"

#include <cerrno>
#include <cstring>
#include <string>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>

namespace xvrrp::platform {

Result<RulesetWatch> RulesetWatch::open() {
  const auto wrong = [] {
    const auto kind = errno == EPERM ? ErrorKind::Permission : ErrorKind::Failed;
    return Error{kind, "listening to changes of nftables rulesets: " + std::string{std::strerror(errno)}};
  };
  UniqueFd socket{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER)};
  if (!socket)
    return wrong();
  // Without an address of its own a socket is taken for the kernel's, which hears nothing of what the kernel
  // sends.
  sockaddr_nl own{};
  own.nl_family = AF_NETLINK;
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0)
    return wrong();
  const int group = NFNLGRP_NFTABLES;
  if (::setsockopt(socket.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0)
    return wrong();
  return RulesetWatch{std::move(socket)};
}

// What was changed is not read: a message may be one of thousands, and the table itself tells better.
bool RulesetWatch::take_changed() {
  bool changed = false;
  char byte = 0;
  while (true) {
    if (::recv(socket_.get(), &byte, sizeof byte, 0) >= 0 || errno == ENOBUFS)
      changed = true;
    else if (errno != EINTR)
      return changed;
  }
}

} // namespace xvrrp::platform
