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
  if (config.v2_interop && advert.version == core::Version::V2 &&
      xv_interop_shadows(&interop_, advert.source.bytes().data(), to_ns(now)) != 0)
    return {.heeded = false, .report = false, .moved = false};
  if (advert.priority == core::kPriorityStopping && role_ == core::State::Backup &&
      xv_is_masters(has_heard_ ? 1 : 0, last_.source.bytes().data(), advert.source.bytes().data()) == 0)
    return {.heeded = false, .report = false, .moved = false};
  if (config.v2_interop && advert.version == core::Version::V3 &&
      xv_is_obeyed(advert.priority, config.priority, preempts_ || role_ != core::State::Backup) != 0)
    xv_interop_obeys(&interop_, advert.source.bytes().data(), to_ns(advert.interval),
                     to_ns(config.advertisement_interval), config.down_adverts, to_ns(now));
  const bool changed = advert.source != last_.source || advert.priority != last_.priority ||
                       advert.interval != last_.interval || advert.version != last_.version;
  last_ = advert;
  has_heard_ = true;
  if (role_ == core::State::Master)
    return {.heeded = true, .report = true, .moved = false};
  if (role_ != core::State::Backup)
    return {};

  const xv_backup_view view{.deadline_ns = deadline_ ? to_ns(*deadline_) : 0,
                            .interval_ns = to_ns(interval_),
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
