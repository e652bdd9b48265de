// SPDX-License-Identifier: BSD-2-Clause
// Drives a Router into every row of the transition table, in both versions, and checks that there is nothing
// besides.
#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/transitions.hpp"
#include "lab.hpp"

namespace xvrrp::core {
namespace {

/// How to bring about the event of a row under its guard, in a router that is already in the row's state.
struct Scenario {
  State from;
  std::string event;
  std::string guard;
  std::function<void(RouterConfig&)> configure;
  std::function<void(Lab&)> prepare;
  std::function<Actions(Lab&)> act;
};

void as_is(RouterConfig&) {}
void owner(RouterConfig& config) {
  config.priority = 255;
}
void polite(RouterConfig& config) {
  config.preempt = false;
}
void delayed(RouterConfig& config) {
  config.preempt_delay = 10s;
}
void talkative(RouterConfig& config) {
  config.advertise_when_yielding = true;
}
void repeating(RouterConfig& config) {
  config.announce = {.repeat = 3, .second_burst_delay = 5s};
}
void late(RouterConfig& config) {
  config.startup_delay = 10s;
}
void late_owner(RouterConfig& config) {
  owner(config);
  late(config);
}
void deaf_owner(RouterConfig& config) {
  owner(config);
  config.owner_ignores_adverts = true;
}
void no_answers(RouterConfig& config) {
  config.answer_lower_priority = false;
}
void with_both(RouterConfig& config) {
  talkative(config);
  repeating(config);
}

void lingering(RouterConfig& config) {
  config.release_delay = 10ms;
}

void insisting(RouterConfig& config) {
  config.announce.contested_repeat = 2;
}
void insisting_silently(RouterConfig& config) {
  insisting(config);
  no_answers(config);
}

void grouped(RouterConfig& config) {
  config.synchronized = true;
}

void nothing(Lab&) {}
void want(Lab& lab) {
  lab.expire(TimerId::MasterDown);
}
void drain(Lab& lab) {
  lab.step(FaultRaised{Reason::Drained});
}
void stop_gracefully(Lab& lab) {
  lab.step(Shutdown{true});
}
void in_delay(Lab& lab) {
  lab.hear(50);
}
void raise(Lab& lab) {
  lab.step(FaultRaised{Reason::InterfaceDown});
}

void begin(Lab& lab) {
  EXPECT_EQ(text(lab.startup()), "arm StartupDelay");
}
void begin_and_raise(Lab& lab) {
  begin(lab);
  raise(lab);
}

Actions start(Lab& lab) {
  return lab.startup();
}
Actions shut_down(Lab& lab) {
  return lab.step(Shutdown{});
}
Actions raise_fault(Lab& lab) {
  return lab.step(FaultRaised{Reason::NoSourceAddress});
}
Actions drain_it(Lab& lab) {
  return lab.step(FaultRaised{Reason::Drained});
}
Actions shut_down_gracefully(Lab& lab) {
  return lab.step(Shutdown{true});
}
Actions clear_fault(Lab& lab) {
  return lab.step(FaultCleared{});
}

Actions group_takes_over(Lab& lab) {
  return lab.step(GroupTakesOver{});
}
Actions group_yields(Lab& lab) {
  return lab.step(GroupYields{});
}

Actions reconfigure(Lab& lab) {
  return lab.step(Reconfigured{lab.router.config()});
}

std::function<Actions(Lab&)> resume(State state) {
  return [state](Lab& lab) { return lab.resume(state, 7); };
}

std::function<Actions(Lab&)> expire(TimerId id) {
  return [id](Lab& lab) { return lab.expire(id); };
}
std::function<Actions(Lab&)> hear(std::uint8_t priority, const IpAddress& source = kGreater) {
  return [priority, source](Lab& lab) { return lab.hear(priority, source); };
}
Actions expire_early(Lab& lab) {
  lab.now = *lab.router.deadline(TimerId::MasterDown) - 1ns;
  return lab.step(TimerExpired{TimerId::MasterDown, lab.router.generation(TimerId::MasterDown)});
}

const std::vector<Scenario>& scenarios() {
  using enum State;
  const auto* const loses_silently = "it loses, but an answer was just sent, or is not wanted";
  static const std::vector<Scenario> all = {
      {Init, "Startup", "startup_delay is configured", late, nothing, start},
      {Init, "Startup", "startup_delay is configured", late_owner, nothing, start},
      {Init, "Startup", "startup_delay is configured", late, raise, start},
      {Init, "StartupDelay", "a fault is present", late, begin_and_raise, expire(TimerId::StartupDelay)},
      {Init, "StartupDelay", "priority is 255", late_owner, begin, expire(TimerId::StartupDelay)},
      {Init, "StartupDelay", "otherwise", late, begin, expire(TimerId::StartupDelay)},
      {Init, "Shutdown", "", as_is, nothing, shut_down},
      {Init, "Shutdown", "", late, begin, shut_down},
      {Init, "Startup", "a fault is present", as_is, raise, start},
      {Init, "Startup", "a fault is present", owner, raise, start},
      {Init, "Startup", "priority is 255", owner, nothing, start},
      {Init, "Startup", "otherwise", as_is, nothing, start},

      {Init, "Resumed", "it was Master", as_is, nothing, resume(Master)},
      {Init, "Resumed", "it was Master", owner, nothing, resume(Master)},
      {Init, "Resumed", "it was Master", late, nothing, resume(Master)},
      {Init, "Resumed", "it was Master", repeating, nothing, resume(Master)},
      {Init, "Resumed", "it was Master, a fault is present", as_is, raise, resume(Master)},
      {Init, "Resumed", "it was Backup", as_is, nothing, resume(Backup)},
      {Init, "Resumed", "it was Backup", late, nothing, resume(Backup)},
      {Init, "Resumed", "it was Backup, a fault is present", as_is, raise, resume(Backup)},
      {Init, "Resumed", "it was Backup, a fault is present", owner, raise, resume(Backup)},
      {Init, "Resumed", "it was Backup, priority is 255", owner, nothing, resume(Backup)},

      {Backup, "Shutdown", "", as_is, nothing, shut_down},
      {Backup, "Shutdown", "", delayed, in_delay, shut_down},
      {Backup, "FaultRaised", "", as_is, nothing, raise_fault},
      {Backup, "FaultRaised", "", delayed, in_delay, raise_fault},
      {Backup, "MasterDown", "at its deadline", as_is, nothing, expire(TimerId::MasterDown)},
      {Backup, "MasterDown", "at its deadline", delayed, in_delay, expire(TimerId::MasterDown)},
      {Backup, "MasterDown", "before its deadline", as_is, nothing, expire_early},
      {Backup, "MasterDown", "in a sync group", grouped, nothing, expire(TimerId::MasterDown)},
      {Backup, "GroupTakesOver", "it wants to", grouped, want, group_takes_over},
      {Backup, "PreemptDelay", "", delayed, in_delay, expire(TimerId::PreemptDelay)},
      {Backup, "Reconfigured", "", as_is, nothing, reconfigure},
      {Backup, "Reconfigured", "", delayed, in_delay, reconfigure},
      {Backup, "Advert", "priority is 0", as_is, nothing, hear(0)},
      {Backup, "Advert", "priority is 0", polite, nothing, hear(0)},
      {Backup, "Advert", "priority is 0, of another than the Master", as_is, in_delay, hear(0, kLower)},
      {Backup, "Advert", "priority is not below ours", as_is, nothing, hear(101)},
      {Backup, "Advert", "priority is not below ours", as_is, nothing, hear(100, kLower)},
      {Backup, "Advert", "priority is not below ours", delayed, in_delay, hear(101)},
      {Backup, "Advert", "lower priority, we preempt", as_is, nothing, hear(99)},
      {Backup, "Advert", "lower priority, preempt_delay is not over", delayed, nothing, hear(99)},
      {Backup, "Advert", "lower priority, preempt_delay is not over", delayed, in_delay, hear(99)},
      {Backup, "Advert", "lower priority, we do not preempt", polite, nothing, hear(99)},

      {Master, "Shutdown", "graceful", as_is, nothing, shut_down_gracefully},
      {Master, "Shutdown", "graceful", repeating, nothing, shut_down_gracefully},
      {Master, "FaultRaised", "drained", as_is, nothing, drain_it},
      {Master, "FaultRaised", "drained", repeating, nothing, drain_it},
      {Master, "Shutdown", "graceful, it resigns", as_is, stop_gracefully, shut_down_gracefully},
      {Master, "Shutdown", "graceful, it resigns", as_is, drain, shut_down_gracefully},
      {Master, "FaultRaised", "drained, it resigns", as_is, stop_gracefully, drain_it},
      {Master, "FaultRaised", "drained, it resigns", as_is, drain, drain_it},
      {Master, "Shutdown", "it resigns", as_is, stop_gracefully, shut_down},
      {Master, "Shutdown", "it resigns", as_is, drain, shut_down},
      {Master, "FaultRaised", "it resigns", as_is, drain, raise_fault},
      {Master, "FaultRaised", "it stops", as_is, stop_gracefully, raise_fault},
      {Master, "FaultCleared", "it is not drained", as_is, nothing, clear_fault},
      {Master, "FaultCleared", "it is not drained", as_is, stop_gracefully, clear_fault},
      {Master, "FaultCleared", "it resigns", as_is, drain, clear_fault},
      {Master, "FaultCleared", "it resigns", repeating, drain, clear_fault},
      {Master, "Advert", "it resigns, priority is 0", as_is, drain, hear(0)},
      {Master, "Advert", "it resigns, release_delay is configured", lingering, drain, hear(50)},
      {Master, "Advert", "it resigns", as_is, drain, hear(50, kLower)},
      {Master, "Advert", "it resigns", as_is, drain, hear(200)},
      {Master, "Resignation", "it was drained", as_is, drain, expire(TimerId::Resignation)},
      {Master, "Resignation", "it was drained", lingering, drain, expire(TimerId::Resignation)},
      {Master, "GroupYields", "", as_is, nothing, group_yields},
      {Master, "GroupYields", "", repeating, nothing, group_yields},
      {Master, "GroupYields", "it was drained", as_is, drain, group_yields},
      {Master, "GroupYields", "it stops", as_is, stop_gracefully, group_yields},
      {Master, "Resignation", "it stops", as_is, stop_gracefully, expire(TimerId::Resignation)},
      {Master, "Shutdown", "", as_is, nothing, shut_down},
      {Master, "Shutdown", "", repeating, nothing, shut_down},
      {Master, "FaultRaised", "", as_is, nothing, raise_fault},
      {Master, "FaultRaised", "", repeating, nothing, raise_fault},
      {Master, "Advertisement", "", as_is, nothing, expire(TimerId::Advertisement)},
      {Master, "Announce", "", repeating, nothing, expire(TimerId::Announce)},
      {Master, "Reconfigured", "", as_is, nothing, reconfigure},
      {Master, "Reconfigured", "", repeating, nothing, reconfigure},
      {Master, "Reconfigured", "it resigns", as_is, drain, reconfigure},
      {Master, "Advert", "priority is 0", as_is, nothing, hear(0)},
      {Master, "Advert", "higher priority", as_is, nothing, hear(101, kLower)},
      {Master, "Advert", "higher priority", polite, nothing, hear(101)},
      {Master, "Advert", "higher priority", with_both, nothing, hear(101)},
      {Master, "Advert", "equal priority, greater address", as_is, nothing, hear(100, kGreater)},
      {Master, "Advert", "equal priority, greater address", with_both, nothing, hear(100, kGreater)},
      {Master, "Advert", "it loses", as_is, nothing, hear(99)},
      {Master, "Advert", "it loses", as_is, nothing, hear(100, kLower)},
      {Master, "Advert", loses_silently, as_is, in_delay, hear(99)},
      {Master, "Advert", "it loses", insisting, nothing, hear(99)},
      {Master, "Advert", loses_silently, no_answers, nothing, hear(99)},
      {Master, "Advert", loses_silently, insisting_silently, nothing, hear(99)},
      {Master, "Advert", "we own the addresses and ignore adverts", deaf_owner, nothing, hear(255)},
      {Master, "Advert", "we own the addresses and ignore adverts", deaf_owner, nothing, hear(0)},
      {Master, "Advert", "equal priority, our own address", as_is, nothing, hear(100, kOurs)},

      {Fault, "Shutdown", "", as_is, nothing, shut_down},
      {Fault, "FaultRaised", "", as_is, nothing, raise_fault},
      {Fault, "FaultCleared", "priority is 255", owner, nothing, clear_fault},
      {Fault, "FaultCleared", "otherwise", as_is, nothing, clear_fault},
  };
  return all;
}

void bring_to(State state, Lab& lab) {
  switch (state) {
  case State::Init:
    return;
  case State::Backup:
    lab.backup();
    return;
  case State::Master:
    lab.master();
    return;
  case State::Fault:
    lab.fault();
    return;
  }
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> items;
  for (std::size_t begin = 0; begin < list.size();) {
    const auto end = std::min(list.find(", ", begin), list.size());
    items.push_back(list.substr(begin, end - begin));
    begin = end + 2;
  }
  return items;
}

/// Whether the actions are those the table lists, where "[x]" may be there or not.
bool is_as_listed(const Actions& actions, const char* listed) {
  std::size_t next = 0;
  for (auto item : split(listed)) {
    const bool optional = item.front() == '[';
    if (optional)
      item = item.substr(1, item.size() - 2);
    if (next < actions.size() && text(actions[next]) == item)
      ++next;
    else if (!optional)
      return false;
  }
  return next == actions.size();
}

bool plays(const Scenario& scenario, const Transition& row) {
  return scenario.from == row.from && scenario.event == row.event && scenario.guard == row.guard;
}

std::string title(const Transition& row) {
  return std::string(name(row.from)) + ", " + row.event + ", " + row.guard;
}

class Transitions : public BothVersions {
protected:
  static void play(const Scenario& scenario, const Transition& row) {
    auto settings = config();
    scenario.configure(settings);
    Lab lab(settings);
    bring_to(scenario.from, lab);
    scenario.prepare(lab);
    ASSERT_EQ(lab.router.state(), row.from);

    const auto actions = scenario.act(lab);
    EXPECT_EQ(lab.router.state(), row.to);
    EXPECT_TRUE(is_as_listed(actions, row.actions))
        << "got:    " << text(actions) << "\nlisted: " << row.actions;
    if (const auto* entered = find<StateEntered>(actions)) {
      EXPECT_EQ(entered->from, row.from);
      EXPECT_EQ(entered->to, row.to);
      EXPECT_EQ(entered->reason, lab.router.reason());
      EXPECT_EQ(lab.router.since(), lab.now);
    }
  }
};
XVRRP_FOR_BOTH_VERSIONS(Transitions);

TEST_P(Transitions, EveryRowIsWhatTheRouterDoes) {
  for (const auto& row : kTransitions) {
    SCOPED_TRACE(title(row));
    int played = 0;
    for (const auto& scenario : scenarios()) {
      if (plays(scenario, row)) {
        play(scenario, row);
        ++played;
      }
    }
    EXPECT_GT(played, 0) << "no scenario plays this row";
  }
}

TEST(TransitionTable, EveryScenarioHasItsRow) {
  for (const auto& scenario : scenarios()) {
    const bool found = std::any_of(std::begin(kTransitions), std::end(kTransitions),
                                   [&](const Transition& row) { return plays(scenario, row); });
    EXPECT_TRUE(found) << name(scenario.from) << ", " << scenario.event << ", " << scenario.guard;
  }
}

TEST_P(Transitions, AnEventWithoutARowIsIgnored) {
  std::set<std::pair<State, std::string>> listed;
  for (const auto& row : kTransitions)
    listed.insert({row.from, row.event});

  const std::pair<std::string, std::function<Event(const Lab&)>> events[] = {
      {"Startup", [](const Lab&) { return Startup{}; }},
      {"Shutdown", [](const Lab&) { return Shutdown{}; }},
      {"FaultRaised", [](const Lab&) { return FaultRaised{Reason::InterfaceDown}; }},
      {"FaultCleared", [](const Lab&) { return FaultCleared{}; }},
      {"Resumed", [](const Lab& lab) { return Resumed{State::Master, 1, lab.now, 1s, {}, 0}; }},
      {"SourceChanged", [](const Lab&) { return SourceChanged{kLower}; }},
      {"PriorityChanged", [](const Lab&) { return PriorityChanged{50}; }},
      {"GroupTakesOver", [](const Lab&) { return GroupTakesOver{}; }},
      {"GroupYields", [](const Lab&) { return GroupYields{}; }},
      {"Reconfigured", [](const Lab& lab) { return Reconfigured{lab.router.config()}; }},
      {"Advert",
       [](const Lab&) {
         return AdvertReceived{{kGreater, 200, 1s}};
       }},
  };
  for (const auto state : {State::Init, State::Backup, State::Master, State::Fault}) {
    for (const auto& [event, make] : events) {
      if (listed.contains({state, event}))
        continue;
      Lab lab(config());
      bring_to(state, lab);
      EXPECT_EQ(text(lab.step(make(lab))), "") << name(state) << ", " << event;
      EXPECT_EQ(lab.router.state(), state);
    }
    for (const auto id : {TimerId::MasterDown, TimerId::Advertisement, TimerId::PreemptDelay,
                          TimerId::Announce, TimerId::StartupDelay, TimerId::Resignation}) {
      if (listed.contains({state, rfc_name(id)}))
        continue;
      Lab lab(config());
      bring_to(state, lab);
      lab.advance(1h);
      EXPECT_EQ(text(lab.step(TimerExpired{id, lab.router.generation(id)})), "")
          << name(state) << ", " << rfc_name(id);
      EXPECT_EQ(lab.router.state(), state);
    }
  }
}

} // namespace
} // namespace xvrrp::core
