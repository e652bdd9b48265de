// SPDX-License-Identifier: BSD-2-Clause
// A million random events, from a fixed seed: what must hold after each of them, whatever came before.
#include <array>
#include <cstdlib>
#include <new>
#include <random>

#include "lab.hpp"

namespace {
std::size_t allocations = 0;

void* count_and_allocate(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size))
    return memory;
  throw std::bad_alloc();
}
} // namespace

void* operator new(std::size_t size) {
  return count_and_allocate(size);
}
void* operator new[](std::size_t size) {
  return count_and_allocate(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace xvrrp::core {
namespace {

constexpr std::uint64_t kSeed = 20260901;
constexpr int kSteps = 1'000'000;
constexpr int kStepsPerRouter = 2'000;

class Chance {
public:
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  template <typename T, std::size_t N>
  T pick(const T (&values)[N]) {
    return values[below(N)];
  }

private:
  std::mt19937_64 engine_{kSeed};
};

RouterConfig random_config(Chance& chance) {
  auto config = chance.one_in(2) ? v2() : v3();
  config.priority = chance.pick<std::uint8_t>({1, 100, 100, 254, 255});
  config.advertisement_interval = chance.pick<Nanoseconds>({10ms, 1s, 40950ms});
  config.preempt = !chance.one_in(3);
  config.preempt_delay = chance.pick<Nanoseconds>({0s, 0s, 5s});
  config.answer_lower_priority = !chance.one_in(4);
  config.advertise_when_yielding = chance.one_in(2);
  config.synchronized = chance.one_in(4);
  config.announce.repeat = chance.pick<std::uint16_t>({1, 5});
  config.announce.second_burst_delay = chance.pick<Nanoseconds>({0s, 200ms, 5s});
  config.announce.refresh_interval = chance.pick<Nanoseconds>({0s, 3s});
  config.announce.contested_repeat = chance.pick<std::uint16_t>({0, 1, 5});
  config.announce.refresh_repeat = chance.pick<std::uint16_t>({1, 3});
  return config;
}

/// What somebody who executes the actions believes of the router.
struct Executor {
  struct Timer {
    bool armed = false;
    Instant at{};
    Generation generation = 0;
  };
  std::array<Timer, kTimerCount> timers{};
  State state = State::Init;
  bool installed = false;
  bool sound = true; ///< no action contradicted what was executed before

  void require(bool condition) { sound = sound && condition; }
  Timer& timer(TimerId id) { return timers[static_cast<std::size_t>(id)]; }

  void operator()(const SendAdvert& send) { require(send.priority == 0 ? installed : true); }
  void operator()(const ArmTimer& arm) {
    require(arm.generation >= timer(arm.timer).generation);
    timer(arm.timer) = {true, arm.at, arm.generation};
  }
  void operator()(const StopTimer& stop) {
    require(timer(stop.timer).armed);
    timer(stop.timer).armed = false;
  }
  void operator()(const InstallAddresses&) {
    require(!installed);
    installed = true;
  }
  void operator()(const RemoveAddresses&) {
    require(installed);
    installed = false;
  }
  void operator()(const AnnounceAddresses&) { require(installed); }
  void operator()(const WantMaster&) { require(state == State::Backup); }
  void operator()(const StateEntered& entered) {
    require(entered.from == state && entered.to != state);
    state = entered.to;
  }
};

class Storm {
public:
  Storm(Chance& chance, const RouterConfig& config) : chance_(chance), router_(config) {}

  /// One random event; counts what is wrong afterwards. Allocates nothing itself.
  void step() {
    now_ +=
        Nanoseconds{static_cast<std::int64_t>(chance_.below(2'000'000'000))} / (chance_.one_in(2) ? 1 : 1000);
    const Event event = random_event();
    if (const auto* expired = std::get_if<TimerExpired>(&event))
      expire(*expired);
    const Actions actions = router_.step(now_, event);
    largest_step = std::max(largest_step, actions.size());
    for (const auto& action : actions)
      std::visit(executor_, action);
    if (!actions.empty())
      check_state_is_entered_last(actions);
    ++entered[static_cast<std::size_t>(router_.state())];
    violations += !holds();
  }

  std::size_t violations = 0;
  std::size_t largest_step = 0;
  std::array<std::size_t, 4> entered{};

private:
  Event random_event() {
    switch (chance_.below(16)) {
    case 0:
      return Startup{};
    case 1:
      return chance_.one_in(4) ? Event{Shutdown{}} : Event{Startup{}};
    case 2:
      return chance_.one_in(4) ? Event{FaultRaised{Reason::InterfaceDown}} : Event{FaultCleared{}};
    case 3:
      return random_group_event();
    case 4:
    case 5:
    case 6:
    case 7:
      return AdvertReceived{random_advert()};
    default:
      return random_expiry();
    }
  }

  Event random_group_event() {
    const bool owner = router_.config().priority == kPriorityOwner;
    if (!owner && chance_.one_in(2))
      return PriorityChanged{chance_.pick<std::uint8_t>({1, 50, 100, 254})};
    return chance_.one_in(2) ? Event{GroupTakesOver{}} : Event{GroupYields{}};
  }

  Advert random_advert() {
    return {chance_.pick({kOurs, kLower, kGreater}),
            chance_.pick<std::uint8_t>({0, 1, 50, 99, 100, 101, 254, 255}),
            chance_.pick<Nanoseconds>({10ms, 1s, 40950ms})};
  }

  /// Mostly the expiry a timer service would report; sometimes a stale, an early or an invented one.
  TimerExpired random_expiry() {
    const auto id = static_cast<TimerId>(chance_.below(kTimerCount));
    auto generation = router_.generation(id);
    if (chance_.one_in(8))
      generation -= static_cast<Generation>(chance_.below(3));
    if (const auto deadline = router_.deadline(id); deadline && !chance_.one_in(4))
      now_ = std::max(now_, *deadline);
    return {id, generation};
  }

  /// A timer that expires is not armed any more, as far as its keeper is concerned.
  void expire(const TimerExpired& expired) {
    auto& timer = executor_.timer(expired.timer);
    if (timer.armed && timer.generation == expired.generation)
      timer.armed = false;
  }

  void check_state_is_entered_last(const Actions& actions) {
    for (std::size_t i = 0; i + 1 < actions.size(); ++i)
      violations += std::holds_alternative<StateEntered>(actions[i]);
  }

  bool armed(TimerId id) const { return router_.deadline(id).has_value(); }

  bool holds() {
    const auto state = router_.state();
    bool ok = executor_.sound && executor_.state == state;
    ok = ok && executor_.installed == (state == State::Master);
    ok = ok && armed(TimerId::MasterDown) == (state == State::Backup);
    ok = ok && armed(TimerId::Advertisement) == (state == State::Master);
    ok = ok && (!armed(TimerId::PreemptDelay) || (state == State::Backup && !router_.preempts_now()));
    ok = ok && (!armed(TimerId::Announce) || state == State::Master);
    ok = ok && (state == State::Backup ||
                router_.master_adver_interval() == router_.config().advertisement_interval);
    for (std::size_t i = 0; i < kTimerCount; ++i) {
      const auto id = static_cast<TimerId>(i);
      const auto& kept = executor_.timer(id);
      ok = ok && kept.armed == armed(id);
      ok = ok &&
           (!kept.armed || (kept.at == *router_.deadline(id) && kept.generation == router_.generation(id)));
    }
    return ok;
  }

  Chance& chance_;
  Router router_;
  Executor executor_;
  Instant now_ = instant_from_ns(1'000'000'000);
};

TEST(Storm, AMillionRandomEvents) {
  RecordProperty("seed", std::to_string(kSeed));
  Chance chance;
  std::size_t violations = 0, largest_step = 0;
  std::array<std::size_t, 4> entered{};
  const std::size_t allocations_before = allocations;
  for (int done = 0; done < kSteps; done += kStepsPerRouter) {
    Storm storm(chance, random_config(chance));
    for (int i = 0; i < kStepsPerRouter; ++i)
      storm.step();
    violations += storm.violations;
    largest_step = std::max(largest_step, storm.largest_step);
    for (std::size_t i = 0; i < entered.size(); ++i)
      entered[i] += storm.entered[i];
  }
  EXPECT_EQ(allocations, allocations_before) << "the core allocated memory";
  EXPECT_EQ(violations, 0u);
  EXPECT_LE(largest_step, Actions::kCapacity);
  for (const auto steps : entered)
    EXPECT_GT(steps, std::size_t{kSteps} / 50) << "the storm hardly visited a state";
}

} // namespace
} // namespace xvrrp::core
