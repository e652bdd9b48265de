/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What crosses the boundary between the XDP programs and user space: map keys and values, events, commands.
 * Read by clang for BPF (C11) and by the C++20 side; every struct is free of implicit padding, and sizes are
 * asserted. Change XV_ABI_VERSION whenever a layout or the meaning of a field changes.
 */
#ifndef XVRRP_ABI_TYPES_H
#define XVRRP_ABI_TYPES_H

#include <linux/types.h>

#include <xvrrp/abi/reasons.h>
#include <xvrrp/rules/interop.h>
#include <xvrrp/rules/pace.h>
#include <xvrrp/rules/patience.h>
#include <xvrrp/rules/report.h>

#define XV_ABI_VERSION 6

/* Virtual routers of one instance, over all its interfaces. */
#define XV_MAX_VRS 4096
/* Interfaces (or VLANs of one) of one instance. */
#define XV_MAX_INTERFACES 1024
/* Virtual addresses of one instance. */
#define XV_MAX_VIPS 16384
/* Unicast peers of one instance, over all its virtual routers. */
#define XV_MAX_PEERS 16384
/* Foreign virtual routers remembered; the least recently heard is forgotten first. */
#define XV_MAX_HEARD 4096
/* Bytes of the ring buffer: about 5,900 events. */
#define XV_RING_BYTES (1u << 19)
/* An interface reports bad packets at most once in this time. */
#define XV_BAD_REPORT_NS 1000000000ull
/* While a router is fenced the leases are looked at again after this time: to see that the fence may go. */
#define XV_FENCE_CHECK_NS 100000000ull
/* A claim to a virtual address is told at most once in this time ... */
#define XV_CLAIM_REPORT_NS 1000000000ull
/* ... and is none for so long after a router of the same VRID was heard: it may have been Master itself. */
#define XV_CLAIM_GRACE_NS 1000000000ull
/* A capture that is not renewed for this time is over. */
#define XV_CAPTURE_NS 3000000000ull
/* Bytes of a packet that a capture keeps. */
#define XV_CAPTURE_BYTES 2048

/* What is remarkable about a valid advert: bits of `notes`. Each has a counter of kind NOTE. */
#define XV_NOTE_CHECKSUM_MESSAGE 1u /* v3/IPv4: right without pseudo-header, and wrong with it */
#define XV_NOTE_TRAILING 2u         /* bytes follow the address list */
#define XV_NOTE_INTERVAL_DIFFERS 4u /* v3: its interval is not ours */
#define XV_NOTE_ADDRESS_LIST 8u     /* its addresses are not ours */
#define XV_NOTE_PACE 16u            /* its pace is not that of our interval below 10 ms, see rules/pace.h */

/* Authentication types of RFC 2338. */
#define XV_AUTH_NONE 0
#define XV_AUTH_PASS 1

/* A virtual router: VRID, family, interface, VLAN. Tags are 0 where the frame has none. */
struct xv_vr_key {
  __u32 ifindex;
  __u16 vlan;       /* outer VLAN id */
  __u16 inner_vlan; /* second tag of QinQ */
  __u8 family;      /* 4 or 6 */
  __u8 vrid;
  __u8 pad[2];
};

/* Where a packet arrived: the key of if_policy and if_stats. */
struct xv_if_key {
  __u32 ifindex;
  __u16 vlan;
  __u16 inner_vlan;
};

/* Value of if_report, written by BPF only. */
struct xv_if_report {
  __u64 last_ns; /* when bad packets were last reported */
};

/* What an interface does with VRRP packets. */
enum xv_mode {
  XV_MODE_OBSERVE = 0, /* filter nothing, count and remember */
  XV_MODE_SHIELD =
      1, /* drop bad packets and unknown VRIDs, pass adverts of the listed VRIDs to another daemon */
  XV_MODE_OWN = 2, /* xvrrpd's: drop bad packets and unknown VRIDs, consume the rest */
};
#define XV_POLICY_PASS_UNKNOWN_VRID 1u

