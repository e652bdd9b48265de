// SPDX-License-Identifier: BSD-2-Clause
#include "controller/explanation.hpp"

#include <nlohmann/json.hpp>

#include "platform/clock.hpp"

namespace xvrrp::controller {
namespace {

using json = nlohmann::ordered_json;

json advert_json(const core::Advert& advert) {
  return {{"source", advert.source.text()},
          {"priority", advert.priority},
          {"interval_ms", to_ms(advert.interval)}};
}

/// Null where the reason, or the problem, says all there is.
json cause_json(const Transition& transition) {
  const auto& cause = transition.cause;
  switch (cause.kind) {
  case Cause::Kind::Advert:
    return {{"kind", "advert"}, {"advert", advert_json(cause.advert)}};
  case Cause::Kind::MasterDown:
    return {{"kind", "master-down-timer"},
            {"master", cause.advert.source.is_unspecified() ? json{} : advert_json(cause.advert)},
            {"timer_ms", to_ms(cause.interval)},
            {"late_ms", to_ms(transition.at - cause.due)}};
  case Cause::Kind::Other:
    break;
  }
  return nullptr;
}

json transition_json(const PastTransition& past) {
  const auto& transition = past.transition;
  return {{"time_ns", platform::time_of_day(transition.at).count()},
          {"monotonic_ns", to_ns(transition.at)},
          {"from", core::name(transition.from)},
          {"to", core::name(transition.to)},
          {"reason", core::name(transition.reason)},
          {"reason_text", core::describe(transition.reason)},
          {"problem", past.problem},
          {"priority", past.priority},
          {"cause", cause_json(transition)}};
}

/// Of a Backup, whose timer the kernel restarts without telling anybody.
json hearing_json(const dataplane::DataPlane& data_plane, const RouterPlan& plan, Instant now) {
  const auto live = data_plane.liveness().find(plan.key);
  if (!live || live->role != XV_ROLE_BACKUP)
    return nullptr;
  json hearing = {{"master_down_in_ms", to_ms(instant_from_ns(live->deadline_ns) - now)}};
  if (live->heard.adverts > 0) {
    hearing["source"] =
        IpAddress::from_bytes(static_cast<Family>(plan.key.family), live->heard.master).text();
    hearing["priority"] = live->heard.priority;
    hearing["adverts"] = live->heard.adverts;
    hearing["silent_ms"] = to_ms(now - instant_from_ns(live->heard.last_ns));
  }
  return hearing;
}

} // namespace

json explanation_json(const StatusSources& of, std::size_t router, Instant now) {
  const auto& known = of.election.router(router);
  json transitions = json::array();
  const auto& latest = known.history.latest();
  for (auto past = latest.rbegin(); past != latest.rend(); ++past)
    transitions.push_back(transition_json(*past));
  return {{"schema", 1},
          {"router", router_json(of, router, now)},
          {"hearing", hearing_json(of.data_plane, known.newest_plan(), now)},
          {"transitions", transitions},
          {"transitions_before", known.history.count() - latest.size()},
          {"lost_transitions", of.daemon.lost_transitions}};
}

} // namespace xvrrp::controller
