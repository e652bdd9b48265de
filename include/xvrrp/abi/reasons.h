/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Why the data plane did what it did with a packet: one numbered list for counters, events, vrrpctl and docs.
 * Numbers are never reused. Kinds:
 *   BAD   not a valid advert, or not for us: dropped unless the interface only observes
 *   ADVERT a valid advert, and what became of it
 *   NOTE  counted beside the exit, never an exit by itself
 *   GUARD not VRRP, but for a virtual address or a virtual MAC of ours: what became of it
 * A packet that is not VRRP leaves with NOT_VRRP and is not counted: it costs a few compares and one load,
 * unless a GUARD is on.
 *
 * X(number, identifier, kind, description): numbers run without gaps, new ones are appended; the identifier
 * is also the field's name in struct xv_stats.
 */
#ifndef XVRRP_ABI_REASONS_H
#define XVRRP_ABI_REASONS_H

/* clang-format off */
#define XV_REASONS(X)                                                                                        \
  X(0, not_vrrp, BAD, "not VRRP: passed, not counted")                                                       \
  X(1, fragment, BAD, "IPv4 fragment of protocol 112: passed to the stack")                                  \
  X(2, transit, BAD, "unicast VRRP packet that this host forwards: passed")                                  \
  X(3, truncated, BAD, "frame or IP header cut short")                                                       \
  X(4, ip_checksum, BAD, "IPv4 header checksum is wrong")                                                    \
  X(5, ttl, BAD, "TTL or Hop Limit is not 255 (RFC 9568 5.1.1.3)")                                           \
  X(6, version, BAD, "VRRP version is not the virtual router's (RFC 9568 7.1)")                              \
  X(7, type, BAD, "VRRP type is not ADVERTISEMENT (RFC 9568 5.2.2)")                                         \
  X(8, length, BAD, "packet shorter than its address count says (RFC 9568 7.1)")                             \
  X(9, too_long, BAD, "packet longer than the data plane reads (1480 bytes of VRRP)")                        \
  X(10, checksum, BAD, "VRRP checksum is wrong (RFC 9568 5.2.8)")                                            \
  X(11, unknown_vrid, BAD, "VRID is not configured on this interface (RFC 9568 7.1)")                        \
  X(12, no_addresses, BAD, "address count is zero (RFC 9568 erratum 8299)")                                  \
  X(13, zero_interval, BAD, "Max Advertise Interval is zero (RFC 9568 erratum 8301)")                        \
  X(14, not_link_local, BAD, "first IPv6 address is not link-local (RFC 9568 erratum 8300)")                 \
  X(15, source, BAD, "source address cannot be a neighbour's")                                               \
  X(16, own_source, BAD, "source address is our own")                                                        \
  X(17, destination, BAD, "unicast to a multicast virtual router, or the reverse")                           \
  X(18, not_a_peer, BAD, "sender is not in unicast_peer")                                                    \
  X(19, v2_interval, BAD, "VRRPv2 Adver Int differs from ours (RFC 3768 7.1)")                               \
  X(20, auth_type, BAD, "authentication type differs from ours (RFC 3768 7.1)")                              \
  X(21, auth_data, BAD, "authentication data differs from ours (RFC 2338 5.3.6)")                            \
  X(22, stopped, BAD, "the virtual router is in INIT or FAULT")                                              \
  X(23, observed, ADVERT, "valid advert of a virtual router we only watch")                                  \
  X(24, backup_restart, ADVERT, "Backup: restarts Master_Down_Timer")                                        \
  X(25, backup_skew, ADVERT, "Backup: priority 0, Master_Down_Timer set to Skew_Time")                       \
  X(26, backup_ignore, ADVERT, "Backup: lower priority while preempting, timer runs on")                     \
  X(27, master_heard, ADVERT, "Master: another router's advert, handed to the election")                     \
  X(28, master_limited, ADVERT, "Master: an advert over the event rate limit, not handed on")                  \
  X(29, interval_differs, NOTE, "VRRPv3 interval differs from ours (accepted and learned)")                  \
  X(30, checksum_message, NOTE, "VRRPv3/IPv4 checksum without pseudo-header (RFC 9568 form)")                \
  X(31, priority_zero, NOTE, "priority 0 received")                                                          \
  X(32, event_lost, NOTE, "ring buffer full: the event is made again later")                                 \
  X(33, address_list, NOTE, "addresses differ from ours (accepted; RFC 9568 7.1)")                           \
  X(34, strict_addresses, BAD, "VRRPv2 addresses differ from ours (v2_strict_addresses; RFC 3768 7.1)")      \
  X(35, owner_ignores, BAD, "we own the addresses and heed no advert (owner_ignore_adverts; RFC 9568 7.1)")  \
  X(36, v2_shadowed, ADVERT, "VRRPv2 advert of a router that is heard in VRRPv3 too (RFC 9568 8.4.2)")       \
  X(37, trailing, NOTE, "bytes follow the address list (accepted)")                                          \
  X(38, lease_expired, NOTE, "the controller did not renew the Master's lease: fenced until it does")        \
  X(39, fenced, GUARD, "fenced: packet to a virtual address or virtual MAC dropped")                         \
  X(40, fenced_neighbour, GUARD, "fenced: ARP request or Neighbor Solicitation for a virtual address dropped")  \
  X(41, not_master, GUARD, "not Master: frame to the virtual MAC dropped (RFC 9568 6.4.2)")                  \
  X(42, not_accepted, GUARD, "packet to a virtual address dropped: Accept_Mode is False (RFC 9568 6.4.3)")   \
  X(43, event_limited, NOTE, "over the event rate limit: the event is made later")                           \
  X(44, pace_differs, NOTE, "adverts do not come at the pace of our advert_int below 0.01")                     \
  X(45, group, BAD, "multicast group is not VRRP's (RFC 9568 5.1.1.2, 5.1.2.2)")                             \
  X(46, frame, BAD, "frame is not for us: another host's MAC, or not the group's")                           \
  X(47, other_resigned, ADVERT, "Backup: priority 0, not of the Master that was heard last: ignored")        \
  X(48, claimed, GUARD, "ARP or Neighbor Advertisement that says another MAC has a virtual address: passed")
/* clang-format on */

enum xv_reason {
#define XV_X(number, id, kind, text) XV_##id = number,
  XV_REASONS(XV_X)
#undef XV_X
      XV_REASON_COUNT
};

/* A bit for each reason of kind BAD. */
#define XV_KIND_BAD 1ull
#define XV_KIND_ADVERT 0ull
#define XV_KIND_NOTE 0ull
#define XV_KIND_GUARD 0ull
#define XV_BAD_BIT(number, id, kind, text) | XV_KIND_##kind << (number)
#define XV_BAD_REASONS (0ull XV_REASONS(XV_BAD_BIT))

#endif
