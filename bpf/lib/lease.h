/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Whether a Master may be believed. The election thread renews a lease with every advert; when it is killed,
 * stopped or starved, the lease runs out before any Backup takes over, and this router is fenced: guard.h
 * drops what is for its virtual addresses and its virtual MACs.
 */
#ifndef XVRRP_BPF_LEASE_H
#define XVRRP_BPF_LEASE_H

#include "counters.h"
#include "shared.h"

XV_INLINE int is_master(const struct xv_vr_live* live) {
  const __u32 role = READ_ONCE(live->role);
  return role == XV_ROLE_MASTER || role == XV_ROLE_RESIGNING;
}

/* When the lease runs out; 0: there is none. */
XV_INLINE __u64 lease_end(__u32 slot) {
  const __u64* until = bpf_map_lookup_elem(&lease, &slot);
  return until ? READ_ONCE(*until) : 0;
}

/* A router without a lease is not fenced. */
XV_INLINE int is_fenced(const struct xv_vr_live* live, __u64 now) {
  if (!is_master(live))
    return 0;
  const __u64 until = lease_end(READ_ONCE(live->lease_slot));
  return until && until <= now;
}

XV_INLINE struct xv_guard* the_guard(void) {
  const __u32 only = 0;
  return bpf_map_lookup_elem(&guard, &only);
}

/* Remembers whether a Master is fenced; the first time that is counted. */
XV_INLINE void note_fence(const struct xv_vr_key* key, struct xv_vr_live* live, int over) {
  if (over && !live->fenced)
    count(bpf_map_lookup_elem(&vr_stats, key), XV_lease_expired);
  live->fenced = (__u32)over;
}

/* Looks at a Master's lease. Returns whether it has run out. */
XV_INLINE int note_lease(const struct xv_vr_key* key, struct xv_vr_live* live, __u64 until, __u64 now) {
  const int over = until <= now;
  note_fence(key, live, over);
  return over;
}

/* Whether a packet is fenced off. Where no timer looks at the leases, the packets notice what it would. */
XV_INLINE int fences(const struct xv_vr_key* key, struct xv_vr_live* live, __u64 now) {
  const int over = is_fenced(live, now);
  if (!kernel_timer && live->fenced != (__u32)over)
    note_fence(key, live, over);
  return over;
}

/* Whether packets are looked up by their address. Without a timer nobody sets `fenced`, so all of them are.
 */
XV_INLINE int guards_addresses(const struct xv_guard* guards) {
  return !kernel_timer || (READ_ONCE(guards->fenced) | READ_ONCE(guards->no_accept));
}

#endif
