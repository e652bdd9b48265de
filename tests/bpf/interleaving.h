/* SPDX-License-Identifier: BSD-2-Clause */
/* The control program and the timer's callback of bpf/lib, compiled for the host with a stop before each
 * access to what they share (bpf/lib/shared.h), so that a test can run one beside the other in every order.
 */
#ifndef XVRRP_TESTS_BPF_INTERLEAVING_H
#define XVRRP_TESTS_BPF_INTERLEAVING_H

#include <xvrrp/abi/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What both see: one virtual router, one timer. */
struct world {
  struct xv_vr_live live;
  struct xv_guard guard;
  struct {
    __u64 kernels[2];
    __u64 armed_ns; /* for when the programs believe it to be started */
  } timer;          /* the value in the map down_timer */
  __u64 fires_ns;   /* when it does; 0: it was not started since it did */
  __u64 now_ns;
  __u32 events; /* MASTER_DOWN: how many, ... */
  struct {
    __u64 deadline_ns;
    __u32 generation;
  } told[8]; /* ... and of what */
};
extern struct world world;

/* Every shared access, by whoever runs. A store may stay in its processor's buffer until world_barrier(). */
extern void (*world_load)(const volatile void* from, void* to, __u32 bytes);
extern void (*world_store)(volatile void* to, const void* from, __u32 bytes);
/* Before an access that is a full barrier, and before what is no memory access. */
extern void (*world_barrier)(void);

/* The election's answer to the next event, which comes at once; null: none comes. */
extern void (*world_answer)(void);

/* What runs on one CPU: a command, an advert that stores a deadline, or all that a Backup of priority 100
 * does with an advert; and what runs on another, the timer. */
void world_command(const struct xv_command* command);
void world_advert(__u64 deadline_ns);
void world_hear(__u8 priority);
void world_timer(void);

#ifdef __cplusplus
}
#endif

#endif
