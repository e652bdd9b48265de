// SPDX-License-Identifier: BSD-2-Clause
// Interfaces as they are, and their changes as they come.
#include <algorithm>
#include <functional>

#include <sys/socket.h>

#include "platform/addresses.hpp"
#include "platform/clock.hpp"
#include "platform/epoll.hpp"
#include "platform/interfaces.hpp"
#include "platform/link_monitor.hpp"
#include "testbed.hpp"

namespace xvrrp::platform {
namespace {

using namespace std::chrono_literals;
using namespace testing;

// iproute2 sets IFA_PROTO only since 6.2.
void install(const AddressSpec& spec) {
  const auto batch = AddressBatch::build(std::span{&spec, 1});
  auto socket = RouteSocket::open();
  ASSERT_TRUE(batch && socket);
  ASSERT_EQ(socket->send(batch->installs()), 0);
}

class Interfaces : public NamespaceTest {};

TEST_F(Interfaces, ReportsWhatIpLinkSet) {
  shell("ip link add up0 type veth peer name up1");
  shell("ip link set up0 address 02:00:00:00:00:07 mtu 1400 up");
  auto found = find_interface("up0");
  ASSERT_TRUE(found && *found);
  const Interface before = **found;
  EXPECT_EQ(before.index, index_of("up0"));
  EXPECT_EQ(before.kind, "veth");
  EXPECT_EQ(before.mtu, 1400U);
  EXPECT_EQ(before.mac, (std::array<std::uint8_t, 6>{2, 0, 0, 0, 0, 7}));
  EXPECT_TRUE(before.admin_up);
  EXPECT_FALSE(before.carrier) << "the peer is down";
  EXPECT_FALSE(before.loopback);
  EXPECT_FALSE(before.usable());

  shell("ip link set up1 up");
  found = find_interface(before.index);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->name, "up0");
  EXPECT_TRUE((*found)->usable());
}

TEST_F(Interfaces, KnowsKindsAndLoopback) {
  shell("ip link add up0 type veth peer name up1");
  shell("ip link add br0 type bridge");
  const auto all = interfaces();
  ASSERT_TRUE(all);
  ASSERT_GE(all->size(), 4U);
  EXPECT_TRUE(std::is_sorted(all->begin(), all->end(), [](auto& a, auto& b) { return a.index < b.index; }));
  EXPECT_EQ(all->front().name, "lo");
  EXPECT_TRUE(all->front().loopback);
  EXPECT_EQ(all->front().mac, (std::array<std::uint8_t, 6>{}));
  EXPECT_EQ(all->back().kind, "bridge");
  EXPECT_FALSE(all->back().is_vlan());
}

TEST_F(Interfaces, ListsAddressesWithWhoInstalledThem) {
  shell("ip link add up0 type veth peer name up1; ip link set up0 up; ip link set up1 up");
  shell("ip addr add 192.168.1.11/24 dev up0");
  install({index_of("up0"), prefix("192.168.1.12/24"), "up0:two", {}, 0});
  shell("ip addr add 2001:db8::1/64 dev up0 nodad");
  const auto found = find_interface("up0");
  ASSERT_TRUE(found && *found);
  const auto& addresses = (*found)->addresses;
  ASSERT_GE(addresses.size(), 3U);
  EXPECT_EQ(addresses[0].prefix, prefix("192.168.1.11/24"));
  EXPECT_EQ(addresses[0].protocol, 0);
  EXPECT_FALSE(addresses[0].secondary);
  EXPECT_EQ(addresses[1].prefix, prefix("192.168.1.12/24"));
  EXPECT_EQ(addresses[1].protocol, kAddressProtocol);
  EXPECT_TRUE(addresses[1].secondary);
  EXPECT_EQ(addresses[1].label, "up0:two");
  EXPECT_TRUE(std::any_of(addresses.begin(), addresses.end(), [](auto& each) {
    return each.prefix == prefix("2001:db8::1/64") && !each.tentative;
  }));
}

TEST_F(Interfaces, AbsentIsNotAnError) {
  for (const char* name : {"nothere", "", "a-name-longer-than-the-kernel-has"}) {
    const auto found = find_interface(name);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_FALSE(*found);
  }
  const auto found = find_interface(4711U);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_FALSE(*found);
}

class Monitor : public NamespaceTest {
protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped())
      return;
    auto opened = LinkMonitor::open();
    auto epoll = Epoll::create();
    ASSERT_TRUE(opened && epoll);
    monitor_.emplace(std::move(*opened));
    epoll_.emplace(std::move(*epoll));
    ASSERT_TRUE(epoll_->add(monitor_->fd(), 0));
  }

  void collect() {
    const auto status = monitor_->drain([this](const LinkEvent& event) { seen_.push_back(event); });
    ASSERT_TRUE(status) << status.error().message;
  }

  /// Whether an event of this type that satisfies the predicate comes. Duplicate address detection alone
  /// takes up to two seconds.
  template <typename Event>
  bool comes(std::function<bool(const Event&)> predicate) {
    const Instant limit = monotonic_now() + 10s;
    while (monotonic_now() < limit) {
      collect();
      if (has<Event>(predicate))
        return true;
      epoll_->wait(limit - monotonic_now());
    }
    return false;
  }

  template <typename Event>
  bool has(std::function<bool(const Event&)> predicate) const {
    return std::any_of(seen_.begin(), seen_.end(), [&](const LinkEvent& event) {
      const auto* typed = std::get_if<Event>(&event);
      return typed != nullptr && predicate(*typed);
    });
  }

  std::optional<LinkMonitor> monitor_;
  std::optional<Epoll> epoll_;
  std::vector<LinkEvent> seen_;
};