struct xv_if_policy {
  __u32 mode;  /* enum xv_mode */
  __u32 flags; /* XV_POLICY_* */
};

#define XV_VR_PREEMPT 1u        /* Preempt_Mode */
#define XV_VR_UNICAST 2u        /* adverts come from vr_peer, addressed to local_address */
#define XV_VR_LISTED 4u         /* another daemon's (shield): only checked and watched */
#define XV_VR_V2_INTEROP 8u     /* v3 that listens to v2 too (RFC 9568 8.4) */
#define XV_VR_OWNER_IGNORES 16u /* the address owner discards adverts (RFC 9568 7.1 without erratum 8298) */
#define XV_VR_STRICT_ADDRESSES 32u /* v2: an advert with other addresses is dropped, but an owner's */

/* Configuration of a virtual router: written by user space only. */
struct xv_vr_config {
  __u64 advert_interval_ns; /* our Advertisement_Interval */
  __u32 flags;              /* XV_VR_* */
  __u16 interval_wire;      /* the same as it stands on the wire: v2 seconds, v3 centiseconds, at least 1 */
  __u8 version;             /* 2 or 3 */
  __u8 priority;            /* effective priority */
  __u8 down_adverts;        /* intervals in Master_Down_Interval; the RFC's 3 unless configured */
  __u8 auth_type;           /* XV_AUTH_* */
  __u16 list_sum;           /* of our virtual addresses, as in struct xv_advert; ... */
  __u8 count;               /* ... and how many they are */
  __u8 mac[6];              /* the virtual MAC; zero where it has none */
  __u8 device_mac[6];       /* the interface's own; zero: not known, so that any is taken for it */
  __u8 pad[3];
  __u32 lease_slot; /* index in `lease` */
  __u8 auth_data[8];
  __u8 local_address[16]; /* source address of our adverts */
};

/* A router that may send adverts to a unicast virtual router: the key of vr_peer; the value is a byte, 1. */
struct xv_peer_key {
  struct xv_vr_key vr;
  __u8 address[16];
};

/* A virtual address where it is answered for: the key of vip. IPv4 in the first four bytes. Packets that
 * arrive are looked up with the tags they have; packets that leave through a VLAN device with its ifindex and
 * no tags, so an address there has two entries. One with ifindex 0 says what becomes of packets that arrive
 * on whatever other interface. */
struct xv_vip_key {
  __u32 ifindex;
  __u16 vlan;
  __u16 inner_vlan;
  __u8 family; /* 4 or 6 */
  __u8 pad[3];
  __u8 address[16];
};

#define XV_VIP_INSTALLED 1u /* we add and remove it (not the operator's): fenced when the lease runs out */
#define XV_VIP_NO_ACCEPT 2u /* Accept_Mode False: packets to it are dropped, but for Neighbor Discovery */
#define XV_VIP_VMAC 4u      /* answered for with the router's virtual MAC */

struct xv_vip {
  struct xv_vr_key vr;
  __u32 flags; /* XV_VIP_* */
};

/* A virtual MAC that frames arrive for: the key of vmac. As with addresses, a VLAN device has two entries. */
struct xv_vmac_key {
  __u32 ifindex;
  __u16 vlan;
  __u16 inner_vlan;
  __u8 mac[6];
  __u8 pad[2];
};

struct xv_vmac {
  struct xv_vr_key vr;
};

/*
 * The single element of guard: whether a packet that is not VRRP needs a look at all, read from every packet;
 * and whether one that is VRRP may be wanted by a capture. The 32-bit words are 0 or not.
 */
