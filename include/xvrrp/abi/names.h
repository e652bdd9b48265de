/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Names of the maps, programs and pins, spelled once. At most 15 characters, so that bpftool shows them
 * whole. */
#ifndef XVRRP_ABI_NAMES_H
#define XVRRP_ABI_NAMES_H

#define XV_PIN_ROOT "/sys/fs/bpf/xvrrp"

#define XV_MAP_INFO "info"
#define XV_MAP_IF_POLICY "if_policy"
#define XV_MAP_IF_STATS "if_stats"
#define XV_MAP_IF_REPORT "if_report"
#define XV_MAP_VR_CONFIG "vr_config"
#define XV_MAP_VR_PEER "vr_peer"
#define XV_MAP_VR_LIVE "vr_live"
#define XV_MAP_DOWN_TIMER "down_timer"
#define XV_MAP_VR_STATS "vr_stats"
#define XV_MAP_HEARD "heard"
#define XV_MAP_EVENTS "events"
#define XV_MAP_VIP "vip"
#define XV_MAP_VMAC "vmac"
#define XV_MAP_GUARD "guard"
#define XV_MAP_LEASE "lease"
#define XV_MAP_CAPTURE_IF "capture_if"
#define XV_MAP_CAPTURE "capture"

#define XV_PROG_RX "xvrrp_rx"
#define XV_PROG_IN "xvrrp_in"
#define XV_PROG_TX "xvrrp_tx"
#define XV_PROG_GUARD "xvrrp_guard"
#define XV_PROG_CONTROL "xvrrp_control"

#endif
