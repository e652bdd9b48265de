// SPDX-License-Identifier: BSD-2-Clause
// Two CPUs in the liveness of one virtual router: a command of the election, or an advert, beside the timer
// that fires. The programs' own code, in every order of their shared accesses with few switches between them,
// with stores that take effect at once and with stores that wait for the next barrier (docs/data-plane.md).
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <vector>

#include <gtest/gtest.h>
#include <ucontext.h>

#include "bpf/interleaving.h"

namespace xvrrp::test {
namespace {

constexpr std::uint64_t kNow = 1'000'000;
constexpr std::uint64_t kLater = 2'000'000;
constexpr std::uint64_t kMuchLater = 3'000'000;
/// Switches from one CPU to the other within one run; two suffice for every fault that was known.
constexpr std::size_t kSwitches = 3;
constexpr std::size_t kToItsEnd = SIZE_MAX;

struct Store {
  volatile void* to;
  std::array<unsigned char, 8> value;
  std::uint32_t bytes;
};

ucontext_t scheduler;

/// One of the two. Between two of its accesses the other one may run.
class Cpu {
public:
  void start(std::function<void()> program) {
    program_ = std::move(program);
    done_ = false;
    getcontext(&context_);
    context_.uc_stack.ss_sp = stack_.data();
    context_.uc_stack.ss_size = stack_.size();
    context_.uc_link = &scheduler;
    makecontext(&context_, &Cpu::main, 0);
  }
  /// Goes on for so many accesses, or to its end.
  void run(std::size_t accesses) {
    current_ = this;
    left_ = accesses;
    if (!done_ && left_ > 0)
      swapcontext(&scheduler, &context_);
  }
  /// Before each access.
  void pause() {
    while (left_ == 0)
      swapcontext(&context_, &scheduler);
    --left_;
  }
  bool done() const { return done_; }
  static Cpu& current() { return *current_; }

  void buffer(const Store& store) { buffered_.push_back(store); }
  void drain() {
    for (const auto& store : buffered_)
      std::memcpy(const_cast<void*>(store.to), store.value.data(), store.bytes);
    buffered_.clear();
  }
  /// What it sees itself: the last store to there, if that is buffered.
  const Store* find(const volatile void* from) const {
    for (auto store = buffered_.rbegin(); store != buffered_.rend(); ++store) {
      if (store->to == from)
        return &*store;
    }
    return nullptr;
  }

private:
  static void main() {
    Cpu& self = *current_;
    self.program_();
    self.pause(); // what it has stored may be seen later yet
    self.drain();
    self.done_ = true;
  }
  static Cpu* current_;
  std::function<void()> program_;
  ucontext_t context_{};
  std::vector<char> stack_ = std::vector<char>(64 * 1024);
  std::deque<Store> buffered_;
  std::size_t left_ = 0;
  bool done_ = false;
};
Cpu* Cpu::current_ = nullptr;

bool buffering = false;

void load(const volatile void* from, void* to, __u32 bytes) {
  Cpu::current().pause();
  const Store* own = Cpu::current().find(from);
  std::memcpy(to, own != nullptr ? own->value.data() : const_cast<const void*>(from), bytes);
}
void store(volatile void* to, const void* from, __u32 bytes) {
  Cpu::current().pause();
  Store made{to, {}, bytes};
  std::memcpy(made.value.data(), from, bytes);
  Cpu::current().buffer(made);
  if (!buffering)
    Cpu::current().drain();
}
void barrier() {
  Cpu::current().pause();
  Cpu::current().drain();
}

/// After so many accesses of the one that runs, it is the other's turn.
using Schedule = std::array<std::size_t, kSwitches>;

class Interleaving : public ::testing::Test {
protected:
  void SetUp() override {
    world_load = load;
    world_store = store;
    world_barrier = barrier;
  }

  /// Runs both in every order. `prepare` makes the world; `judge` looks at it when the timer has nothing left
  /// to do. Returns how many orders there were.
  std::size_t explore(const std::function<void()>& prepare, const std::function<void()>& program,
                      const std::function<void()>& judge) {
    std::size_t orders = 0;
    for (const bool buffers : {false, true}) {
      for (const bool timer_first : {false, true}) {
        buffering = buffers;
        Schedule schedule{};
        do {
          prepare();
          const auto steps = run(schedule, timer_first, program);
          settle();
          judge();
          ++orders;
          if (HasFailure()) {
            ADD_FAILURE() << "schedule " << schedule[0] << ' ' << schedule[1] << ' ' << schedule[2]
                          << (timer_first ? ", the timer first" : "") << (buffers ? ", with buffers" : "");
            return orders;
          }
          advance(schedule, steps);
        } while (schedule != Schedule{});
      }
    }
    return orders;
  }

  /// The timer, with nobody beside it.
  void fire() {
    world.fires_ns = 0;
    timer_.start(world_timer);
    timer_.run(kToItsEnd);
  }

private:
  /// Returns which turns a longer schedule would make longer.
  std::array<bool, kSwitches> run(const Schedule& schedule, bool timer_first,
                                  const std::function<void()>& program) {
    std::array<Cpu*, 2> order{&program_, &timer_};
    if (timer_first)
      std::swap(order[0], order[1]);
    program_.start(program);
    timer_.start(world_timer);
    std::array<bool, kSwitches> used_up{};
    for (std::size_t turn = 0; turn < kSwitches; ++turn) {
      Cpu& cpu = *order[turn % 2];
      cpu.run(schedule[turn]);
      used_up[turn] = !cpu.done();
    }
    for (std::size_t turn = kSwitches; turn < kSwitches + 2; ++turn)
      order[turn % 2]->run(kToItsEnd);
    return used_up;
  }

