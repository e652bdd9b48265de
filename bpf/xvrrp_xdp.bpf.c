// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * The receive side of xvrrp: judges every VRRP packet before a socket buffer exists. Beside it the programs
 * that share its maps: virtual MACs, the host's other interfaces, and the election thread's commands. A
 * packet that is not VRRP leaves after a few compares, unless an address or a MAC of ours is guarded.
 */
#include "lib/capture.h"
#include "lib/checks.h"
#include "lib/claims.h"
#include "lib/control.h"
#include "lib/guard.h"
#include "lib/virtual_mac.h"
#include "lib/weak_host.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* What a packet's reason means for the packet on an interface of this mode. */
XV_INLINE int verdict(enum xv_reason reason, const struct xv_if_policy* policy, int configured) {
  if (!policy || policy->mode == XV_MODE_OBSERVE)
    return XDP_PASS;
  if (reason == XV_fragment || reason == XV_transit)
    return XDP_PASS;
  if (!configured && (policy->flags & XV_POLICY_PASS_UNKNOWN_VRID))
    return XDP_PASS;
  return reason == XV_observed ? XDP_PASS : XDP_DROP;
}

/* Worth a line in the log: not what other virtual routers on the link do, nor what arrives while ours is
 * stopped. */
XV_INLINE int is_suspicious(enum xv_reason reason) {
  return is_bad(reason) && reason != XV_unknown_vrid && reason != XV_stopped && reason != XV_fragment &&
         reason != XV_transit;
}

/*
 * From the parser's reason to the verdict. A global function: the verifier walks it once, for any advert, and
 * not once per path through the parser.
 */
__attribute__((noinline)) int judge(struct xdp_md* ctx, enum xv_reason reason, struct xv_advert* advert) {
  if (!advert)
    return XDP_PASS;
  const __u64 now = bpf_ktime_get_ns();
  const struct xv_if_key interface = {ctx->ingress_ifindex, advert->vlan, advert->inner_vlan};
  const struct xv_vr_key key = {ctx->ingress_ifindex, advert->vlan, advert->inner_vlan,
                                advert->family,       advert->vrid, {0, 0}};
  const struct xv_if_policy* policy = bpf_map_lookup_elem(&if_policy, &interface);
  const struct xv_vr_config* config = bpf_map_lookup_elem(&vr_config, &key);
  struct xv_stats* stats = stats_of(&key, &interface, config != 0);
  const int own = policy && policy->mode == XV_MODE_OWN;
  const int filters = policy && policy->mode != XV_MODE_OBSERVE;

  if (reason == XV_observed && config) {
    advert->notes |= differences(config, advert);
    reason = check_configured(&key, config, advert);
  } else if (reason == XV_observed && filters) {
    reason = XV_unknown_vrid;
  }
  if (is_bad(reason) && reason != XV_frame && filters && advert->unicast && is_transit(ctx, advert))
    reason = XV_transit;
  if (reason == XV_observed || reason == XV_unknown_vrid) {
    count_notes(stats, advert->notes);
    if (config && !(config->flags & XV_VR_LISTED)) {
      struct xv_encounter encounter = {.now_ns = now};
      reason = hear_own(&key, config, advert, &encounter, stats);
      count_beside(stats, encounter.counts);
    } else {
      hear_foreign(&key, advert, now);
    }
  }
  count(stats, reason);
  if (own && is_suspicious(reason))
    report_bad_packet(&key, &interface, advert, reason, now, stats);
  const int result = verdict(reason, policy, config != 0);
  if (is_captured(&key, now))
    capture_packet(ctx, &key, reason, result, now);
  return result;
}

SEC("xdp.frags")
int xvrrp_rx(struct xdp_md* ctx) {
  const struct xv_cursor frame = xv_packet_cursor(ctx);
  struct xv_advert advert = {};
  const enum xv_reason reason = xv_parse_advert(frame, &advert);
  if (reason == XV_not_vrrp) {
    if (may_claim(frame))
      hear_claim(ctx);
    return is_guarding() ? guard_packet(ctx) : XDP_PASS;
  }
  return judge(ctx, reason, &advert);
}

SEC("tc")
int xvrrp_in(struct __sk_buff* skb) {
  return frame_arrives(skb);
}

SEC("tc")
int xvrrp_tx(struct __sk_buff* skb) {
  return frame_leaves(skb);
}

SEC("tc")
int xvrrp_guard(struct __sk_buff* skb) {
  return guard_host(skb);
}

SEC("syscall")
int xvrrp_control(struct xv_command* command) {
  command->result = run_command(command);
  return 0;
}
