/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Remembering what was heard of a virtual router: for `vrrpctl watch`, and to notice what changed. */
#ifndef XVRRP_BPF_HEARING_H
#define XVRRP_BPF_HEARING_H

#include <xvrrp/rules/hear.h>

#include "maps.h"

/* Notes an advert of a virtual router that is not ours. Not inlined: it has a value on its stack. */
static __attribute__((noinline)) void hear_foreign(const struct xv_vr_key* key,
                                                   const struct xv_advert* advert, __u64 now) {
  struct xv_hearing* hearing = bpf_map_lookup_elem(&heard, key);
  if (hearing) {
    xv_remembers(hearing, advert, xv_announced_interval(advert), now);
    return;
  }
  struct xv_hearing first = {};
  xv_remembers(&first, advert, xv_announced_interval(advert), now);
  bpf_map_update_elem(&heard, key, &first, BPF_ANY);
}

#endif
