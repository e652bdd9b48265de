/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Intervals below a centisecond, the unit of VRRPv3's adverts, which then say 1 (docs/decisions/0017).
 * Whether a Master is as fast as we are configured to be only the spacing of its adverts can tell: until they
 * have kept our pace, what they say counts.
 */
#ifndef XVRRP_RULES_PACE_H
#define XVRRP_RULES_PACE_H

#include <linux/types.h>
#include <xvrrp/rules/elapsed.h>

#define XV_CENTISECOND_NS 10000000ull
/* So many adverts of one Master make its pace known. They are also what the mean takes to come from a
 * centisecond to the pace of 1 ms. */
#define XV_PACE_ADVERTS 32u
/* Whoever was silent for so long is lost even to Backups at a centisecond, and begins anew. */
#define XV_PACE_SILENCE_NS (3 * XV_CENTISECOND_NS)

/* The pace of whoever was heard last. */
struct xv_pace {
  __u64 mean_ns;   /* smoothed time between two adverts, gain 1/8, each at most a centisecond */
  __u64 last_ns;   /* the last advert */
  __u8 source[16]; /* its source: IPv4 in the first four bytes */
  __u32 adverts;   /* of that source, as far as XV_PACE_ADVERTS */
  __u32 differs;   /* 1: it is known and not ours: the operator should know */
};

/* Notes the advert's sender in `last`; returns whether it sent the one before, too. */
static inline __attribute__((always_inline)) int xv_swap_source(__u8* last, const __u8* source) {
  __u8 difference = 0; /* no branches: the verifier would walk each */
  for (int i = 0; i < 16; i++) {
    difference |= last[i] ^ source[i];
    last[i] = source[i];
  }
  return !difference;
}

static inline __attribute__((always_inline)) void xv_pace_hears(struct xv_pace* pace, const __u8* source,
                                                                __u64 now_ns) {
  __u64 gap_ns = xv_elapsed_ns(pace->last_ns, now_ns);
  if (!xv_swap_source(pace->source, source) || gap_ns > XV_PACE_SILENCE_NS)
    pace->adverts = 0;
  if (gap_ns > XV_CENTISECOND_NS)
    gap_ns = XV_CENTISECOND_NS;
  if (!pace->adverts) {
    pace->mean_ns = XV_CENTISECOND_NS;
  } else {
    pace->mean_ns = pace->mean_ns - pace->mean_ns / 8 + gap_ns / 8;
  }
  pace->last_ns = now_ns;
  if (pace->adverts < XV_PACE_ADVERTS)
    pace->adverts++;
}

/* The interval that an advert teaches, and notes its pace where that matters. `own_ns` is our
 * Advertisement_Interval, `advert_ns` what the advert says. */
static inline __attribute__((always_inline)) __u64
xv_taught_interval(struct xv_pace* pace, const __u8* source, __u64 own_ns, __u64 advert_ns, __u64 now_ns) {
  pace->differs = 0;
  if (own_ns >= XV_CENTISECOND_NS)
    return advert_ns;
  if (advert_ns != XV_CENTISECOND_NS) {
    pace->adverts = 0;
    return advert_ns;
  }
  xv_pace_hears(pace, source, now_ns);
  if (pace->adverts < XV_PACE_ADVERTS)
    return advert_ns;
  const int slower = 2 * pace->mean_ns > 3 * own_ns;
  pace->differs = slower || 3 * pace->mean_ns < 2 * own_ns;
  return slower ? advert_ns : own_ns;
}

#endif
