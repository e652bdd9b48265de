/* SPDX-License-Identifier: BSD-2-Clause */
/* The data plane's own programs, bpf/lib as it is, compiled for the host over memory instead of maps: what
 * hears adverts, keeps Master_Down_Timer, watches leases and takes the election's commands. */
#ifndef XVRRP_SIM_PROGRAMS_H
#define XVRRP_SIM_PROGRAMS_H

#include <xvrrp/abi/types.h>
#include <xvrrp/wire/advert.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The maps of one node. The arrays have `routers` elements each, and are whoever's who makes it. */
struct sim_maps {
  __u32 routers;
  __u32 kernel_timer;           /* as the programs' constant: 0 where the kernel has no bpf_timer */
  const struct xv_vr_key* keys; /* router N has one with ifindex N + 1 */
  struct xv_vr_config* vr_config;
  struct xv_vr_live* vr_live;
  __u8* has_live; /* whether vr_live has the element */
  __u64* lease;
  struct xv_guard guard;
  struct xv_stats stats; /* of all routers together */
  __u64 limited;         /* adverts that were news, but over the limit of events */
  struct {
    __u64 kernels[2];
    __u64 armed_ns;
  } down_timer;
  __u64 fires_ns; /* when the timer that was started fires; 0: none was */
  __u64 now_ns;   /* CLOCK_MONOTONIC of the node; set before each call */
  void* ring;     /* handed to the next two */
  int (*has_room)(void* ring);
  void (*submit)(void* ring, const struct xv_event* event);
};

/* A valid advert of the router. Returns the interval that it teaches; 0: nothing came of it. */
__u64 sim_hear(struct sim_maps* maps, __u32 router, const struct xv_advert* advert);
/* The timer fires. */
void sim_fire(struct sim_maps* maps);
/* 0 or a negative errno. */
int sim_command(struct sim_maps* maps, struct xv_command* command);

#ifdef __cplusplus
}
#endif

#endif
