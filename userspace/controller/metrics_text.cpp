// SPDX-License-Identifier: BSD-2-Clause
#include "controller/metrics_text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <sstream>
#include <tuple>
#include <vector>

#include <nlohmann/json.hpp>
#include <prometheus/text_serializer.h>

#include <xvrrp/base/printable.hpp>

#include "dataplane/reasons.hpp"
#include "dataplane/rfc6527.hpp"

namespace xvrrp::controller {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;
using ReasonKind = dataplane::ReasonInfo::Kind;

double seconds(Nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

double seconds_of_ns(std::uint64_t ns) {
  return static_cast<double>(ns) / 1e9;
}

/// One family after the other, so that only one is held beside the text.
class Page {
public:
  void add(const char* name, const char* help, MetricType type, std::vector<ClientMetric> metrics) {
    if (!metrics.empty())
      serializer_.Serialize(text_, {{name, help, type, std::move(metrics)}});
  }
  std::string text() const { return text_.str(); }

private:
  prometheus::TextSerializer serializer_;
  std::ostringstream text_;
};

ClientMetric metric(MetricType type, Labels labels, double value) {
  ClientMetric made;
  made.label = std::move(labels);
  if (type == MetricType::Counter)
    made.counter.value = value;
  else
    made.gauge.value = value;
  return made;
}

/// A router with what is read of it, once for all families.
struct Observed {
  const RouterSample& of;
  RouterStatus status;
  std::optional<xv_vr_live> live; ///< absent: its interface is not there
  xv_stats stats;
  std::uint64_t lease_end; ///< 0: it is Master for ever
  Instant now;
  Labels labels;

  bool is_master() const { return status.state == core::State::Master; }
  bool has_lease() const { return is_master() && of.lease > Nanoseconds::zero() && lease_end != 0; }
};

Labels with(Labels labels, const char* name, std::string value) {
  labels.push_back({name, std::move(value)});
  return labels;
}

const char* family_name(Family family) {
  return family == Family::IPv4 ? "ipv4" : "ipv6";
}

/// An interface's counters are of packets that no virtual router could be found for.
struct Place {
  std::string interface;
  xv_stats stats;
};

std::vector<Place> observe_places(const MetricsSample& sample, const dataplane::DataPlane& data_plane) {
  std::map<std::tuple<std::uint32_t, std::uint16_t, std::uint16_t>, Place> places;
  for (const auto& router : sample.routers) {
    const auto place = dataplane::place_of(router.key);
    const auto [found, is_new] = places.try_emplace({place.ifindex, place.vlan, place.inner_vlan},
                                                    Place{printable(router.interface), {}});
    if (is_new)
      found->second.stats = data_plane.interface_stats().find(place).value_or(xv_stats{});
  }
  std::vector<Place> all;
  for (auto& [key, place] : places)
    all.push_back(std::move(place));
  return all;
}

std::vector<Observed> observe(const MetricsSample& sample, const dataplane::DataPlane& data_plane,
                              Instant now) {
  std::vector<Observed> all;
  all.reserve(sample.routers.size());
  for (const auto& router : sample.routers) {
    all.push_back({router, router.router->status(), data_plane.liveness().find(router.key),
                   data_plane.router_stats().find(router.key).value_or(xv_stats{}),
                   data_plane.lease_end(router.lease_slot), now,
                   Labels{{"name", printable(router.name)},
                          {"interface", printable(router.interface)},
                          {"vrid", std::to_string(router.vrid)},
                          {"family", family_name(router.family)}}});
  }
  return all;
}

// ---- one number for each router ----

struct RouterMetric {
  const char* name;
  MetricType type;
  const char* help;
  std::optional<double> (*value)(const Observed&); ///< absent: it has none now
};

using Value = std::optional<double>;

const xv_hearing* hearing(const Observed& one) {
  return one.live && one.live->heard.adverts > 0 ? &one.live->heard : nullptr;
}

std::uint64_t count(const xv_stats& stats, ReasonKind kind) {
  std::uint64_t total = 0;
  for (const auto& info : dataplane::reasons()) {
    if (info.kind == kind)
      total += dataplane::counters_of(stats)[info.reason];
  }
  return total;
}

constexpr auto kCounter = MetricType::Counter;
constexpr auto kGauge = MetricType::Gauge;

constexpr std::array kRouterMetrics{
    RouterMetric{"xvrrp_priority", kGauge, "Priority in our adverts",
                 [](const Observed& one) { return Value{one.of.effective_priority}; }},
    RouterMetric{"xvrrp_master_priority", kGauge, "Priority of the Master that is heard",
                 [](const Observed& one) {
                   return one.status.master_known ? Value{one.status.master_priority} : std::nullopt;
                 }},
    RouterMetric{"xvrrp_drained", kGauge, "1: the operator took it out of service",
                 [](const Observed& one) { return Value{one.of.drained ? 1.0 : 0.0}; }},
    RouterMetric{"xvrrp_state_age_seconds", kGauge, "Time in its state",
                 [](const Observed& one) { return Value{seconds(one.now - one.status.since)}; }},
    RouterMetric{"xvrrp_master_down_interval_seconds", kGauge, "Master_Down_Interval",
                 [](const Observed& one) { return Value{seconds(one.status.master_down_interval)}; }},
    RouterMetric{"xvrrp_adverts_refused_total", kCounter,
                 "Adverts that the kernel refused, for one destination at least",
                 [](const Observed& one) { return Value{static_cast<double>(one.status.adverts_refused)}; }},
    RouterMetric{"xvrrp_roles_refused_total", kCounter,
                 "Times that the data plane did not take the router's role or configuration",
                 [](const Observed& one) { return Value{static_cast<double>(one.status.roles_refused)}; }},
    RouterMetric{"xvrrp_became_master_total", kCounter, "Transitions to Master (RFC 6527 MasterTransitions)",
                 [](const Observed& one) { return Value{static_cast<double>(one.status.became_master)}; }},
    RouterMetric{"xvrrp_adverts_sent_total", kCounter, "Adverts sent, those of priority 0 too",
                 [](const Observed& one) { return Value{static_cast<double>(one.status.adverts_sent)}; }},
    RouterMetric{
        "xvrrp_priority_zero_sent_total", kCounter, "Adverts of priority 0 sent (RFC 6527)",
        [](const Observed& one) { return Value{static_cast<double>(one.status.priority_zero_sent)}; }},
    RouterMetric{
        "xvrrp_bad_packets_total", kCounter, "Packets of its VRID that were no valid advert",
        [](const Observed& one) { return Value{static_cast<double>(count(one.stats, ReasonKind::Bad))}; }},
    RouterMetric{"xvrrp_events_lost_total", kCounter,
                 "Events that the ring had no room for; each is made again",
                 [](const Observed& one) { return Value{static_cast<double>(one.stats.event_lost)}; }},
    RouterMetric{"xvrrp_lease_expired_total", kCounter,
                 "Times that the daemon did not renew a Master's lease in time",
                 [](const Observed& one) { return Value{static_cast<double>(one.stats.lease_expired)}; }},
    RouterMetric{"xvrrp_fenced", kGauge, "1: a Master whose lease ran out; its addresses do not answer",
                 [](const Observed& one) { return Value{one.live && one.live->fenced != 0 ? 1.0 : 0.0}; }},
    RouterMetric{
        "xvrrp_lease_seconds", kGauge, "How long an advert of ours lets us be Master",
        [](const Observed& one) { return one.has_lease() ? Value{seconds(one.of.lease)} : std::nullopt; }},
    RouterMetric{"xvrrp_lease_age_seconds", kGauge, "Time since the Master's lease was renewed",
                 [](const Observed& one) {
                   if (!one.has_lease())
                     return Value{};
                   const auto renewed = instant_from_ns(one.lease_end) - one.of.lease;
                   return Value{seconds(std::max(one.now - renewed, Nanoseconds{0}))};
                 }},
    RouterMetric{"xvrrp_heard_silence_seconds", kGauge, "Time since the last advert of another router",
                 [](const Observed& one) {
                   const auto* heard = hearing(one);
                   return heard ? Value{seconds(one.now - instant_from_ns(heard->last_ns))} : std::nullopt;
                 }},
    RouterMetric{"xvrrp_heard_jitter_seconds", kGauge,
                 "Jitter of the adverts heard: smoothed |gap - interval|, as RFC 3550",
                 [](const Observed& one) {
                   const auto* heard = hearing(one);
                   return heard ? Value{seconds_of_ns(heard->jitter_ns)} : std::nullopt;
                 }},
    RouterMetric{"xvrrp_heard_gap_max_seconds", kGauge, "Longest time between two adverts heard",
                 [](const Observed& one) {
                   const auto* heard = hearing(one);
                   return heard ? Value{seconds_of_ns(heard->gap_max_ns)} : std::nullopt;
                 }},
    RouterMetric{"xvrrp_heard_master_changes_total", kCounter, "Times that adverts came from another address",
                 [](const Observed& one) {
                   const auto* heard = hearing(one);
                   return Value{heard ? heard->changes : 0.0};
                 }},
};

void add_router_metrics(Page& page, const std::vector<Observed>& routers) {
  for (const auto& known : kRouterMetrics) {
    std::vector<ClientMetric> metrics;
    for (const auto& one : routers) {
      if (const auto value = known.value(one))
        metrics.push_back(metric(known.type, one.labels, *value));
    }
    page.add(known.name, known.help, known.type, std::move(metrics));
  }
}

// ---- several numbers for each router ----

constexpr std::array kStates{core::State::Init, core::State::Backup, core::State::Master, core::State::Fault};

void add_states(Page& page, const std::vector<Observed>& routers) {
  std::vector<ClientMetric> metrics;
  for (const auto& one : routers) {
    for (const auto state : kStates)
      metrics.push_back(
          metric(kGauge, with(one.labels, "state", core::name(state)), one.status.state == state ? 1 : 0));
  }
  page.add("xvrrp_state", "1 for the state that it is in", kGauge, std::move(metrics));
}

void add_transitions(Page& page, const std::vector<Observed>& routers) {
  std::vector<ClientMetric> metrics;
  for (const auto& one : routers) {
    for (const auto state : kStates) {
      for (std::size_t number = 0; number < core::kReasonCount; ++number) {
        const auto reason = static_cast<core::Reason>(number);
        if (const auto times = one.of.router->tally().transitions(state, reason); times > 0)
          metrics.push_back(
              metric(kCounter, with(with(one.labels, "to", core::name(state)), "reason", core::name(reason)),
                     static_cast<double>(times)));
      }
    }
  }
  page.add("xvrrp_transitions_total", "Transitions to a state, by reason", kCounter, std::move(metrics));
}

void add_lateness(Page& page, const std::vector<Observed>& routers) {
  std::vector<ClientMetric> metrics;
  for (const auto& one : routers) {
    const auto& tally = one.of.router->tally();
    ClientMetric made;
    made.label = one.labels;
    auto& histogram = made.histogram;
    for (std::size_t bucket = 0; bucket < Tally::kBuckets; ++bucket) {
      histogram.sample_count += tally.lateness(bucket);
      if (bucket < Tally::kLatenessBounds.size())
        histogram.bucket.push_back({histogram.sample_count, seconds(Tally::kLatenessBounds[bucket])});
    }
    histogram.sample_sum = seconds(tally.lateness_sum());
    metrics.push_back(std::move(made));
  }
  page.add("xvrrp_advert_lateness_seconds",
           "How long after Advertisement_Timer was due the election thread took it up", MetricType::Histogram,
           std::move(metrics));
}

const char* name_of(ReasonKind kind) {
  switch (kind) {
  case ReasonKind::Bad:
    return "bad";
  case ReasonKind::Advert:
    return "advert";
  case ReasonKind::Note:
    return "note";
  case ReasonKind::Guard:
    break;
  }
  return "guard";
}

void add_reasons(std::vector<ClientMetric>& metrics, const Labels& labels, const xv_stats& stats) {
  const auto counters = dataplane::counters_of(stats);
  for (const auto& info : dataplane::reasons()) {
    if (counters[info.reason] > 0)
      metrics.push_back(metric(kCounter, with(with(labels, "reason", info.name), "kind", name_of(info.kind)),
                               static_cast<double>(counters[info.reason])));
  }
}

void add_packets(Page& page, const std::vector<Observed>& routers, const std::vector<Place>& places) {
  std::vector<ClientMetric> of_routers;
  for (const auto& one : routers)
    add_reasons(of_routers, one.labels, one.stats);
  page.add("xvrrp_packets_total", "What the data plane did with packets of the virtual router, by reason",
           kCounter, std::move(of_routers));
  std::vector<ClientMetric> of_interfaces;
  for (const auto& place : places)
    add_reasons(of_interfaces, {{"interface", place.interface}}, place.stats);
  page.add("xvrrp_interface_packets_total",
           "What the data plane did with packets of no virtual router of ours, by reason", kCounter,
           std::move(of_interfaces));
}

// ---- RFC 6527 ----

/// The names that Prometheus' conventions want for those of the MIB.
struct MibMetric {
  const char* mib;
  const char* name;
};
constexpr std::array kMibMetrics{
    MibMetric{"vrrpv3RouterChecksumErrors", "xvrrp_checksum_errors_total"},
    MibMetric{"vrrpv3RouterVersionErrors", "xvrrp_version_errors_total"},
    MibMetric{"vrrpv3RouterVrIdErrors", "xvrrp_vrid_errors_total"},
    MibMetric{"vrrpv3StatisticsRcvdAdvertisements", "xvrrp_adverts_received_total"},
    MibMetric{"vrrpv3StatisticsAdvIntervalErrors", "xvrrp_advert_interval_errors_total"},
    MibMetric{"vrrpv3StatisticsIpTtlErrors", "xvrrp_ip_ttl_errors_total"},
    MibMetric{"vrrpv3StatisticsRcvdPriZeroPackets", "xvrrp_priority_zero_received_total"},
    MibMetric{"vrrpv3StatisticsRcvdInvalidTypePackets", "xvrrp_invalid_type_packets_total"},
    MibMetric{"vrrpv3StatisticsAddressListErrors", "xvrrp_address_list_errors_total"},
    MibMetric{"vrrpv3StatisticsPacketLengthErrors", "xvrrp_packet_length_errors_total"},
};

void add_mib(Page& page, const std::vector<Observed>& routers, const std::vector<Place>& places) {
  using Scope = dataplane::MibCounter::Scope;
  for (const auto& counter : dataplane::mib_counters()) {
    const auto* const known = std::find_if(kMibMetrics.begin(), kMibMetrics.end(), [&](const MibMetric& one) {
      return std::string_view{one.mib} == counter.name;
    });
    if (known == kMibMetrics.end())
      continue;
    std::vector<ClientMetric> metrics;
    double total = 0;
    for (const auto& one : routers) {
      const auto value = static_cast<double>(dataplane::value_of(counter, one.stats));
      total += value;
      if (counter.scope == Scope::Router)
        metrics.push_back(metric(kCounter, one.labels, value));
    }
    if (counter.scope == Scope::Host) {
      for (const auto& place : places)
        total += static_cast<double>(dataplane::value_of(counter, place.stats));
      metrics.push_back(metric(kCounter, {}, total));
    }
    const auto help = std::string{"RFC 6527 "} + counter.name;
    page.add(known->name, help.c_str(), kCounter, std::move(metrics));
  }
}

// ---- the daemon ----

void add_daemon(Page& page, const MetricsSample& sample) {
  const auto one = [&](const char* name, const char* help, MetricType type, Labels labels, double value) {
    page.add(name, help, type, {metric(type, std::move(labels), value)});
  };
  one("xvrrp_build_info", "1, with the version and the instance's name", kGauge,
      {{"version", XVRRP_VERSION}, {"daemon", printable(sample.daemon)}}, 1);
  one("xvrrp_virtual_routers", "Virtual routers that run", kGauge, {},
      static_cast<double>(sample.routers.size()));
  one("xvrrp_realtime", "1: the election thread has real-time priority and locked memory", kGauge, {},
      sample.realtime ? 1 : 0);
  one("xvrrp_send_failures_total", "Batches of packets that could not be sent whole", kCounter, {},
      static_cast<double>(sample.send_failures));
  one("xvrrp_reports_lost_total", "Reports of the election thread that did not fit its queue", kCounter, {},
      static_cast<double>(sample.lost_reports));
  one("xvrrp_transitions_lost_total", "Transitions that went untold, before the latest one was told",
      kCounter, {}, static_cast<double>(sample.lost_transitions));
  one("xvrrp_scripts_skipped_total",
      "Runs of notify scripts that were left out, for those before took too long", kCounter, {},
      static_cast<double>(sample.skipped_scripts));
  one("xvrrp_log_lines_lost_total", "Lines of the log that were not written, for its reader stalled",
      kCounter, {}, static_cast<double>(sample.lost_log_lines));
}

} // namespace

std::string metrics_text(const MetricsSample& sample, const dataplane::DataPlane& data_plane, Instant now) {
  const auto routers = observe(sample, data_plane, now);
  const auto places = observe_places(sample, data_plane);
  Page page;
  add_daemon(page, sample);
  add_states(page, routers);
  add_router_metrics(page, routers);
  add_transitions(page, routers);
  add_lateness(page, routers);
  add_mib(page, routers, places);
  add_packets(page, routers, places);
  return page.text();
}

} // namespace xvrrp::controller