  /// The next schedule; all zero after the last. A turn that its CPU ended in needs no longer one.
  static void advance(Schedule& schedule, const std::array<bool, kSwitches>& used_up) {
    for (std::size_t turn = kSwitches; turn-- > 0;) {
      if (used_up[turn]) {
        ++schedule[turn];
        return;
      }
      schedule[turn] = 0;
    }
  }

  /// The timer fires as often as it was started.
  void settle() {
    for (int fired = 0; world.fires_ns != 0 && fired < 20; ++fired) {
      world.now_ns = std::max(world.now_ns, world.fires_ns);
      fire();
    }
    EXPECT_EQ(world.fires_ns, 0u) << "the timer fires for ever";
  }

  Cpu program_;
  Cpu timer_;
};

bool was_told(std::uint64_t deadline, std::uint32_t generation) {
  for (std::uint32_t event = 0; event < std::min(world.events, 8u); ++event) {
    if (world.told[event].deadline_ns == deadline && world.told[event].generation == generation)
      return true;
  }
  return false;
}

/// The timer is about to fire, as it was armed for now.
void begin_as(xv_role role, std::uint64_t deadline, std::uint32_t generation) {
  world = {};
  world.now_ns = kNow;
  world.timer.armed_ns = kNow;
  world.live.role = role;
  world.live.deadline_ns = deadline;
  world.live.generation = generation;
}

xv_command role(xv_role role, std::uint32_t generation, std::uint64_t deadline) {
  xv_command command{};
  command.op = XV_COMMAND_ROLE;
  command.role = role;
  command.generation = generation;
  command.deadline_ns = deadline;
  command.key.vrid = 1;
  return command;
}

TEST_F(Interleaving, AnExpiryOfTheNewRoleIsToldWhateverItMeets) {
  for (const auto before : {XV_ROLE_STOPPED, XV_ROLE_BACKUP, XV_ROLE_MASTER}) {
    for (const std::uint64_t was : {std::uint64_t{1}, kNow, kMuchLater}) {
      for (const std::uint64_t deadline : {std::uint64_t{1}, kNow, kLater}) {
        SCOPED_TRACE(testing::Message() << "role " << before << ", " << was << " to " << deadline);
        const auto command = role(XV_ROLE_BACKUP, 2, deadline);
        const auto orders = explore([&] { begin_as(before, was, 1); }, [&] { world_command(&command); },
                                    [&] { EXPECT_TRUE(was_told(deadline, 2)); });
        EXPECT_GT(orders, 1000u);
        if (HasFailure())
          return;
      }
    }
  }
}

TEST_F(Interleaving, AnAdvertAtTheMomentOfTheExpiryIsNotTheLast) {
  explore([] { begin_as(XV_ROLE_BACKUP, kNow, 1); }, [] { world_advert(kLater); },
          [] { EXPECT_TRUE(was_told(kLater, 1)) << "nobody looks at the timer any more"; });
  explore([] { begin_as(XV_ROLE_BACKUP, kMuchLater, 1); }, [] { world_advert(kLater); },
          [] { EXPECT_TRUE(was_told(kLater, 1)) << "sooner, as after a resignation"; });
}

TEST_F(Interleaving, AskingForTheTimerAgainIsHeeded) {
  const auto command = role(XV_ROLE_BACKUP, 1, kLater);
  explore([] { begin_as(XV_ROLE_BACKUP, kNow, 1); }, [&] { world_command(&command); },
          [] { EXPECT_TRUE(was_told(kLater, 1)); });
}

// It starts a role, in which the first that is heard is news.
TEST_F(Interleaving, AnAnswerThatOvertakesTheAdvertIsNotUndone) {
  explore(
      [] {
        begin_as(XV_ROLE_BACKUP, kMuchLater, 1);
        world_answer = [] {
          const auto command = role(XV_ROLE_MASTER, 2, 0);
          world_command(&command);
        };
      },
      [] { world_hear(200); },
      [] {
        EXPECT_EQ(world.live.role, XV_ROLE_MASTER) << "there was no event";
        EXPECT_EQ(world.live.unreported, 1u);
      });
}

TEST_F(Interleaving, ARouterThatResignsLeavesArpToItsSuccessor) {
  for (const std::uint32_t fenced : {0u, 1u, 7u}) {
    SCOPED_TRACE(fenced);
    const auto command = role(XV_ROLE_RESIGNING, 2, 0);
    explore(
        [&] {
          begin_as(XV_ROLE_MASTER, 0, 1);
          world.guard.fenced = fenced;
        },
        [&] { world_command(&command); },
        [] { EXPECT_NE(world.guard.fenced, 0u) << "ARP requests are not looked at"; });
  }
}

TEST_F(Interleaving, TheFenceGoesWithWhatItWasFor) {
  const auto command = role(XV_ROLE_STOPPED, 2, 0);
  explore(
      [] {
        begin_as(XV_ROLE_RESIGNING, 0, 1);
        world.guard.fenced = 3;
      },
      [&] { world_command(&command); },
      [this] {
        fire();
        EXPECT_EQ(world.guard.fenced, 0u);
      });
}

} // namespace
} // namespace xvrrp::test
