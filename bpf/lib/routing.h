/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the kernel's routing says of a packet. */
#ifndef XVRRP_BPF_ROUTING_H
#define XVRRP_BPF_ROUTING_H

#include <linux/bpf.h>
#include <xvrrp/wire/cursor.h>

#define AF_INET_ 2
#define AF_INET6_ 10

/* Whether the answer of bpf_fib_lookup() is that this host would forward the packet to somebody else. */
XV_INLINE int is_forwarded(long answer) {
  return answer == BPF_FIB_LKUP_RET_SUCCESS || answer == BPF_FIB_LKUP_RET_NO_NEIGH ||
         answer == BPF_FIB_LKUP_RET_FRAG_NEEDED || answer == BPF_FIB_LKUP_RET_UNSUPP_LWT;
}

#endif
