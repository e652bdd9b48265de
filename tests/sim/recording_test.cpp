// SPDX-License-Identifier: BSD-2-Clause
// What is recorded of a router is all that it remembers: in a simulated network under faults, each router is
// written down and read back again and again, and goes on as the one that was not.
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "judge.hpp"
#include "recording/json.hpp"
#include "recording/lines.hpp"
#include "recording/replay.hpp"

namespace xvrrp::sim {
namespace {

using namespace std::chrono_literals;

/// Follows each router of the simulation with one that lives from recording to recording.
class Shadows final : public Observer {
public:
  void configured(const Seat& seat, Moment) override {
    routers_.insert_or_assign(seat.index, core::Router{seat.config});
    write(recording::router_line(std::to_string(seat.index), Instant{}, routers_.at(seat.index)));
  }
  void stepped(const Step& step) override {
    auto& router = routers_.at(step.seat.index);
    const auto event = recording::read_event(parsed(recording::json(step.event)));
    ASSERT_TRUE(event) << event.error().message;
    const auto actions = recording::json(router.step(step.now, *event));
    ASSERT_EQ(actions, recording::json(step.actions)) << "step " << steps_;
    write(recording::step_line(std::to_string(step.seat.index), step.now, step.event, step.actions));
    if (++steps_ % 3 != 0)
      return;
    auto next = recording::read_router(parsed(recording::json(router)));
    ASSERT_TRUE(next) << next.error().message;
    router = *next;
  }

  std::size_t steps() const { return steps_; }
  const std::string& replay_error() const { return replay_error_; }
  const recording::Replay& replay() const { return replay_; }

private:
  /// As a file has it: names and numbers in text.
  static recording::Json parsed(const recording::Json& json) { return recording::Json::parse(json.dump()); }
  void write(const recording::Json& line) {
    if (auto status = replay_.take(line.dump()); !status && replay_error_.empty())
      replay_error_ = status.error().message;
  }

  std::map<std::uint32_t, core::Router> routers_;
  std::size_t steps_ = 0;
  recording::Replay replay_ = [] {
    recording::Replay replay{[](const recording::ReplayedStep&) {}};
    EXPECT_TRUE(replay.take(recording::head_line("test", Instant{}, 0ns).dump()));
    return replay;
  }();
  std::string replay_error_;
};

TEST(Recording, IsAllThatARouterRemembers) {
  for (const std::uint64_t seed : {1, 2}) {
    RunOptions options;
    options.seed = seed;
    options.shape.vrs = 6;
    options.duration = 1min;
    Shadows shadows;
    expect_sound(run(options, &shadows), options);
    EXPECT_GT(shadows.steps(), 1'000u);
    EXPECT_EQ(shadows.replay_error(), "");
    EXPECT_EQ(shadows.replay().steps(), shadows.steps());
    if (HasFatalFailure())
      return;
  }
}

} // namespace
} // namespace xvrrp::sim
