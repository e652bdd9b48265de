// SPDX-License-Identifier: BSD-2-Clause
// Virtual routers over IPv6, and beside the one over IPv4 that has the same VRID (R92, R130).
#include "bpf/bpf_test.hpp"
#include "bpf/sandbox.hpp"
#include "support/packet.hpp"

namespace xvrrp::test {
namespace {

using Texts = std::vector<std::string>;

class Six : public BpfTest {
protected:
  void prepare() override { configure_interface(XV_MODE_OWN); }
  xv_event receive_news(const Bytes& frame) {
    (void)take_events();
    receive(frame);
    return wait_for_event(XV_EVENT_ADVERT);
  }
};
using KernelTimerSix = NeedsKernelTimer<Six>;

TEST_F(Six, AnAdvertRestartsTheTimerAndTeachesItsInterval) {
  const auto router = six_router();
  start(router, now_ns() + kHour);
  const auto event = receive_news(Packet::v3_six().interval(20).priority(200));
  EXPECT_EQ(describe(event), "advert backup_restart");
  EXPECT_TRUE(dataplane::same_key(event.key, key_of(router)));
  EXPECT_EQ(IpAddress::from_bytes(Family::IPv6, event.source), IpAddress::parse("fe80::11"));
  EXPECT_EQ(event.priority, 200);
  EXPECT_EQ(event.deadline_ns - event.time_ns, master_down_ns(router, 200 * kMillisecond));
  EXPECT_EQ(live(router).interval_ns, 200 * kMillisecond);
}

TEST_F(KernelTimerSix, ASilentMasterIsLost) {
  const auto router = six_router();
  const auto deadline = now_ns() + 30 * kMillisecond;
  start(router, deadline);
  const auto event = wait_for_event(XV_EVENT_MASTER_DOWN);
  EXPECT_TRUE(dataplane::same_key(event.key, key_of(router)));
  EXPECT_GE(event.time_ns, deadline);
}

// R130: what one of them hears, resigns or loses leaves the other alone.
TEST_F(Six, TheSameVridInBothFamiliesIsTwoRouters) {
  const auto four = v3_router();
  const auto six = six_router();
  const auto far = now_ns() + kHour;
  start(four, far);
  start(six, far);
  receive(Packet::v3().priority(0));
  EXPECT_LT(live(four).deadline_ns, far);
  EXPECT_EQ(live(six).deadline_ns, far);
  EXPECT_EQ(counters(), (Counters{{"vr10 backup_skew", 1}, {"vr10 priority_zero", 1}}));

  set_role(four, XV_ROLE_BACKUP, far, 2);
  const auto down = receive_news(Packet::v3_six().interval(1));
  EXPECT_EQ(down.key.family, 6);
  if (plane().down_timer() == dataplane::DownTimer::Kernel) {
    EXPECT_EQ(wait_for_event(XV_EVENT_MASTER_DOWN).key.family, 6);
  }
  EXPECT_EQ(live(four).deadline_ns, far);
  EXPECT_EQ(live(four).heard.adverts, 1u);

  set_role(six, XV_ROLE_MASTER, 0, 3);
  EXPECT_EQ(live(four).role, static_cast<__u32>(XV_ROLE_BACKUP));
  plane().remove_router(key_of(six));
  EXPECT_EQ(live(four).deadline_ns, far);
}

// R92: where only the other family's VRID is configured, it is an unknown one.
TEST_F(Six, TheOtherFamilysAdvertIsUnknown) {
  const auto six = six_router();
  const auto far = now_ns() + kHour;
  start(six, far);
  receive(Packet::v3());
  EXPECT_EQ(counters(), (Counters{{"if unknown_vrid", 1}}));
  EXPECT_EQ(live(six).deadline_ns, far);
}

// R51: sixteen bytes, unsigned, from the left; among Masters of one priority the greater address wins.
TEST_F(Six, AddressesAreComparedInNetworkOrder) {
  struct Pair {
    const char* ours;
    const char* theirs;
    bool outranked;
  };
  for (const auto& [ours, theirs, outranked] :
       {Pair{"fe80::fb", "fe80::fc", true}, Pair{"fe80::fc", "fe80::fb", false},
        Pair{"fe80::ffff", "fe80::1:0", true}, Pair{"fe80::1:0", "fe80::ffff", false},
        Pair{"fe80::7fff:0:0:1", "fe80::8000:0:0:1", true},
        Pair{"fe80::8000:0:0:1", "fe80::7fff:0:0:1", false}}) {
    SCOPED_TRACE(::testing::Message() << ours << " hears " << theirs);
    auto router = six_router().in_role(XV_ROLE_MASTER);
    const auto local = v6(ours);
    std::copy(local.begin(), local.end(), router.config.local_address);
    start(router, 0);
    // Past the limit only adverts that outrank a Master become events.
    receive(Packet::v3_six().priority(1), XV_ADVERT_EVENTS_PER_S);
    (void)take_events();
    receive(Packet::v3_six().source(v6(theirs)).priority(100));
    EXPECT_EQ(describe(take_events()), outranked ? Texts{"advert master_heard"} : Texts{});
    plane().remove_router(key_of(router));
  }
}

TEST_F(Six, UnicastPeersMayHaveGlobalAddresses) {
  auto router = six_router().with_flags(XV_VR_UNICAST);
  const auto local = v6("2001:db8::12");
  std::copy(local.begin(), local.end(), router.config.local_address);
  router.peers = {IpAddress::parse("2001:db8::11").value()};
  start(router, now_ns() + kHour);
  const auto advert = Packet::v3_six().source(v6("2001:db8::11")).destination(local);
  EXPECT_EQ(describe(receive_news(advert)), "advert backup_restart");
  auto stranger = advert, elsewhere = advert, multicast = advert;
  receive(stranger.source(v6("2001:db8::66")));
  receive(elsewhere.destination(v6("2001:db8::99")));
  receive(multicast.source(v6("fe80::11")).destination(v6("ff02::12")));
  EXPECT_EQ(counters(),
            (Counters{{"six10 backup_restart", 1}, {"six10 not_a_peer", 1}, {"six10 destination", 2}}));
}

} // namespace
} // namespace xvrrp::test
