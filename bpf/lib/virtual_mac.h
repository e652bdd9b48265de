/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The virtual MAC where the kernel has but the device's own (use_vmac).
 *
 * Arriving, a frame for a virtual MAC is somebody else's to the kernel. The receive program has dropped it
 * unless we are Master (guard.h); here it is declared ours. Rewriting its destination before would not do: a
 * veth device has looked at it by then, and does not look again.
 *
 * Leaving (RFC 9568 8.1.2, 8.2.2), the kernel answers for a virtual address with the device's MAC, and the
 * frame gets the virtual one, in the Ethernet header and wherever ARP and Neighbor Discovery say it again.
 * Everything else leaves untouched.
 */
#ifndef XVRRP_BPF_VIRTUAL_MAC_H
#define XVRRP_BPF_VIRTUAL_MAC_H

#include "guard.h"
#include "traffic_control.h"
#include "weak_host.h"

#define ETHERNET_SOURCE 6
#define ARP_SENDER_MAC (XV_ETHERNET_BYTES + 8)
#define ARP_SENDER_ADDRESS (XV_ETHERNET_BYTES + 14)
#define ICMP6 (XV_ETHERNET_BYTES + XV_IPV6_BYTES)
#define ICMP6_CHECKSUM (ICMP6 + 2)
#define ND_TARGET (ICMP6 + 8)
#define OPTION_UNIT 8
/* Options that are looked through; radvd's advertisements have fewer. */
#define OPTIONS_MAX 8

XV_INLINE int frame_arrives(struct __sk_buff* skb) {
  if (skb->pkt_type != PACKET_OTHERHOST)
    return PASS_ON;
  struct xv_vmac_key key = {.ifindex = skb->ifindex};
  if (bpf_skb_load_bytes(skb, 0, key.mac, sizeof(key.mac)) || !bpf_map_lookup_elem(&vmac, &key))
    return PASS_ON;
  bpf_skb_change_type(skb, PACKET_HOST);
  return guard_host(skb); /* which may have run before, when the frame was not yet ours */
}

/* The virtual MAC that this sender's frames carry; null when it has none, or is not Master's. */
XV_INLINE const __u8* virtual_mac_of(const struct xv_vip_key* sender) {
  const struct xv_vip* found = bpf_map_lookup_elem(&vip, sender);
  if (!found || !(found->flags & XV_VIP_VMAC))
    return 0;
  const struct xv_vr_live* live = bpf_map_lookup_elem(&vr_live, &found->vr);
  if (!live || !is_master(live))
    return 0;
  const struct xv_vr_config* config = bpf_map_lookup_elem(&vr_config, &found->vr);
  return config ? config->mac : 0;
}

XV_INLINE void set_source(struct __sk_buff* skb, const __u8* mac) {
  bpf_skb_store_bytes(skb, ETHERNET_SOURCE, mac, 6, 0);
}

XV_INLINE int arp_leaves(struct __sk_buff* skb, struct xv_vip_key* sender) {
  __u8 kind[6]; /* Ethernet's, for IPv4; what else there may be has its fields elsewhere */
  sender->family = 4;
  if (bpf_skb_load_bytes(skb, XV_ETHERNET_BYTES, kind, sizeof(kind)) || xv_be16(kind) != 1 ||
      xv_be16(kind + 2) != XV_ETHERTYPE_IPV4 || kind[4] != 6 || kind[5] != 4)
    return PASS_ON;
  if (bpf_skb_load_bytes(skb, ARP_SENDER_ADDRESS, sender->address, 4))
    return PASS_ON;
  const __u8* mac = virtual_mac_of(sender);
  if (!mac)
    return PASS_ON;
  bpf_skb_store_bytes(skb, ARP_SENDER_MAC, mac, 6, 0);
  set_source(skb, mac);
  return PASS_ON;
}

