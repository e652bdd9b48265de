/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The Master's liveness, kept in the kernel. Each advert stores a deadline; the timer is lazy: it is armed
 * for a deadline once, and on firing armed again for what is left. Arming it per advert would cost four times
 * as much.
 */
#ifndef XVRRP_BPF_LIVENESS_H
#define XVRRP_BPF_LIVENESS_H

#include <xvrrp/rules/backup.h>
#include <xvrrp/rules/master.h>

#include "events.h"

/* Fields that another CPU may be writing. */
#define READ_ONCE(x) (*(volatile typeof(x)*)&(x))
#define WRITE_ONCE(x, value) (*(volatile typeof(x)*)&(x) = (value))

XV_INLINE void start_timer(struct vr_timer_value* timer, struct xv_vr_live* live, __u64 at, __u64 now) {
  WRITE_ONCE(live->armed_ns, at);
  bpf_timer_start(&timer->timer, at > now ? at - now : 1, 0);
}

/* Arms the timer for the deadline. Looks at the deadline again afterwards: an advert of priority 0 on another
 * CPU may have brought it forward meanwhile. */
XV_INLINE void arm_for_deadline(struct vr_timer_value* timer, struct xv_vr_live* live, __u64 now) {
  const __u64 first = READ_ONCE(live->deadline_ns);
  start_timer(timer, live, first, now);
  const __u64 deadline = READ_ONCE(live->deadline_ns);
  if (deadline < first)
    start_timer(timer, live, deadline, now);
}

/* Master_Down_Timer, or an earlier deadline that adverts have moved on since. */
static int on_timer(void* map, struct xv_vr_key* key, struct vr_timer_value* timer) {
  (void)map;
  struct xv_vr_live* live = bpf_map_lookup_elem(&vr_live, key);
  if (!live)
    return 0;
  WRITE_ONCE(live->armed_ns, 0);
  /* Read before the deadline, which set_role() writes first: so that a role's generation is never told with
   * the deadline of the role before it. */
  const __u32 generation = READ_ONCE(live->generation);
  if (READ_ONCE(live->role) != XV_ROLE_BACKUP)
    return 0;
  const __u64 now = bpf_ktime_get_ns();
  const __u64 deadline = READ_ONCE(live->deadline_ns);
  if (deadline > now) {
    arm_for_deadline(timer, live, now);
    return 0;
  }
  struct xv_event* event = new_event(key, XV_EVENT_MASTER_DOWN, now, bpf_map_lookup_elem(&vr_stats, key));
  if (!event) {
    start_timer(timer, live, now + XV_RING_RETRY_NS, now);
    return 0;
  }
  event->deadline_ns = deadline;
  event->generation = generation;
  bpf_ringbuf_submit(event, 0);
  return 0;
}

/* Whether one more advert of this virtual router may become an event in this second. */
XV_INLINE int within_event_limit(struct xv_vr_live* live, __u64 now) {
  if (elapsed_ns(live->limit_ns, now) >= NS_PER_S) {
    live->limit_ns = now;
    live->limit_count = 0;
  }
  return live->limit_count++ < XV_ADVERT_EVENTS_PER_S;
}

/* Makes an event of an advert. One that cannot be made is remembered: a later advert makes it. */
XV_INLINE void report_advert(const struct xv_vr_key* key, struct xv_vr_live* live,
                             const struct xv_advert* advert, enum xv_reason reason, __u64 now,
                             struct xv_stats* stats) {
  struct xv_event* event = new_event(key, XV_EVENT_ADVERT, now, stats);
  live->unreported = !event;
  if (!event)
    return;
  describe_advert(event, advert, reason);
  event->deadline_ns = live->deadline_ns;
  event->generation = live->generation;
  bpf_ringbuf_submit(event, 0);
}

XV_INLINE enum xv_reason backup_hears(const struct xv_vr_key* key, struct xv_vr_live* live,
                                      const struct xv_vr_config* config, const struct xv_advert* advert,
                                      int changed, __u64 now, struct xv_stats* stats) {
  const struct xv_backup_view view = {
      .interval_ns = live->interval_ns,
      .version = config->version,
      .priority = config->priority,
      .preempt = config->flags & XV_VR_PREEMPT,
      .down_adverts = config->down_adverts,
  };
  struct xv_backup_timer next = {};
  const enum xv_backup_verdict verdict =
      xv_backup_hears(&view, advert->priority, advert_interval_ns(advert), now, &next);
  enum xv_reason reason = XV_backup_ignore;
  if (verdict != XV_BACKUP_IGNORE) {
    reason = verdict == XV_BACKUP_SKEW ? XV_backup_skew : XV_backup_restart;
    live->interval_ns = next.interval_ns;
    WRITE_ONCE(live->deadline_ns, next.deadline_ns);
    const __u64 armed = READ_ONCE(live->armed_ns);
    if (armed == 0 || next.deadline_ns < armed) {
      struct vr_timer_value* timer = bpf_map_lookup_elem(&vr_timer, key);
      if (timer)
        arm_for_deadline(timer, live, now);
    }
  }
  if (changed || live->unreported) {
    live->unreported = 1;
    if (within_event_limit(live, now))
      report_advert(key, live, advert, reason, now, stats);
  }
  return reason;
}

/* Every advert that a Master hears matters to the election, but a flood of losing ones must not reach it. */
XV_INLINE enum xv_reason master_hears(const struct xv_vr_key* key, struct xv_vr_live* live,
                                      const struct xv_vr_config* config, const struct xv_advert* advert,
                                      __u64 now, struct xv_stats* stats) {
  const int outranked =
      xv_outranks(advert->priority, advert->source, config->priority, config->local_address);
  if (!outranked && !within_event_limit(live, now))
    return XV_master_limited;
  report_advert(key, live, advert, XV_master_heard, now, stats);
  return XV_master_heard;
}

/* A valid advert of one of our virtual routers. */
XV_INLINE enum xv_reason hear_own(const struct xv_vr_key* key, const struct xv_vr_config* config,
                                  const struct xv_advert* advert, __u64 now, struct xv_stats* stats) {
  struct xv_vr_live* live = bpf_map_lookup_elem(&vr_live, key);
  if (!live)
    return XV_stopped;
  const int changed = hear(&live->heard, advert, now);
  if (live->role == XV_ROLE_STOPPED)
    return XV_stopped;
  if (advert->priority == 0)
    count(stats, XV_priority_zero);
  if (advert->version == 3 && advert->interval != config->interval_wire)
    count(stats, XV_interval_differs);
  if (live->role == XV_ROLE_MASTER)
    return master_hears(key, live, config, advert, now, stats);
  return backup_hears(key, live, config, advert, changed, now, stats);
}

#endif
