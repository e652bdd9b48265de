/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The Master's liveness, kept in the kernel, and our own: the lease. Each advert stores a deadline; the timer
 * is lazy: it fires for the earliest deadline that it was armed for, looks at all of them and is armed again
 * for what is left. Arming it per advert would cost four times as much.
 */
#ifndef XVRRP_BPF_LIVENESS_H
#define XVRRP_BPF_LIVENESS_H

#include <xvrrp/rules/backup.h>
#include <xvrrp/rules/master.h>

#include "events.h"
#include "lease.h"

/* How often arm() tries against other CPUs that arm for yet other deadlines at the same moment. */
#define ARM_ATTEMPTS 4

XV_INLINE struct down_timer_value* the_timer(void) {
  const __u32 only = 0;
  return bpf_map_lookup_elem(&down_timer, &only);
}

XV_INLINE void start_timer(struct down_timer_value* timer, __u64 at, __u64 now) {
  bpf_timer_start(&timer->timer, at > now ? at - now : 1, 0);
}

/* Arms the timer for `deadline`, unless another CPU arms it for an earlier one. Not inlined: rare. */
static __attribute__((noinline)) int arm(__u64 deadline, __u64 now) {
  struct down_timer_value* timer = the_timer();
  if (!timer)
    return 0;
  __u64 armed = READ_ONCE(timer->armed_ns);
  for (int i = 0; i < ARM_ATTEMPTS; i++) {
    if (armed && armed <= deadline)
      return 0;
    const __u64 seen = COMPARE_EXCHANGE(timer->armed_ns, armed, deadline);
    if (seen == armed)
      break;
    armed = seen;
  }
  start_timer(timer, deadline, now);
  /* Another CPU may have noted an earlier deadline after us and started the timer before us. */
  armed = READ_ONCE(timer->armed_ns);
  if (armed && armed < deadline)
    start_timer(timer, armed, now);
  return 0;
}

/* Sees to it that the timer fires at `deadline` or before. */
XV_INLINE void arm_by(__u64 deadline, __u64 now) {
  if (!kernel_timer)
    return;
  const struct down_timer_value* timer = the_timer();
  const __u64 armed = timer ? READ_ONCE(timer->armed_ns) : 0;
  if (!armed || deadline < armed)
    arm(deadline, now);
}

/* Stores a deadline, with a full barrier before arm_by(): either the timer that fires meanwhile on another
 * CPU sees it, or we see that timer as not armed. */
XV_INLINE void set_deadline(struct xv_vr_live* live, __u64 deadline) {
  EXCHANGE(live->deadline_ns, deadline);
}

/* Returns whether there was room for the event. It is noted as told before anybody can answer it. */
XV_INLINE int tell_master_down(struct xv_vr_key* key, struct xv_vr_live* live, __u64 deadline,
                               __u32 generation, __u64 now) {
  struct xv_event* event = new_event(key, XV_EVENT_MASTER_DOWN, now, bpf_map_lookup_elem(&vr_stats, key));
  if (!event)
    return 0;
  event->deadline_ns = deadline;
  event->generation = generation;
  live->limit_count++;
  WRITE_ONCE(live->told_generation, generation);
  WRITE_ONCE(live->told_ns, deadline);
  bpf_ringbuf_submit(event, 0);
  return 1;
}

/* Whether one more event of this virtual router, of a kind that may have `most` in a second, is allowed now.
 */
XV_INLINE int within_event_limit(struct xv_vr_live* live, __u32 most, __u64 now) {
  if (elapsed_ns(live->limit_ns, now) >= NS_PER_S) {
    live->limit_ns = now;
    live->limit_count = 0;
  }
  return live->limit_count < most;
}

#define NEVER (~0ull)

struct timer_scan {
  __u64 now;
  __u64 next;   /* the earliest deadline that is left, or NEVER */
  __u32 fenced; /* whether any Master's lease has run out, or one resigns */
};

XV_INLINE void look_again(struct timer_scan* scan, __u64 at) {
  if (at < scan->next)
    scan->next = at;
}

