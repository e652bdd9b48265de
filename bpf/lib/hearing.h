/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Remembering what was heard of a virtual router: for `vrrpctl watch`, and to notice what changed. */
#ifndef XVRRP_BPF_HEARING_H
#define XVRRP_BPF_HEARING_H

#include <xvrrp/wire/advert.h>

#include "maps.h"

#define NS_PER_S 1000000000ull

/* Time since `then`; none when another CPU noted a later moment meanwhile. */
XV_INLINE __u64 elapsed_ns(__u64 then, __u64 now) {
  return now > then ? now - then : 0;
}

XV_INLINE __u64 advert_interval_ns(const struct xv_advert* advert) {
  return advert->interval * (advert->version == 2 ? NS_PER_S : XV_CENTISECOND_NS);
}

/* Compared as words: the addresses stand 4-byte aligned in their structs. */
XV_INLINE int same_address(const __u8* a, const __u8* b) {
  const __u32* x = (const __u32*)a;
  const __u32* y = (const __u32*)b;
  return x[0] == y[0] && x[1] == y[1] && x[2] == y[2] && x[3] == y[3];
}

/* Notes an advert, where one is expected every `interval`; returns whether anything about it but its time
 * differs from the last one. */
XV_INLINE int hear(struct xv_hearing* hearing, const struct xv_advert* advert, __u64 interval, __u64 now) {
  const int same_master = same_address(hearing->master, advert->source);
  const int changed = !same_master || hearing->priority != advert->priority ||
                      hearing->interval_wire != advert->interval || hearing->version != advert->version ||
                      hearing->notes != advert->notes;
  if (hearing->adverts && same_master) {
    const __u64 gap = elapsed_ns(hearing->last_ns, now);
    const __u64 deviation = gap > interval ? gap - interval : interval - gap;
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
  hearing->last_ns = now;
  hearing->adverts++;
  hearing->interval_wire = advert->interval;
  hearing->version = advert->version;
  hearing->priority = advert->priority;
  hearing->notes = advert->notes;
  return changed;
}

/* Notes an advert of a virtual router that is not ours. Not inlined: it has a value on its stack. */
static __attribute__((noinline)) void hear_foreign(const struct xv_vr_key* key,
                                                   const struct xv_advert* advert, __u64 now) {
  struct xv_hearing* hearing = bpf_map_lookup_elem(&heard, key);
  if (hearing) {
    hear(hearing, advert, advert_interval_ns(advert), now);
    return;
  }
  struct xv_hearing first = {};
  hear(&first, advert, advert_interval_ns(advert), now);
  bpf_map_update_elem(&heard, key, &first, BPF_ANY);
}

#endif
