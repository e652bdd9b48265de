// SPDX-License-Identifier: BSD-2-Clause
// The loaded program against the host: any frame, to a virtual router made to fit it more or less, must get
// the reason, the verdict, the counters, the liveness and the event that the host's parser and rules say.
#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>

#include <fuzzer/FuzzedDataProvider.h>

#include "fuzz/model.hpp"
#include "fuzz/mutate.hpp"
#include "fuzz/plane.hpp"
#include "fuzz/require.hpp"
#include "support/repair.hpp"

namespace xvrrp::fuzz {
namespace {

/// An input is a frame and, behind it, this much that says what it meets.
constexpr std::size_t kScriptBytes = 160; // and SCRIPT_BYTES in CMakeLists.txt, for the seeds
constexpr std::size_t kFrameMax = 2048;
constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kHour = 3600 * kSecond;

std::uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * kSecond + static_cast<std::uint64_t>(now.tv_nsec);
}

xv_vr_key key_of(const xv_advert& advert) {
  return {Plane::kIfindex, advert.vlan, advert.inner_vlan, advert.family, advert.vrid, {}};
}

/// One time in four something else than what would fit.
template <typename T>
T mostly(FuzzedDataProvider& script, T fitting) {
  return script.ConsumeIntegralInRange(0, 3) != 0 ? fitting : script.ConsumeIntegral<T>();
}

void some_address(FuzzedDataProvider& script, const xv_advert& advert, __u8* to) {
  const auto* near = script.ConsumeBool() ? advert.source : advert.destination;
  std::copy_n(near, 16, to);
  if (script.ConsumeBool())
    to[script.ConsumeIntegralInRange(0, advert.family == 6 ? 15 : 3)] ^= script.ConsumeIntegral<__u8>();
}

xv_vr_config some_config(FuzzedDataProvider& script, const xv_advert& advert) {
  xv_vr_config config{};
  config.flags = script.ConsumeIntegral<std::uint8_t>() & 63u;
  if (script.ConsumeIntegralInRange(0, 7) != 0)
    config.flags &= ~XV_VR_LISTED;
  config.version = script.ConsumeBool() || advert.family == 6 ? 3 : 2;
  config.priority = std::max<std::uint8_t>(1, mostly(script, advert.priority));
  if (script.ConsumeIntegralInRange(0, 7) == 0)
    config.priority = 255;
  config.interval_wire = mostly<std::uint16_t>(script, advert.interval);
  config.advert_interval_ns = script.ConsumeBool()
                                  ? script.ConsumeIntegralInRange<std::uint64_t>(1, 255 * kSecond)
                                  : kSecond / 1000 * script.ConsumeIntegralInRange<std::uint64_t>(1, 10);
  config.down_adverts = script.ConsumeIntegralInRange<std::uint8_t>(1, 255);
  config.auth_type = mostly(script, advert.auth_type);
  config.list_sum = mostly<std::uint16_t>(script, advert.list_sum);
  config.count = mostly(script, advert.count);
  std::copy_n(advert.auth_data, 8, config.auth_data);
  config.auth_data[script.ConsumeIntegralInRange(0, 7)] ^= mostly<std::uint8_t>(script, 0);
  some_address(script, advert, config.local_address);
  if (script.ConsumeBool())
    std::copy_n(advert.mac, 6, config.device_mac);
  config.device_mac[5] ^= mostly<std::uint8_t>(script, 0);
  std::copy_n(script.ConsumeBool() ? advert.mac : config.mac, 6, config.mac);
  return config;
}

xv_vr_live some_live(FuzzedDataProvider& script, const xv_advert& advert) {
  xv_vr_live live{};
  live.deadline_ns = now_ns() + kHour;
  live.interval_ns = script.ConsumeIntegralInRange<std::uint64_t>(1, 255 * kSecond);
  live.limit_ns = script.ConsumeIntegralInRange(0, 7) == 0 ? 0 : now_ns();
  constexpr std::array<__u32, 4> kCounts{0, XV_ADVERT_EVENTS_PER_S - 1, XV_URGENT_EVENTS_PER_S - 1,
                                         XV_ROUTER_EVENTS_PER_S - 1};
  live.limit_count = script.PickValueInArray(kCounts) + script.ConsumeIntegralInRange(0, 2);
  live.role = script.ConsumeIntegralInRange<__u32>(XV_ROLE_STOPPED, XV_ROLE_RESIGNING);
  live.generation = script.ConsumeIntegral<std::uint8_t>();
  live.unreported = script.ConsumeBool();
  live.interop.until_ns = script.ConsumeBool() ? now_ns() + kHour : 0;
  some_address(script, advert, live.interop.source);
  live.pace.adverts = script.ConsumeIntegralInRange<__u32>(0, XV_PACE_ADVERTS);
  live.pace.mean_ns = script.ConsumeIntegralInRange<std::uint64_t>(0, XV_CENTISECOND_NS);
  live.pace.last_ns = script.ConsumeBool() ? now_ns() : 0;
  some_address(script, advert, live.pace.source);
  live.patience.last_ns = now_ns() - script.ConsumeIntegralInRange<std::uint64_t>(0, 255 * kSecond);
  live.patience.since_ns =
      live.patience.last_ns - script.ConsumeIntegralInRange<std::uint64_t>(0, 255 * kSecond);
  live.patience.interval_ns = script.ConsumeIntegralInRange<std::uint64_t>(0, 255 * kSecond);
  some_address(script, advert, live.patience.source);
  live.heard.adverts = script.ConsumeBool();
  some_address(script, advert, live.heard.master);
  return live;
}

/// What the program's memory says after an advert of this kind.
void require_heard(const xv_hearing& heard, const xv_advert& advert, std::uint8_t notes) {
  require(std::equal(heard.master, heard.master + 16, advert.source), "heard: source");
  require_equal(heard.interval_wire, advert.interval, "heard: interval");
  require_equal(heard.version, advert.version, "heard: version");
  require_equal(heard.priority, advert.priority, "heard: priority");
  require_equal(heard.notes, notes, "heard: notes");
}

void require_event(const xv_event& event, const Outcome& outcome, const xv_advert& advert,
                   const xv_vr_key& key) {
  require_equal(event.type, outcome.event.value(), "event: type");
  require_equal(event.reason, outcome.reason, "event: reason");
  require(std::memcmp(&event.key, &key, sizeof(key)) == 0, "event: key");
  require(std::equal(event.source, event.source + 16, advert.source), "event: source");
  require_equal(event.interval_wire, advert.interval, "event: interval");
  require_equal(event.version, advert.version, "event: version");
  require_equal(event.priority, advert.priority, "event: priority");
  require_equal(event.notes, outcome.all_notes, "event: notes");
  if (event.type == XV_EVENT_ADVERT) {
    require_equal(event.generation, outcome.live->generation, "event: generation");
    require_equal(event.interval_ns, outcome.taught_ns, "event: interval taught");
    require_equal(event.deadline_ns, outcome.live->deadline_ns, "event: deadline");
  }
}

void require_live(const xv_vr_live& live, const xv_vr_live& expected) {
  require_equal(live.role, expected.role, "liveness: role");
  require_equal(live.deadline_ns, expected.deadline_ns, "liveness: deadline");
  require_equal(live.interval_ns, expected.interval_ns, "liveness: interval");
  require_equal(live.generation, expected.generation, "liveness: generation");
  require_equal(live.unreported, expected.unreported, "liveness: unreported");
  require_equal(live.limit_count, expected.limit_count, "liveness: events of this second");
  require_equal(live.limit_ns, expected.limit_ns, "liveness: start of that second");
  require_equal(live.interop.until_ns, expected.interop.until_ns, "liveness: until when v2 is shadowed");
  require(std::equal(live.interop.source, live.interop.source + 16, expected.interop.source),
          "liveness: whose v2 is shadowed");
  require_equal(live.patience.since_ns, expected.patience.since_ns, "patience: since");
  require_equal(live.patience.last_ns, expected.patience.last_ns, "patience: last advert");
  require_equal(live.patience.interval_ns, expected.patience.interval_ns, "patience: interval");
  require_equal(live.pace.mean_ns, expected.pace.mean_ns, "pace: mean");
  require_equal(live.pace.adverts, expected.pace.adverts, "pace: adverts");
  require_equal(live.pace.differs, expected.pace.differs, "pace: differs");
  require_equal(live.heard.last_ns, expected.heard.last_ns, "heard: when");
  require_equal(live.heard.adverts, expected.heard.adverts, "heard: adverts");
  require_equal(live.heard.changes, expected.heard.changes, "heard: changes of the source");
  require_equal(live.heard.gap_ns, expected.heard.gap_ns, "heard: gap");
  require_equal(live.heard.gap_max_ns, expected.heard.gap_max_ns, "heard: longest gap");
  require_equal(live.heard.jitter_ns, expected.heard.jitter_ns, "heard: jitter");
}

class Encounter {
public:
  Encounter(Plane& plane, FuzzedDataProvider& script, const xv_advert& seen)
      : plane_(plane), key_(key_of(seen)), interface_{Plane::kIfindex, seen.vlan, seen.inner_vlan} {
    if (script.ConsumeIntegralInRange(0, 7) != 0)
      world_.policy = xv_if_policy{script.ConsumeIntegralInRange<__u32>(XV_MODE_OBSERVE, XV_MODE_OWN),
                                   script.ConsumeIntegralInRange<__u32>(0, 1)};
    world_.reported_just_now = script.ConsumeBool();
    router_ = script.ConsumeIntegralInRange(0, 7) != 0;
    if (script.ConsumeIntegralInRange(0, 7) == 0)
      key_.vrid ^= script.ConsumeIntegral<std::uint8_t>();
    world_.config = some_config(script, seen);
    if (script.ConsumeIntegralInRange(0, 15) != 0)
      world_.live = some_live(script, seen);
    peer_ = {key_, {}};
    some_address(script, seen, peer_.address);

    plane_.set_policy(interface_, world_.policy);
    plane_.reset(interface_);
    if (router_) {
      plane_.set_router(key_, world_.config);
      plane_.reset(key_);
      plane_.add_peer(peer_);
      if (world_.live)
        plane_.set_live(key_, *world_.live);
    }
    (void)plane_.take_events();
  }
  ~Encounter() { plane_.forget(); }
  Encounter(const Encounter&) = delete;
  Encounter& operator=(const Encounter&) = delete;

