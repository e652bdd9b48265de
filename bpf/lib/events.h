/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What is worth waking user space for. */
#ifndef XVRRP_BPF_EVENTS_H
#define XVRRP_BPF_EVENTS_H

#include "counters.h"
#include "hearing.h"

/* Room in the ring for an event, zeroed; the caller fills and submits it. Null when the ring is full: the
 * caller sees to it that the event is made again. */
XV_INLINE struct xv_event* new_event(const struct xv_vr_key* key, __u32 type, __u64 now,
                                     struct xv_stats* stats) {
  struct xv_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) {
    count(stats, XV_event_lost);
    return 0;
  }
  __builtin_memset(event, 0, sizeof(*event));
  event->time_ns = now;
  event->key = *key;
  event->type = type;
  return event;
}

XV_INLINE void describe_advert(struct xv_event* event, const struct xv_advert* advert,
                               enum xv_reason reason) {
  __builtin_memcpy(event->source, advert->source, sizeof(event->source));
  event->interval_wire = advert->interval;
  event->version = advert->version;
  event->priority = advert->priority;
  event->notes = advert->notes;
  event->reason = reason;
}

/* Tells user space that bad packets arrive, at most once in XV_BAD_REPORT_NS; the counters say how many. */
XV_INLINE void report_bad_packet(const struct xv_vr_key* key, const struct xv_if_key* interface,
                                 const struct xv_advert* advert, enum xv_reason reason, __u64 now,
                                 struct xv_stats* stats) {
  struct xv_if_report* report = bpf_map_lookup_elem(&if_report, interface);
  if (!report || xv_elapsed_ns(report->last_ns, now) < XV_BAD_REPORT_NS)
    return;
  report->last_ns = now;
  struct xv_event* event = new_event(key, XV_EVENT_BAD_PACKETS, now, stats);
  if (!event)
    return;
  describe_advert(event, advert, reason);
  bpf_ringbuf_submit(event, 0);
}

#endif
