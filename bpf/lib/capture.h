/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Copies of VRRP packets for whoever captures: in native mode no tap sees what XDP drops. */
#ifndef XVRRP_BPF_CAPTURE_H
#define XVRRP_BPF_CAPTURE_H

#include "lease.h"

/* Hands the packet to whoever captures on its interface. Not inlined: it has a value on its stack, and nobody
 * captures as a rule. */
static __attribute__((noinline)) int capture_packet(struct xdp_md* ctx, const struct xv_vr_key* key,
                                                    enum xv_reason reason, int verdict, __u64 now) {
  const __u64 length = bpf_xdp_get_buff_len(ctx);
  const __u64 kept = length < XV_CAPTURE_BYTES ? length : XV_CAPTURE_BYTES;
  struct xv_captured meta = {
      .time_ns = now, .key = *key, .reason = reason, .verdict = (__u32)verdict, .length = (__u32)length};
  bpf_perf_event_output(ctx, &capture, (kept << 32) | BPF_F_CURRENT_CPU, &meta, sizeof(meta));
  return 0;
}

/* The word spares the look-up as long as nobody captures at all. */
XV_INLINE int is_captured(const struct xv_vr_key* key, __u64 now) {
  const struct xv_guard* guards = the_guard();
  if (!guards || now >= READ_ONCE(guards->capture_until_ns))
    return 0;
  const __u32 ifindex = key->ifindex;
  const struct xv_capture_if* wanted = bpf_map_lookup_elem(&capture_if, &ifindex);
  return wanted && now < wanted->until_ns;
}

#endif