TEST_F(Monitor, TellsCarrierAndAdminState) {
  shell("ip link add up0 type veth peer name up1; ip link set up0 up; ip link set up1 up");
  EXPECT_TRUE(comes<LinkChanged>([](auto& e) { return e.name == "up0" && e.admin_up && e.carrier; }));
  seen_.clear();
  shell("ip link set up1 down");
  EXPECT_TRUE(comes<LinkChanged>([](auto& e) { return e.name == "up0" && e.admin_up && !e.carrier; }));
  seen_.clear();
  shell("ip link set up0 down");
  EXPECT_TRUE(comes<LinkChanged>([](auto& e) { return e.name == "up0" && !e.admin_up; }));
}

TEST_F(Monitor, TellsThatALinkIsGone) {
  shell("ip link add up0 type veth peer name up1");
  const auto index = index_of("up0");
  shell("ip link del up0");
  EXPECT_TRUE(comes<LinkGone>([=](auto& e) { return e.index == index && e.name == "up0"; }));
}

TEST_F(Monitor, APortThatLeavesItsBridgeIsNotGone) {
  shell("ip link add br0 type bridge; ip link add up0 type veth peer name up1; ip link set up0 master br0");
  collect();
  seen_.clear();
  shell("ip link set up0 nomaster; ip link del br0");
  EXPECT_TRUE(comes<LinkGone>([](auto& e) { return e.name == "br0"; }));
  EXPECT_FALSE(has<LinkGone>([](auto& e) { return e.name == "up0"; }));
}

TEST_F(Monitor, TellsAddressesOnceTheyAreUsable) {
  shell("ip link add up0 type veth peer name up1; ip link set up0 up; ip link set up1 up");
  const auto index = index_of("up0");
  shell("ip addr add 2001:db8::1/64 dev up0");
  install({index, prefix("192.168.1.13/24"), "", {}, 0});
  EXPECT_TRUE(comes<AddressAdded>([=](auto& e) {
    return e.index == index && e.prefix == prefix("192.168.1.13/24") && e.protocol == kAddressProtocol;
  }));
  EXPECT_FALSE(has<AddressAdded>([](auto& e) { return e.prefix == prefix("2001:db8::1/64"); }))
      << "duplicate address detection takes at least a second";
  EXPECT_TRUE(comes<AddressAdded>([](auto& e) { return e.prefix == prefix("2001:db8::1/64"); }));
  shell("ip addr del 192.168.1.13/24 dev up0");
  EXPECT_TRUE(comes<AddressRemoved>([](auto& e) { return e.prefix == prefix("192.168.1.13/24"); }));
}

TEST_F(Monitor, ReportsAnOverrunAndGoesOn) {
  const int tiny = 1;
  ASSERT_EQ(::setsockopt(monitor_->fd(), SOL_SOCKET, SO_RCVBUF, &tiny, sizeof tiny), 0);
  shell("for i in 1 2 3 4 5 6 7 8; do ip link add b$i type bridge; done");
  EXPECT_TRUE(comes<Overrun>([](auto&) { return true; }));
  const int ample = 1 << 20;
  ASSERT_EQ(::setsockopt(monitor_->fd(), SOL_SOCKET, SO_RCVBUF, &ample, sizeof ample), 0);
  shell("ip link del b1");
  EXPECT_TRUE(comes<LinkGone>([](auto& e) { return e.name == "b1"; }));
}

} // namespace
} // namespace xvrrp::platform
