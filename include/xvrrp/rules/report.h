/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What of a virtual router is news to the election, and whether it may be told now: no flood of packets wakes
 * the election without bound (docs/decisions/0015), and nothing that it must know is lost over that
 * (docs/decisions/0003). One count of events per virtual router and second, and a ceiling per kind of event,
 * so that the less urgent cannot use up what the more urgent need.
 */
#ifndef XVRRP_RULES_REPORT_H
#define XVRRP_RULES_REPORT_H

#include <linux/types.h>
#include <xvrrp/rules/elapsed.h>

/* The time over which the events of a virtual router are counted. */
#define XV_EVENT_LIMIT_NS 1000000000ull
/* At most this many adverts of one virtual router become events in a second; ... */
#define XV_ADVERT_EVENTS_PER_S 100
/* ... up to so many with those that change who is Master: outranking ones at a Master, priority 0 at a
 * Backup; ... */
#define XV_URGENT_EVENTS_PER_S 150
/* ... and so many with the expiries of Master_Down_Timer. */
#define XV_ROUTER_EVENTS_PER_S 200
/* An expiry that cannot be told, as there is no room for its event, is tried again after this time. */
#define XV_RING_RETRY_NS 1000000ull

/* Where a virtual router's state of reporting is: fields of struct xv_vr_live. */
struct xv_reporting {
  __u64* limit_ns;    /* start of the second that limit_count belongs to */
  __u32* limit_count; /* events in that second */
  __u32* unreported;  /* 1: Backup: something changed and was not told; Master: none that outranks us was. Set
                       * with every role: whoever is heard first in it is news */
};

enum xv_report {
  XV_REPORT_NOTHING = 0, /* no news */
  XV_REPORT_LIMITED = 1, /* news, but over the limit: not now */
  XV_REPORT_TELL = 2,    /* make an event; then xv_reported(), unless there is no room for one */
};

/* Whether one more event, of a kind that may have `most` in a second, is allowed now. */
static inline __attribute__((always_inline)) int xv_within_event_limit(const struct xv_reporting* reporting,
                                                                       __u32 most, __u64 now_ns) {
  if (xv_elapsed_ns(*reporting->limit_ns, now_ns) >= XV_EVENT_LIMIT_NS) {
    *reporting->limit_ns = now_ns;
    *reporting->limit_count = 0;
  }
  return *reporting->limit_count < most;
}

/* A Backup heard an advert. `changes`: it says, or made count, something else than the one before. What is
 * not told, for whatever reason, is remembered here: a later advert tells it, changed or not. */
static inline __attribute__((always_inline)) enum xv_report
xv_backup_reports(const struct xv_reporting* reporting, int changes, int resigns, __u64 now_ns) {
  if (!changes && !*reporting->unreported)
    return XV_REPORT_NOTHING;
  *reporting->unreported = 1;
  return xv_within_event_limit(reporting, resigns ? XV_URGENT_EVENTS_PER_S : XV_ADVERT_EVENTS_PER_S, now_ns)
             ? XV_REPORT_TELL
             : XV_REPORT_LIMITED;
}

/*
 * A Master heard an advert. Each matters to the election, so that none is no news. The first that outranks us
 * in this role is told whatever the limit: we yield to it. Those that arrive until the election has said so
 * are limited, and so is whoever makes us yield again and again: each time takes an expiry of
 * Master_Down_Timer, which is limited.
 */
static inline __attribute__((always_inline)) enum xv_report
xv_master_reports(const struct xv_reporting* reporting, int outranked, __u64 now_ns) {
  const int within =
      xv_within_event_limit(reporting, outranked ? XV_URGENT_EVENTS_PER_S : XV_ADVERT_EVENTS_PER_S, now_ns);
  return within || (outranked && *reporting->unreported) ? XV_REPORT_TELL : XV_REPORT_LIMITED;
}

/* A Backup's Master_Down_Timer, whose expiry at `deadline_ns` was not told yet, is looked at. XV_REPORT_TELL:
 * it has expired. `again_ns` is when to look again: for XV_REPORT_TELL only where there is no room for the
 * event. */
static inline __attribute__((always_inline)) enum xv_report
xv_expiry_reports(const struct xv_reporting* reporting, __u64 deadline_ns, __u64 now_ns, __u64* again_ns) {
  if (deadline_ns > now_ns) {
    *again_ns = deadline_ns;
    return XV_REPORT_NOTHING;
  }
  if (!xv_within_event_limit(reporting, XV_ROUTER_EVENTS_PER_S, now_ns)) {
    *again_ns = *reporting->limit_ns + XV_EVENT_LIMIT_NS;
    return XV_REPORT_LIMITED;
  }
  *again_ns = now_ns + XV_RING_RETRY_NS;
  return XV_REPORT_TELL;
}

/* There is room for the event: to be called before anybody can answer it, as the answer may set `unreported`.
 * `settles`: nothing is left to tell, which an expiry and what loses against a Master say nothing of. An
 * event that finds no room needs no call: it wakes nobody, and what it was to tell stays unreported. */
static inline __attribute__((always_inline)) void xv_reported(const struct xv_reporting* reporting,
                                                              int settles) {
  (*reporting->limit_count)++;
  if (settles)
    *reporting->unreported = 0;
}

#endif
