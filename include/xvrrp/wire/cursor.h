/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Reading bytes that came from the network: the primitive that differs between BPF and the host (the other
 * is the sum over many of them, in checksum.h). Everything in include/xvrrp/wire is C11 for BPF and C++20 for
 * the host, makes no unaligned or typed access, and has loops bounded by constants.
 */
#ifndef XVRRP_WIRE_CURSOR_H
#define XVRRP_WIRE_CURSOR_H

#include <linux/types.h>
#ifdef __bpf__
#include <linux/bpf.h>
#endif

#define XV_INLINE static inline __attribute__((always_inline))

struct xv_cursor {
  const __u8* pos;
  const __u8* end;
#ifdef __bpf__
  struct xdp_md* packet;
#endif
};

#ifdef __bpf__
/* A function that the verifier walks by itself takes the packet and an offset instead of a cursor. The offset
 * is at most Ethernet with two tags and the longest IPv4 header. */
#define XV_OFFSET_MASK 0x1ff

XV_INLINE struct xv_cursor xv_packet_cursor(struct xdp_md* packet) {
  const struct xv_cursor cursor = {(const __u8*)(long)packet->data, (const __u8*)(long)packet->data_end,
                                   packet};
  return cursor;
}

XV_INLINE __u32 xv_packet_offset(const struct xv_cursor* cursor) {
  return (__u32)(cursor->pos - (const __u8*)(long)cursor->packet->data);
}
#endif

/* The next n bytes, which the cursor then has passed; null (and an unmoved cursor) when fewer are left. */
XV_INLINE const __u8* xv_take(struct xv_cursor* cursor, __u32 n) {
  const __u8* bytes = cursor->pos;
#ifdef __bpf__
  /* The verifier learns a range from `packet pointer + n` against data_end only; the barrier keeps clang from
   * turning that into arithmetic on the difference of the pointers. */
  asm volatile("" : "+r"(bytes));
  if (bytes + n > cursor->end)
    return 0;
#else
  if ((__u64)(cursor->end - bytes) < n)
    return 0;
#endif
  cursor->pos = bytes + n;
  return bytes;
}

XV_INLINE __u16 xv_be16(const __u8* bytes) {
  return (__u16)((bytes[0] << 8) | bytes[1]);
}

XV_INLINE void xv_put_be16(__u8* bytes, __u32 value) {
  bytes[0] = (__u8)(value >> 8);
  bytes[1] = (__u8)value;
}

XV_INLINE void xv_copy(__u8* to, const __u8* from, __u32 n) {
  for (__u32 i = 0; i < n; i++)
    to[i] = from[i];
}

#endif
