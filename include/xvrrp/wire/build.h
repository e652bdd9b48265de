/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Frames that a Master sends: adverts, gratuitous ARP, unsolicited NA. Built once and sent many times. */
#ifndef XVRRP_WIRE_BUILD_H
#define XVRRP_WIRE_BUILD_H

#include <xvrrp/wire/advert.h>

#define XV_ADVERT_FRAME_MAX (XV_ETHERNET_BYTES + XV_IPV6_BYTES + XV_VRRP_MAX_BYTES)
#define XV_ARP_FRAME_BYTES 42
#define XV_NA_BYTES 32 /* ICMPv6: Neighbor Advertisement with one option (RFC 4861 4.4) */
#define XV_NA_FRAME_BYTES (XV_ETHERNET_BYTES + XV_IPV6_BYTES + XV_NA_BYTES)
#define XV_IPPROTO_ICMPV6 58
/* Internetwork control: DSCP CS6. */
#define XV_TOS 0xc0

struct xv_advert_spec {
  __u8 source_mac[6];
  __u8 family; /* 4 or 6 */
  __u8 version;
  __u8 vrid;
  __u8 priority;
  __u8 auth_type;        /* v2 */
  __u8 count;            /* of addresses, 1..255; IPv6: what XV_VRRP_MAX_BYTES holds */
  __u8 message_only_sum; /* v3/IPv4: checksum without pseudo-header (keepalived's v3_checksum_as_v2) */
  __u16 interval;        /* v2: seconds; v3: centiseconds */
  __u8 auth_data[8];     /* v2 */
  __u8 source[16];       /* IPv4 in the first four bytes */
  __u8 destination[16];  /* 224.0.0.18, ff02::12 or a unicast peer */
  const __u8* addresses; /* count of 4 or 16 bytes each */
};

XV_INLINE void xv_put_checksum(__u8* field, __u32 sum) {
  xv_put_be16(field, (__u16)~xv_fold(sum));
}

/* The multicast MAC of a group: RFC 1112 section 6.4, RFC 2464 section 7. */
XV_INLINE void xv_put_group_mac(__u8* mac, __u8 family, const __u8* group) {
  if (family == 6) {
    mac[0] = mac[1] = 0x33;
    xv_copy(mac + 2, group + 12, 4);
    return;
  }
  mac[0] = 0x01;
  mac[1] = 0x00;
  mac[2] = 0x5e;
  mac[3] = group[1] & 0x7f;
  mac[4] = group[2];
  mac[5] = group[3];
}

/* An IPv4 header without options; returns its length. */
XV_INLINE __u32 xv_put_ipv4(__u8* ip, const __u8* source, const __u8* destination, __u32 payload_bytes) {
  ip[0] = 0x45;
  ip[1] = XV_TOS;
  xv_put_be16(ip + 2, XV_IPV4_BYTES + payload_bytes);
  ip[8] = XV_TTL;
  ip[9] = XV_IPPROTO_VRRP;
  xv_copy(ip + 12, source, 4);
  xv_copy(ip + 16, destination, 4);
  const struct xv_cursor header = {ip, ip + XV_IPV4_BYTES};
  xv_put_checksum(ip + 10, xv_sum_bytes(header, XV_IPV4_BYTES));
  return XV_IPV4_BYTES;
}

/* An IPv6 header; returns its length. */
XV_INLINE __u32 xv_put_ipv6(__u8* ip, const __u8* source, const __u8* destination, __u8 next_header,
                            __u32 payload_bytes) {
  ip[0] = 0x60 | XV_TOS >> 4;
  ip[1] = (__u8)(XV_TOS << 4);
  xv_put_be16(ip + 4, payload_bytes);
  ip[6] = next_header;
  ip[7] = XV_TTL;
  xv_copy(ip + 8, source, 16);
  xv_copy(ip + 24, destination, 16);
  return XV_IPV6_BYTES;
}

/* The message of an advert, without its checksum; returns its length. */
XV_INLINE __u32 xv_put_advert(const struct xv_advert_spec* spec, __u8* message) {
  const __u32 message_bytes = xv_message_bytes(spec->version, spec->family, spec->count);
  message[0] = (__u8)((spec->version << 4) | XV_VRRP_TYPE_ADVERTISEMENT);
  message[1] = spec->vrid;
  message[2] = spec->priority;
  message[3] = spec->count;
  if (spec->version == 2) {
    message[4] = spec->auth_type;
    message[5] = (__u8)spec->interval;
    xv_copy(message + message_bytes - XV_VRRP_AUTH_BYTES, spec->auth_data, XV_VRRP_AUTH_BYTES);
  } else {
    xv_put_be16(message + 4, spec->interval & 0x0fff);
  }
  xv_copy(message + XV_VRRP_HEADER_BYTES, spec->addresses, spec->count * (spec->family == 6 ? 16u : 4u));
  return message_bytes;
}

