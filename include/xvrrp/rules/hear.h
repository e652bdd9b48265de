/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What becomes of an advert that one of our virtual routers hears, from the first question to the last: the
 * XDP program, the simulator's data plane and the fuzzers' model run this. Whoever runs it looks up the maps,
 * moves the timer, makes the event and counts.
 *
 *   struct xv_encounter encounter = {.now_ns = now, .deadline_ns = live->deadline_ns, .role = live->role};
 *   reason = xv_hears(live, config, &advert, &encounter);
 *   if (encounter.moves)
 *     ... live->deadline_ns = encounter.deadline_ns, and Master_Down_Timer expires then
 *   if (encounter.report == XV_REPORT_TELL && ... there is room for an event)
 *     xv_told(live, &encounter), and make it
 */
#ifndef XVRRP_RULES_HEAR_H
#define XVRRP_RULES_HEAR_H

#include <xvrrp/abi/types.h>
#include <xvrrp/rules/backup.h>
#include <xvrrp/rules/elapsed.h>
#include <xvrrp/rules/master.h>
#include <xvrrp/rules/report.h>
#include <xvrrp/wire/advert.h>

/* One advert and one virtual router. All that is not said to be given is the answer, and zero before. */
struct xv_encounter {
  __u64 now_ns;      /* given: when it arrived */
  __u64 deadline_ns; /* given: when Master_Down_Timer expires; with `moves`: when it expires now */
  __u64 interval_ns; /* the interval that it teaches (rules/pace.h, rules/patience.h) */
  __u64 counts;      /* XV_REASON_BIT() of each counter of kind NOTE that it counts in */
  __u32 role;        /* given: enum xv_role, read once: a command may be changing it */
  __u32 report;      /* enum xv_report: whether the election is to hear of it now */
  __u32 moves;       /* 1: a Backup's Master_Down_Timer expires at another time */
  __u32 settles;     /* 1: once it is told, nothing is unreported */
};

#define XV_REASON_BIT(name) (1ull << XV_##name)

/* The interval that the advert announces. */
XV_INLINE __u64 xv_announced_interval(const struct xv_advert* advert) {
  return advert->interval * (advert->version == 2 ? XV_RULES_NS_PER_S : XV_CENTISECOND_NS);
}

/* The virtual router's state of reporting. */
XV_INLINE struct xv_reporting xv_reporting_of(struct xv_vr_live* live) {
  const struct xv_reporting reporting = {&live->limit_ns, &live->limit_count, &live->unreported};
  return reporting;
}

XV_INLINE __u32 xv_word_at(const __u8* aligned) {
  __u32 word;
  __builtin_memcpy(&word, __builtin_assume_aligned(aligned, 4), sizeof(word));
  return word;
}

/* Compared as words, for addresses in structs of the data plane, where they stand 4-byte aligned; and without
 * branches: the verifier would walk each. */
XV_INLINE int xv_same_address(const __u8* a, const __u8* b) {
  const __u32 difference = (xv_word_at(a) ^ xv_word_at(b)) | (xv_word_at(a + 4) ^ xv_word_at(b + 4)) |
                           (xv_word_at(a + 8) ^ xv_word_at(b + 8)) |
                           (xv_word_at(a + 12) ^ xv_word_at(b + 12));
  return !difference;
}

/* Notes an advert, where one is expected every `interval_ns`; returns whether anything about it but its time
 * differs from the last one. */
XV_INLINE int xv_remembers(struct xv_hearing* hearing, const struct xv_advert* advert, __u64 interval_ns,
                           __u64 now_ns) {
  const int same_master = xv_same_address(hearing->master, advert->source);
  const int changes = !same_master || hearing->priority != advert->priority ||
                      hearing->interval_wire != advert->interval || hearing->version != advert->version ||
                      hearing->notes != advert->notes;
  if (hearing->adverts && same_master) {
    const __u64 gap = xv_elapsed_ns(hearing->last_ns, now_ns);
    const __u64 deviation = gap > interval_ns ? gap - interval_ns : interval_ns - gap;
    hearing->gap_ns = gap;
    if (gap > hearing->gap_max_ns)
      hearing->gap_max_ns = gap;
    hearing->jitter_ns = hearing->jitter_ns - hearing->jitter_ns / 16 + deviation / 16;
  }
  if (!same_master) {
    if (hearing->adverts)
      hearing->changes++;
    __builtin_memcpy(hearing->master, advert->source, sizeof(hearing->master));
    hearing->gap_ns = 0;
    hearing->gap_max_ns = 0;
    hearing->jitter_ns = 0;
  }
  hearing->last_ns = now_ns;
  hearing->adverts++;
  hearing->interval_wire = advert->interval;
  hearing->version = advert->version;
  hearing->priority = advert->priority;
  hearing->notes = advert->notes;
  return changes;
}

/* XV_observed, or why it is as if it had not been heard: v2 of a router that is heard in v3, too, or the
 * resignation of one that was not Master. */
XV_INLINE enum xv_reason xv_overhears(const struct xv_vr_live* live, const struct xv_vr_config* config,
                                      const struct xv_advert* advert, struct xv_encounter* encounter) {
  if (advert->version == 2 && config->flags & XV_VR_V2_INTEROP &&
      xv_interop_shadows(&live->interop, advert->source, encounter->now_ns))
    return XV_v2_shadowed;
  if (advert->priority != XV_RULES_PRIORITY_STOPPING)
    return XV_observed;
  if (encounter->role != XV_ROLE_STOPPED)
    encounter->counts |= XV_REASON_BIT(priority_zero);
  if (encounter->role == XV_ROLE_BACKUP &&
      !xv_is_masters(live->heard.adverts != 0, live->heard.master, advert->source))
    return XV_other_resigned;
  return XV_observed;
}

