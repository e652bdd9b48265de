/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Commands of the election thread: what needs a timer, which only a BPF program can arm. */
#ifndef XVRRP_BPF_CONTROL_H
#define XVRRP_BPF_CONTROL_H

#include <asm-generic/errno.h>

#include "liveness.h"

#define CLOCK_MONOTONIC_ 1

/* Makes the timer, the first time it is asked. Its callback becomes this program's: the one that was loaded
 * before may have set an older one. */
XV_INLINE int create_timer(void) {
  if (!kernel_timer)
    return 0;
  struct down_timer_value* timer = the_timer();
  if (!timer)
    return -ENOENT;
  const long error = bpf_timer_init(&timer->timer, &down_timer, CLOCK_MONOTONIC_);
  if (error && error != -EBUSY) /* it is there already */
    return (int)error;
  return (int)bpf_timer_set_callback(&timer->timer, on_timer);
}

XV_INLINE int create(const struct xv_vr_key* key) {
  const struct xv_vr_live live = {};
  /* An int: before Linux 6.4 the upper half of what it returns is not the sign's. */
  const int error = (int)bpf_map_update_elem(&vr_live, key, &live, BPF_NOEXIST);
  return error && error != -EEXIST ? error : create_timer();
}

/* Stores the deadline of a role. A Backup that is told the role it has was asked to arm the timer again. The
 * election thread may not know of adverts that came meanwhile (they changed nothing, so they were no events),
 * and one may be arriving now: theirs is the later deadline, and stays. Returns the one that is in force. */
XV_INLINE __u64 take_deadline(struct xv_vr_live* live, const struct xv_command* command) {
  const __u64 known = READ_ONCE(live->deadline_ns);
  const int same_role = command->role == XV_ROLE_BACKUP && READ_ONCE(live->role) == XV_ROLE_BACKUP &&
                        READ_ONCE(live->generation) == command->generation;
  if (!same_role)
    EXCHANGE(live->deadline_ns, command->deadline_ns);
  else if (known < command->deadline_ns)
    COMPARE_EXCHANGE(live->deadline_ns, known, command->deadline_ns);
  return READ_ONCE(live->deadline_ns);
}

/* From here on scans of the timer see the role that was written, or begin later and see it whole: the
 * exchange is a full barrier, as that with which they begin. */
XV_INLINE void publish_role(struct xv_vr_live* live, __u32 role) {
  struct xv_guard* guards = the_guard();
  EXCHANGE(live->role, role);
  if (role == XV_ROLE_RESIGNING && guards)
    FETCH_ADD(guards->fenced, 1);
}

XV_INLINE int set_role(const struct xv_vr_key* key, const struct xv_command* command) {
  const int error = create(key);
  if (error)
    return error;
  struct xv_vr_live* live = bpf_map_lookup_elem(&vr_live, key);
  if (!live)
    return -ENOSPC;
  live->interval_ns = command->interval_ns;
  WRITE_ONCE(live->told_ns, 0);
  const __u64 deadline = take_deadline(live, command);
  WRITE_ONCE(live->generation, command->generation);
  WRITE_ONCE(live->lease_slot, command->lease_slot);
  live->fenced = 0;
  WRITE_ONCE(live->unreported, 1); /* whoever is heard first in this role is news */
  publish_role(live, command->role);
  const __u64 watched = is_master(live) ? lease_end(command->lease_slot) : deadline;
  if (command->role != XV_ROLE_STOPPED && watched)
    arm_by(watched, bpf_ktime_get_ns());
  return 0;
}

XV_INLINE int run_command(struct xv_command* command) {
  const struct xv_vr_key key = command->key;
  switch (command->op) {
  case XV_COMMAND_ROLE:
    return set_role(&key, command);
  case XV_COMMAND_CREATE:
    return create(&key);
  case XV_COMMAND_FORGET:
    bpf_map_delete_elem(&vr_live, &key);
    return 0;
  default:
    return -EINVAL;
  }
}

#endif