/* Master_Down_Timer of a Backup, which may not have expired yet. */
XV_INLINE void check_deadline(struct xv_vr_key* key, struct xv_vr_live* live, __u32 generation,
                              struct timer_scan* scan) {
  const __u64 deadline = READ_ONCE(live->deadline_ns);
  if (deadline == READ_ONCE(live->told_ns) && generation == READ_ONCE(live->told_generation))
    return;
  if (deadline > scan->now) {
    look_again(scan, deadline);
  } else if (!within_event_limit(live, XV_ROUTER_EVENTS_PER_S, scan->now)) {
    count(bpf_map_lookup_elem(&vr_stats, key), XV_event_limited);
    look_again(scan, live->limit_ns + NS_PER_S);
  } else if (!tell_master_down(key, live, deadline, generation, scan->now)) {
    look_again(scan, scan->now + XV_RING_RETRY_NS);
  }
}

/* The lease of a Master. */
XV_INLINE void check_lease(const struct xv_vr_key* key, struct xv_vr_live* live, struct timer_scan* scan) {
  const __u64 until = lease_end(READ_ONCE(live->lease_slot));
  if (!until)
    return;
  const int over = note_lease(key, live, until, scan->now);
  scan->fenced |= (__u32)over;
  look_again(scan, over ? scan->now + XV_FENCE_CHECK_NS : until);
}

static long check_router(void* map, struct xv_vr_key* key, struct xv_vr_live* live, struct timer_scan* scan) {
  (void)map;
  /* Those of one role, or of two: set_role() may be writing. What it has written last is looked at again. */
  const __u32 generation = READ_ONCE(live->generation);
  const __u32 role = READ_ONCE(live->role);
  if (role == XV_ROLE_BACKUP)
    check_deadline(key, live, generation, scan);
  else if (role != XV_ROLE_STOPPED)
    check_lease(key, live, scan);
  scan->fenced |= role == XV_ROLE_RESIGNING;
  return 0;
}

/* Whether any router is fenced, or resigns, as a scan found. What was noted since the scan began stays. */
XV_INLINE void note_scan(struct xv_guard* guards, __u32 noted_before, __u32 fenced) {
  if (fenced && !noted_before)
    FETCH_ADD(guards->fenced, 1);
  else if (!fenced && noted_before)
    COMPARE_EXCHANGE(guards->fenced, noted_before, 0);
}

static int on_timer(void* map, __u32* key, struct down_timer_value* timer) {
  struct timer_scan scan = {bpf_ktime_get_ns(), NEVER, 0};
  struct xv_guard* guards = the_guard();
  (void)map;
  (void)key;
  const __u32 noted = guards ? READ_ONCE(guards->fenced) : 0;
  EXCHANGE(timer->armed_ns, 0); /* a full barrier, see set_deadline() */
  bpf_for_each_map_elem(&vr_live, check_router, &scan, 0);
  if (guards)
    note_scan(guards, noted, scan.fenced);
  if (scan.next != NEVER)
    arm_by(scan.next, scan.now);
  return 0;
}

/* Makes an event of an advert; returns whether there was room for it. `interval` is what it teaches. */
XV_INLINE int report_advert(const struct xv_vr_key* key, struct xv_vr_live* live,
                            const struct xv_advert* advert, __u64 interval, enum xv_reason reason, __u64 now,
                            struct xv_stats* stats) {
  struct xv_event* event = new_event(key, XV_EVENT_ADVERT, now, stats);
  if (!event)
    return 0;
  live->limit_count++;
  describe_advert(event, advert, reason);
  event->interval_ns = interval;
  event->deadline_ns = live->deadline_ns;
  event->generation = live->generation;
  bpf_ringbuf_submit(event, 0);
  return 1;
}

XV_INLINE enum xv_reason backup_hears(const struct xv_vr_key* key, struct xv_vr_live* live,
                                      const struct xv_vr_config* config, const struct xv_advert* advert,
                                      __u64 interval, int changed, __u64 now, struct xv_stats* stats) {
  const struct xv_backup_view view = {
      .deadline_ns = READ_ONCE(live->deadline_ns),
      .interval_ns = live->interval_ns,
      .version = config->version,
      .priority = config->priority,
      .preempt = config->flags & XV_VR_PREEMPT,
      .down_adverts = config->down_adverts,
  };
  struct xv_backup_timer next = {};
  const enum xv_backup_verdict verdict = xv_backup_hears(&view, advert->priority, interval, now, &next);
  enum xv_reason reason = XV_backup_ignore;
  if (verdict != XV_BACKUP_IGNORE) {
    reason = verdict == XV_BACKUP_SKEW ? XV_backup_skew : XV_backup_restart;
    /* What is believed may be another interval without the advert being so. */
    changed |= live->interval_ns != next.interval_ns;
    live->interval_ns = next.interval_ns;
    set_deadline(live, next.deadline_ns);
    arm_by(next.deadline_ns, now);
  }
  if (changed || live->unreported) {
    /* What cannot be told is remembered: a later advert tells it. */
    live->unreported = 1;
    const __u32 most = verdict == XV_BACKUP_SKEW ? XV_URGENT_EVENTS_PER_S : XV_ADVERT_EVENTS_PER_S;
    if (!within_event_limit(live, most, now))
      count(stats, XV_event_limited);
    else if (report_advert(key, live, advert, interval, reason, now, stats))
      live->unreported = 0;
  }
  return reason;
}

