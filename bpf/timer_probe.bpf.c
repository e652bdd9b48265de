// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Whether this kernel lets a program have a timer. Only loading one tells: PREEMPT_RT kernels have the
 * helpers and refuse whoever calls them. Never run.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define CLOCK_MONOTONIC_ 1

struct timed {
  struct bpf_timer timer;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct timed);
} timers SEC(".maps");

SEC("syscall")
int probe_timer(void* context) {
  const __u32 only = 0;
  struct timed* value = bpf_map_lookup_elem(&timers, &only);
  (void)context;
  return value ? (int)bpf_timer_init(&value->timer, &timers, CLOCK_MONOTONIC_) : 0;
}
