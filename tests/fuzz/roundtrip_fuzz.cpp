// SPDX-License-Identifier: BSD-2-Clause
// parse(build(x)) == x, also when the frame meets VLAN tags, IP options, padding and trailers on its way.
#include <algorithm>
#include <utility>

#include <fuzzer/FuzzedDataProvider.h>

#include <xvrrp/wire/build.h>

#include "fuzz/oracle.hpp"
#include "fuzz/require.hpp"
#include "support/repair.hpp"

namespace {

using xvrrp::test::Bytes;

void fill(FuzzedDataProvider& input, std::uint8_t* to, std::size_t n) {
  const auto bytes = input.ConsumeBytes<std::uint8_t>(n);
  std::copy(bytes.begin(), bytes.end(), to);
}

/// An advert that is valid by the RFCs; `list` becomes its addresses.
xv_advert_spec some_advert(FuzzedDataProvider& input, Bytes& list) {
  xv_advert_spec spec{};
  spec.version = input.ConsumeBool() ? 3 : 2;
  const bool six = spec.version == 3 && input.ConsumeBool();
  spec.family = six ? 6 : 4;
  spec.vrid = input.ConsumeIntegral<std::uint8_t>();
  spec.priority = input.ConsumeIntegral<std::uint8_t>();
  spec.message_only_sum = input.ConsumeBool();
  spec.count = input.ConsumeIntegralInRange<std::uint8_t>(1, six ? 92 : 255);
  if (spec.version == 2) {
    spec.interval = input.ConsumeIntegral<std::uint8_t>();
    spec.auth_type = input.ConsumeIntegral<std::uint8_t>();
    fill(input, spec.auth_data, 8);
  } else {
    spec.interval = input.ConsumeIntegralInRange<std::uint16_t>(1, 4095);
  }
  fill(input, spec.source_mac, 6);
  fill(input, spec.source, six ? 16 : 4);
  constexpr Bytes::value_type kGroup4[]{224, 0, 0, 18};
  constexpr Bytes::value_type kGroup6[]{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12};
  std::copy_n(six ? kGroup6 : kGroup4, six ? 16 : 4, spec.destination); // a frame of a whole group
  list.resize(spec.count * (six ? 16u : 4u));
  fill(input, list.data(), list.size());
  if (six) {
    list[0] = 0xfe;
    list[1] = static_cast<std::uint8_t>(0x80 | (list[1] & 0x3f));
    spec.source[0] = 0xfe;
    spec.source[1] = static_cast<std::uint8_t>(0x80 | (spec.source[1] & 0x3f));
  } else if (spec.source[0] == 0 || spec.source[0] == 127 || spec.source[0] >= 224) {
    spec.source[0] = 10;
  }
  return spec;
}

/// Memory of exactly the frame's size, full of garbage that the builder must replace.
Bytes build(const xv_advert_spec& spec) {
  const std::size_t bytes = 14 + (spec.family == 6 ? 40u : 20u) + 8 +
                            spec.count * (spec.family == 6 ? 16u : 4u) + (spec.version == 2 ? 8u : 0u);
  Bytes frame(bytes, 0xa5);
  xvrrp::fuzz::require_equal(xv_build_advert(&spec, frame.data()), bytes, "length of the frame");
  return frame;
}

void put_tag(Bytes& frame, std::uint16_t ethertype, std::uint16_t tag) {
  const Bytes bytes{static_cast<std::uint8_t>(ethertype >> 8), static_cast<std::uint8_t>(ethertype),
                    static_cast<std::uint8_t>(tag >> 8), static_cast<std::uint8_t>(tag)};
  frame.insert(frame.begin() + 12, bytes.begin(), bytes.end());
}

void put_options(Bytes& frame, const Bytes& options) {
  frame.insert(frame.begin() + 34, options.begin(), options.end());
  frame[14] = static_cast<std::uint8_t>(0x45 + options.size() / 4);
  xvrrp::test::repair_ip_length(frame);
  xvrrp::test::repair_ip_checksum(frame);
}

void put_trailer(FuzzedDataProvider& input, Bytes& frame, bool pseudo_header) {
  const auto trailer = input.ConsumeBytes<std::uint8_t>(input.ConsumeIntegralInRange<std::size_t>(1, 64));
  xvrrp::test::append(frame, trailer);
  xvrrp::test::repair_ip_length(frame);
  xvrrp::test::repair_ip_checksum(frame);
  if (input.ConsumeBool())
    xvrrp::test::repair_message_checksum(frame, {pseudo_header, true});
}

void require_same(const xv_advert_spec& spec, const Bytes& list, const xv_advert& advert) {
  using xvrrp::fuzz::require;
  using xvrrp::fuzz::require_equal;
  require_equal(advert.version, spec.version, "version");
  require_equal(advert.family, spec.family, "family");
  require_equal(advert.vrid, spec.vrid, "VRID");
  require_equal(advert.priority, spec.priority, "priority");
  require_equal(advert.count, spec.count, "count");
  require_equal(advert.interval, spec.interval, "interval");
  require_equal(advert.auth_type, spec.auth_type, "authentication type");
  require(std::equal(advert.auth_data, advert.auth_data + 8, spec.auth_data), "authentication data");
  require(std::equal(advert.source, advert.source + 16, spec.source), "source");
  require(std::equal(advert.destination, advert.destination + 16, spec.destination), "destination");
  require_equal(advert.list_sum, xvrrp::test::words_modulo_65535(list), "sum of the addresses");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  Bytes list;
  auto spec = some_advert(input, list);
  spec.addresses = list.data();
  const bool pseudo_header = spec.family == 6 || !spec.message_only_sum;

  auto frame = build(spec);
  if (spec.family == 4 && input.ConsumeBool())
    put_options(frame, Bytes(input.ConsumeIntegralInRange<std::size_t>(0, 10) * 4, 1));
  if (input.ConsumeBool() && frame.size() + 64 < 1480)
    put_trailer(input, frame, pseudo_header);
  unsigned vlan = 0, inner_vlan = 0;
  if (input.ConsumeBool()) {
    const bool two = input.ConsumeBool();
    const auto inner = input.ConsumeIntegral<std::uint16_t>(), outer = input.ConsumeIntegral<std::uint16_t>();
    put_tag(frame, !two && input.ConsumeBool() ? 0x88a8 : 0x8100, inner);
    if (two)
      put_tag(frame, input.ConsumeBool() ? 0x88a8 : 0x8100, outer);
    vlan = (two ? outer : inner) & 0x0fffu;
    inner_vlan = two ? inner & 0x0fffu : 0;
    if (vlan == 0) // the outer tag only carries a priority
      std::swap(vlan, inner_vlan);
  }
  frame.resize(frame.size() + input.ConsumeIntegralInRange<std::size_t>(0, 60));

  const auto parsed = xvrrp::fuzz::parse(frame);
  xvrrp::fuzz::require_equal(parsed.reason, XV_observed, "reason");
  require_same(spec, list, parsed.advert);
  xvrrp::fuzz::require_equal(parsed.advert.vlan, vlan, "VLAN");
  xvrrp::fuzz::require_equal(parsed.advert.inner_vlan, inner_vlan, "inner VLAN");
  xvrrp::fuzz::require_agreement(parsed, xvrrp::fuzz::read_advert(frame));
  return 0;
}
