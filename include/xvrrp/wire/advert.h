/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * From an Ethernet frame to a checked VRRP advert: VRRPv2 (RFC 3768), VRRPv3 over IPv4 and IPv6 (RFC 9568).
 * What needs no configuration is checked here, in the RFC's order (section 7.1); the rest is the caller's:
 * whether the VRID is known, its version, its interval, authentication, peers.
 */
#ifndef XVRRP_WIRE_ADVERT_H
#define XVRRP_WIRE_ADVERT_H

#include <xvrrp/abi/types.h>
#include <xvrrp/wire/checksum.h>
#include <xvrrp/wire/cursor.h>

#define XV_IPPROTO_VRRP 112
#define XV_TTL 255
#define XV_ETHERTYPE_IPV4 0x0800
#define XV_ETHERTYPE_IPV6 0x86dd
#define XV_ETHERTYPE_VLAN 0x8100
#define XV_ETHERTYPE_QINQ 0x88a8
#define XV_ETHERNET_BYTES 14
#define XV_IPV4_BYTES 20
#define XV_IPV6_BYTES 40
#define XV_VRRP_HEADER_BYTES 8
#define XV_VRRP_AUTH_BYTES 8
#define XV_VRRP_TYPE_ADVERTISEMENT 1
/* Room for 255 IPv4 addresses, or 92 IPv6 addresses. A longer message is XV_too_long. */
#define XV_VRRP_MAX_BYTES XV_SUM_MAX_BYTES

/* A received advert. Filled as far as parsing came: family and vrid are 0 where it did not come that far. */
struct xv_advert {
  __u8 source[16] __attribute__((aligned(8))); /* IPv4 in the first four bytes */
  __u8 destination[16];
  __u8 auth_data[8]; /* v2 */
  __u16 vlan;
  __u16 inner_vlan;
  __u16 interval; /* v2: seconds; v3: centiseconds */
  __u16 list_sum; /* of the addresses, see xv_normal_sum() */
  __u8 family;    /* 4 or 6 */
  __u8 version;
  __u8 vrid;
  __u8 priority;
  __u8 count;
  __u8 auth_type; /* v2 */
  __u8 notes;     /* XV_NOTE_* */
  __u8 unicast;   /* destination is not a multicast group */
  __u8 mac[6];    /* the frame's destination */
  __u8 pad[2];
};

/* The IP header's part of the parse: where the message is, and how long the IP header says it is. */
struct xv_ip_payload {
  __u32 length;
  __u8 ttl;
};

XV_INLINE enum xv_reason xv_parse_ipv4(struct xv_cursor* cursor, struct xv_advert* advert,
                                       struct xv_ip_payload* payload) {
  struct xv_cursor header_cursor = *cursor;
  const __u8* header = xv_take(cursor, XV_IPV4_BYTES);
  if (!header || header[9] != XV_IPPROTO_VRRP)
    return XV_not_vrrp;
  advert->family = 4;
  const __u32 header_bytes = (header[0] & 0x0fu) * 4;
  const __u32 total_bytes = xv_be16(header + 2);
  if ((header[0] >> 4) != 4 || header_bytes < XV_IPV4_BYTES || total_bytes < header_bytes)
    return XV_truncated;
  if (!xv_take(cursor, header_bytes - XV_IPV4_BYTES))
    return XV_truncated;
  xv_copy(advert->source, header + 12, 4);
  xv_copy(advert->destination, header + 16, 4);
  advert->unicast = (header[16] & 0xf0) != 0xe0;
  if (xv_be16(header + 6) & 0x3fff)
    return XV_fragment;
  if (!xv_sum_is_valid(xv_sum_bytes(header_cursor, header_bytes)))
    return XV_ip_checksum;
  payload->length = total_bytes - header_bytes;
  payload->ttl = header[8];
  return XV_observed;
}

