/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The one's complement sum of RFC 1071, as an unfolded 32-bit sum of 16-bit words: enough for 64 KiB. */
#ifndef XVRRP_WIRE_CHECKSUM_H
#define XVRRP_WIRE_CHECKSUM_H

#include <xvrrp/wire/cursor.h>

XV_INLINE __u32 xv_sum_word(__u32 sum, const __u8* four_bytes) {
  return sum + xv_be16(four_bytes) + xv_be16(four_bytes + 2);
}

XV_INLINE __u16 xv_fold(__u32 sum) {
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return (__u16)sum;
}

/* A sum that includes the checksum field itself is right when it folds to all ones. */
XV_INLINE int xv_sum_is_valid(__u32 sum) {
  return xv_fold(sum) == 0xffff;
}

/* A folded sum with one representation: of the two that one's complement has for zero, 0. */
XV_INLINE __u16 xv_normal_sum(__u32 sum) {
  const __u16 folded = xv_fold(sum);
  return folded == 0xffff ? 0 : folded;
}

/* The longest message that is summed: what fits a 1500-byte MTU. */
#define XV_SUM_MAX_BYTES 1480

XV_INLINE __u32 xv_sum_loop(struct xv_cursor cursor, __u32 n) {
  __u32 sum = 0;
  if (n > XV_SUM_MAX_BYTES)
    return 0;
  for (__u32 i = 0; i < XV_SUM_MAX_BYTES; i += 4) {
    if (i >= n)
      break;
    const __u8* word = xv_take(&cursor, 4);
    if (!word)
      return 0;
    sum = xv_sum_word(sum, word);
  }
  return sum;
}

/* Sum of n bytes, n a multiple of 4. Returns 0 when the cursor ends before, or n is more than
 * XV_SUM_MAX_BYTES; no valid packet sums to 0. */
#ifdef __bpf__
/* A global function: the verifier walks the loop once, for any offset, and not once per path that leads here.
 */
__attribute__((noinline)) __u32 xv_sum_packet(struct xdp_md* packet, __u32 offset, __u32 n) {
  struct xv_cursor cursor = xv_packet_cursor(packet);
  return xv_take(&cursor, offset & XV_OFFSET_MASK) ? xv_sum_loop(cursor, n) : 0;
}

XV_INLINE __u32 xv_sum_bytes(struct xv_cursor cursor, __u32 n) {
  return xv_sum_packet(cursor.packet, xv_packet_offset(&cursor), n);
}
#else
XV_INLINE __u32 xv_sum_bytes(struct xv_cursor cursor, __u32 n) {
  return xv_sum_loop(cursor, n);
}
#endif

/* The same for any n: a last word that is cut short is filled with zeros. */
XV_INLINE __u32 xv_sum_any_bytes(struct xv_cursor cursor, __u32 n) {
  const __u32 words = n & ~3u & 0x7ff;
  __u32 sum = xv_sum_bytes(cursor, words);
  if (!xv_take(&cursor, words))
    return 0;
  for (__u32 i = 0; i < (n & 3); i++) {
    const __u8* byte = xv_take(&cursor, 1);
    if (!byte)
      return 0;
    sum += i & 1 ? *byte : (__u32)*byte << 8;
  }
  return sum;
}

/* Pseudo-header of RFC 8200 section 8.1, and the same idea over IPv4 (RFC 5798's reading of section 5.2.8).
 */
XV_INLINE __u32 xv_sum_pseudo_header(const __u8* source, const __u8* destination, __u32 address_bytes,
                                     __u32 protocol, __u32 length) {
  __u32 sum = protocol + length;
  for (__u32 i = 0; i < address_bytes; i += 4) {
    sum = xv_sum_word(sum, source + i);
    sum = xv_sum_word(sum, destination + i);
  }
  return sum;
}

#endif