  void receive(const test::Bytes& frame) {
    const auto parsed = parse(frame);
    const auto& advert = parsed.advert;
    const auto key = key_of(advert);
    const xv_if_key interface { Plane::kIfindex, advert.vlan, advert.inner_vlan };
    if (spoiled_ || std::memcmp(&interface, &interface_, sizeof(interface)) != 0)
      return; // a changed frame may be on a VLAN that was not set up
    world_.configured = router_ && std::memcmp(&key, &key_, sizeof(key)) == 0;
    world_.is_peer = world_.configured && std::equal(advert.source, advert.source + 16, peer_.address);
    const auto before = world_.live;

    const auto earliest = now_ns();
    plane_.set_report(interface_, world_.reported_just_now ? earliest : 0);
    const auto verdict = plane_.receive(frame);
    const auto latest = now_ns();
    const auto live = router_ ? plane_.live(key_) : std::nullopt;
    const auto limit = before ? before->limit_ns : earliest;
    spoiled_ = latest - earliest >= kSecond || (earliest < limit + kSecond && latest >= limit + kSecond);
    if (spoiled_)
      return;
    // The moment that the program took for now, where it left one; else none is needed.
    const bool heard = live && before && live->heard.adverts != before->heard.adverts;
    const auto now = heard ? live->heard.last_ns : earliest;
    require(now >= earliest && now <= latest, "the program's time");

    auto world = world_;
    if (!world.configured)
      world.live.reset();
    const auto outcome = predict(world, parsed, now);
    require_equal(verdict, outcome.verdict, "verdict");
    require_counters(outcome);
    require_equal(heard, outcome.heard, "noted in the router's memory");
    if (router_)
      require_router(outcome, advert, live);
    const auto foreign = plane_.heard(key);
    require_equal(foreign && foreign->last_ns >= earliest, outcome.heard_foreign,
                  "noted as a foreign router's");
    if (outcome.heard_foreign)
      require_heard(*foreign, advert, outcome.all_notes);

    const auto events = plane_.take_events();
    require_equal(events.size(), outcome.event ? 1 : 0, "events");
    if (outcome.event)
      require_event(events[0], outcome, advert, key);
    if (router_)
      world_.live = live;
  }

private:
  void require_counters(const Outcome& outcome) {
    xv_stats router{}, interface {};
    if (outcome.counted) {
      auto* stats = outcome.counted_by_router ? &router : &interface;
      ++(&stats->not_vrrp)[outcome.reason];
      for (const auto note : outcome.notes)
        ++(&stats->not_vrrp)[note];
    }
    require_stats(plane_.stats(interface_), interface_stats_, interface, "interface");
    if (router_)
      require_stats(plane_.stats(key_), router_stats_, router, "virtual router");
  }