struct xv_guard {
  __u32 fenced;    /* written by BPF: some Master's lease has run out, or one resigns: how often that was
                    * noted since it was not so */
  __u32 no_accept; /* written by user space: some address does not accept */
  __u32 vmac;      /* written by user space: there are virtual MACs; ... */
  __u32 any_mac;   /* ... and some are not of the form 00:00:5e:00:01:xx or 00:00:5e:00:02:xx */
  __u64 capture_until_ns; /* written by vrrpctl: from this moment on no interface is captured */
};

/* The key of capture_if is an ifindex; the value: */
struct xv_capture_if {
  __u64 until_ns; /* VRRP packets that arrive before this moment are copied to `capture` */
};

/* What precedes a packet's bytes in `capture` (a perf event array). */
struct xv_captured {
  __u64 time_ns;
  struct xv_vr_key key; /* vrid 0: not even that could be read */
  __u32 reason;         /* enum xv_reason */
  __u32 verdict;        /* enum xdp_action */
  __u32 length;         /* of the packet; at most XV_CAPTURE_BYTES of it follow */
};

/* What was last heard of a virtual router's Master, and how regularly. */
struct xv_hearing {
  __u64 last_ns;    /* arrival of the last advert */
  __u64 adverts;    /* adverts since first heard */
  __u64 gap_ns;     /* time between the last two */
  __u64 gap_max_ns; /* longest such time */
  __u64 jitter_ns;  /* smoothed |gap - interval|, gain 1/16 (RFC 3550 6.4.1) */
  __u8 master[16];  /* source address of the last advert */
  __u32 changes;    /* times the source address changed */
  __u16 interval_wire;
  __u8 version;
  __u8 priority;
  __u8 notes; /* XV_NOTE_* */
  __u8 pad[7];
};

/* Who said last that he has one of our virtual addresses, while we are Master. */
struct xv_claim {
  __u64 last_ns;    /* when; 0: nobody ever did */
  __u64 told_ns;    /* when that became an event last */
  __u8 address[16]; /* IPv4 in the first four bytes */
  __u8 mac[6];
  __u8 pad[2];
};

enum xv_role {
  XV_ROLE_STOPPED = 0, /* INIT or FAULT: adverts are dropped */
  XV_ROLE_BACKUP = 1,
  XV_ROLE_MASTER = 2,
  /* A Master that resigned and has heard its successor: it still takes packets to the virtual addresses, but
   * leaves it to the successor to say who has them. */
  XV_ROLE_RESIGNING = 3,
};

/* Liveness of a virtual router: written by BPF programs only (roles through the control program). */
struct xv_vr_live {
  __u64 deadline_ns; /* Backup: when Master_Down_Timer expires */
  __u64 told_ns;     /* the deadline that XV_EVENT_MASTER_DOWN was made of last */
  __u64 interval_ns; /* Master_Adver_Interval: learned (v3) or our own */
  __u64 limit_ns;    /* start of the second that limit_count belongs to */
  __u32 limit_count; /* events in that second */
  __u32 role;        /* enum xv_role */
  __u32 generation;  /* of the last role command; events carry it */
  __u32 unreported;  /* Backup: 1: something changed without an event; the next advert within the limits makes
                      * one. Master: 1: none that outranks us became an event; the next does, limits or not */
  __u32 lease_slot;  /* index in `lease` */
  __u32 fenced;      /* 1: Master whose lease has run out */
  __u32 told_generation; /* the generation that XV_EVENT_MASTER_DOWN was made of last, with told_ns */
  __u8 pad[4];
  struct xv_interop interop;
  struct xv_pace pace;
  struct xv_patience patience;
  struct xv_claim claim;
  struct xv_hearing heard;
};

/*
 * One counter per reason, under the reason's own name and at index XV_<name>, so that it can be read as an
 * array of XV_REASON_COUNT and dumped by name. Per-CPU. A packet of a configured virtual router counts in
 * vr_stats, any other in if_stats: the two never count the same packet.
 */
struct xv_stats {
#define XV_X(number, id, kind, text) __u64 id;
  XV_REASONS(XV_X)
#undef XV_X
};

