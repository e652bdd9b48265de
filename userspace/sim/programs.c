/* SPDX-License-Identifier: BSD-2-Clause */
#include "programs.h"

#include <asm/types.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

/* Whose programs run. One thread simulates one node at a time. */
static __thread struct sim_maps* node;
static __thread struct xv_event event_room;

/* ---- what bpf/lib takes from libbpf and the kernel, as far as these programs need it ---- */

#define __BPF_HELPERS__ /* not libbpf's */
#define SEC(name)
#define __uint(name, value) int(*name)[value]
#define __type(name, value) typeof(value)* name
struct bpf_timer;

static void* bpf_map_lookup_elem(void* map, const void* key);
static long bpf_map_update_elem(void* map, const void* key, const void* value, __u64 flags);
static long bpf_map_delete_elem(void* map, const void* key);

static __u64 bpf_ktime_get_ns(void) {
  return node->now_ns;
}
static long bpf_timer_init(void* timer, void* map, __u64 flags) {
  (void)timer, (void)map, (void)flags;
  return 0;
}
static long bpf_timer_start(void* timer, __u64 after, __u64 flags) {
  (void)timer, (void)flags;
  node->fires_ns = node->now_ns + after;
  return 0;
}
static void* bpf_ringbuf_reserve(void* ring, __u64 size, __u64 flags) {
  (void)ring, (void)size, (void)flags;
  return node->has_room(node->ring) ? &event_room : 0;
}
static void bpf_ringbuf_submit(void* data, __u64 flags) {
  (void)flags;
  node->submit(node->ring, data);
}
struct timer_scan;
static long for_each_router(void* map,
                            long (*look)(void*, struct xv_vr_key*, struct xv_vr_live*, struct timer_scan*),
                            struct timer_scan* scan) {
  for (__u32 router = 0; router < node->routers; router++) {
    struct xv_vr_key key = node->keys[router];
    if (node->has_live[router])
      look(map, &key, &node->vr_live[router], scan);
  }
  return 0;
}
#define bpf_for_each_map_elem(map, look, scan, flags) for_each_router(map, look, scan)
#define bpf_timer_set_callback(timer, callback) ((void)(timer), (void)(callback), 0)

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wshadow" /* maps have short names */
#include "../../bpf/lib/maps.h"
#define kernel_timer node->kernel_timer
#include "../../bpf/lib/control.h"
#pragma GCC diagnostic pop

static __u32 router_of(const void* key) {
  return ((const struct xv_vr_key*)key)->ifindex - 1;
}

static void* bpf_map_lookup_elem(void* map, const void* key) {
  if (map == &vr_live)
    return node->has_live[router_of(key)] ? &node->vr_live[router_of(key)] : 0;
  if (map == &vr_stats)
    return &node->stats;
  if (map == &lease)
    return &node->lease[*(const __u32*)key];
  if (map == &guard)
    return &node->guard;
  return map == &down_timer ? &node->down_timer : 0;
}

static long bpf_map_update_elem(void* map, const void* key, const void* value, __u64 flags) {
  const __u32 router = router_of(key);
  if (map != &vr_live)
    return -EINVAL;
  if (flags == BPF_NOEXIST && node->has_live[router])
    return -EEXIST;
  node->has_live[router] = 1;
  memcpy(&node->vr_live[router], value, sizeof(struct xv_vr_live));
  return 0;
}

static long bpf_map_delete_elem(void* map, const void* key) {
  if (map == &vr_live)
    node->has_live[router_of(key)] = 0;
  return 0;
}

__u64 sim_hear(struct sim_maps* maps, __u32 router, const struct xv_advert* advert) {
  struct xv_advert heard_now = *advert; /* it gets notes */
  node = maps;
  struct xv_encounter encounter = {.now_ns = maps->now_ns};
  hear_own(&maps->keys[router], &maps->vr_config[router], &heard_now, &encounter, &maps->stats);
  maps->limited += encounter.report == XV_REPORT_LIMITED;
  return encounter.interval_ns;
}

void sim_fire(struct sim_maps* maps) {
  __u32 key = 0;
  node = maps;
  maps->fires_ns = 0;
  on_timer(&down_timer, &key, (struct down_timer_value*)&maps->down_timer);
}

int sim_command(struct sim_maps* maps, struct xv_command* command) {
  node = maps;
  return run_command(command);
}
