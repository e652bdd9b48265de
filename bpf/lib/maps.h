/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Every map of the data plane. Names as in xvrrp/abi/names.h; who writes which is said in xvrrp/abi/types.h.
 */
#ifndef XVRRP_BPF_MAPS_H
#define XVRRP_BPF_MAPS_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <xvrrp/abi/types.h>

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct xv_info);
} info SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, XV_MAX_INTERFACES);
  __type(key, struct xv_if_key);
  __type(value, struct xv_if_policy);
} if_policy SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, XV_MAX_INTERFACES);
  __type(key, struct xv_if_key);
  __type(value, struct xv_stats);
} if_stats SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, XV_MAX_INTERFACES);
  __type(key, struct xv_if_key);
  __type(value, struct xv_if_report);
} if_report SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, XV_MAX_VRS);
  __type(key, struct xv_vr_key);
  __type(value, struct xv_vr_config);
} vr_config SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, XV_MAX_PEERS);
  __type(key, struct xv_peer_key);
  __type(value, __u8);
} vr_peer SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, XV_MAX_VRS);
  __type(key, struct xv_vr_key);
  __type(value, struct xv_vr_live);
} vr_live SEC(".maps");

/*
 * The one timer, armed for the earliest Master_Down_Timer of all. Not one per virtual router: the kernel
 * makes timers from memory that it can get without waiting, which some hundred of them exhaust, and Masters
 * that are lost together are one interrupt. Never written by user space: that would cancel the timer without
 * a word.
 */
struct down_timer_value {
  struct bpf_timer timer;
  __u64 armed_ns; /* for when; 0: not armed */
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct down_timer_value);
} down_timer SEC(".maps");

/*
 * Set before loading. 0 where the kernel refuses bpf_timer: then the election thread keeps Master_Down_Timer,
 * down_timer does not exist, and what would touch it is dead code, which the verifier does not walk.
 */
const volatile __u32 kernel_timer = 1;

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, XV_MAX_VRS);
  __type(key, struct xv_vr_key);
  __type(value, struct xv_stats);
} vr_stats SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, XV_MAX_HEARD);
  __type(key, struct xv_vr_key);
  __type(value, struct xv_hearing);
} heard SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, XV_MAX_VIPS);
  __type(key, struct xv_vip_key);
  __type(value, struct xv_vip);
} vip SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, XV_MAX_VRS);
  __type(key, struct xv_vmac_key);
  __type(value, struct xv_vmac);
} vmac SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct xv_guard);
} guard SEC(".maps");

/*
 * Until when each Master may be believed: a moment of CLOCK_MONOTONIC, 0 where there is no lease. The
 * election thread writes it with every advert, through its own mapping of the map and therefore without a
 * system call.
 */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, XV_MAX_VRS);
  __type(key, __u32);
  __type(value, __u64);
} lease SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, XV_MAX_INTERFACES);
  __type(key, __u32);
  __type(value, struct xv_capture_if);
} capture_if SEC(".maps");

/* One entry per CPU, set by whoever captures. */
struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __type(key, __u32);
  __type(value, __u32);
} capture SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, XV_RING_BYTES);
} events SEC(".maps");

#endif