/* Every advert that a Master hears matters to the election, but no flood must reach it. The first that
 * outranks us in this role always does: we yield to it. Those that arrive until the election has said so are
 * limited, and so is whoever makes us yield again and again: each time takes an expiry of Master_Down_Timer,
 * which is limited. */
XV_INLINE enum xv_reason master_hears(const struct xv_vr_key* key, struct xv_vr_live* live,
                                      const struct xv_vr_config* config, const struct xv_advert* advert,
                                      __u64 interval, __u64 now, struct xv_stats* stats) {
  const int outranked =
      xv_outranks(advert->priority, advert->source, config->priority, config->local_address);
  const __u32 most = outranked ? XV_URGENT_EVENTS_PER_S : XV_ADVERT_EVENTS_PER_S;
  if (!within_event_limit(live, most, now) && !(outranked && live->unreported))
    return XV_master_limited;
  if (report_advert(key, live, advert, interval, XV_master_heard, now, stats) && outranked)
    live->unreported = 0;
  return XV_master_heard;
}

/* The interval that an advert teaches, and what else is remembered of whoever is obeyed. A global function:
 * the verifier walks it once. */
__attribute__((noinline)) __u64 taught_interval(struct xv_vr_live* live, const struct xv_vr_config* config,
                                                const struct xv_advert* advert, __u64 now) {
  if (!live || !config || !advert)
    return 0;
  const __u64 own = config->advert_interval_ns;
  const __u64 paced = xv_taught_interval(&live->pace, advert->source, own, advert_interval_ns(advert), now);
  const int preempts = live->role != XV_ROLE_BACKUP || config->flags & XV_VR_PREEMPT ||
                       config->priority == XV_RULES_PRIORITY_OWNER;
  if (!xv_is_obeyed(advert->priority, config->priority, preempts))
    return paced;
  const __u64 believed = xv_believed_interval(&live->patience, advert->source, own, paced, now);
  if (advert->version == 3 && config->flags & XV_VR_V2_INTEROP)
    xv_interop_obeys(&live->interop, advert->source, believed, own, config->down_adverts, now);
  return believed;
}

/* Whether it resigns without having been Master: then it is as if it had not been heard. */
XV_INLINE int is_other_resignation(const struct xv_vr_live* live, const struct xv_advert* advert) {
  return advert->priority == XV_RULES_PRIORITY_STOPPING && READ_ONCE(live->role) == XV_ROLE_BACKUP &&
         !xv_is_masters(live->heard.adverts != 0, live->heard.master, advert->source);
}

/* A valid advert of one of our virtual routers. A global function: the verifier walks it once. */
__attribute__((noinline)) int hear_own(const struct xv_vr_key* key, const struct xv_vr_config* config,
                                       struct xv_advert* advert, __u64 now, struct xv_stats* stats) {
  if (!key || !config || !advert)
    return XV_stopped;
  struct xv_vr_live* live = bpf_map_lookup_elem(&vr_live, key);
  if (!live)
    return XV_stopped;
  if (advert->version == 2 && config->flags & XV_VR_V2_INTEROP &&
      xv_interop_shadows(&live->interop, advert->source, now))
    return XV_v2_shadowed;
  if (advert->priority == XV_RULES_PRIORITY_STOPPING && READ_ONCE(live->role) != XV_ROLE_STOPPED)
    count(stats, XV_priority_zero);
  if (is_other_resignation(live, advert))
    return XV_other_resigned;
  const __u64 interval = taught_interval(live, config, advert, now);
  if (live->pace.differs) {
    advert->notes |= XV_NOTE_PACE;
    count(stats, XV_pace_differs);
  }
  const int changed = hear(&live->heard, advert, interval, now);
  if (live->role == XV_ROLE_STOPPED)
    return XV_stopped;
  if (live->role != XV_ROLE_BACKUP)
    return master_hears(key, live, config, advert, interval, now, stats);
  return backup_hears(key, live, config, advert, interval, changed, now, stats);
}

#endif
