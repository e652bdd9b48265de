/* SPDX-License-Identifier: BSD-2-Clause */
#include "bpf/interleaving.h"

#include <asm/types.h>
#include <linux/bpf.h>
#include <string.h>

void (*world_load)(const volatile void* from, void* to, __u32 bytes);
void (*world_store)(volatile void* to, const void* from, __u32 bytes);
void (*world_barrier)(void);
void (*world_answer)(void);
struct world world;

/* ---- what bpf/lib takes from libbpf and the kernel, as far as these two need it ---- */

#define __BPF_HELPERS__ /* not libbpf's */
#define SEC(name)
#define __uint(name, value) int(*name)[value]
#define __type(name, value) typeof(value)* name
struct bpf_timer;

static void* bpf_map_lookup_elem(void* map, const void* key);
static long bpf_map_update_elem(void* map, const void* key, const void* value, __u64 flags) {
  (void)map, (void)key, (void)value, (void)flags;
  return 0;
}
static long bpf_map_delete_elem(void* map, const void* key) {
  (void)map, (void)key;
  return 0;
}
static __u64 bpf_ktime_get_ns(void) {
  return world.now_ns;
}
static long bpf_timer_init(void* timer, void* map, __u64 flags) {
  (void)timer, (void)map, (void)flags;
  return 0;
}
static long bpf_timer_start(void* timer, __u64 after, __u64 flags) {
  (void)timer, (void)flags;
  world_barrier();
  world.fires_ns = world.now_ns + after;
  return 0;
}
static struct xv_event event_room;
static void* bpf_ringbuf_reserve(void* ring, __u64 size, __u64 flags) {
  (void)ring, (void)size, (void)flags;
  return &event_room;
}
static void bpf_ringbuf_submit(void* data, __u64 flags) {
  const struct xv_event* event = data;
  (void)flags;
  world_barrier();
  const __u32 last = world.events++ % 8;
  world.told[last].deadline_ns = event->deadline_ns;
  world.told[last].generation = event->generation;
  void (*const answer)(void) = world_answer;
  world_answer = 0;
  if (answer)
    answer();
}
struct timer_scan;
static long scan_world(void* map,
                       long (*look)(void*, struct xv_vr_key*, struct xv_vr_live*, struct timer_scan*),
                       struct timer_scan* scan) {
  struct xv_vr_key key = {.vrid = 1};
  return look(map, &key, &world.live, scan);
}
#define bpf_for_each_map_elem(map, look, scan, flags) scan_world(map, look, scan)
#define bpf_timer_set_callback(timer, callback) ((void)(timer), (void)(callback), 0)

#define READ_ONCE(x)                                                                                         \
  ({                                                                                                         \
    typeof((x) + 0) value_;                                                                                  \
    world_load(&(x), &value_, sizeof(value_));                                                               \
    value_;                                                                                                  \
  })
#define WRITE_ONCE(x, value)                                                                                 \
  ({                                                                                                         \
    const typeof((x) + 0) value_ = (value);                                                                  \
    world_store(&(x), &value_, sizeof(value_));                                                              \
  })
#define EXCHANGE(x, value) (world_barrier(), __sync_lock_test_and_set(&(x), value))
#define COMPARE_EXCHANGE(x, expected, value)                                                                 \
  (world_barrier(), __sync_val_compare_and_swap(&(x), expected, value))
#define FETCH_ADD(x, value) (world_barrier(), __sync_fetch_and_add(&(x), value))

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wpedantic"
#include "../../bpf/lib/control.h"
#pragma GCC diagnostic pop

static struct xv_stats stats;
static __u64 no_lease;

static void* bpf_map_lookup_elem(void* map, const void* key) {
  (void)key;
  if (map == &vr_live)
    return &world.live;
  if (map == &guard)
    return &world.guard;
  if (map == &lease)
    return &no_lease;
  if (map == &down_timer)
    return &world.timer;
  return map == &vr_stats ? &stats : 0;
}

void world_command(const struct xv_command* command) {
  struct xv_command copy = *command;
  run_command(&copy);
}

void world_advert(__u64 deadline_ns) {
  set_deadline(&world.live, deadline_ns);
  arm_by(deadline_ns, world.now_ns);
}

void world_hear(__u8 priority) {
  const struct xv_vr_key key = {.vrid = 1};
  const struct xv_vr_config config = {.advert_interval_ns = 1000000,
                                      .flags = XV_VR_PREEMPT,
                                      .version = 3,
                                      .priority = 100,
                                      .down_adverts = 3};
  struct xv_advert advert = {.version = 3, .priority = priority, .interval = 1};
  struct xv_encounter encounter = {.now_ns = world.now_ns};
  hear_own(&key, &config, &advert, &encounter, &stats);
}

void world_timer(void) {
  __u32 key = 0;
  on_timer(&down_timer, &key, (struct down_timer_value*)&world.timer);
}