enum xv_event_type {
  XV_EVENT_MASTER_DOWN = 1, /* Master_Down_Timer expired */
  XV_EVENT_ADVERT = 2,      /* an advert that changes something, see reason */
  XV_EVENT_BAD_PACKETS = 3, /* bad packets arrived; at most one event a second per interface */
  XV_EVENT_CLAIMED = 4, /* somebody says that he has a virtual address of a Master: source is the address, mac
                         * who; at most one a second per virtual router */
};

struct xv_event {
  __u64 time_ns;     /* when it happened; packets: arrival */
  __u64 deadline_ns; /* advert heard as Backup: the new deadline */
  __u64 interval_ns; /* adverts: the interval that it teaches (rules/pace.h, rules/patience.h) */
  struct xv_vr_key key;
  __u32 type;       /* enum xv_event_type */
  __u32 reason;     /* enum xv_reason */
  __u32 generation; /* of the role the program saw */
  __u8 source[16];
  __u16 interval_wire;
  __u8 version;
  __u8 priority;
  __u8 notes;  /* XV_NOTE_* */
  __u8 mac[6]; /* XV_EVENT_CLAIMED */
  __u8 pad[5];
};

enum xv_command_op {
  XV_COMMAND_ROLE = 1,   /* set role and generation; Backup: arm Master_Down_Timer for deadline_ns */
  XV_COMMAND_FORGET = 2, /* remove the virtual router's liveness */
  XV_COMMAND_CREATE = 3, /* make its liveness (role STOPPED), unless it is there */
};

/* Argument of the control program (BPF_PROG_TYPE_SYSCALL); `result` is 0 or a negative errno. */
struct xv_command {
  __u64 deadline_ns;
  __u64 interval_ns; /* Master_Adver_Interval to start from */
  struct xv_vr_key key;
  __u32 op;
  __u32 role;
  __u32 generation;
  __s32 result;
  __u32 lease_slot; /* index in `lease` */
};

/* The single element of `info`: who loaded this data plane. Written by user space only. */
struct xv_info {
  __u32 abi_version;
  __u32 owner;     /* enum xv_owner */
  __u32 owner_pid; /* xvrrpd's; 0 when loaded by hand */
};

enum xv_owner { XV_OWNER_HAND = 1, XV_OWNER_DAEMON = 2 };

#ifdef __cplusplus
#define XV_ASSERT(condition) static_assert(condition, #condition) /* NOLINT(misc-static-assert) */
#else
#define XV_ASSERT(condition) _Static_assert(condition, #condition)
#endif
XV_ASSERT(sizeof(struct xv_vr_key) == 12);
XV_ASSERT(sizeof(struct xv_if_key) == 8);
XV_ASSERT(sizeof(struct xv_if_policy) == 8);
XV_ASSERT(sizeof(struct xv_vr_config) == 64);
XV_ASSERT(sizeof(struct xv_peer_key) == 28);
XV_ASSERT(sizeof(struct xv_vip_key) == 28);
XV_ASSERT(sizeof(struct xv_vip) == 16);
XV_ASSERT(sizeof(struct xv_vmac_key) == 16);
XV_ASSERT(sizeof(struct xv_vmac) == 12);
XV_ASSERT(sizeof(struct xv_guard) == 24);
XV_ASSERT(sizeof(struct xv_captured) == 32);
XV_ASSERT(sizeof(struct xv_claim) == 40);
XV_ASSERT(sizeof(struct xv_hearing) == 72);
XV_ASSERT(sizeof(struct xv_vr_live) == 280);
XV_ASSERT(sizeof(struct xv_stats) == 8 * XV_REASON_COUNT);
XV_ASSERT(sizeof(struct xv_event) == 80);
XV_ASSERT(sizeof(struct xv_command) == 48);
XV_ASSERT(sizeof(struct xv_info) == 12);
#undef XV_ASSERT

#endif
