// SPDX-License-Identifier: BSD-2-Clause
#include "cli/status_view.hpp"

#include <fmt/format.h>

#include <xvrrp/base/printable.hpp>

#include "cli/durations.hpp"
#include "cli/table.hpp"

namespace xvrrp::cli {
namespace {

std::string line(const char* title, const std::string& text) {
  return text.empty() ? "" : fmt::format("  {:<11} {}\n", title, text);
}

std::string joined(const Json& list) {
  std::string text;
  for (const auto& item : list) {
    if (item.is_string())
      text += (text.empty() ? "" : ", ") + printable(item.get_ref<const std::string&>());
  }
  return text;
}

std::string daemon_text(const Json& daemon) {
  std::string text =
      fmt::format("xvrrpd {}, instance \"{}\", pid {}, {}\n", text_at(daemon, "version"),
                  text_at(daemon, "instance"), digits_at(daemon, "pid"), text_at(daemon, "config"));
  if (member(daemon, "realtime") == false)
    text += fmt::format("a busy machine may delay elections: {}\n", text_at(daemon, "realtime_warning"));
  return text;
}

std::string headline(const Json& router, bool colours) {
  const std::string state = text_at(router, "state");
  return fmt::format("{}: {} for {}, {}\n", text_at(router, "name"),
                     styled(state, state_style(state), colours) +
                         (member(router, "resigns") == true ? " (resigns)" : ""),
                     duration_text(from_s(number_at(router, "since_s"))), text_at(router, "reason_text"));
}

std::string router_text(const Json& router) {
  const std::string family = text_at(router, "family") == "ipv6" ? "IPv6" : "IPv4";
  return fmt::format("VRID {}, VRRPv{} {} on {}", digits_at(router, "vrid"), digits_at(router, "version"),
                     family, text_at(router, "interface"));
}

std::string priority_text(const Json& router) {
  const std::string configured = digits_at(router, "priority");
  const std::string effective = digits_at(router, "effective_priority");
  const Json& wished = member(router, "wished_priority");
  const std::string by_operator = wished.is_number() ? ", the operator's " + wished.dump() : std::string{};
  return configured == effective && by_operator.empty()
             ? configured
             : effective + " (configured " + configured + by_operator + ")";
}

std::string master_text(const Json& master) {
  return master.is_object()
             ? fmt::format("{}, priority {}", text_at(master, "address"), digits_at(master, "priority"))
             : "not known";
}

std::string timers_text(const Json& timers) {
  const auto timer = [&](const char* key) { return duration_text(from_ms(number_at(timers, key))); };
  return fmt::format("Advertisement_Interval {}, Master_Adver_Interval {}, Skew_Time {}, "
                     "Master_Down_Interval {}",
                     timer("advertisement_interval_ms"), timer("master_adver_interval_ms"),
                     timer("skew_time_ms"), timer("master_down_interval_ms"));
}

std::string xdp_text(const Json& xdp) {
  const std::string fallback = text_at(xdp, "fallback");
  std::string where;
  for (const auto* tag : {"vlan", "inner_vlan"}) {
    if (const Json& id = member(xdp, tag); id.is_number() && id != 0)
      where += (where.empty() ? " on " + text_at(xdp, "device") : std::string{}) + " vlan " + id.dump();
  }
  return text_at(xdp, "mode") + where + (fallback.empty() ? "" : " (native was refused: " + fallback + ")");
}

/// Whatever the daemon counts, under its own names.
std::string counters_text(const Json& counters) {
  std::string text;
  if (!counters.is_object())
    return text;
  for (const auto& [name, value] : counters.items())
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, value.dump());
  return text;
}

/// "chk up, eth1 down (weight -20), number 7 (weight 1)"
std::string tracked_text(const Json& tracked) {
  std::string text;
  for (const auto& thing : tracked) {
    const Json& up = member(thing, "up");
    const Json& number = member(thing, "number");
    const std::string state = up.is_boolean()      ? (up.get<bool>() ? "up" : "down")
                              : number.is_number() ? number.dump()
                                                   : "unknown";
    const std::string weight = member(thing, "weight").dump();
    text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", text_at(thing, "name"), state,
                        weight == "0" ? "" : " (weight " + weight + ")");
  }
  return text;
}

std::string instance_text(const Json& router, bool colours) {
  return router_summary(router, colours) + line("master", master_text(member(router, "master"))) +
         line("timers", timers_text(member(router, "timers"))) +
         line("addresses", joined(member(router, "addresses"))) +
         line("group", text_at(router, "sync_group")) +
         line("tracked", tracked_text(member(router, "tracked"))) +
         line("peers", joined(member(router, "peers"))) + line("xdp", xdp_text(member(router, "xdp"))) +
         line("counters", counters_text(member(router, "counters")));
}

} // namespace

Style state_style(const std::string& state) {
  return state == "MASTER" ? Style::Good : state == "FAULT" ? Style::Bad : Style::Bold;
}

std::string router_summary(const Json& router, bool colours) {
  return headline(router, colours) + line("problem", text_at(router, "problem")) +
         line("router", router_text(router)) + line("priority", priority_text(router));
}

std::string status_text(const Json& status, bool colours) {
  std::string text = daemon_text(member(status, "daemon"));
  for (const auto& router : member(status, "instances"))
    text += "\n" + instance_text(router, colours);
  return text;
}

} // namespace xvrrp::cli