XV_INLINE enum xv_reason xv_parse_ipv6(struct xv_cursor* cursor, struct xv_advert* advert,
                                       struct xv_ip_payload* payload) {
  const __u8* header = xv_take(cursor, XV_IPV6_BYTES);
  /* VRRP follows the fixed header directly (RFC 9568 5.1.2.4); what is behind an extension header is not
   * VRRP. */
  if (!header || header[6] != XV_IPPROTO_VRRP)
    return XV_not_vrrp;
  advert->family = 6;
  if ((header[0] >> 4) != 6)
    return XV_truncated;
  xv_copy(advert->source, header + 8, 16);
  xv_copy(advert->destination, header + 24, 16);
  advert->unicast = header[24] != 0xff;
  payload->length = xv_be16(header + 4);
  payload->ttl = header[7];
  return XV_observed;
}

/* Takes Ethernet with up to two VLAN tags, and returns what follows; 0 when the frame is cut short. A
 * hardware-stripped tag is not visible here. A tag with VLAN id 0 only carries a priority (IEEE 802.1Q 6.9):
 * the frame belongs where it would without that tag. */
XV_INLINE __u16 xv_take_ethernet(struct xv_cursor* cursor, __u16* vlan, __u16* inner_vlan) {
  const __u8* ethernet = xv_take(cursor, XV_ETHERNET_BYTES);
  if (!ethernet)
    return 0;
  __u16 ethertype = xv_be16(ethernet + 12);
  if (ethertype != XV_ETHERTYPE_VLAN && ethertype != XV_ETHERTYPE_QINQ)
    return ethertype;
  const __u8* tag = xv_take(cursor, 4);
  if (!tag)
    return 0;
  *vlan = xv_be16(tag) & 0x0fff;
  ethertype = xv_be16(tag + 2);
  if (ethertype != XV_ETHERTYPE_VLAN)
    return ethertype;
  tag = xv_take(cursor, 4);
  if (!tag)
    return 0;
  const __u16 second = xv_be16(tag) & 0x0fff;
  if (*vlan == 0)
    *vlan = second;
  else
    *inner_vlan = second;
  return xv_be16(tag + 2);
}

XV_INLINE enum xv_reason xv_parse_ip(struct xv_cursor* cursor, struct xv_advert* advert,
                                     struct xv_ip_payload* payload) {
  const __u16 ethertype = xv_take_ethernet(cursor, &advert->vlan, &advert->inner_vlan);
  if (ethertype == XV_ETHERTYPE_IPV4)
    return xv_parse_ipv4(cursor, advert, payload);
  if (ethertype == XV_ETHERTYPE_IPV6)
    return xv_parse_ipv6(cursor, advert, payload);
  return XV_not_vrrp;
}

XV_INLINE int xv_is_link_local(const __u8* ipv6) {
  return ipv6[0] == 0xfe && (ipv6[1] & 0xc0) == 0x80;
}

/* A neighbour's address: IPv4 unicast outside 0/8 and 127/8, IPv6 link-local (RFC 9568 5.1.1.1, 5.1.2.1). A
 * unicast peer, which is listed, may have any IPv6 unicast address but those of ::/8, as keepalived's have.
 */
XV_INLINE int xv_is_neighbour_address(const struct xv_advert* advert) {
  if (advert->family == 6)
    return advert->unicast ? advert->source[0] != 0 && advert->source[0] != 0xff
                           : xv_is_link_local(advert->source);
  return advert->source[0] != 0 && advert->source[0] != 127 && advert->source[0] < 0xe0;
}

XV_INLINE __u32 xv_message_bytes(__u8 version, __u8 family, __u8 count) {
  const __u32 addresses = count * (family == 6 ? 16u : 4u);
  return XV_VRRP_HEADER_BYTES + addresses + (version == 2 ? XV_VRRP_AUTH_BYTES : 0u);
}

/* RFC 3768 5.3.8 and RFC 9568 5.2.8. Over IPv4 v3 comes in two forms: with the pseudo-header (RFC 5798 as the
 * field read it) and without (RFC 9568); either is accepted, and the second one noted. */
