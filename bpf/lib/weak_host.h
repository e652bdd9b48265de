/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Linux is a weak host (RFC 1122 3.3.4.2): on any interface it takes packets for, and answers ARP requests
 * for, an address that it has on another. The receive program sees the interface of a virtual address; here
 * is what arrives on the others. Neighbor Discovery is not: there the kernel answers for the interface's own
 * addresses.
 *
 * What we refuse is declared another host's and passes on: this host does not take it, and bridge, macvlan
 * and bond, which look later, do with it as they would.
 */
#ifndef XVRRP_BPF_WEAK_HOST_H
#define XVRRP_BPF_WEAK_HOST_H

#include <bpf/bpf_endian.h>

#include "guard.h"
#include "routing.h"
#include "traffic_control.h"

#define ARP_FIXED_BYTES 8
#define VLAN_ID 0x0fff

/* From the network header on: there may be no Ethernet header, and tags are taken off. */
XV_INLINE int load(struct __sk_buff* skb, __u32 offset, void* to, __u32 size) {
  return !bpf_skb_load_bytes_relative(skb, offset, to, size, BPF_HDR_START_NET);
}

/* Whatever the length of the link's addresses. As arp_addressee(). */
XV_INLINE int load_arp_addressee(struct __sk_buff* skb, struct addressee* to) {
  __u8 arp[ARP_FIXED_BYTES];
  __u8 sender[4];
  if (!load(skb, 0, arp, sizeof(arp)) || xv_be16(arp + 2) != XV_ETHERTYPE_IPV4 || arp[5] != 4 ||
      xv_be16(arp + 6) != ARP_REQUEST)
    return 0;
  const __u32 addresses = sizeof(arp) + arp[4];
  if (!load(skb, addresses, sender, 4) || !load(skb, addresses + 4 + arp[4], to->vip.address, 4))
    return 0;
  to->vip.family = 4;
  to->asked = 1;
  return __builtin_memcmp(sender, to->vip.address, 4) != 0;
}

XV_INLINE int load_addressee(struct __sk_buff* skb, struct addressee* to) {
  switch (bpf_ntohs(skb->protocol)) {
  case ETHERTYPE_ARP:
    return load_arp_addressee(skb, to);
  case XV_ETHERTYPE_IPV4:
    to->vip.family = 4;
    return load(skb, 16, to->vip.address, 4);
  case XV_ETHERTYPE_IPV6:
    to->vip.family = 6;
    return load(skb, 24, to->vip.address, 16);
  default:
    return 0;
  }
}

/* Another VRF may have the address elsewhere; then the packet is on its way there. */
XV_INLINE int passes_through(struct __sk_buff* skb, const struct addressee* to) {
  struct bpf_fib_lookup route = {.ifindex = skb->ifindex};
  if (to->vip.family == 4) {
    route.family = AF_INET_;
    __builtin_memcpy(&route.ipv4_dst, to->vip.address, 4);
  } else {
    route.family = AF_INET6_;
    __builtin_memcpy(route.ipv6_dst, to->vip.address, 16);
  }
  return is_forwarded(bpf_fib_lookup(skb, &route, sizeof(route), 0));
}

/* A frame with a tag is on its way to a VLAN device, and is seen there; tag 0 is none. */
XV_INLINE int is_for_this_interface(const struct __sk_buff* skb) {
  return skb->pkt_type != PACKET_OTHERHOST && !(skb->vlan_present && (skb->vlan_tci & VLAN_ID));
}

XV_INLINE int guard_host(struct __sk_buff* skb) {
  const struct xv_guard* guards = the_guard();
  if (!guards || !guards_addresses(guards) || !is_for_this_interface(skb))
    return PASS_ON;
  struct addressee to = {};
  if (!load_addressee(skb, &to))
    return PASS_ON;
  const struct xv_vip* vip_of = bpf_map_lookup_elem(&vip, &to.vip);
  if (!vip_of)
    return PASS_ON;
  struct xv_vip_key here = to.vip;
  here.ifindex = skb->ifindex;
  if (bpf_map_lookup_elem(&vip, &here)) /* the receive program has judged it */
    return PASS_ON;
  if (!passes_through(skb, &to) && judge_addressee(vip_of, &to) == XDP_DROP)
    bpf_skb_change_type(skb, PACKET_OTHERHOST);
  return PASS_ON;
}

#endif
