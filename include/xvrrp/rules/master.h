/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The rule of the Master state (RFC 9568 6.4.3) that both sides need: whose advert makes a Master yield. */
#ifndef XVRRP_RULES_MASTER_H
#define XVRRP_RULES_MASTER_H

#include <linux/types.h>

/* Whether the sender outranks us: higher priority, or the same and a greater address, compared unsigned in
 * network byte order. Addresses are 16 bytes, IPv4 in the first four and zeros behind. Preempt_Mode does not
 * matter in Master. */
static inline __attribute__((always_inline)) int xv_outranks(__u8 priority, const __u8* address,
                                                             __u8 our_priority, const __u8* our_address) {
  if (priority != our_priority)
    return priority > our_priority;
  for (int i = 0; i < 16; i++) {
    if (address[i] != our_address[i])
      return address[i] > our_address[i];
  }
  return 0;
}

#endif
