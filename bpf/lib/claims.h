/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Somebody who says that he has a virtual address of ours, while we are Master (RFC 5227 2.4; for IPv6 an
 * unsolicited Neighbor Advertisement): hosts believe him. It passes, as we are not the only one who hears it;
 * it is counted, and the election announces the addresses again.
 */
#ifndef XVRRP_BPF_CLAIMS_H
#define XVRRP_BPF_CLAIMS_H

#include "checks.h"
#include "events.h"
#include "neighbour.h"

/* Whether a frame that is not VRRP may say who has an address: all but IPv4, which most are. */
XV_INLINE int may_claim(struct xv_cursor frame) {
  const __u8* ethernet = xv_take(&frame, XV_ETHERNET_BYTES);
  return ethernet && xv_be16(ethernet + 12) != XV_ETHERTYPE_IPV4;
}

/* Whoever sends ARP, asking or answering, has his address. */
XV_INLINE int arp_claims(struct xv_cursor* cursor, __u8* address, __u8* mac) {
  const __u8* arp = xv_take(cursor, ARP_BYTES);
  if (!arp || xv_be16(arp) != 1 || xv_be16(arp + 2) != XV_ETHERTYPE_IPV4 || arp[4] != 6 || arp[5] != 4)
    return 0;
  xv_copy(mac, arp + 8, 6);
  xv_copy(address, arp + 14, 4);
  return 1;
}

/* `mac` is the frame's source, unless an option says otherwise. */
XV_INLINE int advertisement_claims(struct xv_cursor* cursor, __u8* address, __u8* mac) {
  const __u8* header = xv_take(cursor, XV_IPV6_BYTES);
  if (!header || header[7] != ND_HOP_LIMIT || take_extensions(cursor, header[6]) != IPPROTO_ICMPV6_)
    return 0;
  const __u8* icmp = xv_take(cursor, 24);
  if (!icmp || icmp[0] != ND_NEIGHBOR_ADVERTISEMENT)
    return 0;
  xv_copy(address, icmp + 8, 16);
  const __u8* option = xv_take(cursor, 8);
  if (option && option[0] == OPTION_TARGET_MAC && option[1] == 1)
    xv_copy(mac, option + 2, 6);
  return 1;
}

/* Whether that is a claim: not ours come back, and not of a router that was Master until now and says so in
 * its adverts, which are an event of their own. */
XV_INLINE int is_claim(const struct xv_vr_live* live, const struct xv_vr_config* config, const __u8* mac,
                       __u64 now) {
  if (READ_ONCE(live->role) != XV_ROLE_MASTER || !is_set(config->device_mac) || is_our_mac(config, mac))
    return 0;
  return !live->heard.adverts || xv_elapsed_ns(live->heard.last_ns, now) >= XV_CLAIM_GRACE_NS;
}

XV_INLINE void tell_claim(const struct xv_vr_key* key, struct xv_claim* claim, struct xv_stats* stats) {
  if (xv_elapsed_ns(claim->told_ns, claim->last_ns) < XV_CLAIM_REPORT_NS)
    return;
  struct xv_event* event = new_event(key, XV_EVENT_CLAIMED, claim->last_ns, stats);
  if (!event)
    return;
  claim->told_ns = claim->last_ns;
  xv_copy(event->source, claim->address, 16);
  xv_copy(event->mac, claim->mac, 6);
  event->reason = XV_claimed;
  bpf_ringbuf_submit(event, 0);
}

/* A global function: the verifier walks it once. */
__attribute__((noinline)) int hear_claim(struct xdp_md* ctx) {
  struct xv_cursor cursor = xv_packet_cursor(ctx);
  __u16 vlan = 0;
  __u16 inner_vlan = 0;
  const __u8* ethernet = cursor.pos;
  const __u16 ethertype = xv_take_ethernet(&cursor, &vlan, &inner_vlan);
  if (!ethertype)
    return 0;
  struct xv_vip_key address = {.ifindex = ctx->ingress_ifindex, .vlan = vlan, .inner_vlan = inner_vlan};
  __u8 mac[6];
  xv_copy(mac, ethernet + 6, 6);
  address.family = ethertype == ETHERTYPE_ARP ? 4 : 6;
  if (ethertype == ETHERTYPE_ARP
          ? !arp_claims(&cursor, address.address, mac)
          : ethertype != XV_ETHERTYPE_IPV6 || !advertisement_claims(&cursor, address.address, mac))
    return 0;
  const struct xv_vip* known = bpf_map_lookup_elem(&vip, &address);
  if (!known)
    return 0;
  struct xv_vr_live* live = bpf_map_lookup_elem(&vr_live, &known->vr);
  const struct xv_vr_config* config = bpf_map_lookup_elem(&vr_config, &known->vr);
  const __u64 now = bpf_ktime_get_ns();
  if (!live || !config || !is_claim(live, config, mac, now))
    return 0;
  struct xv_stats* stats = bpf_map_lookup_elem(&vr_stats, &known->vr);
  count(stats, XV_claimed);
  live->claim.last_ns = now;
  xv_copy(live->claim.address, address.address, 16);
  xv_copy(live->claim.mac, mac, 6);
  tell_claim(&known->vr, &live->claim, stats);
  return 0;
}

#endif
