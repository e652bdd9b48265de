// SPDX-License-Identifier: BSD-2-Clause
#include "controller/metrics_sample.hpp"

#include "controller/log.hpp"

namespace xvrrp::controller {

MetricsSample take_metrics_sample(const StatusSources& of) {
  MetricsSample sample{of.daemon.instance,
                       of.election.realtime_warning().empty(),
                       of.election.send_failures(),
                       of.election.lost_reports(),
                       of.daemon.lost_transitions,
                       of.scripts.skipped(),
                       lost_log_lines(),
                       {}};
  const auto& routers = of.election.routers();
  sample.routers.reserve(routers.size());
  for (std::size_t index = 0; index < routers.size(); ++index) {
    const auto& plan = routers[index]->newest_plan();
    const auto& instance = plan.instance;
    sample.routers.push_back({routers[index], instance.name, instance.interface, instance.router.vrid,
                              instance.router.family, plan.key, plan.lease_slot, plan.lease,
                              routers[index]->newest_frames().sender.priority, of.watch.is_drained(index)});
  }
  return sample;
}

} // namespace xvrrp::controller