XV_INLINE int xv_sum_covers(__u32 sum, __u32 bytes, struct xv_advert* advert) {
  if (advert->version == 2)
    return xv_sum_is_valid(sum);
  __u32 pseudo;
  if (advert->family == 6)
    pseudo = xv_sum_pseudo_header(advert->source, advert->destination, 16, XV_IPPROTO_VRRP, bytes);
  else
    pseudo = xv_sum_pseudo_header(advert->source, advert->destination, 4, XV_IPPROTO_VRRP, bytes);
  if (xv_sum_is_valid(sum + pseudo))
    return 1;
  if (advert->family == 6 || !xv_sum_is_valid(sum))
    return 0;
  advert->notes |= XV_NOTE_CHECKSUM_MESSAGE;
  return 1;
}

XV_INLINE int xv_sums_cover(struct xv_cursor message, __u32 message_bytes, __u32 payload_bytes,
                            struct xv_advert* advert) {
  const __u32 sum = xv_sum_bytes(message, message_bytes);
  advert->list_sum = xv_fold(sum);
  if (payload_bytes > message_bytes)
    advert->notes |= XV_NOTE_TRAILING;
  if (xv_sum_covers(sum, message_bytes, advert))
    return 1;
  return payload_bytes > message_bytes && payload_bytes <= XV_VRRP_MAX_BYTES &&
         xv_sum_covers(xv_sum_any_bytes(message, payload_bytes), payload_bytes, advert);
}

/* Whether the checksum is right. Bytes behind the address list are no part of the message, but an extension
 * that adds some may have summed them. Leaves the sum of the message in `list_sum`. */
#ifdef __bpf__
/* A global function, as xv_sum_packet() and for the same reason. */
__attribute__((noinline)) int xv_sums_cover_packet(struct xdp_md* packet, __u32 offset, __u32 message_bytes,
                                                   __u32 payload_bytes, struct xv_advert* advert) {
  struct xv_cursor message = xv_packet_cursor(packet);
  return advert && xv_take(&message, offset & XV_OFFSET_MASK) &&
         xv_sums_cover(message, message_bytes, payload_bytes, advert);
}

XV_INLINE int xv_checksum_is_valid(struct xv_cursor message, __u32 message_bytes, __u32 payload_bytes,
                                   struct xv_advert* advert) {
  return xv_sums_cover_packet(message.packet, xv_packet_offset(&message), message_bytes, payload_bytes,
                              advert);
}
#else
XV_INLINE int xv_checksum_is_valid(struct xv_cursor message, __u32 message_bytes, __u32 payload_bytes,
                                   struct xv_advert* advert) {
  return xv_sums_cover(message, message_bytes, payload_bytes, advert);
}
#endif

/* Takes eight bytes that are no addresses out of the sum of the message. */
XV_INLINE __u32 xv_sum_without(__u32 sum, const __u8* eight_bytes) {
  return sum + 4 * 0xffffu - xv_sum_word(xv_sum_word(0, eight_bytes), eight_bytes + 4);
}

/* Whether a packet to a group is to VRRP's (RFC 9568 5.1.1.2, 5.1.2.2). */
XV_INLINE int xv_is_vrrp_group(const struct xv_advert* advert) {
  const __u8* to = advert->destination;
  if (advert->family == 4)
    return to[0] == 224 && to[1] == 0 && to[2] == 0 && to[3] == 18;
  __u8 others = to[0] ^ 0xff;
  others |= to[1] ^ 0x02;
  for (int i = 2; i < 15; i++)
    others |= to[i];
  return !others && to[15] == 0x12;
}

/* Whether the frame may have been sent to where the packet is: one to a group to the group's MAC, or to one
 * host that a switch or an access point picked. */
