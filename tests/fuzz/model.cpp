// SPDX-License-Identifier: BSD-2-Clause
#include "fuzz/model.hpp"

#include <algorithm>
#include <array>

#include <linux/bpf.h>

#include <xvrrp/rules/backup.h>
#include <xvrrp/rules/interop.h>
#include <xvrrp/rules/master.h>
#include <xvrrp/rules/patience.h>

namespace xvrrp::fuzz {
namespace {

bool equal(const __u8* a, const __u8* b, std::size_t n) {
  return std::equal(a, a + n, b);
}

bool has(const xv_vr_config& config, std::uint32_t flag) {
  return (config.flags & flag) != 0;
}

std::uint64_t interval_ns(const xv_advert& advert) {
  return advert.version == 2 ? advert.interval * 1'000'000'000ull : advert.interval * 10'000'000ull;
}

bool other_addresses(const xv_vr_config& config, const xv_advert& advert) {
  return advert.count != config.count || advert.list_sum != config.list_sum;
}

/// Unicast adverts come from a peer to our address; all others go to a group.
xv_reason check_addressing(const World& world, const xv_advert& advert) {
  const bool to_us = advert.unicast && equal(advert.destination, world.config.local_address, 16);
  if (has(world.config, XV_VR_UNICAST))
    return !to_us ? XV_destination : world.is_peer ? XV_observed : XV_not_a_peer;
  return advert.unicast ? XV_destination : XV_observed;
}

/// RFC 3768 7.1, from the authentication on.
xv_reason check_v2(const xv_vr_config& config, const xv_advert& advert) {
  if (advert.auth_type != config.auth_type)
    return XV_auth_type;
  const bool interop = config.version == 3;
  if (interop)
    return advert.interval == 0 ? XV_zero_interval : XV_observed;
  if (config.auth_type == XV_AUTH_PASS && !equal(advert.auth_data, config.auth_data, 8))
    return XV_auth_data;
  if (has(config, XV_VR_STRICT_ADDRESSES) && advert.priority != 255 && other_addresses(config, advert))
    return XV_strict_addresses;
  return advert.interval != config.interval_wire ? XV_v2_interval : XV_observed;
}

/// A frame to one host is to us: to the interface's MAC or to the virtual one.
bool is_for_us(const xv_vr_config& config, const xv_advert& advert) {
  constexpr __u8 kUnknown[6]{};
  return (advert.mac[0] & 1) != 0 || equal(config.device_mac, kUnknown, 6) ||
         equal(advert.mac, config.device_mac, 6) || equal(advert.mac, config.mac, 6);
}

xv_reason check(const World& world, const xv_advert& advert) {
  const auto& config = world.config;
  if (has(config, XV_VR_LISTED))
    return XV_observed;
  const bool v2_beside = advert.version == 2 && has(config, XV_VR_V2_INTEROP);
  if (advert.version != config.version && !v2_beside)
    return XV_version;
  if (equal(advert.source, config.local_address, 16))
    return XV_own_source;
  if (!is_for_us(config, advert))
    return XV_frame;
  if (const auto reason = check_addressing(world, advert); reason != XV_observed)
    return reason;
  if (config.priority == 255 && has(config, XV_VR_OWNER_IGNORES))
    return XV_owner_ignores;
  return advert.version == 2 ? check_v2(config, advert) : XV_observed;
}

std::uint8_t notes_of(const World& world, const xv_advert& advert) {
  auto notes = advert.notes;
  if (!world.configured || has(world.config, XV_VR_LISTED))
    return notes;
  if (advert.version == 3 && advert.interval != world.config.interval_wire)
    notes |= XV_NOTE_INTERVAL_DIFFERS;
  if (other_addresses(world.config, advert))
    notes |= XV_NOTE_ADDRESS_LIST;
  return notes;
}

void count_notes(Outcome& outcome) {
  constexpr std::array<std::pair<unsigned, xv_reason>, 4> kCounters{
      {{XV_NOTE_CHECKSUM_MESSAGE, XV_checksum_message},
       {XV_NOTE_TRAILING, XV_trailing},
       {XV_NOTE_INTERVAL_DIFFERS, XV_interval_differs},
       {XV_NOTE_ADDRESS_LIST, XV_address_list}}};
  for (const auto& [note, counter] : kCounters) {
    if (outcome.all_notes & note)
      outcome.notes.insert(counter);
  }
}

bool may_tell(xv_vr_live& live, std::uint32_t most, std::uint64_t now_ns) {
  if (now_ns > live.limit_ns && now_ns - live.limit_ns >= 1'000'000'000ull) {
    live.limit_ns = now_ns;
    live.limit_count = 0;
  }
  return live.limit_count < most;
}

bool is_news(const xv_hearing& before, const xv_advert& advert, std::uint8_t notes) {
  return !equal(before.master, advert.source, 16) || before.priority != advert.priority ||
         before.interval_wire != advert.interval || before.version != advert.version || before.notes != notes;
}

void as_backup(const xv_vr_config& config, const xv_advert& advert, std::uint64_t taught_ns, bool news,
               std::uint64_t now_ns, xv_vr_live& live, Outcome& outcome) {
  const xv_backup_view view{live.deadline_ns,
                            live.interval_ns,
                            config.version,
                            config.priority,
                            has(config, XV_VR_PREEMPT),
                            config.down_adverts,
                            {}};
  xv_backup_timer timer{};
  switch (xv_backup_hears(&view, advert.priority, taught_ns, now_ns, &timer)) {
  case XV_BACKUP_IGNORE:
    outcome.reason = XV_backup_ignore;
    break;
  case XV_BACKUP_SKEW:
    outcome.reason = XV_backup_skew;
    break;
  case XV_BACKUP_RESTART:
    outcome.reason = XV_backup_restart;
    break;
  }
  if (outcome.reason != XV_backup_ignore) {
    news |= live.interval_ns != timer.interval_ns;
    live.interval_ns = timer.interval_ns;
    live.deadline_ns = timer.deadline_ns;
  }
  if (!news && !live.unreported)
    return;
  live.unreported = 1;
  if (!may_tell(live, advert.priority == 0 ? XV_URGENT_EVENTS_PER_S : XV_ADVERT_EVENTS_PER_S, now_ns)) {
    outcome.notes.insert(XV_event_limited);
    return;
  }
  ++live.limit_count;
  live.unreported = 0;
  outcome.event = XV_EVENT_ADVERT;
}

void as_master(const xv_vr_config& config, const xv_advert& advert, std::uint64_t now_ns, xv_vr_live& live,
               Outcome& outcome) {
  const bool outranked =
      xv_outranks(advert.priority, advert.source, config.priority, config.local_address) != 0;
  const bool within = may_tell(live, outranked ? XV_URGENT_EVENTS_PER_S : XV_ADVERT_EVENTS_PER_S, now_ns);
  if (!within && !(outranked && live.unreported != 0)) {
    outcome.reason = XV_master_limited;
    return;
  }
  outcome.reason = XV_master_heard;
  outcome.event = XV_EVENT_ADVERT;
  ++live.limit_count;
  if (outranked)
    live.unreported = 0;
}

void hear_own(const World& world, const xv_advert& advert, std::uint64_t now_ns, Outcome& outcome) {
  outcome.live = world.live;
  outcome.reason = XV_stopped;
  if (!outcome.live)
    return;
  auto& live = *outcome.live;
  const auto& config = world.config;
  const bool interop = has(config, XV_VR_V2_INTEROP);
  if (interop && advert.version == 2 && xv_interop_shadows(&live.interop, advert.source, now_ns)) {
    outcome.reason = XV_v2_shadowed;
    return;
  }
  if (advert.priority == 0 && live.role != XV_ROLE_STOPPED)
    outcome.notes.insert(XV_priority_zero);
  if (advert.priority == 0 && live.role == XV_ROLE_BACKUP && live.heard.adverts != 0 &&
      !equal(live.heard.master, advert.source, 16)) {
    outcome.reason = XV_other_resigned;
    return;
  }
  outcome.heard = true;
  auto taught_ns =
      xv_taught_interval(&live.pace, advert.source, config.advert_interval_ns, interval_ns(advert), now_ns);
  const bool preempts = live.role != XV_ROLE_BACKUP || has(config, XV_VR_PREEMPT) || config.priority == 255;
  if (advert.priority != 0 && (advert.priority >= config.priority || !preempts)) {
    taught_ns =
        xv_believed_interval(&live.patience, advert.source, config.advert_interval_ns, taught_ns, now_ns);
    if (interop && advert.version == 3)
      xv_interop_obeys(&live.interop, advert.source, taught_ns, config.advert_interval_ns,
                       config.down_adverts, now_ns);
  }
  outcome.taught_ns = taught_ns;
  if (live.pace.differs != 0) {
    outcome.all_notes |= XV_NOTE_PACE;
    outcome.notes.insert(XV_pace_differs);
  }
  if (live.role == XV_ROLE_STOPPED)
    return;
  if (live.role == XV_ROLE_MASTER)
    as_master(world.config, advert, now_ns, live, outcome);
  else
    as_backup(world.config, advert, taught_ns, is_news(live.heard, advert, outcome.all_notes), now_ns, live,
              outcome);
}

bool is_bad(xv_reason reason) {
  switch (reason) {
  case XV_observed:
  case XV_backup_restart:
  case XV_backup_skew:
  case XV_backup_ignore:
  case XV_master_heard:
  case XV_master_limited:
  case XV_v2_shadowed:
  case XV_other_resigned:
    return false;
  default:
    return true;
  }
}

/// Worth a line in the log: not what is common on a link.
bool is_reported(xv_reason reason) {
  return is_bad(reason) && reason != XV_unknown_vrid && reason != XV_stopped && reason != XV_fragment;
}

std::uint32_t verdict_of(const World& world, xv_reason reason) {
  if (!world.policy || world.policy->mode == XV_MODE_OBSERVE || reason == XV_fragment ||
      reason == XV_observed)
    return XDP_PASS;
  if (!world.configured && (world.policy->flags & XV_POLICY_PASS_UNKNOWN_VRID))
    return XDP_PASS;
  return XDP_DROP;
}

} // namespace

Outcome predict(const World& world, const Parsed& parsed, std::uint64_t now_ns) {
  const auto& advert = parsed.advert;
  Outcome outcome;
  outcome.reason = parsed.reason;
  outcome.live = world.live;
  outcome.verdict = XDP_PASS;
  if (parsed.reason == XV_not_vrrp)
    return outcome;
  outcome.counted = true;
  outcome.counted_by_router = world.configured;
  outcome.all_notes = parsed.reason == XV_observed ? notes_of(world, advert) : advert.notes;

  const bool filters = world.policy && world.policy->mode != XV_MODE_OBSERVE;
  if (parsed.reason == XV_observed) {
    if (world.configured)
      outcome.reason = check(world, advert);
    else if (filters)
      outcome.reason = XV_unknown_vrid;
  }
  if (outcome.reason == XV_observed || outcome.reason == XV_unknown_vrid) {
    count_notes(outcome);
    if (world.configured && !has(world.config, XV_VR_LISTED))
      hear_own(world, advert, now_ns, outcome);
    else
      outcome.heard_foreign = true;
  }
  if (world.policy && world.policy->mode == XV_MODE_OWN && is_reported(outcome.reason) &&
      !world.reported_just_now)
    outcome.event = XV_EVENT_BAD_PACKETS;
  outcome.verdict = verdict_of(world, outcome.reason);
  return outcome;
}

} // namespace xvrrp::fuzz
