/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Whether a Master may be believed. The election thread renews a lease with every advert; when it is killed,
 * stopped or starved, the lease runs out before any Backup takes over, and this router is fenced: guard.h
 * drops what is for its virtual addresses and its virtual MACs.
 */
#ifndef XVRRP_BPF_LEASE_H
#define XVRRP_BPF_LEASE_H

#include "counters.h"

/* Fields that another CPU, or the election thread, may be writing. */
#define READ_ONCE(x) (*(volatile typeof(x)*)&(x))
#define WRITE_ONCE(x, value) (*(volatile typeof(x)*)&(x) = (value))

/* When the lease runs out; 0: there is none. */
XV_INLINE __u64 lease_end(__u32 slot) {
  const __u64* until = bpf_map_lookup_elem(&lease, &slot);
  return until ? READ_ONCE(*until) : 0;
}

/* A router without a lease is not fenced. */
XV_INLINE int is_fenced(const struct xv_vr_live* live, __u64 now) {
  const __u64 until = lease_end(READ_ONCE(live->lease_slot));
  return READ_ONCE(live->role) == XV_ROLE_MASTER && until && until <= now;
}

XV_INLINE struct xv_guard* the_guard(void) {
  const __u32 only = 0;
  return bpf_map_lookup_elem(&guard, &only);
}

/* Looks at a Master's lease. Returns whether it has run out; the first time that is counted. */
XV_INLINE int note_lease(const struct xv_vr_key* key, struct xv_vr_live* live, __u64 until, __u64 now) {
  const int over = until <= now;
  if (over && !live->fenced)
    count(bpf_map_lookup_elem(&vr_stats, key), XV_lease_expired);
  live->fenced = (__u32)over;
  return over;
}

#endif
