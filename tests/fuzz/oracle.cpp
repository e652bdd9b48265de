// SPDX-License-Identifier: BSD-2-Clause
#include "fuzz/oracle.hpp"

#include <algorithm>
#include <utility>

#include "fuzz/require.hpp"

namespace xvrrp::fuzz {
namespace {

using test::Bytes;

Bytes part(const Bytes& bytes, std::size_t begin, std::size_t length) {
  if (begin > bytes.size() || bytes.size() - begin < length)
    return {};
  const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(begin);
  return {first, first + static_cast<std::ptrdiff_t>(length)};
}

unsigned word(const Bytes& bytes, std::size_t at) {
  return static_cast<unsigned>(bytes.at(at) << 8 | bytes.at(at + 1));
}

void store(const Bytes& from, std::uint8_t* to) {
  std::copy(from.begin(), from.end(), to);
}

struct Packet {
  Bytes mac, source, destination, payload;
  unsigned vlan = 0, inner_vlan = 0;
  bool six = false;
};

/// RFC 791: whole, not fragmented, with a right header checksum.
bool open_four(const Bytes& ip, Packet& packet) {
  if (ip.size() < 20 || ip[0] < 0x45 || ip[0] > 0x4f || ip[9] != 112 || ip[8] != 255)
    return false;
  const std::size_t header = ip[0] % 16 * 4, total = word(ip, 2);
  const bool whole = ip.size() >= header && total >= header && ip.size() >= total;
  const bool fragment = (word(ip, 6) & 0x2000) || word(ip, 6) % 0x2000 != 0;
  if (!whole || fragment || test::internet_checksum(part(ip, 0, header)) != 0)
    return false;
  packet.source = part(ip, 12, 4);
  packet.destination = part(ip, 16, 4);
  packet.payload = part(ip, header, total - header);
  return true;
}

/// RFC 8200, with VRRP directly behind the fixed header (RFC 9568 5.1.2.4).
bool open_six(const Bytes& ip, Packet& packet) {
  if (ip.size() < 40 || ip[0] / 16 != 6 || ip[6] != 112 || ip[7] != 255 || ip.size() - 40 < word(ip, 4))
    return false;
  packet.six = true;
  packet.source = part(ip, 8, 16);
  packet.destination = part(ip, 24, 16);
  packet.payload = part(ip, 40, word(ip, 4));
  return true;
}

std::optional<Packet> open(const Bytes& frame) {
  if (frame.size() < 14)
    return std::nullopt;
  Packet packet;
  packet.mac = part(frame, 0, 6);
  std::size_t type = 12;
  // 802.1Q or 802.1ad outside, 802.1Q inside.
  if (word(frame, type) == 0x8100 || word(frame, type) == 0x88a8) {
    if (frame.size() < 18)
      return std::nullopt;
    packet.vlan = word(frame, type + 2) % 4096;
    type += 4;
    if (word(frame, type) == 0x8100) {
      if (frame.size() < 22)
        return std::nullopt;
      packet.inner_vlan = word(frame, type + 2) % 4096;
      if (packet.vlan == 0) // the outer tag only carries a priority
        std::swap(packet.vlan, packet.inner_vlan);
      type += 4;
    }
  }
  const auto ip = part(frame, type + 2, frame.size() - type - 2);
  const bool opened = word(frame, type) == 0x0800   ? open_four(ip, packet)
                      : word(frame, type) == 0x86dd ? open_six(ip, packet)
                                                    : false;
  return opened ? std::optional{packet} : std::nullopt;
}

/// Which bytes the checksum field is right for.
bool covers(const Packet& packet, std::size_t length, bool with_pseudo_header) {
  auto summed = part(packet.payload, 0, length);
  if (summed.size() % 2 != 0)
    summed.push_back(0);
  if (with_pseudo_header)
    test::append(summed, test::pseudo_header(packet.source, packet.destination, length));
  return test::internet_checksum(summed) == 0;
}

/// Nothing when the checksum is wrong in every form that the version has; else the notes it earns.
std::optional<unsigned> notes_of(const Packet& packet, unsigned version, std::size_t message_bytes) {
  const auto payload_bytes = packet.payload.size();
  const unsigned trailing = payload_bytes > message_bytes ? XV_NOTE_TRAILING : 0;
  std::vector<std::size_t> lengths{message_bytes};
  if (trailing && payload_bytes <= 1480)
    lengths.push_back(payload_bytes);
  for (const auto length : lengths) {
    if (covers(packet, length, version == 3))
      return trailing;
    if (version == 3 && !packet.six && covers(packet, length, false))
      return trailing | XV_NOTE_CHECKSUM_MESSAGE;
  }
  return std::nullopt;
}

/// The group of RFC 9568 5.1.1.2 or 5.1.2.2, or one host; in a frame to the group's MAC, or to one host.
bool suits(const Packet& packet) {
  const bool to_group = packet.six ? packet.destination[0] == 255 : packet.destination[0] / 16 == 14;
  if (to_group &&
      packet.destination !=
          (packet.six ? Bytes{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12} : Bytes{224, 0, 0, 18}))
    return false;
  if (packet.mac[0] % 2 == 0)
    return true;
  return to_group &&
         packet.mac == (packet.six ? Bytes{0x33, 0x33, 0, 0, 0, 0x12} : Bytes{1, 0, 0x5e, 0, 0, 0x12});
}

bool is_neighbour(const Packet& packet) {
  const auto& source = packet.source;
  if (!packet.six)
    return source[0] >= 1 && source[0] <= 223 && source[0] != 127;
  const bool to_group = packet.destination[0] == 255;
  return to_group ? source[0] == 0xfe && source[1] >= 0x80 && source[1] <= 0xbf
                  : source[0] >= 1 && source[0] <= 254;
}

} // namespace

std::optional<xv_advert> read_advert(const Bytes& frame) {
  const auto packet = open(frame);
  if (!packet || packet->payload.size() < 8)
    return std::nullopt;
  const auto& message = packet->payload;
  const unsigned version = message[0] / 16, count = message[3];
  const std::size_t width = packet->six ? 16 : 4;
  if ((version != 3 && (version != 2 || packet->six)) || message[0] % 16 != 1)
    return std::nullopt;
  const auto addresses = part(message, 8, count * width);
  const auto message_bytes = 8 + count * width + (version == 2 ? 8 : 0);
  if (message.size() < message_bytes || message_bytes > 1480 || count == 0)
    return std::nullopt;
  const auto notes = notes_of(*packet, version, message_bytes);
  const auto interval = version == 2 ? message[5] : word(message, 4) % 4096;
  if (!notes || (version == 3 && interval == 0) || !is_neighbour(*packet) || !suits(*packet))
    return std::nullopt;
  if (packet->six && (addresses[0] != 0xfe || addresses[1] < 0x80 || addresses[1] > 0xbf))
    return std::nullopt;

  xv_advert advert{};
  store(packet->mac, advert.mac);
  store(packet->source, advert.source);
  store(packet->destination, advert.destination);
  if (version == 2) {
    store(part(message, 8 + count * width, 8), advert.auth_data);
    advert.auth_type = message[4];
  }
  advert.vlan = static_cast<__u16>(packet->vlan);
  advert.inner_vlan = static_cast<__u16>(packet->inner_vlan);
  advert.interval = static_cast<__u16>(interval);
  advert.list_sum = test::words_modulo_65535(addresses);
  advert.family = packet->six ? 6 : 4;
  advert.version = static_cast<__u8>(version);
  advert.vrid = message[1];
  advert.priority = message[2];
  advert.count = static_cast<__u8>(count);
  advert.notes = static_cast<__u8>(*notes);
  const auto first = packet->destination[0];
  advert.unicast = packet->six ? first != 255 : first < 224 || first > 239;
  return advert;
}

void require_agreement(const Parsed& parsed, const std::optional<xv_advert>& expected) {
  require_equal(parsed.reason == XV_observed, expected.has_value(), "accepted");
  if (!expected)
    return;
  const auto& advert = parsed.advert;
  const auto same = [](const __u8* a, const __u8* b, std::size_t n, const char* what) {
    require(std::equal(a, a + n, b), what);
  };
  same(advert.mac, expected->mac, 6, "MAC");
  same(advert.source, expected->source, 16, "source");
  same(advert.destination, expected->destination, 16, "destination");
  same(advert.auth_data, expected->auth_data, 8, "authentication data");
  require_equal(advert.vlan, expected->vlan, "VLAN");
  require_equal(advert.inner_vlan, expected->inner_vlan, "inner VLAN");
  require_equal(advert.interval, expected->interval, "interval");
  require_equal(advert.list_sum, expected->list_sum, "sum of the addresses");
  require_equal(advert.family, expected->family, "family");
  require_equal(advert.version, expected->version, "version");
  require_equal(advert.vrid, expected->vrid, "VRID");
  require_equal(advert.priority, expected->priority, "priority");
  require_equal(advert.count, expected->count, "count");
  require_equal(advert.auth_type, expected->auth_type, "authentication type");
  require_equal(advert.notes, expected->notes, "notes");
  require_equal(advert.unicast, expected->unicast, "unicast");
}

} // namespace xvrrp::fuzz
