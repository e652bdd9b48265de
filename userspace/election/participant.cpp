// SPDX-License-Identifier: BSD-2-Clause
#include "election/participant.hpp"

namespace xvrrp::election {

Participant::Participant(const core::RouterConfig& config, const Plan* plan, const Frames* frames)
    : plan_(plan), frames_(frames), router_(config) {
  publish();
}

void Participant::publish() noexcept {
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
  status.frames = frames_;
  status.plan = plan_;
  published_.publish(status);
}

} // namespace xvrrp::election