/* An advert as an Ethernet frame; returns its length. `frame` has room for XV_ADVERT_FRAME_MAX bytes. For a
 * unicast peer the Ethernet destination is left zero: such a packet goes to a raw IP socket from the IP
 * header on. */
XV_INLINE __u32 xv_build_advert(const struct xv_advert_spec* spec, __u8* frame) {
  const int ipv6 = spec->family == 6;
  const __u32 message_bytes = xv_message_bytes(spec->version, spec->family, spec->count);
  const __u32 frame_bytes = XV_ETHERNET_BYTES + (ipv6 ? XV_IPV6_BYTES : XV_IPV4_BYTES) + message_bytes;
  for (__u32 i = 0; i < frame_bytes; i++)
    frame[i] = 0;

  if (ipv6 ? spec->destination[0] == 0xff : (spec->destination[0] & 0xf0) == 0xe0)
    xv_put_group_mac(frame, spec->family, spec->destination);
  xv_copy(frame + 6, spec->source_mac, 6);
  xv_put_be16(frame + 12, ipv6 ? XV_ETHERTYPE_IPV6 : XV_ETHERTYPE_IPV4);
  __u8* ip = frame + XV_ETHERNET_BYTES;
  __u8* message =
      ip + (ipv6 ? xv_put_ipv6(ip, spec->source, spec->destination, XV_IPPROTO_VRRP, message_bytes)
                 : xv_put_ipv4(ip, spec->source, spec->destination, message_bytes));
  xv_put_advert(spec, message);

  const struct xv_cursor whole = {message, message + message_bytes};
  __u32 sum = xv_sum_bytes(whole, message_bytes);
  if (spec->version == 3 && (ipv6 || !spec->message_only_sum))
    sum +=
        xv_sum_pseudo_header(spec->source, spec->destination, ipv6 ? 16 : 4, XV_IPPROTO_VRRP, message_bytes);
  xv_put_checksum(message + 6, sum);
  return frame_bytes;
}

/* A gratuitous ARP request for `address`, broadcast. The target hardware address is the sender's, as RFC
 * 9568's erratum 7949 asks. Returns its length, XV_ARP_FRAME_BYTES. */
XV_INLINE __u32 xv_build_gratuitous_arp(const __u8* mac, const __u8* address, __u8* frame) {
  for (__u32 i = 0; i < 6; i++)
    frame[i] = 0xff;
  xv_copy(frame + 6, mac, 6);
  xv_put_be16(frame + 12, 0x0806);
  __u8* arp = frame + XV_ETHERNET_BYTES;
  xv_put_be16(arp, 1); /* Ethernet */
  xv_put_be16(arp + 2, XV_ETHERTYPE_IPV4);
  arp[4] = 6;
  arp[5] = 4;
  xv_put_be16(arp + 6, 1); /* request */
  xv_copy(arp + 8, mac, 6);
  xv_copy(arp + 14, address, 4);
  xv_copy(arp + 18, mac, 6);
  xv_copy(arp + 24, address, 4);
  return XV_ARP_FRAME_BYTES;
}

/* An unsolicited Neighbor Advertisement of `address` to all nodes: Router and Override set, not Solicited
 * (RFC 9568 6.4.2), from the address itself, as the field does. Returns its length, XV_NA_FRAME_BYTES. */
XV_INLINE __u32 xv_build_unsolicited_na(const __u8* mac, const __u8* address, __u8* frame) {
  const __u8 all_nodes[16] = {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  for (__u32 i = 0; i < XV_NA_FRAME_BYTES; i++)
    frame[i] = 0;
  xv_put_group_mac(frame, 6, all_nodes);
  xv_copy(frame + 6, mac, 6);
  xv_put_be16(frame + 12, XV_ETHERTYPE_IPV6);
  __u8* ip = frame + XV_ETHERNET_BYTES;
  __u8* icmp = ip + xv_put_ipv6(ip, address, all_nodes, XV_IPPROTO_ICMPV6, XV_NA_BYTES);
  icmp[0] = 136;
  icmp[4] = 0xa0; /* R, not S, O */
  xv_copy(icmp + 8, address, 16);
  icmp[24] = 2; /* option: Target Link-Layer Address, one unit of 8 bytes */
  icmp[25] = 1;
  xv_copy(icmp + 26, mac, 6);
  const struct xv_cursor whole = {icmp, icmp + XV_NA_BYTES};
  xv_put_checksum(icmp + 2, xv_sum_bytes(whole, XV_NA_BYTES) +
                                xv_sum_pseudo_header(address, all_nodes, 16, XV_IPPROTO_ICMPV6, XV_NA_BYTES));
  return XV_NA_FRAME_BYTES;
}

#endif
