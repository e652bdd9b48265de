/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef XVRRP_BPF_COUNTERS_H
#define XVRRP_BPF_COUNTERS_H

#include <xvrrp/wire/cursor.h>

#include "maps.h"

/* The counters that a packet belongs to: those of its virtual router where one is configured, else the
 * interface's. */
XV_INLINE struct xv_stats* stats_of(const struct xv_vr_key* vr, const struct xv_if_key* interface,
                                    int configured) {
  return configured ? bpf_map_lookup_elem(&vr_stats, vr) : bpf_map_lookup_elem(&if_stats, interface);
}

XV_INLINE void count(struct xv_stats* stats, enum xv_reason reason) {
  if (stats && reason < XV_REASON_COUNT)
    ((__u64*)stats)[reason]++;
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

XV_INLINE int is_bad(enum xv_reason reason) {
  return (XV_BAD_REASONS >> reason) & 1;
}

#endif
