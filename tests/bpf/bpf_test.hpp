// SPDX-License-Identifier: BSD-2-Clause
// The fixture of this room: a data plane loaded for one test, packets through BPF_PROG_TEST_RUN, and an audit
// of what they moved.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "bpf/routers.hpp"
#include "dataplane/data_plane.hpp"
#include "dataplane/event_ring.hpp"
#include "support/vectors.hpp"

namespace xvrrp::test {

/// Counters by name, "if ttl" (of an untagged interface), "if.42 ttl" (of its VLAN 42), "vr150 backup_skew",
/// and "six10 backup_skew" of a virtual router over IPv6; those that are zero are left out.
using Counters = std::map<std::string, std::uint64_t>;

class BpfTest : public ::testing::Test, private dataplane::EventSink {
protected:
  void SetUp() override;
  void TearDown() override;

  /// What the tests of a fixture begin with; called when the data plane is loaded.
  virtual void prepare() {}

  /// Who keeps Master_Down_Timer: the kernel, where it can.
  virtual dataplane::DownTimer wanted_timer() const;

  dataplane::DataPlane& plane() { return *plane_; }
  std::uint32_t ifindex() const { return ifindex_; }

  /// Sets the policy of the interface (or of a VLAN on it), with counters from zero, as attach() would.
  void configure_interface(xv_mode mode, std::uint32_t flags = 0, std::uint16_t vlan = 0,
                           std::uint16_t inner_vlan = 0);
  /// Takes away every policy, virtual router and memory of foreign ones.
  void forget_everything();

  xv_vr_key key_of(const Router& router) const;
  void configure(const Router& router);
  /// configure(), then the role with the deadline (a Backup's timer is armed for it) and generation 1.
  void start(const Router& router, std::uint64_t deadline_ns);
  void set_role(const Router& router, xv_role role, std::uint64_t deadline_ns, std::uint32_t generation,
                std::optional<std::uint64_t> interval_ns = std::nullopt);
  xv_vr_live live(const Router& router) const;
  /// When the data plane's timer fires; 0: it is not armed.
  std::uint64_t armed_ns() const;
  /// Writes what only BPF programs write, to bring a rate limit's second to its end without waiting for it.
  void age_event_limit(const Router& router);
  void age_bad_packet_report();

  /// The frame arrives `times` times. Returns the verdict of the last, "XDP_PASS" or "XDP_DROP".
  std::string receive(const Bytes& frame, std::uint32_t times = 1);
  /// The frame leaves the interface. Returns it as it is on the wire.
  Bytes leave(const Bytes& frame);
  Counters counters() const;
  /// Everything in the ring, since the last call.
  std::vector<xv_event> take_events();
  /// Waits until the condition holds, at most some seconds. The test fails when it never does.
  void wait_until(const std::function<bool()>& condition);
  /// Waits for the next event of the type; those before it are dropped.
  xv_event wait_for_event(xv_event_type type);

private:
  void on_event(const xv_event& event) override { collected_.push_back(event); }

  std::string instance_;
  std::uint32_t ifindex_ = 0;
  std::optional<dataplane::DataPlane> plane_;
  std::optional<dataplane::EventRing> ring_;
  dataplane::BpfFd leaving_;
  dataplane::Map<xv_if_key, xv_if_report> report_;
  struct DownTimer {
    std::uint64_t timer[2]; ///< the kernel's; reads as zeros
    std::uint64_t armed_ns;
  };
  dataplane::Map<std::uint32_t, DownTimer> timer_;
  std::vector<xv_event> collected_;
};

/// A fixture for tests of the kernel's Master_Down_Timer: skips where the kernel refuses bpf_timer.
template <typename Fixture>
class NeedsKernelTimer : public Fixture {
protected:
  void prepare() override {
    if (this->plane().down_timer() != dataplane::DownTimer::Kernel)
      GTEST_SKIP() << "this kernel refuses bpf_timer";
    Fixture::prepare();
  }
};

/// "master_down", "advert backup_restart", "bad_packets ttl".
std::string describe(const xv_event& event);
std::vector<std::string> describe(const std::vector<xv_event>& events);

/// What moved between two readings, by how much.
Counters moved(const Counters& before, const Counters& after);

std::uint64_t now_ns();

} // namespace xvrrp::test