XV_INLINE int xv_frame_suits(const struct xv_advert* advert) {
  const __u8* mac = advert->mac;
  if (!(mac[0] & 1))
    return 1;
  if (advert->unicast)
    return 0;
  if (advert->family == 4)
    return mac[0] == 0x01 && mac[1] == 0 && mac[2] == 0x5e && mac[3] == 0 && mac[4] == 0 && mac[5] == 0x12;
  return mac[0] == 0x33 && mac[1] == 0x33 && mac[2] == 0 && mac[3] == 0 && mac[4] == 0 && mac[5] == 0x12;
}

/* The message: `cursor` stands behind the IP header. */
XV_INLINE enum xv_reason xv_parse_message(struct xv_cursor cursor, const struct xv_ip_payload* payload,
                                          struct xv_advert* advert) {
  const struct xv_cursor message = cursor;
  const __u8* header = payload->length >= XV_VRRP_HEADER_BYTES ? xv_take(&cursor, XV_VRRP_HEADER_BYTES) : 0;
  if (header) {
    advert->version = header[0] >> 4;
    advert->vrid = header[1];
    advert->priority = header[2];
    advert->count = header[3];
  }
  if (payload->ttl != XV_TTL)
    return XV_ttl;
  if (!header)
    return payload->length < XV_VRRP_HEADER_BYTES ? XV_length : XV_truncated;
  if (advert->version != 3 && !(advert->version == 2 && advert->family == 4))
    return XV_version;
  if ((header[0] & 0x0f) != XV_VRRP_TYPE_ADVERTISEMENT)
    return XV_type;

  const __u32 message_bytes = xv_message_bytes(advert->version, advert->family, advert->count);
  if (payload->length < message_bytes)
    return XV_length;
  if (message_bytes > XV_VRRP_MAX_BYTES)
    return XV_too_long;
  struct xv_cursor rest = message;
  if (!xv_take(&rest, payload->length & 0xffff))
    return XV_truncated;
  if (!xv_checksum_is_valid(message, message_bytes, payload->length, advert))
    return XV_checksum;
  if (advert->count == 0)
    return XV_no_addresses;
  __u32 list_sum = xv_sum_without(advert->list_sum, header);

  if (advert->version == 2) {
    advert->auth_type = header[4];
    advert->interval = header[5];
    struct xv_cursor tail = cursor;
    const __u8* auth = xv_take(&tail, advert->count * 4u) ? xv_take(&tail, XV_VRRP_AUTH_BYTES) : 0;
    if (!auth)
      return XV_truncated;
    xv_copy(advert->auth_data, auth, XV_VRRP_AUTH_BYTES);
    list_sum = xv_sum_without(list_sum, auth);
  } else {
    advert->interval = xv_be16(header + 4) & 0x0fff;
    if (advert->interval == 0)
      return XV_zero_interval;
  }
  advert->list_sum = xv_normal_sum(list_sum);
  if (!xv_is_neighbour_address(advert))
    return XV_source;
  if (!advert->unicast && !xv_is_vrrp_group(advert))
    return XV_group;
  if (!xv_frame_suits(advert))
    return XV_frame;
  if (advert->family == 6) {
    const __u8* first = xv_take(&cursor, 16);
    if (!first)
      return XV_truncated;
    if (!xv_is_link_local(first))
      return XV_not_link_local;
  }
  return XV_observed;
}

/* Parses and checks a frame. XV_observed: `advert` is whole and valid; otherwise the reason why not. `advert`
 * must be zeroed by the caller. */
XV_INLINE enum xv_reason xv_parse_advert(struct xv_cursor frame, struct xv_advert* advert) {
  struct xv_ip_payload payload = {0, 0};
  struct xv_cursor start = frame;
  const enum xv_reason reason = xv_parse_ip(&frame, advert, &payload);
  if (reason != XV_observed)
    return reason;
  const __u8* ethernet = xv_take(&start, XV_ETHERNET_BYTES);
  if (!ethernet)
    return XV_truncated;
  xv_copy(advert->mac, ethernet, 6);
  return xv_parse_message(frame, &payload, advert);
}

#endif
