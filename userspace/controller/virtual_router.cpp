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

std::shared_ptr<VirtualRouter> VirtualRouter::create(RouterPlan plan) {
  auto frames = std::make_unique<const Frames>(
      build_frames(plan.instance, {{}, {}, {}, plan.instance.router.priority, {}}));
  return std::shared_ptr<VirtualRouter>{
      new VirtualRouter{std::make_unique<const RouterPlan>(std::move(plan)), std::move(frames)}};
}

VirtualRouter::VirtualRouter(std::unique_ptr<const RouterPlan> plan, std::unique_ptr<const Frames> frames)
    : Participant(plan->instance.router, plan.get(), frames.get()) {
  plans_.push_back(std::move(plan));
  frames_.push_back(std::move(frames));
}

const Frames* VirtualRouter::keep(Frames frames) {
  return add(frames_, &frames_of(status()), std::move(frames));
}

const RouterPlan* VirtualRouter::keep(RouterPlan plan) {
  return add(plans_, &plan_of(status()), std::move(plan));
}

} // namespace xvrrp::controller
