/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The Master's liveness, kept in the kernel, and our own: the lease. Each advert stores a deadline; the timer
 * is lazy: it fires for the earliest deadline that it was armed for, looks at all of them and is armed again
 * for what is left. Arming it per advert would cost four times as much.
 */
#ifndef XVRRP_BPF_LIVENESS_H
#define XVRRP_BPF_LIVENESS_H

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
  const struct xv_reporting reporting = xv_reporting_of(live);
  xv_reported(&reporting, 0);
  WRITE_ONCE(live->told_generation, generation);
  WRITE_ONCE(live->told_ns, deadline);
  bpf_ringbuf_submit(event, 0);
  return 1;
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
  const struct xv_reporting reporting = xv_reporting_of(live);
  __u64 again = 0;
  const enum xv_report report = xv_expiry_reports(&reporting, deadline, scan->now, &again);
  if (report == XV_REPORT_LIMITED)
    count(bpf_map_lookup_elem(&vr_stats, key), XV_event_limited);
  if (report != XV_REPORT_TELL || !tell_master_down(key, live, deadline, generation, scan->now))
    look_again(scan, again);
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

/* Makes an event of an advert, if there is room. It is noted as told before anybody can answer it. */
XV_INLINE void report_advert(const struct xv_vr_key* key, struct xv_vr_live* live,
                             const struct xv_advert* advert, const struct xv_encounter* encounter,
                             enum xv_reason reason, struct xv_stats* stats) {
  struct xv_event* event = new_event(key, XV_EVENT_ADVERT, encounter->now_ns, stats);
  if (!event)
    return;
  xv_told(live, encounter);
  describe_advert(event, advert, reason);
  event->interval_ns = encounter->interval_ns;
  event->deadline_ns = live->deadline_ns;
  event->generation = live->generation;
  bpf_ringbuf_submit(event, 0);
}

/* A global function: the verifier walks it once. */
__attribute__((noinline)) __u64 learn(struct xv_vr_live* live, const struct xv_vr_config* config,
                                      const struct xv_advert* advert, __u32 role, __u64 now) {
  return live && config && advert ? xv_learns(live, config, advert, role, now) : 0;
}

/* A valid advert of one of our virtual routers, at encounter->now_ns; the rest of `encounter` is the answer.
 * A global function: the verifier walks it once. */
__attribute__((noinline)) int hear_own(const struct xv_vr_key* key, const struct xv_vr_config* config,
                                       struct xv_advert* advert, struct xv_encounter* encounter,
                                       struct xv_stats* stats) {
  if (!key || !config || !advert || !encounter)
    return XV_stopped;
  const struct xv_vr_key own = *key; /* Linux 6.1 looks nothing up by what an argument points to */
  struct xv_vr_live* live = bpf_map_lookup_elem(&vr_live, &own);
  if (!live)
    return XV_stopped;
  encounter->role = READ_ONCE(live->role); /* first: a command writes it last */
  encounter->deadline_ns = READ_ONCE(live->deadline_ns);
  const enum xv_reason reason = xv_hears_and(learn, live, config, advert, encounter);
  if (encounter->moves) {
    set_deadline(live, encounter->deadline_ns);
    arm_by(encounter->deadline_ns, encounter->now_ns);
  }
  if (encounter->report == XV_REPORT_TELL)
    report_advert(key, live, advert, encounter, reason, stats);
  return reason;
}

#endif