  /// The counters moved by `expected`, and `total` is what they were and then are.
  static void require_stats(const xv_stats& now, xv_stats& total, const xv_stats& expected,
                            const char* whose) {
    for (int i = 0; i < XV_REASON_COUNT; ++i) {
      auto& value = (&total.not_vrrp)[i];
      value += (&expected.not_vrrp)[i];
      if ((&now.not_vrrp)[i] != value)
        std::fprintf(stderr, "fuzz: counter %d of the %s\n", i, whose);
      require_equal((&now.not_vrrp)[i], value, "counter");
    }
  }

  void require_router(const Outcome& outcome, const xv_advert& advert,
                      const std::optional<xv_vr_live>& live) {
    require_equal(live.has_value(), world_.live.has_value(), "liveness");
    if (!live)
      return;
    require_live(*live, world_.configured ? *outcome.live : *world_.live);
    if (outcome.heard)
      require_heard(live->heard, advert, outcome.all_notes);
  }

  Plane& plane_;
  World world_;
  bool router_ = false;
  bool spoiled_ = false; ///< this process was stopped for so long that the second of the rate limits is over
  xv_vr_key key_;
  xv_if_key interface_;
  xv_peer_key peer_{};
  xv_stats interface_stats_{}, router_stats_{};
};

/// The same advert with another header, or from somebody else.
test::Bytes varied(test::Bytes frame, FuzzedDataProvider& script) {
  const auto layout = test::layout_of(frame);
  if (!layout)
    return frame;
  const auto changed = [&](std::size_t at) { frame[at] = script.ConsumeIntegral<std::uint8_t>(); };
  switch (script.ConsumeIntegralInRange(0, 6)) {
  case 0:
    changed(layout->message + 2); // priority
    break;
  case 1:
    frame[layout->message + 2] = 0;
    break;
  case 2:
    changed(layout->message + 5); // interval
    break;
  case 3:
    changed(layout->ip + (layout->six ? 23 : 15)); // the source's last byte
    break;
  case 4: // v2 becomes v3, and the reverse
    frame[layout->message] ^= 0x10;
    break;
  case 5:
    changed(layout->message + 4);
    break;
  default: // heard again
    break;
  }
  test::repair_ip_checksum(frame);
  test::repair_message_checksum(frame, {script.ConsumeBool(), script.ConsumeBool()});
  return frame;
}

} // namespace
} // namespace xvrrp::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xvrrp::fuzz;
  static Plane plane;
  if (size < kScriptBytes + 14 || size > kScriptBytes + kFrameMax)
    return 0;
  const auto frame_bytes = size - kScriptBytes;
  const xvrrp::test::Bytes frame(data, data + frame_bytes);
  FuzzedDataProvider script(data + frame_bytes, kScriptBytes);

  Encounter encounter(plane, script, parse(frame).advert);
  encounter.receive(frame);
  for (int more = script.ConsumeIntegralInRange(0, 3); more > 0; --more)
    encounter.receive(varied(frame, script));
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed);
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

// The frame or the script, each where it stands.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  using namespace xvrrp::fuzz;
  if (max_size < kScriptBytes + 14 + 1)
    return size;
  std::array<std::uint8_t, kScriptBytes> script{};
  auto frame_bytes = size;
  if (size >= kScriptBytes) {
    frame_bytes = size - kScriptBytes;
    std::copy_n(data + frame_bytes, kScriptBytes, script.begin());
  }
  if (seed % 2 == 0) {
    LLVMFuzzerMutate(script.data(), kScriptBytes, kScriptBytes);
  } else {
    frame_bytes = mutate_frame(data, std::min(frame_bytes, max_size - kScriptBytes),
                               std::min(kFrameMax, max_size - kScriptBytes), seed);
  }
  if (frame_bytes < 14) {
    std::fill(data + frame_bytes, data + 14, std::uint8_t{0});
    frame_bytes = 14;
  }
  frame_bytes = std::min(frame_bytes, max_size - kScriptBytes);
  std::copy(script.begin(), script.end(), data + frame_bytes);
  return frame_bytes + kScriptBytes;
}
