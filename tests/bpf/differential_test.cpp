// SPDX-License-Identifier: BSD-2-Clause
// One parser, two compilers: 20,000 frames, made from scapy's by a fixed seed, get the same reason from the
// loaded program and from the host's build.
#include <algorithm>
#include <array>
#include <iostream>
#include <random>

#include "bpf/bpf_test.hpp"
#include "dataplane/reasons.hpp"
#include "support/repair.hpp"

namespace xvrrp::test {
namespace {

constexpr int kFrames = 20'000;

class Mutator {
public:
  explicit Mutator(std::uint32_t seed) : random_(seed) {}

  Bytes next(const std::vector<Vector>& originals) {
    Bytes frame = originals[below(originals.size())].frame;
    for (auto changes = below(4); changes > 0; --changes)
      change(frame);
    // Right checksums lead behind the checks of the checksums.
    if (below(4) != 0)
      repair_message_checksum(frame, {below(2) == 0, below(8) == 0});
    if (below(8) != 0)
      repair_ip_checksum(frame);
    frame.resize(std::clamp<std::size_t>(frame.size(), 14, 3000)); // what TEST_RUN takes in one piece
    return frame;
  }

private:
  std::size_t below(std::size_t n) { return random_() % n; }
  std::uint8_t byte() { return static_cast<std::uint8_t>(random_()); }

  void change(Bytes& frame) {
    const auto layout = layout_of(frame);
    if (frame.size() < 14)
      return;
    switch (below(layout ? 12 : 4)) {
    case 0:
      frame[below(frame.size())] ^= static_cast<std::uint8_t>(1u << below(8));
      return;
    case 1:
      frame[below(frame.size())] = byte();
      return;
    case 2:
      frame.resize(below(frame.size() + 1));
      return;
    case 3:
      for (auto more = below(60); more > 0; --more)
        frame.push_back(byte());
      return;
    case 4: // IP length, near the true one
      put_be16(
          frame, layout->ip + (layout->six ? 4 : 2),
          static_cast<std::uint16_t>(frame.size() - layout->ip - (layout->six ? 40 : 0) + below(13) - 6));
      return;
    case 5: // address count
      frame[layout->message + 3] = below(2) == 0 ? byte() : static_cast<std::uint8_t>(below(4));
      return;
    case 6: // interval, or authentication type and interval
      frame[layout->message + 4 + below(2)] = below(2) == 0 ? 0 : byte();
      return;
    case 7: // version and type
      frame[layout->message] =
          static_cast<std::uint8_t>((2 + below(2)) << 4 | (below(4) == 0 ? below(4) : 1));
      return;
    case 8: // source
      frame[layout->ip + (layout->six ? 8 : 12)] = std::array<std::uint8_t, 4>{0, 127, 224, 0xfe}[below(4)];
      return;
    case 9: // TTL
      frame[layout->ip + (layout->six ? 7 : 8)] = below(2) == 0 ? 255 : byte();
      return;
    case 10: // fragment
      if (!layout->six)
        put_be16(frame, layout->ip + 6, static_cast<std::uint16_t>(below(4) << 13 | below(2)));
      return;
    default: // first address
      if (frame.size() > layout->message + 9)
        frame[layout->message + 8] = byte();
      return;
    }
  }

  std::mt19937 random_;
};

using Array = std::array<std::uint64_t, XV_REASON_COUNT>;

class Differential : public BpfTest {
protected:
  /// The counters of the VLAN; all zero, and there, when it was not seen before.
  Array read(const xv_if_key& key) {
    if (!plane().interface_stats().find(key))
      configure_interface(XV_MODE_OBSERVE, 0, key.vlan, key.inner_vlan);
    const auto stats = plane().interface_stats().find(key).value();
    Array values{};
    std::copy_n(dataplane::counters_of(stats).begin(), values.size(), values.begin());
    return values;
  }
};

TEST_F(Differential, BothParsersAgreeOnEveryFrame) {
  const auto originals = load_vectors("scapy.txt");
  Mutator mutator{20260822};
  Array distribution{};
  for (int i = 0; i < kFrames; ++i) {
    const auto frame = mutator.next(originals);
    const auto [reason, advert] = parse_on_host(frame);
    ++distribution[reason];

    const xv_if_key key{ifindex(), advert.vlan, advert.inner_vlan};
    auto expected = read(key);
    if (reason != XV_not_vrrp)
      ++expected[reason];
    if (reason == XV_observed && (advert.notes & XV_NOTE_CHECKSUM_MESSAGE))
      ++expected[XV_checksum_message];
    if (reason == XV_observed && (advert.notes & XV_NOTE_TRAILING))
      ++expected[XV_trailing];
    ASSERT_EQ(receive(frame), "XDP_PASS");
    ASSERT_EQ(read(key), expected) << "frame " << i << ", host says " << dataplane::reason_name(reason)
                                   << "\n"
                                   << to_hex(frame);
  }

  int reached = 0;
  for (std::uint32_t reason = 0; reason < XV_REASON_COUNT; ++reason) {
    if (distribution[reason] == 0)
      continue;
    ++reached;
    std::cout << "  " << distribution[reason] << "\t" << dataplane::reason_name(reason) << "\n";
  }
  EXPECT_GE(reached, 15) << "all that a parser without configuration can say";

  std::uint64_t counted = 0;
  for (const auto& [name, value] : counters())
    counted += name.ends_with(" checksum_message") || name.ends_with(" trailing") ? 0 : value;
  EXPECT_EQ(counted, kFrames - distribution[XV_not_vrrp]) << "nothing was counted under another VLAN";
}

} // namespace
} // namespace xvrrp::test
