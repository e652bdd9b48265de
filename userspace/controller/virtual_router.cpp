// SPDX-License-Identifier: BSD-2-Clause
#include "controller/virtual_router.hpp"

namespace xvrrp::controller {

namespace {

/// Adds what is to be used next; what is older than what is in use goes.
template <typename Made>
const Made* add(std::deque<std::unique_ptr<const Made>>& made, const Made* in_use, Made next) {
  while (made.front().get() != in_use)
    made.pop_front();
  made.push_back(std::make_unique<const Made>(std::move(next)));
  return made.back().get();
}

} // namespace

VirtualRouter::VirtualRouter(RouterPlan plan) : router_(plan.instance.router) {
  frames_.push_back(std::make_unique<const Frames>(
      build_frames(plan.instance, {{}, {}, {}, plan.instance.router.priority, {}})));
  plans_.push_back(std::make_unique<const RouterPlan>(std::move(plan)));
  plan_in_use_ = plans_.back().get();
  frames_in_use_ = frames_.back().get();
  publish();
}

const Frames* VirtualRouter::keep(Frames frames) {
  return add(frames_, status().frames, std::move(frames));
}

const RouterPlan* VirtualRouter::keep(RouterPlan plan) {
  return add(plans_, status().plan, std::move(plan));
}

void VirtualRouter::publish() noexcept {
  RouterStatus& status = counters_;
  status.state = router_.state();
  status.reason = router_.reason();
  status.since = router_.since();
  status.resigns = router_.resigns();
  const auto master = router_.master();
  status.master_known = master.has_value();
  status.master_address = master ? master->address : IpAddress{};
  status.master_priority = master ? master->priority : std::uint8_t{0};
  if (master && status.state == core::State::Backup)
    status.heard_priority = master->priority;
  status.master_adver_interval = router_.master_adver_interval();
  status.skew_time = router_.skew_time();
  status.master_down_interval = router_.master_down_interval();
  status.frames = frames_in_use_;
  status.plan = plan_in_use_;
  published_.publish(status);
}

} // namespace xvrrp::controller
