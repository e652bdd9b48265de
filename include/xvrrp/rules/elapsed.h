/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef XVRRP_RULES_ELAPSED_H
#define XVRRP_RULES_ELAPSED_H

#include <linux/types.h>

/* Time since `then_ns`; none where another CPU noted a later moment meanwhile. */
static inline __attribute__((always_inline)) __u64 xv_elapsed_ns(__u64 then_ns, __u64 now_ns) {
  return now_ns > then_ns ? now_ns - then_ns : 0;
}

#endif
