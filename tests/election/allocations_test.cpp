// SPDX-License-Identifier: BSD-2-Clause
// Real turns allocate nothing, whatever happens in them.
#include <random>

#include "../platform/allocations.hpp"
#include "lab.hpp"

namespace xvrrp::election::testing {
namespace {

using namespace std::chrono_literals;
using platform::testing::allocations;

/// Counts those of turns alone: the world around them may allocate.
class Counting {
public:
  explicit Counting(Lab& lab) : lab_(lab) {}
  void run() {
    const auto before = allocations();
    lab_.turn();
    count_ += allocations() - before;
  }
  unsigned long count() const { return count_; }

private:
  Lab& lab_;
  unsigned long count_ = 0;
};

TEST(Turns, DoNotAllocate) {
  constexpr std::size_t kRouters = 40;
  constexpr int kTurns = 20'000;
  Lab lab(kRouters);
  Counting counting(lab);
  std::mt19937 random{20261127};
  const auto any = [&](unsigned bound) { return random() % bound; };
  lab.start();
  lab.world.refuse_advert = [&](const PendingAdvert&) { return any(10) == 0 ? ENOBUFS : 0; };
  for (int i = 0; i < kTurns; ++i) {
    const std::size_t router = any(kRouters);
    lab.world.role_error = any(20) == 0 ? ENOSPC : 0;
    switch (any(9)) {
    case 0:
      lab.post(RaiseFault{router, core::Reason::InterfaceDown});
      break;
    case 1:
      lab.post(ClearFault{router});
      break;
    case 2:
      lab.post(StartRouter{router});
      break;
    case 3:
      lab.post(StopRouter{router, any(2) == 0});
      break;
    case 4:
      lab.hear(router, static_cast<std::uint8_t>(any(256)));
      break;
    case 5:
      lab.post(UseFrames{router, &lab.frames, lab.router(router).router().config().primary_address,
                         static_cast<std::uint8_t>(1 + any(254))});
      break;
    case 6:
      lab.post(TakeAway{router, lab.plans[router].get()});
      break;
    default:
      lab.master_down(router);
    }
    counting.run();
    lab.world.clock += std::chrono::microseconds{any(20'000)};
    while (lab.fleet->reports.pop()) {
    }
    lab.world.forget();
  }
  EXPECT_EQ(counting.count(), 0u);
}

} // namespace
} // namespace xvrrp::election::testing
