/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A VRRPv3 router that listens to VRRPv2 too (RFC 9568 8.4): which of a sender's adverts count. */
#ifndef XVRRP_RULES_INTEROP_H
#define XVRRP_RULES_INTEROP_H

#include <linux/types.h>

/* Which Master was heard in v3, and until when that makes his v2 adverts superfluous. */
struct xv_interop {
  __u64 until_ns;
  __u8 source[16]; /* IPv4 in the first four bytes */
};

/*
 * Whether a v2 advert is to be ignored. "A VRRPv3 Backup SHOULD ignore VRRPv2 advertisements from the current
 * Active Router if it is also receiving VRRPv3 advertisements from it" (8.4.2).
 */
static inline __attribute__((always_inline)) int xv_interop_shadows(const struct xv_interop* interop,
                                                                    const __u8* source, __u64 now_ns) {
  if (now_ns >= interop->until_ns)
    return 0;
  for (int i = 0; i < 4; i++) {
    if (source[i] != interop->source[i])
      return 0;
  }
  return 1;
}

/*
 * Notes a v3 advert that makes its sender our Master: that we obey as Backup, or yield to. It counts as being
 * received for as long as fewer adverts are missing than Master_Down_Interval has (`down_adverts`), at the
 * interval that counts or our own, whichever is shorter. A router that goes on in v2 alone is so heard again
 * before Master_Down_Timer, which is longer by Skew_Time, gives it up.
 */
static inline __attribute__((always_inline)) void xv_interop_obeys(struct xv_interop* interop,
                                                                   const __u8* source, __u64 interval_ns,
                                                                   __u64 own_ns, __u8 down_adverts,
                                                                   __u64 now_ns) {
  interop->until_ns = now_ns + down_adverts * (interval_ns < own_ns ? interval_ns : own_ns);
  for (int i = 0; i < 16; i++)
    interop->source[i] = source[i];
}

#endif
