// SPDX-License-Identifier: BSD-2-Clause
#include "platform/routes.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <sys/socket.h>

#include "platform/left_behind.hpp"
#include "platform/route_messages.hpp"
#include "platform/rtnetlink.hpp"

namespace xvrrp::platform {

namespace {

std::vector<NetlinkMessage> installs_of(const RouteSet& set) {
  std::vector<NetlinkMessage> messages;
  for (const auto& route : set.routes)
    messages.push_back(install_message(route));
  for (const auto& rule : set.rules)
    messages.push_back(install_message(rule));
  return messages;
}

/// A message of a dump, kept.
using Kept = std::vector<std::byte>;

nlmsghdr* header_of(Kept& kept) {
  return reinterpret_cast<nlmsghdr*>(kept.data());
}

bool is_ours(nlmsghdr* message) {
  if (message->nlmsg_type == RTM_NEWROUTE) {
    const auto& header = *static_cast<const rtmsg*>(nlmsg_data(message));
    return header.rtm_protocol == kRouteProtocol && (header.rtm_flags & RTM_F_CLONED) == 0;
  }
  auto* protocol = nlmsg_find_attr(message, sizeof(fib_rule_hdr), FRA_PROTOCOL);
  return message->nlmsg_type == RTM_NEWRULE && protocol != nullptr && nla_get_u8(protocol) == kRouteProtocol;
}

Kept keep(nlmsghdr* message) {
  const auto* bytes = reinterpret_cast<const std::byte*>(message);
  return {bytes, bytes + message->nlmsg_len};
}

std::vector<Kept> routes_and_rules(const InstallMessages& messages) {
  std::vector<Kept> kept;
  for_each_message(messages, [&](nlmsghdr* message) {
    if (message->nlmsg_type == RTM_NEWROUTE || message->nlmsg_type == RTM_NEWRULE)
      kept.push_back(keep(message));
  });
  return kept;
}

bool is_among(std::vector<Kept>& asked, nlmsghdr* found, bool (*is_same)(nlmsghdr*, nlmsghdr*)) {
  return std::any_of(asked.begin(), asked.end(),
                     [&](Kept& message) { return is_same(header_of(message), found); });
}

/// Of both families.
template <typename Header>
Result<std::vector<Kept>> find_ours(NetlinkQuery& query, int type) {
  return query.dump(type, Header{}, [](nlmsghdr* message) -> std::optional<Kept> {
    return is_ours(message) ? std::optional{keep(message)} : std::nullopt;
  });
}

} // namespace

Status install_missing(const RouteSet& set,
                       const std::function<void(const std::string&, const std::optional<Refusal>&)>& tell) {
  const auto messages = installs_of(set);
  std::map<std::uint32_t, Refusal> refusals;
  auto status = send_all(
      messages, [&](std::uint32_t message, const Refusal& refusal) { refusals.emplace(message, refusal); });
  if (!status)
    return status;
  for (std::uint32_t i = 0; i < messages.size(); ++i) {
    const auto refusal = refusals.find(i);
    if (refusal == refusals.end())
      tell(route_text(nlmsg_hdr(messages[i].get())), std::nullopt);
    else if (!is_harmless(refusal->second))
      tell(refusal->second.what, refusal->second);
  }
  return Done{};
}

Status remove_routes(const RouteSet& set, const std::function<void(const Refusal&)>& tell) {
  std::vector<NetlinkMessage> messages;
  for (auto rule = set.rules.rbegin(); rule != set.rules.rend(); ++rule)
    messages.push_back(remove_message(*rule));
  for (auto route = set.routes.rbegin(); route != set.routes.rend(); ++route)
    messages.push_back(remove_message(*route));
  return send_all(messages, [&](std::uint32_t, const Refusal& refusal) {
    if (!is_harmless(refusal))
      tell(refusal);
  });
}

Result<std::size_t> remove_left_routes(const Claims& claims) {
  auto query = NetlinkQuery::open();
  if (!query)
    return std::move(query).error();
  auto rules = find_ours<fib_rule_hdr>(*query, RTM_GETRULE);
  if (!rules)
    return std::move(rules).error();
  auto left = find_ours<rtmsg>(*query, RTM_GETROUTE);
  if (!left)
    return left.error();
  std::move(rules->begin(), rules->end(), std::back_inserter(*left));
  auto ours = routes_and_rules(claims.ours);
  auto stays = routes_and_rules(claims.stays);
  auto others = routes_and_rules(claims.others);
  std::vector<NetlinkMessage> messages;
  for (auto& kept : *left) {
    auto* const found = header_of(kept);
    if (!is_among(ours, found, is_known_as) || is_among(stays, found, is_installed_by) ||
        is_among(others, found, is_known_as))
      continue;
    // The kernel takes back what it says it has.
    found->nlmsg_type = found->nlmsg_type == RTM_NEWROUTE ? RTM_DELROUTE : RTM_DELRULE;
    found->nlmsg_flags = NLM_F_REQUEST;
    messages.emplace_back(nlmsg_convert(found));
  }
  std::size_t removed = messages.size();
  std::string problems;
  auto status = send_all(messages, [&](std::uint32_t, const Refusal& refusal) {
    --removed;
    if (!is_harmless(refusal))
      problems += (problems.empty() ? "" : "; ") + refusal.text();
  });
  if (!status)
    return std::move(status).error();
  if (!problems.empty())
    return failed(problems);
  return removed;
}

} // namespace xvrrp::platform
