// SPDX-License-Identifier: BSD-2-Clause
// What the core's types consist of, by name: for whoever writes them down and reads them back. Everything
// that a step depends on is here, so a router that was read back goes on as the one that was written.
#pragma once

#include <concepts>
#include <type_traits>

#include "core/router.hpp"

namespace xvrrp::core {

template <typename T, typename Type>
concept Like = std::same_as<std::remove_const_t<T>, Type>;

/// Fields::of(thing, visit) calls visit(name, field) for each field, in an order that stays.
struct Fields {
  template <typename T>
  requires std::is_empty_v<T>
  static void of(T&, const auto&) {}
  static void of(Like<AnnounceSchedule> auto& it, const auto& visit) {
    visit("repeat", it.repeat);
    visit("second_burst_delay", it.second_burst_delay);
    visit("refresh_interval", it.refresh_interval);
    visit("refresh_repeat", it.refresh_repeat);
    visit("contested_repeat", it.contested_repeat);
    visit("contested_delay", it.contested_delay);
  }
  static void of(Like<RouterConfig> auto& it, const auto& visit) {
    visit("vrid", it.vrid);
    visit("family", it.family);
    visit("version", it.version);
    visit("priority", it.priority);
    visit("advertisement_interval", it.advertisement_interval);
    visit("down_adverts", it.down_adverts);
    visit("preempt", it.preempt);
    visit("preempt_delay", it.preempt_delay);
    visit("answer_lower_priority", it.answer_lower_priority);
    visit("advertise_when_yielding", it.advertise_when_yielding);
    visit("owner_ignores_adverts", it.owner_ignores_adverts);
    visit("synchronized", it.synchronized);
    visit("v2_interop", it.v2_interop);
    visit("release_delay", it.release_delay);
    visit("startup_delay", it.startup_delay);
    visit("primary_address", it.primary_address);
    visit("announce", it.announce);
  }
  static void of(Like<Advert> auto& it, const auto& visit) {
    visit("source", it.source);
    visit("priority", it.priority);
    visit("interval", it.interval);
    visit("version", it.version);
  }

  // ---- events ----
  static void of(Like<Shutdown> auto& it, const auto& visit) { visit("graceful", it.graceful); }
  static void of(Like<AdvertReceived> auto& it, const auto& visit) { visit("advert", it.advert); }
  static void of(Like<TimerExpired> auto& it, const auto& visit) {
    visit("timer", it.timer);
    visit("generation", it.generation);
    visit("due", it.due);
  }
  static void of(Like<FaultRaised> auto& it, const auto& visit) { visit("cause", it.cause); }
  static void of(Like<SourceChanged> auto& it, const auto& visit) { visit("address", it.address); }
  static void of(Like<PriorityChanged> auto& it, const auto& visit) { visit("priority", it.priority); }
  static void of(Like<Reconfigured> auto& it, const auto& visit) { visit("config", it.config); }
  static void of(Like<Resumed> auto& it, const auto& visit) {
    visit("state", it.state);
    visit("master_down", it.master_down);
    visit("deadline", it.deadline);
    visit("master_adver_interval", it.master_adver_interval);
    visit("master", it.master);
    visit("master_priority", it.master_priority);
  }

  // ---- actions ----
  static void of(Like<SendAdvert> auto& it, const auto& visit) { visit("priority", it.priority); }
  static void of(Like<ArmTimer> auto& it, const auto& visit) {
    visit("timer", it.timer);
    visit("at", it.at);
    visit("generation", it.generation);
  }
  static void of(Like<StopTimer> auto& it, const auto& visit) { visit("timer", it.timer); }
  static void of(Like<StateEntered> auto& it, const auto& visit) {
    visit("from", it.from);
    visit("to", it.to);
    visit("reason", it.reason);
  }

  // ---- what a router remembers ----
  static void of(Like<MasterSeen> auto& it, const auto& visit) {
    visit("address", it.address);
    visit("priority", it.priority);
  }
  static void of(Like<xv_interop> auto& it, const auto& visit) {
    visit("until_ns", it.until_ns);
    visit("source", it.source);
  }
  static void of(Like<Timers::Timer> auto& it, const auto& visit) {
    visit("deadline", it.deadline);
    visit("generation", it.generation);
  }
  static void of(Like<Timers> auto& it, const auto& visit) { visit("timers", it.timers_); }
  static void of(Like<Announcer> auto& it, const auto& visit) {
    visit("schedule", it.schedule_);
    visit("last", it.last_);
    visit("left", it.left_);
    visit("second_burst", it.second_burst_);
    visit("second_repeat", it.second_repeat_);
    visit("last_contest", it.last_contest_);
    visit("refresh", it.refresh_);
  }
  static void of(Like<Router::Resignation> auto& it, const auto& visit) {
    visit("to", it.to);
    visit("reason", it.reason);
    visit("has_successor", it.has_successor);
  }
  static void of(Like<Router> auto& it, const auto& visit) {
    visit("config", it.config_);
    visit("state", it.state_);
    visit("reason", it.reason_);
    visit("since", it.since_);
    visit("fault", it.fault_);
    visit("timers", it.timers_);
    visit("announcer", it.announcer_);
    visit("master_adver_interval", it.master_adver_interval_);
    visit("heard", it.heard_);
    visit("resignation", it.resignation_);
    visit("interop", it.interop_);
    visit("preempt_delay_over", it.preempt_delay_over_);
    visit("wants_master", it.wants_master_);
    visit("last_assert", it.last_assert_);
  }
};

} // namespace xvrrp::core
