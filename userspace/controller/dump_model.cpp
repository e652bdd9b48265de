// SPDX-License-Identifier: BSD-2-Clause
#include "controller/dump_model.hpp"

#include "dataplane/rfc6527.hpp"

namespace xvrrp::controller {

DumpedCounters counters_of(const DumpedRouter& router) {
  const auto& stats = router.stats;
  const auto mib = [&](const char* name) { return dataplane::value_of(name, stats); };
  DumpedCounters counters;
  counters.advert_rcvd = mib("vrrpv3StatisticsRcvdAdvertisements");
  counters.advert_sent = router.status.adverts_sent;
  counters.become_master = router.status.became_master;
  // A Master has become one once more than it has let go of it.
  counters.release_master =
      counters.become_master - (router.is_master() && counters.become_master > 0 ? 1 : 0);
  counters.packet_len_err = mib("vrrpv3StatisticsPacketLengthErrors");
  counters.advert_interval_err = mib("vrrpv3StatisticsAdvIntervalErrors");
  counters.ip_ttl_err = mib("vrrpv3StatisticsIpTtlErrors");
  counters.invalid_type_rcvd = mib("vrrpv3StatisticsRcvdInvalidTypePackets");
  counters.addr_list_err = mib("vrrpv3StatisticsAddressListErrors");
  counters.authtype_mismatch = stats.auth_type;
  counters.auth_failure = stats.auth_data;
  counters.pri_zero_rcvd = mib("vrrpv3StatisticsRcvdPriZeroPackets");
  counters.pri_zero_sent = router.status.priority_zero_sent;
  return counters;
}

const TrackedThing* find_tracked(const DumpedState& state, config::Tracked::Kind kind,
                                 const std::string& name) {
  for (const auto& router : state.routers) {
    for (const auto& thing : router.tracked) {
      if (thing.tracked.kind == kind && thing.tracked.name == name)
        return &thing;
    }
  }
  return nullptr;
}

int number_of(core::State state) {
  switch (state) {
  case core::State::Init:
    break;
  case core::State::Backup:
    return 1;
  case core::State::Master:
    return 2;
  case core::State::Fault:
    return 3;
  }
  return 0;
}

} // namespace xvrrp::controller
