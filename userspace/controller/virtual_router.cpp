// SPDX-License-Identifier: BSD-2-Clause
#include "controller/virtual_router.hpp"

namespace xvrrp::controller {

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
  published_.publish(status);
}

} // namespace xvrrp::controller
