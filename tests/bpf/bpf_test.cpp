// SPDX-License-Identifier: BSD-2-Clause
#include "bpf/bpf_test.hpp"

#include <array>
#include <ctime>
#include <utility>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <poll.h>
#include <unistd.h>

#include <xvrrp/abi/names.h>

#include "bpf/sandbox.hpp"
#include "bpf/test_run.hpp"
#include "dataplane/loader.hpp"
#include "dataplane/reasons.hpp"

namespace xvrrp::test {
namespace {

/// Far more than any wait takes: only a failing test waits so long.
constexpr std::uint64_t kPatience = 20 * kSecond;

std::string tags(std::uint16_t vlan, std::uint16_t inner_vlan) {
  std::string text;
  if (vlan != 0)
    text += "." + std::to_string(vlan);
  if (inner_vlan != 0)
    text += "." + std::to_string(inner_vlan);
  return text;
}

void add(Counters& counters, const std::string& owner, const xv_stats& stats) {
  const auto values = dataplane::counters_of(stats);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] != 0)
      counters[owner + " " + dataplane::reason_name(static_cast<std::uint32_t>(i))] = values[i];
  }
}

std::string verdict_name(std::uint32_t verdict) {
  constexpr std::array kNames{"XDP_ABORTED", "XDP_DROP", "XDP_PASS", "XDP_TX", "XDP_REDIRECT"};
  return verdict < kNames.size() ? kNames[verdict] : std::to_string(verdict);
}

} // namespace

void BpfTest::SetUp() {
  if (const auto error = enter_sandbox(); !error.empty())
    GTEST_SKIP() << error;
  ifindex_ = ifindex_of(kNear);
  instance_ = "t" + std::to_string(getpid());
  auto plane = dataplane::DataPlane::create(instance_, XV_OWNER_HAND, 0, wanted_timer());
  ASSERT_TRUE(plane) << plane.error().message;
  plane_.emplace(std::move(*plane));
  auto ring = dataplane::EventRing::open(plane_->events_fd(), *this);
  ASSERT_TRUE(ring) << ring.error().message;
  ring_.emplace(std::move(*ring));
  const auto pinned = [this](const char* name) {
    return dataplane::BpfFd{bpf_obj_get((dataplane::pin_directory(instance_) + "/" + name).c_str())};
  };
  report_ = dataplane::Map<xv_if_key, xv_if_report>{pinned(XV_MAP_IF_REPORT)};
  timer_ = dataplane::Map<std::uint32_t, DownTimer>{pinned(XV_MAP_DOWN_TIMER)};
  leaving_ = pinned(XV_PROG_TX);
  prepare();
}

dataplane::DownTimer BpfTest::wanted_timer() const {
  const auto features = dataplane::probe_features({});
  return features ? dataplane::down_timer(*features) : dataplane::DownTimer::Kernel;
}

void BpfTest::TearDown() {
  if (instance_.empty())
    return;
  const auto status = dataplane::DataPlane::remove(instance_);
  EXPECT_TRUE(status) << status.error().message;
}

void BpfTest::configure_interface(xv_mode mode, std::uint32_t flags, std::uint16_t vlan,
                                  std::uint16_t inner_vlan) {
  const xv_if_key key{ifindex_, vlan, inner_vlan};
  ASSERT_EQ(plane_->policies().set(key, {static_cast<__u32>(mode), flags}), 0);
  ASSERT_EQ(plane_->interface_stats().reset(key), 0);
  ASSERT_EQ(report_.set(key, {}), 0);
}

void BpfTest::forget_everything() {
  for (const auto& key : plane_->routers().keys())
    plane_->remove_router(key);
  for (const auto& key : plane_->heard().keys())
    plane_->heard().erase(key);
  for (const auto& key : plane_->policies().keys()) {
    plane_->policies().erase(key);
    plane_->interface_stats().erase(key);
    report_.erase(key);
  }
}

xv_vr_key BpfTest::key_of(const Router& router) const {
  auto key = dataplane::vr_key(ifindex_, router.family, router.vrid);
  key.vlan = router.vlan;
  return key;
}

void BpfTest::configure(const Router& router) {
  const auto key = key_of(router);
  const auto created = plane_->create_router(key, router.config);
  ASSERT_TRUE(created) << created.error().message;
  ASSERT_EQ(plane_->set_config(key, router.config), 0);
  plane_->retain_peers(key, router.peers);
  const auto added = plane_->add_peers(key, router.peers);
  ASSERT_TRUE(added) << added.error().message;
}

void BpfTest::start(const Router& router, std::uint64_t deadline_ns) {
  configure(router);
  set_role(router, router.role, deadline_ns, 1);
}

