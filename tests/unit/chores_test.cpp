// SPDX-License-Identifier: BSD-2-Clause
// What may block for ever, and who does not wait for it.
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>

#include "controller/chores.hpp"
#include "platform/clock.hpp"

namespace xvrrp::controller {
namespace {

/// What a chore hangs on.
class Gate {
public:
  void pass() {
    std::unique_lock lock{mutex_};
    is_reached_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return is_open_; });
  }
  void wait_until_reached() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return is_reached_; });
  }
  void open() {
    const std::lock_guard lock{mutex_};
    is_open_ = true;
    changed_.notify_all();
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_reached_ = false;
  bool is_open_ = false;
};

class ChoresTest : public ::testing::Test {
protected:
  void SetUp() override {
    auto made = Chores::create();
    ASSERT_TRUE(made) << made.error().message;
    chores_.emplace(*std::move(made));
  }
  bool begin(const std::string& name, std::shared_ptr<Gate> gate = nullptr) {
    return chores_->begin(
        name,
        [this, name, gate]() -> Chores::Finish {
          if (gate)
            gate->pass();
          return [this, name] { done_.push_back(name); };
        },
        [this, name] { given_up_.push_back(name); });
  }
  void wait_for(std::size_t count) {
    while (done_.size() < count) {
      pollfd wanted{chores_->fd(), POLLIN, 0};
      ASSERT_EQ(::poll(&wanted, 1, 10'000), 1);
      chores_->finish();
    }
  }

  std::optional<Chores> chores_;
  std::vector<std::string> done_;
  std::vector<std::string> given_up_;
};

TEST_F(ChoresTest, AreDoneInOrder) {
  for (const auto* name : {"a", "b", "c"})
    EXPECT_TRUE(begin(name));
  wait_for(3);
  EXPECT_EQ(done_, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(begin("a")) << "again";
  wait_for(4);
}

TEST_F(ChoresTest, ThatHangAreGivenUpAndOthersGoOn) {
  const auto gate = std::make_shared<Gate>();
  EXPECT_TRUE(begin("hangs", gate));
  EXPECT_TRUE(begin("waits"));
  gate->wait_until_reached();
  EXPECT_FALSE(begin("waits")) << "not twice";
  chores_->look_around(platform::monotonic_now());
  EXPECT_TRUE(given_up_.empty());
  chores_->look_around(platform::monotonic_now() + Chores::kPatience);
  EXPECT_EQ(given_up_, std::vector<std::string>{"hangs"});
  wait_for(1);
  EXPECT_EQ(done_, std::vector<std::string>{"waits"});
  EXPECT_FALSE(begin("hangs")) << "it still does";

  gate->open();
  while (!begin("hangs")) {
  }
  wait_for(2);
  EXPECT_EQ(done_, (std::vector<std::string>{"waits", "hangs"})) << "without what came too late";
}

TEST_F(ChoresTest, MayHangWhenTheirOwnerGoes) {
  const auto gate = std::make_shared<Gate>();
  EXPECT_TRUE(begin("hangs", gate));
  gate->wait_until_reached();
  chores_.reset();
  gate->open();
}

} // namespace
} // namespace xvrrp::controller
