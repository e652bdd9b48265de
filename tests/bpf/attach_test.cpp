// SPDX-License-Identifier: BSD-2-Clause
// Loading, attaching and leaving nothing behind, on the veth pair of the sandbox.
#include <array>
#include <filesystem>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <xvrrp/abi/names.h>

#include "bpf/bpf_test.hpp"
#include "bpf/sandbox.hpp"
#include "dataplane/loader.hpp"
#include "support/packet.hpp"

namespace xvrrp::test {
namespace {

using dataplane::AttachMode;
using dataplane::WantedMode;
constexpr xv_if_policy kObserve{XV_MODE_OBSERVE, 0};

/// A program that is not ours: passes everything.
class ForeignProgram {
public:
  ForeignProgram() {
    const std::array<bpf_insn, 2> code{bpf_insn{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_PASS},
                                       bpf_insn{BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
    fd_ = dataplane::BpfFd{
        bpf_prog_load(BPF_PROG_TYPE_XDP, "foreign_xdp", "GPL", code.data(), code.size(), nullptr)};
    EXPECT_TRUE(fd_);
  }
  int fd() const { return fd_.get(); }
  std::string id() const {
    bpf_prog_info info{};
    __u32 size = sizeof(info);
    EXPECT_EQ(bpf_obj_get_info_by_fd(fd(), &info, &size), 0);
    return std::to_string(info.id);
  }

private:
  dataplane::BpfFd fd_;
};

class Attach : public BpfTest {
protected:
  void SetUp() override {
    libbpf_set_print(nullptr); // it would speak of every conflict
    BpfTest::SetUp();
  }
  void TearDown() override {
    if (!other_.empty()) {
      EXPECT_TRUE(dataplane::DataPlane::remove(other_));
    }
    BpfTest::TearDown();
  }

  Status attach(WantedMode mode, const xv_if_policy& policy = kObserve) {
    auto link = plane().attach(ifindex(), kNear, mode, policy);
    if (!link)
      return std::move(link).error();
    attached_ = link->mode;
    fallback_ = link->fallback;
    return Done{};
  }
  /// A second instance, removed at the end.
  dataplane::DataPlane other_instance() {
    other_ = "u" + std::to_string(getpid());
    auto plane = dataplane::DataPlane::create(other_, XV_OWNER_DAEMON, 4711, wanted_timer());
    EXPECT_TRUE(plane);
    return std::move(*plane);
  }
  const std::string& other_name() const { return other_; }

  /// Sends the frame out of the far end.
  static void send(const Bytes& frame) {
    const dataplane::BpfFd socket{::socket(AF_PACKET, SOCK_RAW, 0)};
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    to.sll_ifindex = static_cast<int>(ifindex_of(kFar));
    ASSERT_EQ(
        sendto(socket.get(), frame.data(), frame.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof(to)),
        static_cast<ssize_t>(frame.size()));
  }
  void expect_conflict(const Status& status, const std::vector<std::string>& words) {
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind, ErrorKind::Conflict);
    for (const auto& word : words)
      EXPECT_NE(status.error().message.find(word), std::string::npos)
          << word << " in: " << status.error().message;
  }

  AttachMode attached_ = AttachMode::Native;
  std::string fallback_;

private:
  std::string other_;
};

TEST_F(Attach, EachModeCountsRealFramesAndGoesWithoutATrace) {
  const std::array<std::pair<WantedMode, AttachMode>, 3> modes{{{WantedMode::Native, AttachMode::Native},
                                                                {WantedMode::Skb, AttachMode::Skb},
                                                                {WantedMode::Auto, AttachMode::Native}}};
  for (const auto& [wanted, got] : modes) {
    SCOPED_TRACE(dataplane::name(got));
    const auto status = attach(wanted);
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(attached_, got);
    EXPECT_EQ(fallback_, "");
    const auto mode = dataplane::query_mode(ifindex(), kNear);
    ASSERT_TRUE(mode);
    EXPECT_EQ(*mode, got);
    ASSERT_EQ(plane().attached().size(), 1u);
    EXPECT_EQ(plane().attached()[0].ifindex, ifindex());

    send(Packet::v3());
    wait_until([&] { return counters() == Counters{{"if observed", 1}}; });

    ASSERT_TRUE(plane().detach(kNear));
    EXPECT_FALSE(dataplane::query_mode(ifindex(), kNear)) << "a program is left";
    EXPECT_TRUE(plane().attached().empty());
    EXPECT_EQ(counters(), Counters{});
    EXPECT_TRUE(plane().policies().keys().empty());
  }
}

TEST_F(Attach, AShieldDropsRealFrames) {
  ASSERT_TRUE(attach(WantedMode::Native, {XV_MODE_SHIELD, 0}));
  configure(listed_router());
  send(Packet::v3().vrid(99));
  send(Packet::v3());
  wait_until([&] { return counters() == Counters{{"if unknown_vrid", 1}, {"vr10 observed", 1}}; });
}

// The loopback device has no native XDP.
TEST_F(Attach, AutoFallsBackAndSaysWhy) {
  const auto lo = ifindex_of("lo");
  const auto native = plane().attach(lo, "lo", WantedMode::Native, kObserve);
  ASSERT_FALSE(native);
  EXPECT_EQ(native.error().kind, ErrorKind::Unsupported);
  EXPECT_NE(native.error().message.find("--mode skb"), std::string::npos) << native.error().message;
  EXPECT_TRUE(plane().policies().keys().empty()) << "a failed attempt leaves no policy";

  const auto link = plane().attach(lo, "lo", WantedMode::Auto, kObserve);
  ASSERT_TRUE(link);
  EXPECT_EQ(link->mode, AttachMode::Skb);
  EXPECT_NE(link->fallback, "");
}

TEST_F(Attach, TwiceIsAConflictThatChangesNothing) {
  ASSERT_TRUE(attach(WantedMode::Native, {XV_MODE_SHIELD, 0}));
  receive(Packet::v3());
  expect_conflict(attach(WantedMode::Auto), {kNear, "unload"});
  const auto policy = plane().policies().find({ifindex(), 0, 0});
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->mode, static_cast<__u32>(XV_MODE_SHIELD));
  EXPECT_EQ(counters(), (Counters{{"if unknown_vrid", 1}}));
  EXPECT_TRUE(dataplane::query_mode(ifindex(), kNear));
}

TEST_F(Attach, AnotherInstanceIsNamed) {
  auto other = other_instance();
  ASSERT_TRUE(other.attach(ifindex(), kNear, WantedMode::Skb, kObserve));
  for (const auto mode : {WantedMode::Auto, WantedMode::Native, WantedMode::Skb})
    expect_conflict(attach(mode), {kNear, XV_PROG_RX, "\"" + other_name() + "\""});
  EXPECT_TRUE(plane().policies().keys().empty());
  ASSERT_TRUE(other.detach(kNear));
  EXPECT_TRUE(attach(WantedMode::Auto)) << "there is room now";
}

TEST_F(Attach, AForeignProgramOfIpLinkIsNamed) {
  const ForeignProgram foreign;
  for (const auto flags : {XDP_FLAGS_DRV_MODE, XDP_FLAGS_SKB_MODE}) {
    ASSERT_EQ(bpf_xdp_attach(static_cast<int>(ifindex()), foreign.fd(), flags, nullptr), 0);
    for (const auto mode : {WantedMode::Auto, WantedMode::Native, WantedMode::Skb})
      expect_conflict(attach(mode), {"\"foreign_xdp\"", "id " + foreign.id(), "ip link set dev near0 xdp"});
    const auto text = attach(WantedMode::Auto);
    ASSERT_FALSE(text);
    const auto& message = text.error().message;
    const auto remedy = run_command(message.substr(message.find("ip link")));
    EXPECT_EQ(remedy.status, 0) << remedy.output;
    EXPECT_FALSE(dataplane::query_mode(ifindex(), kNear)) << "the remedy does not help: " << message;
  }
}

TEST_F(Attach, AForeignProgramOfALinkIsNamed) {
  const ForeignProgram foreign;
  const dataplane::BpfFd link{bpf_link_create(foreign.fd(), static_cast<int>(ifindex()), BPF_XDP, nullptr)};
  ASSERT_TRUE(link);
  expect_conflict(attach(WantedMode::Auto), {"\"foreign_xdp\"", "id " + foreign.id(), "bpf_link"});
}

TEST_F(Attach, NobodyElseTakesTheInterfaceWhileWeHaveIt) {
  ASSERT_TRUE(attach(WantedMode::Native));
  const ForeignProgram foreign;
  EXPECT_NE(bpf_xdp_attach(static_cast<int>(ifindex()), foreign.fd(), XDP_FLAGS_DRV_MODE, nullptr), 0);
  EXPECT_NE(run_command("ip link set dev near0 xdp off").status, 0);
  EXPECT_TRUE(dataplane::query_mode(ifindex(), kNear));
}

TEST_F(Attach, DetachingWhatIsNotAttachedIsNotRunning) {
  const auto status = plane().detach(kNear);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::NotRunning);
}

TEST_F(Attach, RemovingTheInstanceDetachesAndLeavesNoPin) {
  auto other = other_instance();
  ASSERT_TRUE(other.attach(ifindex(), kNear, WantedMode::Native, kObserve));
  const auto owner = dataplane::DataPlane::owner_of(other_name());
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->owner, static_cast<__u32>(XV_OWNER_DAEMON));
  EXPECT_EQ(owner->owner_pid, 4711u);

  ASSERT_TRUE(dataplane::DataPlane::remove(other_name()));
  EXPECT_FALSE(dataplane::query_mode(ifindex(), kNear));
  EXPECT_FALSE(std::filesystem::exists(dataplane::pin_directory(other_name())));
  const auto gone = dataplane::DataPlane::open(other_name());
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, ErrorKind::NotRunning);
  EXPECT_EQ(dataplane::DataPlane::instances(), std::vector<std::string>{"t" + std::to_string(getpid())});
  EXPECT_TRUE(dataplane::DataPlane::remove(other_name())) << "twice is no error";
}

TEST_F(Attach, ASecondInstanceOfTheSameNameDoesNotReplaceTheFirst) {
  ASSERT_TRUE(attach(WantedMode::Native));
  const auto again =
      dataplane::DataPlane::create("t" + std::to_string(getpid()), XV_OWNER_HAND, 0, wanted_timer());
  EXPECT_FALSE(again);
  EXPECT_TRUE(dataplane::query_mode(ifindex(), kNear));
  EXPECT_TRUE(dataplane::DataPlane::open("t" + std::to_string(getpid())));
}

} // namespace
} // namespace xvrrp::test
