// SPDX-License-Identifier: BSD-2-Clause
// A lease is renewed by an advert that left, and by nothing else.
#include "lab.hpp"

namespace xvrrp::election::testing {
namespace {

using namespace std::chrono_literals;
using core::State;

std::uint64_t after(const Lab& lab, Nanoseconds duration) {
  return to_ns(lab.world.clock + duration);
}

TEST(Lease, LastsFromTheMomentBeforeTheAdvertLeft) {
  Lab lab(1);
  lab.become_master();
  ASSERT_EQ(lab.state(0), State::Master);
  EXPECT_EQ(lab.lease(0), after(lab, 250ms));
  lab.run_for(100ms);
  EXPECT_EQ(lab.lease(0), after(lab, 250ms));
}

/// EPERM, ENOBUFS, EMSGSIZE, ENETUNREACH: to those who do not hear us we are no Master.
TEST(Lease, IsNotRenewedByAnAdvertThatTheKernelRefused) {
  for (const int error : {EPERM, ENOBUFS, EMSGSIZE, ENETUNREACH}) {
    Lab lab(2);
    lab.become_master();
    const auto lease = lab.lease(0);
    lab.world.refuse_advert = [&](const PendingAdvert& advert) {
      return advert.router == &lab.router(0) ? error : 0;
    };
    lab.run_for(1s);
    EXPECT_EQ(lab.lease(0), lease);
    EXPECT_GT(lab.lease(1), lease);
    const auto status = lab.router(0).status();
    EXPECT_EQ(status.advert_error, error);
    EXPECT_EQ(status.adverts_refused, 10u);
    EXPECT_EQ(lab.router(1).status().adverts_refused, 0u);
    // When they leave again it was fenced meanwhile, so hosts are told again who has the addresses.
    lab.world.refuse_advert = {};
    lab.world.forget();
    lab.run_for(100ms);
    EXPECT_EQ(lab.lease(0), after(lab, 250ms));
    EXPECT_EQ(lab.world.announced, 1u);
    EXPECT_EQ(lab.router(0).status().advert_error, 0);
  }
}

TEST(Lease, OfANewMasterWhoseFirstAdvertIsRefusedIsNone) {
  Lab lab(1);
  lab.world.refuse_advert = [](const PendingAdvert&) { return EPERM; };
  lab.become_master();
  EXPECT_EQ(lab.role(0), XV_ROLE_MASTER);
  EXPECT_NE(lab.lease(0), 0u) << "it would be believed for ever";
  EXPECT_LT(lab.lease(0), to_ns(lab.world.clock));
}

TEST(Lease, IsNotRenewedByAGoodbye) {
  Lab lab(1);
  lab.become_master();
  const auto lease = lab.lease(0);
  lab.world.clock += 10ms;
  lab.post(StopRouters{false});
  lab.turn();
  ASSERT_EQ(lab.world.sent.back().priority, 0);
  EXPECT_EQ(lab.lease(0), lease);
}

TEST(Handover, ProlongsTheLeaseByAsLongAsBackupsWaitWithoutSkew) {
  Lab lab(2);
  lab.become_master();
  lab.world.clock += 50ms;
  lab.world.refuse_advert = [&](const PendingAdvert& advert) {
    return advert.router == &lab.router(1) ? EPERM : 0;
  };
  const auto unheard = lab.lease(1);
  lab.post(HandOver{});
  lab.turn();
  EXPECT_TRUE(lab.election->has_ended());
  EXPECT_EQ(lab.lease(0), after(lab, 300ms));
  EXPECT_EQ(lab.lease(1), unheard) << "its last advert did not leave";
}

TEST(Batch, ManyLosingAdvertsGetOneAnswer) {
  Lab lab(1, {}, [](core::RouterConfig& config) { config.priority = 200; });
  lab.become_master();
  lab.world.forget();
  for (int i = 0; i < 5; ++i) {
    lab.world.clock += 15ms; // far enough apart for an answer each
    lab.hear(0, 100);
  }
  lab.turn();
  EXPECT_EQ(lab.world.sent.size(), 1u);
  EXPECT_EQ(lab.router(0).status().losing_adverts, 5u);
}

TEST(MasterDown, ThatAnAdvertOvertookIsNotBelieved) {
  Lab lab(1);
  lab.start();
  lab.master_down(0);
  lab.world.lives[1].value.deadline_ns += 1; // an advert came, which was no event
  lab.turn();
  EXPECT_EQ(lab.state(0), State::Backup);
}

} // namespace
} // namespace xvrrp::election::testing
