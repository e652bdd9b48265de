// SPDX-License-Identifier: BSD-2-Clause
#include "sim/kernel_share.hpp"

namespace xvrrp::sim {

void KernelShare::follow(const core::Router& router) {
  role_ = router.state();
  generation_ = router.generation(core::TimerId::MasterDown);
  deadline_ = router.deadline(core::TimerId::MasterDown);
  interval_ = router.master_adver_interval();
  unreported_ = true;
  configure(router);
}

KernelShare::Outcome KernelShare::hear(const core::RouterConfig& config, const core::Advert& advert,
                                       Instant now) {
  if (config.v2_interop &&
      xv_interop_hears(&interop_, static_cast<std::uint8_t>(advert.version), advert.source.bytes().data(),
                       to_ns(advert.interval), config.down_adverts, to_ns(now)) != 0)
    return {.heeded = false, .report = false, .moved = false};
  const bool changed = advert.source != last_.source || advert.priority != last_.priority ||
                       advert.interval != last_.interval || advert.version != last_.version;
  last_ = advert;
  if (role_ == core::State::Master)
    return {.heeded = true, .report = true, .moved = false};
  if (role_ != core::State::Backup)
    return {};

  const xv_backup_view view{.interval_ns = to_ns(interval_),
                            .version = static_cast<std::uint8_t>(config.version),
                            .priority = config.priority,
                            .preempt = preempts_,
                            .down_adverts = config.down_adverts,
                            .pad = {}};
  xv_backup_timer next{};
  const bool moved =
      xv_backup_hears(&view, advert.priority, to_ns(advert.interval), to_ns(now), &next) != XV_BACKUP_IGNORE;
  if (moved) {
    interval_ = Nanoseconds{static_cast<std::int64_t>(next.interval_ns)};
    deadline_ = instant_from_ns(next.deadline_ns);
  }
  const bool report = changed || unreported_;
  unreported_ = false;
  return {.heeded = true, .report = report, .moved = moved};
}

} // namespace xvrrp::sim
