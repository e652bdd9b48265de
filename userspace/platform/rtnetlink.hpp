// SPDX-License-Identifier: BSD-2-Clause
// Private to platform: what the rtnetlink concerns share. Requests and their answers go through libnl;
// announcements and refusals, which nobody waits for, are received into a caller's buffer. Addresses are read
// from the raw attributes, because libnl 3.7 does not know IFA_PROTO.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <netlink/msg.h>
#include <netlink/netlink.h>

#include <xvrrp/base/result.hpp>

#include "platform/interfaces.hpp"
#include "platform/refusal.hpp"
#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

struct FreeNetlink {
  void operator()(nl_sock* socket) const noexcept;
  void operator()(nl_msg* message) const noexcept;
};
using NetlinkMessage = std::unique_ptr<nl_msg, FreeNetlink>;

/// A message with its family header; aborts the process when memory is out, as operator new would.
template <typename Header>
NetlinkMessage make_message(int type, int flags, const Header& header) {
  NetlinkMessage message{nlmsg_alloc_simple(type, flags)};
  if (!message ||
      nlmsg_append(message.get(), const_cast<Header*>(&header), sizeof header, NLMSG_ALIGNTO) != 0)
    std::abort();
  return message;
}

/// One question at a time to rtnetlink, waiting for the answer.
class NetlinkQuery {
public:
  using Handler = std::function<void(nlmsghdr*)>;

  static Result<NetlinkQuery> open();

  /// Sends the message and hands over every answering message. 0 or a libnl error number (NLE_*). The caller
  /// asks for an answer: NLM_F_DUMP, NLM_F_ACK, or a type that is answered.
  int ask(nl_msg& message, const Handler& handle);

  /// A dump; repeated when the kernel says that it changed meanwhile. `parse` returns an optional of what is
  /// collected.
  template <typename Header, typename Parse>
  auto dump(int type, const Header& header, Parse parse)
      -> Result<std::vector<typename decltype(parse(nullptr))::value_type>>;

private:
  using Socket = std::unique_ptr<nl_sock, FreeNetlink>;
  explicit NetlinkQuery(Socket socket) noexcept : socket_(std::move(socket)) {}

  Socket socket_;
};

/// "what: reason"; a missing privilege becomes Permission.
Error netlink_error(const std::string& what, int nl_code);

template <typename Header, typename Parse>
auto NetlinkQuery::dump(int type, const Header& header, Parse parse)
    -> Result<std::vector<typename decltype(parse(nullptr))::value_type>> {
  constexpr int kAttempts = 16;
  std::vector<typename decltype(parse(nullptr))::value_type> found;
  int code = 0;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    found.clear();
    const NetlinkMessage message = make_message(type, NLM_F_DUMP, header);
    code = ask(*message, [&](nlmsghdr* answer) {
      if (auto item = parse(answer))
        found.push_back(std::move(*item));
    });
    if (code != -NLE_DUMP_INTR)
      break;
  }
  if (code < 0)
    return netlink_error("reading from rtnetlink", code);
  return found;
}

/// Of messages that lie one behind the other, in a copy, which the callee may change.
void for_each_message(std::span<const std::byte> messages, const std::function<void(nlmsghdr*)>& handle);

/// An address and where it is.
struct AddressMessage {
  std::uint32_t index = 0;
  InterfaceAddress address;
};

/// RTM_NEWLINK or RTM_DELLINK without the addresses. Absent for other messages and for those of the bridge
/// family, which report a port's bridge settings (an RTM_DELLINK there only means that the port left its
/// bridge).
std::optional<Interface> parse_link(nlmsghdr* header);
/// RTM_NEWADDR or RTM_DELADDR of IPv4 or IPv6.
std::optional<AddressMessage> parse_address(nlmsghdr* header);

/// What the kernel says to a message of ours that it did not follow: an address, a route or a rule.
std::optional<Refusal> parse_refusal(nlmsghdr* header);
/// Adding what exists; removing what is not there.
bool is_harmless(const Refusal& refusal);
/// Sends the messages on a socket of its own and hands over the refusals, with the message's place among
/// them. The kernel has followed all others then.
Status send_all(std::span<const NetlinkMessage> messages,
                const std::function<void(std::uint32_t, const Refusal&)>& refused);

/// What the refusals of some thousand messages need of a receive buffer, and one refusal: our message and the
/// kernel's words.
inline constexpr int kRefusalsBuffer = 2 << 20;
inline constexpr std::size_t kRefusalSize = 8192;

/// A bound non-blocking rtnetlink socket in the given groups (RTNLGRP_*), with a receive buffer of this many
/// bytes, or of what net.core.rmem_max allows without CAP_NET_ADMIN. Refusals come with the kernel's words.
Result<UniqueFd> open_rtnetlink(std::span<const int> groups, int receive_buffer);

/// Receives everything that waits, without blocking, and hands over each message that the kernel sent. 0,
/// ENOBUFS when messages were lost (call again: more may wait), or the errno of a broken socket.
int receive_waiting(int fd, std::span<std::byte> buffer, const std::function<void(nlmsghdr*)>& handle);

} // namespace xvrrp::platform
