// SPDX-License-Identifier: BSD-2-Clause
#include "cli/explanation_view.hpp"

#include <cstdint>

#include <fmt/format.h>

#include "cli/durations.hpp"
#include "cli/status_view.hpp"
#include "cli/table.hpp"

namespace xvrrp::cli {
namespace {

std::string ms(const Json& object, const char* key) {
  return fmt::format("{:.3f} ms", number_at(object, key));
}

std::string time_of_day(const Json& ns) {
  return ns.is_number_integer() ? time_of_day_text(Nanoseconds{ns.get<std::int64_t>()}) : "?";
}

std::string router_of(const Json& advert) {
  return fmt::format("{} (priority {})", text_at(advert, "source"), digits_at(advert, "priority"));
}

std::string master_down(const Json& cause) {
  const auto ran_out = "Master_Down_Timer ran out, noticed " + ms(cause, "late_ms") + " late";
  const Json& master = member(cause, "master");
  if (!master.is_object())
    return fmt::format("no Master was heard for {}: {}", ms(cause, "timer_ms"), ran_out);
  return number_at(master, "priority") == 0
             ? fmt::format("{} resigned (priority 0), {} (Skew_Time) before: {}", text_at(master, "source"),
                           ms(cause, "timer_ms"), ran_out)
             : fmt::format("{} was heard; {} (Master_Down_Interval) later {}", router_of(master),
                           ms(cause, "timer_ms"), ran_out);
}

/// What the reason does not say; empty: nothing.
std::string detail(const Json& transition) {
  const Json& cause = member(transition, "cause");
  const auto kind = text_at(cause, "kind");
  if (kind == "advert") {
    const Json& advert = member(cause, "advert");
    return fmt::format("an advert of {}, every {}", router_of(advert), ms(advert, "interval_ms"));
  }
  if (kind == "master-down-timer")
    return master_down(cause);
  return text_at(transition, "problem");
}

std::string transition_text(const Json& transition, bool colours) {
  const auto state = text_at(transition, "to");
  const auto more = detail(transition);
  return fmt::format("  {}  {} -> {}: {}\n", time_of_day(member(transition, "time_ns")),
                     text_at(transition, "from"), styled(state, state_style(state), colours),
                     text_at(transition, "reason_text")) +
         (more.empty() ? "" : fmt::format("  {:29}  {}\n", "", more));
}

/// What would end the state.
std::string outlook(const Json& router, const Json& hearing) {
  const auto state = text_at(router, "state");
  const auto priority = digits_at(router, "effective_priority");
  if (state == "MASTER" && priority == "255")
    return "the owner of its addresses: Master for as long as it runs";
  if (state == "MASTER")
    return fmt::format("Master until it hears a priority above {}, or {} from an address above {}", priority,
                       priority, text_at(router, "source"));
  if (!hearing.is_object())
    return "";
  const auto rest = fmt::format("becomes Master in {} unless it hears {}",
                                duration_text(from_ms(number_at(hearing, "master_down_in_ms"))),
                                member(hearing, "source").is_string() ? "the Master again" : "one");
  if (!member(hearing, "source").is_string())
    return "no Master was heard; " + rest;
  return fmt::format("{} was heard {} ago ({} adverts); {}", router_of(hearing),
                     duration_text(from_ms(number_at(hearing, "silent_ms"))), digits_at(hearing, "adverts"),
                     rest);
}

} // namespace

std::string explanation_text(const Json& explanation, bool colours) {
  const Json& router = member(explanation, "router");
  std::string text = router_summary(router, colours);
  if (const auto next = outlook(router, member(explanation, "hearing")); !next.empty())
    text += fmt::format("  {:<11} {}\n", "outlook", next);
  text += "\nTransitions, newest first:\n";
  for (const auto& transition : member(explanation, "transitions"))
    text += transition_text(transition, colours);
  if (number_at(explanation, "transitions_before") > 0)
    text += fmt::format("  and {} before\n", digits_at(explanation, "transitions_before"));
  if (number_at(explanation, "lost_transitions") > 0)
    text +=
        fmt::format("  (xvrrpd was held up and lost {} transitions of all routers: some may be missing)\n",
                    digits_at(explanation, "lost_transitions"));
  return text;
}

} // namespace xvrrp::cli