void BpfTest::set_role(const Router& router, xv_role role, std::uint64_t deadline_ns,
                       std::uint32_t generation, std::optional<std::uint64_t> interval_ns) {
  xv_command command{};
  command.key = key_of(router);
  command.op = XV_COMMAND_ROLE;
  command.role = role;
  command.deadline_ns = deadline_ns;
  command.interval_ns = interval_ns.value_or(router.config.advert_interval_ns);
  command.generation = generation;
  command.lease_slot = router.config.lease_slot;
  ASSERT_EQ(plane_->run(command), 0);
}

xv_vr_live BpfTest::live(const Router& router) const {
  const auto value = plane_->liveness().find(key_of(router));
  EXPECT_TRUE(value) << "no liveness of VRID " << int{router.vrid};
  return value.value_or(xv_vr_live{});
}

std::uint64_t BpfTest::armed_ns() const {
  const auto value = timer_.find(0);
  EXPECT_TRUE(value);
  return value ? value->armed_ns : 0;
}

void BpfTest::age_event_limit(const Router& router) {
  auto value = live(router);
  value.limit_ns -= kSecond;
  ASSERT_EQ(plane_->liveness().set(key_of(router), value), 0);
}

void BpfTest::age_bad_packet_report() {
  const xv_if_key key{ifindex_, 0, 0};
  auto value = report_.find(key);
  ASSERT_TRUE(value);
  value->last_ns -= XV_BAD_REPORT_NS;
  ASSERT_EQ(report_.set(key, *value), 0);
}

std::string BpfTest::receive(const Bytes& frame, std::uint32_t times) {
  xdp_md context{};
  context.data_end = static_cast<__u32>(frame.size());
  context.ingress_ifindex = ifindex_;
  const auto run = test_run(plane_->receive_program_fd(), frame, context, times);
  EXPECT_EQ(run.frame, frame) << "the program wrote into the packet";
  return verdict_name(run.verdict);
}

Bytes BpfTest::leave(const Bytes& frame) {
  __sk_buff context{};
  context.ifindex = ifindex_;
  const auto run = test_run(leaving_.get(), frame, context);
  EXPECT_EQ(static_cast<std::int32_t>(run.verdict), -1) << "the next program decides";
  return run.frame;
}

Counters BpfTest::counters() const {
  Counters all;
  for (const auto& key : plane_->interface_stats().keys())
    add(all, "if" + tags(key.vlan, key.inner_vlan), plane_->interface_stats().find(key).value());
  for (const auto& key : plane_->router_stats().keys())
    add(all, (key.family == 6 ? "six" : "vr") + std::to_string(key.vrid) + tags(key.vlan, key.inner_vlan),
        plane_->router_stats().find(key).value());
  return all;
}

std::vector<xv_event> BpfTest::take_events() {
  ring_->consume();
  return std::exchange(collected_, {});
}

void BpfTest::wait_until(const std::function<bool()>& condition) {
  for (const auto give_up = now_ns() + kPatience; !condition();) {
    ASSERT_LT(now_ns(), give_up) << "waited in vain";
    usleep(500);
  }
}

xv_event BpfTest::wait_for_event(xv_event_type type) {
  const auto give_up = now_ns() + kPatience;
  while (true) {
    ring_->consume();
    for (std::size_t i = 0; i < collected_.size(); ++i) {
      if (collected_[i].type == type) {
        const auto event = collected_[i];
        collected_.erase(collected_.begin(), collected_.begin() + static_cast<long>(i) + 1);
        return event;
      }
    }
    collected_.clear();
    if (now_ns() > give_up) {
      ADD_FAILURE() << "no event of type " << type;
      return {};
    }
    pollfd wake{ring_->fd(), POLLIN, 0};
    poll(&wake, 1, 100);
  }
}

std::string describe(const xv_event& event) {
  switch (event.type) {
  case XV_EVENT_MASTER_DOWN:
    return "master_down";
  case XV_EVENT_ADVERT:
    return std::string{"advert "} + dataplane::reason_name(event.reason);
  case XV_EVENT_BAD_PACKETS:
    return std::string{"bad_packets "} + dataplane::reason_name(event.reason);
  default:
    return "type " + std::to_string(event.type);
  }
}

std::vector<std::string> describe(const std::vector<xv_event>& events) {
  std::vector<std::string> texts;
  for (const auto& event : events)
    texts.push_back(describe(event));
  return texts;
}

Counters moved(const Counters& before, const Counters& after) {
  Counters difference = after;
  for (const auto& [name, value] : before) {
    difference[name] -= value;
    if (difference[name] == 0)
      difference.erase(name);
  }
  return difference;
}

std::uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * kSecond + static_cast<std::uint64_t>(now.tv_nsec);
}

} // namespace xvrrp::test
