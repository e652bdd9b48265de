/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The checks of RFC 9568 and RFC 3768 section 7.1 that need the configuration. */
#ifndef XVRRP_BPF_CHECKS_H
#define XVRRP_BPF_CHECKS_H

#include <xvrrp/rules/backup.h>

#include "hearing.h"
#include "routing.h"

XV_INLINE enum xv_reason check_peer(const struct xv_vr_key* key, const struct xv_vr_config* config,
                                    const struct xv_advert* advert) {
  if (!advert->unicast || !xv_same_address(advert->destination, config->local_address))
    return XV_destination;
  struct xv_peer_key peer = {.vr = *key};
  __builtin_memcpy(peer.address, advert->source, sizeof(peer.address));
  return bpf_map_lookup_elem(&vr_peer, &peer) ? XV_observed : XV_not_a_peer;
}

XV_INLINE enum xv_reason check_v2(const struct xv_vr_config* config, const struct xv_advert* advert) {
  if (advert->auth_type != config->auth_type)
    return XV_auth_type;
  if (config->version == 3) /* interoperation: v3 learns the interval of v2, too */
    return advert->interval ? XV_observed : XV_zero_interval;
  if (config->auth_type == XV_AUTH_PASS) {
    const __u32* theirs = (const __u32*)advert->auth_data;
    const __u32* ours = (const __u32*)config->auth_data;
    if (theirs[0] != ours[0] || theirs[1] != ours[1])
      return XV_auth_data;
  }
  if ((advert->notes & XV_NOTE_ADDRESS_LIST) && (config->flags & XV_VR_STRICT_ADDRESSES) &&
      advert->priority != XV_RULES_PRIORITY_OWNER)
    return XV_strict_addresses;
  return advert->interval == config->interval_wire ? XV_observed : XV_v2_interval;
}

/* What a valid advert says otherwise than our configuration does, as XV_NOTE_*. In v2 another interval is an
 * error, not a note. */
XV_INLINE __u8 differences(const struct xv_vr_config* config, const struct xv_advert* advert) {
  __u8 notes = 0;
  if (config->flags & XV_VR_LISTED)
    return notes;
  if (advert->version == 3 && advert->interval != config->interval_wire)
    notes |= XV_NOTE_INTERVAL_DIFFERS;
  if (advert->count != config->count || advert->list_sum != config->list_sum)
    notes |= XV_NOTE_ADDRESS_LIST;
  return notes;
}

XV_INLINE int same_mac(const __u8* a, const __u8* b) {
  __u8 difference = 0;
  for (int i = 0; i < 6; i++)
    difference |= a[i] ^ b[i];
  return !difference;
}

XV_INLINE int is_set(const __u8* mac) {
  return mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5];
}

/* Whether it is the virtual router's: its virtual MAC, or the interface's own. */
XV_INLINE int is_our_mac(const struct xv_vr_config* config, const __u8* mac) {
  return !is_set(config->device_mac) || same_mac(mac, config->device_mac) || same_mac(mac, config->mac);
}

/* XV_observed when the advert is one that this virtual router listens to. A global function: the verifier
 * walks it once. */
__attribute__((noinline)) int check_configured(const struct xv_vr_key* key, const struct xv_vr_config* config,
                                               const struct xv_advert* advert) {
  if (!key || !config || !advert || config->flags & XV_VR_LISTED)
    return XV_observed;
  if (advert->version != config->version && !(advert->version == 2 && config->flags & XV_VR_V2_INTEROP))
    return XV_version;
  if (xv_same_address(advert->source, config->local_address))
    return XV_own_source;
  /* A promiscuous interface gets frames for other hosts, too. */
  if (!(advert->mac[0] & 1) && !is_our_mac(config, advert->mac))
    return XV_frame;
  if (config->flags & XV_VR_UNICAST) {
    const enum xv_reason reason = check_peer(key, config, advert);
    if (reason != XV_observed)
      return reason;
  } else if (advert->unicast) {
    return XV_destination;
  }
  if (config->priority == XV_RULES_PRIORITY_OWNER && (config->flags & XV_VR_OWNER_IGNORES))
    return XV_owner_ignores;
  return advert->version == 2 ? check_v2(config, advert) : XV_observed;
}

/* Whether this host would forward the packet to somebody else: then it is not ours to judge. Not inlined: the
 * look-up's argument would not fit the stack of the caller. */
static __attribute__((noinline)) int is_transit(struct xdp_md* ctx, const struct xv_advert* advert) {
  struct bpf_fib_lookup route = {.ifindex = ctx->ingress_ifindex, .l4_protocol = XV_IPPROTO_VRRP};
  if (advert->family == 4) {
    route.family = AF_INET_;
    __builtin_memcpy(&route.ipv4_src, advert->source, 4);
    __builtin_memcpy(&route.ipv4_dst, advert->destination, 4);
  } else {
    route.family = AF_INET6_;
    __builtin_memcpy(route.ipv6_src, advert->source, 16);
    __builtin_memcpy(route.ipv6_dst, advert->destination, 16);
  }
  return is_forwarded(bpf_fib_lookup(ctx, &route, sizeof(route), 0));
}

#endif
