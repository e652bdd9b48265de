// SPDX-License-Identifier: BSD-2-Clause
// Who sends v2 adverts that say nothing new.
#pragma once

#include <algorithm>
#include <map>

#include "core/types.hpp"
#include "sim/checkers/rfc.hpp"

namespace xvrrp::sim {

/// RFC 9568 8.4.2: with v2_interop the v2 adverts of a router that is heard in v3, too, SHOULD be ignored.
/// Notes every sender, as the rule does; xvrrp remembers the latest, so what is superfluous here may be
/// heeded all the same, but what is not must be.
class SuperfluousV2 {
public:
  /// Notes an advert that arrives at a router in this state; whether it may be ignored.
  bool hears(const core::RouterConfig& config, core::State state, const core::Advert& advert,
             Instant arrival) {
    if (!config.v2_interop)
      return false;
    if (advert.version == core::Version::V2)
      return is(advert, arrival);
    // A Backup that does not preempt obeys lower priorities, too; whether it does now is not known here.
    const bool obeys_lower = state == core::State::Backup &&
                             (!rfc::preempts(config) || config.preempt_delay > Nanoseconds::zero());
    if (advert.priority != 0 && (advert.priority >= config.priority || obeys_lower))
      v3_until_[advert.source] =
          arrival + std::min(advert.interval, config.advertisement_interval) * config.down_adverts;
    return false;
  }
  /// The same question of an advert that was noted.
  bool is(const core::Advert& advert, Instant arrival) const {
    const auto v3 = v3_until_.find(advert.source);
    return advert.version == core::Version::V2 && v3 != v3_until_.end() && arrival < v3->second;
  }

private:
  std::map<IpAddress, Instant> v3_until_;
};

} // namespace xvrrp::sim
