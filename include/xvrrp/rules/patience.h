/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * How long a Backup waits for whoever announces an interval far above ours (docs/decisions/0036). Adverts are
 * not authenticated, and one packet may say 40.95 s: it counts in full only once its sender has kept it for
 * as long.
 */
#ifndef XVRRP_RULES_PATIENCE_H
#define XVRRP_RULES_PATIENCE_H

#include <linux/types.h>
#include <xvrrp/rules/elapsed.h>
#include <xvrrp/rules/pace.h>

/* So many of our intervals are believed at once, of a second at least. Whoever is silent for so many of its
 * own begins anew. */
#define XV_PATIENCE 4u
#define XV_PATIENCE_LEAST_NS 1000000000ull

/* What the Master, or who is about to be, has announced. */
struct xv_patience {
  __u64 since_ns;    /* since when it announces this interval, or a longer one, and is heard as often */
  __u64 last_ns;     /* its last advert */
  __u64 interval_ns; /* what that one announced */
  __u8 source[16];   /* its source: IPv4 in the first four bytes */
};

/* Whether an advert is one that a Backup obeys: that of a Master, not of one that resigns, or that we
 * preempt. */
static inline __attribute__((always_inline)) int xv_is_obeyed(__u8 advert_priority, __u8 our_priority,
                                                              int preempts) {
  return advert_priority && (advert_priority >= our_priority || !preempts);
}

/*
 * The interval that counts of the one announced, to be asked of each advert that is obeyed. `own_ns` is our
 * Advertisement_Interval. What is not more than XV_PATIENCE of ours, or 4 s, counts, as RFC 9568 6.4.2 wants:
 * routers of other intervals are met in practice, and a takeover beside a living Master may bring about
 * another one. Beyond that, no more than the time for which the sender has announced it and been heard. What
 * another router says that needs no patience is no reason to forget whom we have it with: else Backups that
 * take over too early, and yield again, would make each other do so for ever.
 */
static inline __attribute__((always_inline)) __u64 xv_believed_interval(struct xv_patience* patience,
                                                                        const __u8* source, __u64 own_ns,
                                                                        __u64 announced_ns, __u64 now_ns) {
  const __u64 at_once_ns = XV_PATIENCE * (own_ns < XV_PATIENCE_LEAST_NS ? XV_PATIENCE_LEAST_NS : own_ns);
  __u8 difference = 0; /* no branches: the verifier would walk each */
  for (int i = 0; i < 16; i++)
    difference |= patience->source[i] ^ source[i];
  if (difference && announced_ns <= at_once_ns)
    return announced_ns;
  const __u64 gap_ns = xv_elapsed_ns(patience->last_ns, now_ns);
  for (int i = 0; i < 16; i++)
    patience->source[i] = source[i];
  if (difference || announced_ns > patience->interval_ns || gap_ns > XV_PATIENCE * announced_ns)
    patience->since_ns = now_ns;
  patience->interval_ns = announced_ns;
  patience->last_ns = now_ns;
  const __u64 kept_ns = xv_elapsed_ns(patience->since_ns, now_ns);
  const __u64 most_ns = kept_ns > at_once_ns ? kept_ns : at_once_ns;
  return announced_ns < most_ns ? announced_ns : most_ns;
}

#endif
