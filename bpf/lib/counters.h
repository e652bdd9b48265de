/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef XVRRP_BPF_COUNTERS_H
#define XVRRP_BPF_COUNTERS_H

#include <xvrrp/rules/hear.h>

#include "maps.h"

/* The counters that a packet belongs to: those of its virtual router where one is configured, else the
 * interface's. */
XV_INLINE struct xv_stats* stats_of(const struct xv_vr_key* vr, const struct xv_if_key* interface,
                                    int configured) {
  return configured ? bpf_map_lookup_elem(&vr_stats, vr) : bpf_map_lookup_elem(&if_stats, interface);
}

XV_INLINE void count(struct xv_stats* stats, enum xv_reason reason) {
  __u64 index = reason;
  /* The compiler must compare what it indexes with: Linux 6.1 does not know a 32-bit copy's bounds. */
  __asm__ volatile("" : "+r"(index));
  if (stats && index < XV_REASON_COUNT)
    ((__u64*)stats)[index]++;
}

/* Adverts without notes are the rule: they cost one compare. */
XV_INLINE void count_notes(struct xv_stats* stats, __u8 notes) {
  if (!notes)
    return;
  if (notes & XV_NOTE_CHECKSUM_MESSAGE)
    count(stats, XV_checksum_message);
  if (notes & XV_NOTE_TRAILING)
    count(stats, XV_trailing);
  if (notes & XV_NOTE_INTERVAL_DIFFERS)
    count(stats, XV_interval_differs);
  if (notes & XV_NOTE_ADDRESS_LIST)
    count(stats, XV_address_list);
}

/* What a heard advert counts in beside its reason: mostly nothing. */
XV_INLINE void count_beside(struct xv_stats* stats, __u64 counts) {
  if (!counts)
    return;
  if (counts & XV_REASON_BIT(priority_zero))
    count(stats, XV_priority_zero);
  if (counts & XV_REASON_BIT(pace_differs))
    count(stats, XV_pace_differs);
  if (counts & XV_REASON_BIT(event_limited))
    count(stats, XV_event_limited);
}

XV_INLINE int is_bad(enum xv_reason reason) {
  return (XV_BAD_REASONS >> reason) & 1;
}

#endif
