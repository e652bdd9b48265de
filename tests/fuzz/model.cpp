// SPDX-License-Identifier: BSD-2-Clause
#include "fuzz/model.hpp"

#include <algorithm>
#include <array>

#include <linux/bpf.h>

#include <xvrrp/rules/hear.h>

namespace xvrrp::fuzz {
namespace {

bool equal(const __u8* a, const __u8* b, std::size_t n) {
  return std::equal(a, a + n, b);
}

bool has(const xv_vr_config& config, std::uint32_t flag) {
  return (config.flags & flag) != 0;
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

/// The rules say what becomes of it; this is what the program does about that.
void hear_own(const World& world, xv_advert advert, std::uint64_t now_ns, Outcome& outcome) {
  outcome.live = world.live;
  outcome.reason = XV_stopped;
  if (!outcome.live)
    return;
  auto& live = *outcome.live;
  xv_encounter encounter{.now_ns = now_ns,
                         .deadline_ns = live.deadline_ns,
                         .interval_ns = 0,
                         .counts = 0,
                         .role = live.role,
                         .report = XV_REPORT_NOTHING,
                         .moves = 0,
                         .settles = 0};
  advert.notes = outcome.all_notes;
  outcome.reason = xv_hears(&live, &world.config, &advert, &encounter);
  outcome.heard = live.heard.adverts != world.live->heard.adverts;
  outcome.all_notes = advert.notes;
  outcome.taught_ns = encounter.interval_ns;
  for (int i = 0; i < XV_REASON_COUNT; ++i) {
    if (encounter.counts >> i & 1)
      outcome.notes.insert(static_cast<xv_reason>(i));
  }
  live.deadline_ns = encounter.deadline_ns;
  if (encounter.report != XV_REPORT_TELL)
    return;
  xv_told(&live, &encounter);
  outcome.event = XV_EVENT_ADVERT;
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