XV_INLINE int ipv4_leaves(struct __sk_buff* skb, struct xv_vip_key* sender) {
  sender->family = 4;
  if (bpf_skb_load_bytes(skb, XV_ETHERNET_BYTES + 12, sender->address, 4))
    return PASS_ON;
  const __u8* mac = virtual_mac_of(sender);
  if (mac)
    set_source(skb, mac);
  return PASS_ON;
}

/* Puts the MAC into the option of this kind, and mends the checksum. */
XV_INLINE void set_option(struct __sk_buff* skb, __u32 offset, __u8 kind, const __u8* mac) {
  for (int i = 0; i < OPTIONS_MAX; i++) {
    __u8 option[OPTION_UNIT] __attribute__((aligned(4)));
    if (bpf_skb_load_bytes(skb, offset, option, sizeof(option)) || !option[1])
      return;
    if (option[0] == kind && option[1] == 1) {
      __u8 changed[OPTION_UNIT] __attribute__((aligned(4))) = {kind, 1};
      xv_copy(changed + 2, mac, 6);
      const __s64 difference =
          bpf_csum_diff((__be32*)option, sizeof(option), (__be32*)changed, sizeof(changed), 0);
      bpf_l4_csum_replace(skb, ICMP6_CHECKSUM, 0, (__u64)difference, 0);
      bpf_skb_store_bytes(skb, offset, changed, sizeof(changed), 0);
      return;
    }
    offset += option[1] * OPTION_UNIT;
  }
}

/* Where the options of a Neighbor Discovery message begin, and which of them holds the sender's MAC; 0:
 * nowhere. */
XV_INLINE __u32 nd_options(__u8 type) {
  switch (type) {
  case ND_ROUTER_SOLICITATION:
    return ICMP6 + 8;
  case ND_ROUTER_ADVERTISEMENT:
    return ICMP6 + 16;
  case ND_NEIGHBOR_SOLICITATION:
  case ND_NEIGHBOR_ADVERTISEMENT:
    return ICMP6 + 24;
  default:
    return 0;
  }
}

/* A Neighbor Advertisement speaks for its target, whatever its source. */
XV_INLINE int ipv6_leaves(struct __sk_buff* skb, struct xv_vip_key* sender) {
  __u8 next_header = 0;
  __u8 type = 0;
  sender->family = 6;
  if (bpf_skb_load_bytes(skb, XV_ETHERNET_BYTES + 6, &next_header, 1) ||
      bpf_skb_load_bytes(skb, XV_ETHERNET_BYTES + 8, sender->address, 16))
    return PASS_ON;
  if (next_header == IPPROTO_ICMPV6_ && bpf_skb_load_bytes(skb, ICMP6, &type, 1))
    return PASS_ON;
  if (type == ND_NEIGHBOR_ADVERTISEMENT && bpf_skb_load_bytes(skb, ND_TARGET, sender->address, 16))
    return PASS_ON;
  const __u8* mac = virtual_mac_of(sender);
  if (!mac)
    return PASS_ON;
  const __u32 options = nd_options(type);
  if (options)
    set_option(skb, options, type == ND_NEIGHBOR_ADVERTISEMENT ? OPTION_TARGET_MAC : OPTION_SOURCE_MAC, mac);
  set_source(skb, mac);
  return PASS_ON;
}

/* A tagged frame on the real device left through its VLAN device before, and was seen there. */
XV_INLINE int frame_leaves(struct __sk_buff* skb) {
  const struct xv_guard* guards = the_guard();
  if (!guards || !READ_ONCE(guards->vmac) || skb->vlan_present)
    return PASS_ON;
  __u8 ethertype[2];
  if (bpf_skb_load_bytes(skb, 12, ethertype, sizeof(ethertype)))
    return PASS_ON;
  struct xv_vip_key sender = {.ifindex = skb->ifindex};
  switch (xv_be16(ethertype)) {
  case ETHERTYPE_ARP:
    return arp_leaves(skb, &sender);
  case XV_ETHERTYPE_IPV4:
    return ipv4_leaves(skb, &sender);
  case XV_ETHERTYPE_IPV6:
    return ipv6_leaves(skb, &sender);
  default:
    return PASS_ON;
  }
}

#endif
