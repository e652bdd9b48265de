/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the TC programs have in common. */
#ifndef XVRRP_BPF_TRAFFIC_CONTROL_H
#define XVRRP_BPF_TRAFFIC_CONTROL_H

#include <linux/if_packet.h>

#define PASS_ON (-1) /* TCX_NEXT, and TC_ACT_UNSPEC of a clsact filter */

#endif