/* The interval that it teaches, and what else is remembered of whoever is obeyed. */
XV_INLINE __u64 xv_learns(struct xv_vr_live* live, const struct xv_vr_config* config,
                          const struct xv_advert* advert, __u32 role, __u64 now_ns) {
  const __u64 own_ns = config->advert_interval_ns;
  const __u64 paced_ns =
      xv_taught_interval(&live->pace, advert->source, own_ns, xv_announced_interval(advert), now_ns);
  const int preempts =
      role != XV_ROLE_BACKUP || config->flags & XV_VR_PREEMPT || config->priority == XV_RULES_PRIORITY_OWNER;
  if (!xv_is_obeyed(advert->priority, config->priority, preempts))
    return paced_ns;
  const __u64 believed_ns = xv_believed_interval(&live->patience, advert->source, own_ns, paced_ns, now_ns);
  if (advert->version == 3 && config->flags & XV_VR_V2_INTEROP)
    xv_interop_obeys(&live->interop, advert->source, believed_ns, own_ns, config->down_adverts, now_ns);
  return believed_ns;
}

/* A Backup hears it. `changes`: it says something else than the one before. */
XV_INLINE enum xv_reason xv_heard_by_backup(struct xv_vr_live* live, const struct xv_vr_config* config,
                                            const struct xv_advert* advert, int changes,
                                            struct xv_encounter* encounter) {
  const struct xv_reporting reporting = xv_reporting_of(live);
  struct xv_backup_view view = {};
  view.deadline_ns = encounter->deadline_ns;
  view.interval_ns = live->interval_ns;
  view.version = config->version;
  view.priority = config->priority;
  view.preempt = (config->flags & XV_VR_PREEMPT) != 0;
  view.down_adverts = config->down_adverts;
  struct xv_backup_timer next = {};
  const enum xv_backup_verdict verdict =
      xv_backup_hears(&view, advert->priority, encounter->interval_ns, encounter->now_ns, &next);
  if (verdict != XV_BACKUP_IGNORE) {
    /* What is believed may be another interval without the advert being so. */
    changes |= live->interval_ns != next.interval_ns;
    live->interval_ns = next.interval_ns;
    encounter->deadline_ns = next.deadline_ns;
    encounter->moves = 1;
  }
  encounter->settles = 1;
  encounter->report = xv_backup_reports(&reporting, changes, verdict == XV_BACKUP_SKEW, encounter->now_ns);
  if (encounter->report == XV_REPORT_LIMITED)
    encounter->counts |= XV_REASON_BIT(event_limited);
  if (verdict == XV_BACKUP_IGNORE)
    return XV_backup_ignore;
  return verdict == XV_BACKUP_SKEW ? XV_backup_skew : XV_backup_restart;
}

/* A Master hears it, or one that has resigned. */
XV_INLINE enum xv_reason xv_heard_by_master(struct xv_vr_live* live, const struct xv_vr_config* config,
                                            const struct xv_advert* advert, struct xv_encounter* encounter) {
  const struct xv_reporting reporting = xv_reporting_of(live);
  const int outranked =
      xv_outranks(advert->priority, advert->source, config->priority, config->local_address);
  encounter->settles = (__u32)outranked;
  encounter->report = xv_master_reports(&reporting, outranked, encounter->now_ns);
  return encounter->report == XV_REPORT_TELL ? XV_master_heard : XV_master_limited;
}

/* xv_hears() with xv_learns() behind a function of the caller's, which the BPF verifier walks once and not
 * once per path that leads to it. */
XV_INLINE enum xv_reason xv_hears_and(__u64 (*learns)(struct xv_vr_live*, const struct xv_vr_config*,
                                                      const struct xv_advert*, __u32, __u64),
                                      struct xv_vr_live* live, const struct xv_vr_config* config,
                                      struct xv_advert* advert, struct xv_encounter* encounter) {
  const enum xv_reason overheard = xv_overhears(live, config, advert, encounter);
  if (overheard != XV_observed)
    return overheard;
  encounter->interval_ns = learns(live, config, advert, encounter->role, encounter->now_ns);
  if (live->pace.differs) {
    advert->notes |= XV_NOTE_PACE;
    encounter->counts |= XV_REASON_BIT(pace_differs);
  }
  const int changes = xv_remembers(&live->heard, advert, encounter->interval_ns, encounter->now_ns);
  if (encounter->role == XV_ROLE_STOPPED)
    return XV_stopped;
  if (encounter->role == XV_ROLE_BACKUP)
    return xv_heard_by_backup(live, config, advert, changes, encounter);
  return xv_heard_by_master(live, config, advert, encounter);
}

/* One of our virtual routers hears an advert that passed every check that needs the configuration. Returns
 * the reason it is counted under, and of the event; the advert may get a note more. */
XV_INLINE enum xv_reason xv_hears(struct xv_vr_live* live, const struct xv_vr_config* config,
                                  struct xv_advert* advert, struct xv_encounter* encounter) {
  return xv_hears_and(xv_learns, live, config, advert, encounter);
}

/* There is room for the event of this encounter; see xv_reported(). */
XV_INLINE void xv_told(struct xv_vr_live* live, const struct xv_encounter* encounter) {
  const struct xv_reporting reporting = xv_reporting_of(live);
  xv_reported(&reporting, (int)encounter->settles);
}

#endif
