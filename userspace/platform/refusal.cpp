// SPDX-License-Identifier: BSD-2-Clause
#include "platform/refusal.hpp"

#include <cerrno>
#include <cstring>

#include <linux/rtnetlink.h>
#include <netlink/attr.h>

#include "platform/route_messages.hpp"
#include "platform/rtnetlink.hpp"

namespace xvrrp::platform {

namespace {

std::string describe(nlmsghdr* message) {
  if (const auto address = parse_address(message))
    return address->address.prefix.text() + " on interface " + std::to_string(address->index);
  return route_text(message);
}

} // namespace

std::string Refusal::text() const {
  return (removing ? "removing " : "adding ") + what + ": " + std::strerror(code) +
         (explanation.empty() ? "" : " (" + explanation + ")");
}

std::optional<Refusal> parse_refusal(nlmsghdr* header) {
  if (header->nlmsg_type != NLMSG_ERROR || nlmsg_datalen(header) < static_cast<int>(sizeof(nlmsgerr)))
    return std::nullopt;
  auto* refusal = static_cast<nlmsgerr*>(nlmsg_data(header));
  if (refusal->error == 0)
    return std::nullopt;
  const auto type = refusal->msg.nlmsg_type;
  const bool removing = type == RTM_DELADDR || type == RTM_DELROUTE || type == RTM_DELRULE;
  Refusal told{removing, describe(&refusal->msg), -refusal->error, ""};
  if ((header->nlmsg_flags & NLM_F_ACK_TLVS) != 0) {
    const int fixed = static_cast<int>(sizeof(int) + NLMSG_ALIGN(refusal->msg.nlmsg_len));
    if (auto* text = nlmsg_find_attr(header, fixed, NLMSGERR_ATTR_MSG))
      told.explanation = nla_get_string(text);
  }
  return told;
}

bool is_harmless(const Refusal& refusal) {
  switch (refusal.code) {
  case EEXIST:
    return !refusal.removing;
  case EADDRNOTAVAIL: // an address
  case ESRCH:         // a route
  case ENOENT:        // a rule
  case ENODEV:        // was on an interface that is gone
    return refusal.removing;
  default:
    return false;
  }
}

} // namespace xvrrp::platform
