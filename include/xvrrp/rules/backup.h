/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The rules of the Backup state (RFC 9568 6.4.2; RFC 3768 6.4.2) and the timers they need, as pure functions.
 * The XDP program applies them to every advert; the core and the simulator run the very same code, so the
 * kernel and user space cannot disagree on when a Master is lost.
 */
#ifndef XVRRP_RULES_BACKUP_H
#define XVRRP_RULES_BACKUP_H

#include <linux/types.h>

#define XV_RULES_NS_PER_S 1000000000ull
/* RFC 9568 5.2.4: the Master is stopping; and the owner of the addresses. */
#define XV_RULES_PRIORITY_STOPPING 0
#define XV_RULES_PRIORITY_OWNER 255

/*
 * Skew_Time. v3 scales with the interval in force (RFC 9568 6.1); v2 is (256 - Priority) / 256 seconds
 * whatever the interval (RFC 3768 6.1). In ns and never cut to centiseconds: at 10 ms that would make all
 * skews equal.
 */
static inline __attribute__((always_inline)) __u64 xv_skew_ns(__u8 version, __u8 priority,
                                                              __u64 interval_ns) {
  const __u64 weight = 256u - priority;

  return weight * (version == 2 ? XV_RULES_NS_PER_S : interval_ns) / 256;
}

/* Master_Down_Interval (RFC 9568 6.1: Active_Down_Interval), with the RFC's 3 as `down_adverts`. */
static inline __attribute__((always_inline)) __u64 xv_master_down_ns(__u8 version, __u8 priority,
                                                                     __u8 down_adverts, __u64 interval_ns) {
  return down_adverts * interval_ns + xv_skew_ns(version, priority, interval_ns);
}

/* What a Backup needs to know of itself to judge an advert. */
struct xv_backup_view {
  __u64 deadline_ns; /* when Master_Down_Timer expires */
  __u64 interval_ns; /* Master_Adver_Interval in force: learned (v3) or our own */
  __u8 version;      /* 2 or 3 */
  __u8 priority;     /* ours, 1..255 */
  __u8 preempt;      /* 0: an advert of lower priority restarts the timer too */
  __u8 down_adverts; /* intervals in Master_Down_Interval */
  __u8 pad[4];
};

enum xv_backup_verdict {
  XV_BACKUP_IGNORE = 0,  /* lower priority: the timer runs on */
  XV_BACKUP_SKEW = 1,    /* the Master resigns: the timer expires after Skew_Time at the latest */
  XV_BACKUP_RESTART = 2, /* the Master lives: the timer starts again */
};

/* Not written for XV_BACKUP_IGNORE. */
struct xv_backup_timer {
  __u64 deadline_ns; /* when Master_Down_Timer expires now */
  __u64 interval_ns; /* Master_Adver_Interval in force from now on */
};

/* Whether a resignation (priority 0) is the Master's: of the router that was heard last, or of any where none
 * was (`heard` is 0). Addresses are 16 bytes, IPv4 in the first four and zeros behind. */
static inline __attribute__((always_inline)) int xv_is_masters(int heard, const __u8* master,
                                                               const __u8* source) {
  __u8 difference = 0; /* no branches: the verifier would walk each */
  for (int i = 0; i < 16; i++)
    difference |= master[i] ^ source[i];
  return !heard || !difference;
}

/* An advert that passed every check of RFC 9568 7.1 arrived at `now_ns`; one of priority 0 is the Master's
 * (xv_is_masters()). */
static inline __attribute__((always_inline)) enum xv_backup_verdict
xv_backup_hears(const struct xv_backup_view* view, __u8 advert_priority, __u64 advert_interval_ns,
                __u64 now_ns, struct xv_backup_timer* out) {
  /* RFC 9568 6.1: the owner always preempts, whatever Preempt_Mode says. */
  const int preempts = view->preempt || view->priority == XV_RULES_PRIORITY_OWNER;

  if (advert_priority == XV_RULES_PRIORITY_STOPPING) {
    const __u64 skewed_ns = now_ns + xv_skew_ns(view->version, view->priority, view->interval_ns);
    out->interval_ns = view->interval_ns;
    /* Never later: or whoever repeats it could keep every Backup waiting for ever. */
    out->deadline_ns = skewed_ns < view->deadline_ns ? skewed_ns : view->deadline_ns;
    return XV_BACKUP_SKEW;
  }
  /* An equal priority is authoritative here whatever its address: addresses decide between Masters only
   * (6.4.3). */
  if (preempts && advert_priority < view->priority)
    return XV_BACKUP_IGNORE;
  /* v2 has no learned interval: an advert with another Adver Int never gets here (RFC 3768 7.1). */
  out->interval_ns = view->version == 2 ? view->interval_ns : advert_interval_ns;
  out->deadline_ns =
      now_ns + xv_master_down_ns(view->version, view->priority, view->down_adverts, out->interval_ns);
  return XV_BACKUP_RESTART;
}

#endif
