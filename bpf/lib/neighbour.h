/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What ARP and Neighbor Discovery look like, as far as guard.h, claims.h and virtual_mac.h read it. */
#ifndef XVRRP_BPF_NEIGHBOUR_H
#define XVRRP_BPF_NEIGHBOUR_H

#include <xvrrp/wire/advert.h>

#define ETHERTYPE_ARP 0x0806
#define ARP_BYTES 28
#define ARP_REQUEST 1
#define IPPROTO_ICMPV6_ 58
#define ND_HOP_LIMIT 255
#define ND_ROUTER_SOLICITATION 133
#define ND_ROUTER_ADVERTISEMENT 134
#define ND_NEIGHBOR_SOLICITATION 135
#define ND_NEIGHBOR_ADVERTISEMENT 136
#define ND_REDIRECT 137
#define OPTION_SOURCE_MAC 1
#define OPTION_TARGET_MAC 2
/* Extension headers that are walked through; hosts send Neighbor Discovery without any. */
#define EXTENSIONS_MAX 2

/* Of those that may stand before ICMPv6 and say their length alike: Hop-by-Hop Options, Routing, Destination
 * Options. */
XV_INLINE int is_extension(__u8 next_header) {
  return next_header == 0 || next_header == 43 || next_header == 60;
}

/* Takes extension headers and returns what follows. */
XV_INLINE __u8 take_extensions(struct xv_cursor* cursor, __u8 next_header) {
  for (int i = 0; i < EXTENSIONS_MAX && is_extension(next_header); i++) {
    const __u8* extension = xv_take(cursor, 8);
    if (!extension || !xv_take(cursor, extension[1] * 8u))
      return next_header;
    next_header = extension[0];
  }
  return next_header;
}

#endif
