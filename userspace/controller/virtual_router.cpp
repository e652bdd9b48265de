// SPDX-License-Identifier: BSD-2-Clause
#include "controller/virtual_router.hpp"

namespace xvrrp::controller {

VirtualRouter::VirtualRouter(RouterPlan plan) : plan_(std::move(plan)), router_(plan_.instance.router) {
  frames_.push_back(std::make_unique<Frames>(build_frames(plan_.instance, Sender{})));
  in_use_ = frames_.back().get();
  publish();
}

const Frames* VirtualRouter::keep(Frames frames) {
  while (frames_.front().get() != status().frames)
    frames_.pop_front();
  frames_.push_back(std::make_unique<Frames>(std::move(frames)));
  return frames_.back().get();
}

void VirtualRouter::publish() noexcept {
  RouterStatus& status = counters_;
  status.state = router_.state();
  status.reason = router_.reason();
  status.since = router_.since();
  const auto master = router_.master();
  status.master_known = master.has_value();
  status.master_address = master ? master->address : IpAddress{};
  status.master_priority = master ? master->priority : std::uint8_t{0};
  status.master_adver_interval = router_.master_adver_interval();
  status.skew_time = router_.skew_time();
  status.master_down_interval = router_.master_down_interval();
  status.frames = in_use_;
  published_.publish(status);
}

} // namespace xvrrp::controller
