/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Packets that are not VRRP, on a router that is fenced, that does not accept, or that has virtual MACs. What
 * is not for an address or a MAC of ours passes untouched, and so does whatever cannot be understood.
 */
#ifndef XVRRP_BPF_GUARD_H
#define XVRRP_BPF_GUARD_H

#include "lease.h"
#include "neighbour.h"

/* Whom a packet is for. */
struct addressee {
  struct xv_vip_key vip;
  __u8 asked;     /* an ARP request or Neighbor Solicitation asks who has the address */
  __u8 discovery; /* Neighbor Discovery, which Accept_Mode does not concern (RFC 9568 6.4.3) */
  __u8 hidden;    /* may be Neighbor Discovery, behind more extension headers than are walked through */
};

/* What the verdicts below need to know of a packet's virtual router. */
XV_INLINE int drop(const struct xv_vr_key* vr, enum xv_reason reason) {
  count(bpf_map_lookup_elem(&vr_stats, vr), reason);
  return XDP_DROP;
}

/* A gratuitous ARP asks nobody: its sender has the address. */
XV_INLINE int arp_addressee(struct xv_cursor* cursor, struct addressee* to) {
  const __u8* arp = xv_take(cursor, ARP_BYTES);
  if (!arp || xv_be16(arp + 2) != XV_ETHERTYPE_IPV4 || xv_be16(arp + 6) != ARP_REQUEST)
    return 0;
  xv_copy(to->vip.address, arp + 24, 4);
  to->vip.family = 4;
  to->asked = 1;
  return arp[14] != arp[24] || arp[15] != arp[25] || arp[16] != arp[26] || arp[17] != arp[27];
}

XV_INLINE int ipv4_addressee(struct xv_cursor* cursor, struct addressee* to) {
  const __u8* header = xv_take(cursor, XV_IPV4_BYTES);
  if (!header)
    return 0;
  xv_copy(to->vip.address, header + 16, 4);
  to->vip.family = 4;
  return 1;
}

/* A Neighbor Solicitation is for its target, wherever it is sent. */
XV_INLINE int ipv6_addressee(struct xv_cursor* cursor, struct addressee* to) {
  const __u8* header = xv_take(cursor, XV_IPV6_BYTES);
  if (!header)
    return 0;
  xv_copy(to->vip.address, header + 24, 16);
  to->vip.family = 6;
  const __u8 next_header = take_extensions(cursor, header[6]);
  to->hidden = is_extension(next_header) && header[7] == ND_HOP_LIMIT;
  if (next_header != IPPROTO_ICMPV6_)
    return 1;
  const __u8* icmp = xv_take(cursor, 8);
  if (!icmp)
    return 1;
  to->discovery = icmp[0] >= ND_ROUTER_SOLICITATION && icmp[0] <= ND_REDIRECT;
  if (icmp[0] != ND_NEIGHBOR_SOLICITATION)
    return 1;
  const __u8* target = xv_take(cursor, 16);
  if (!target)
    return 1;
  xv_copy(to->vip.address, target, 16);
  to->asked = 1;
  return 1;
}

/* Whether the router does not answer for an address that it has. */
XV_INLINE int silences(const struct xv_vr_key* vr, struct xv_vr_live* live, const struct addressee* to) {
  if (to->asked && READ_ONCE(live->role) == XV_ROLE_RESIGNING)
    return 1;
  return fences(vr, live, bpf_ktime_get_ns());
}

/* What becomes of a packet for a virtual address of ours. */
XV_INLINE int judge_addressee(const struct xv_vip* vip_of, const struct addressee* to) {
  struct xv_vr_live* live = bpf_map_lookup_elem(&vr_live, &vip_of->vr);
  /* A Backup does not have the address: whoever routes through it reaches the Master. */
  if (!live || !is_master(live))
    return XDP_PASS;
  if ((vip_of->flags & XV_VIP_INSTALLED) && silences(&vip_of->vr, live, to))
    return drop(&vip_of->vr, to->asked ? XV_fenced_neighbour : XV_fenced);
  if ((vip_of->flags & XV_VIP_NO_ACCEPT) && !to->asked && !to->discovery)
    return drop(&vip_of->vr, XV_not_accepted);
  return XDP_PASS;
}

/* Whether the packet is for one of our virtual addresses, and what becomes of it then. */
XV_INLINE int guard_address(struct xv_cursor* cursor, __u16 ethertype, struct addressee* to) {
  int known = 0;
  if (ethertype == ETHERTYPE_ARP)
    known = arp_addressee(cursor, to);
  else if (ethertype == XV_ETHERTYPE_IPV4)
    known = ipv4_addressee(cursor, to);
  else if (ethertype == XV_ETHERTYPE_IPV6)
    known = ipv6_addressee(cursor, to);
  if (to->hidden) { /* nobody who means well sends that, and it may ask for an address of a fenced router */
    const struct xv_if_key interface = {to->vip.ifindex, to->vip.vlan, to->vip.inner_vlan};
    count(bpf_map_lookup_elem(&if_stats, &interface), XV_fenced_neighbour);
    return XDP_DROP;
  }
  const struct xv_vip* vip_of = known ? bpf_map_lookup_elem(&vip, &to->vip) : 0;
  return vip_of ? judge_addressee(vip_of, to) : XDP_PASS;
}

/* A frame for a virtual MAC is for us only while its router is Master (RFC 9568 6.4.3). */
XV_INLINE int guard_mac(const struct xv_vmac_key* key) {
  const struct xv_vmac* known = bpf_map_lookup_elem(&vmac, key);
  if (!known)
    return XDP_PASS;
  struct xv_vr_live* live = bpf_map_lookup_elem(&vr_live, &known->vr);
  if (!live || !is_master(live))
    return drop(&known->vr, XV_not_master);
  if (fences(&known->vr, live, bpf_ktime_get_ns()))
    return drop(&known->vr, XV_fenced);
  return XDP_PASS;
}

/* Whether the destination may be a virtual MAC at all: the look-up is spared where all have the RFC's form.
 */
XV_INLINE int may_be_virtual(const struct xv_guard* guards, const __u8* mac) {
  if (!guards->vmac || (mac[0] & 1))
    return 0;
  return guards->any_mac || (mac[0] == 0 && mac[1] == 0 && mac[2] == 0x5e && mac[3] == 0);
}

/* Whether a packet that is not VRRP needs a look. */
XV_INLINE int is_guarding(void) {
  const struct xv_guard* guards = the_guard();
  return guards && (guards_addresses(guards) || READ_ONCE(guards->vmac));
}

/* A global function: the verifier walks it once. */
__attribute__((noinline)) int guard_packet(struct xdp_md* ctx) {
  const struct xv_guard* guards = the_guard();
  struct xv_cursor cursor = xv_packet_cursor(ctx);
  __u16 vlan = 0;
  __u16 inner_vlan = 0;
  const __u8* ethernet = cursor.pos;
  const __u16 ethertype = xv_take_ethernet(&cursor, &vlan, &inner_vlan);
  if (!guards || !ethertype)
    return XDP_PASS;
  if (may_be_virtual(guards, ethernet)) {
    struct xv_vmac_key key = {ctx->ingress_ifindex, vlan, inner_vlan, {0}, {0}};
    xv_copy(key.mac, ethernet, 6);
    if (guard_mac(&key) == XDP_DROP)
      return XDP_DROP;
  }
  if (!guards_addresses(guards))
    return XDP_PASS;
  struct addressee to = {.vip = {.ifindex = ctx->ingress_ifindex, .vlan = vlan, .inner_vlan = inner_vlan}};
  return guard_address(&cursor, ethertype, &to);
}

#endif
