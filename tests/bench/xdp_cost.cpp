// SPDX-License-Identifier: BSD-2-Clause
// What the receive program costs per packet of each class, over an empty program in the same run
// (BPF_PROG_TEST_RUN). The two are run by turns and the least of each is taken: what else the machine does
// only ever adds.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bpf/routers.hpp"
#include "bpf/sandbox.hpp"
#include "dataplane/data_plane.hpp"
#include "support/packet.hpp"

namespace xvrrp::test {
namespace {

using dataplane::DataPlane;

struct Run {
  std::uint32_t repeat = 200'000;
  int rounds = 15;
  bool json = false; ///< one object a line, instead of a table
};

int load_empty_program() {
  const std::array<bpf_insn, 2> pass{
      {{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, XDP_PASS}, {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}}};
  return bpf_prog_load(BPF_PROG_TYPE_XDP, "empty", "GPL", pass.data(), pass.size(), nullptr);
}

/// Mean nanoseconds per packet of one run, or a negative errno.
long run_once(int program, const Bytes& frame, std::uint32_t ifindex, std::uint32_t repeat) {
  xdp_md context{};
  context.data_end = static_cast<__u32>(frame.size());
  context.ingress_ifindex = ifindex;
  bpf_test_run_opts options{};
  options.sz = sizeof(options);
  options.data_in = frame.data();
  options.data_size_in = static_cast<__u32>(frame.size());
  options.ctx_in = &context;
  options.ctx_size_in = sizeof(context);
  options.repeat = static_cast<int>(repeat);
  const int error = bpf_prog_test_run_opts(program, &options);
  return error != 0 ? error : static_cast<long>(options.duration);
}

Bytes udp_to(std::array<std::uint8_t, 6> mac, std::array<std::uint8_t, 4> address) {
  Bytes frame(mac.begin(), mac.end());
  frame.insert(frame.end(), {0x02, 0, 0, 0, 0, 0x50, 0x08, 0x00});
  frame.insert(frame.end(), {0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0, 192, 168, 1, 50});
  frame.insert(frame.end(), address.begin(), address.end());
  frame.resize(64);
  return frame;
}

class Bench {
public:
  Bench(DataPlane& plane, std::uint32_t ifindex, Run run)
      : plane_(plane), ifindex_(ifindex), run_(run), empty_(load_empty_program()) {}
  bool ready() const { return empty_ >= 0; }

  bool configure(const Router& router, xv_role role) {
    auto key = dataplane::vr_key(ifindex_, router.family, router.vrid);
    if (!plane_.create_router(key, router.config) || plane_.set_config(key, router.config) != 0 ||
        !plane_.add_peers(key, router.peers))
      return false;
    xv_command command{};
    command.key = key;
    command.op = XV_COMMAND_ROLE;
    command.role = role;
    command.deadline_ns = std::numeric_limits<std::uint64_t>::max() / 2;
    command.interval_ns = router.config.advert_interval_ns;
    command.generation = 1;
    return plane_.run(command) == 0;
  }

  /// Prints one line; false when a run failed.
  bool measure(const char* what, const Bytes& frame) {
    long empty = std::numeric_limits<long>::max();
    long ours = empty;
    for (int round = 0; round < run_.rounds; ++round) {
      const long a = run_once(empty_, frame, ifindex_, run_.repeat);
      const long b = run_once(plane_.receive_program_fd(), frame, ifindex_, run_.repeat);
      if (a < 0 || b < 0) {
        std::fprintf(stderr, "%s: %s\n", what, std::strerror(static_cast<int>(-std::min(a, b))));
        return false;
      }
      empty = std::min(empty, a);
      ours = std::min(ours, b);
    }
    if (run_.json)
      std::printf("{\"packet\": \"%s\", \"empty\": %ld, \"xvrrp\": %ld}\n", what, empty, ours);
    else
      std::printf("  %-58s %5ld %5ld %+5ld\n", what, empty, ours, ours - empty);
    return true;
  }

private:
  DataPlane& plane_;
  std::uint32_t ifindex_;
  Run run_;
  int empty_;
};

constexpr std::array<std::uint8_t, 6> kDevice{2, 0, 0, 0, 0, 0x12};
constexpr std::array<std::uint8_t, 6> kVirtual{0, 0, 0x5e, 0, 1, 10};

dataplane::GuardedAddress address_of(std::uint32_t ifindex, const xv_vr_key& vr, std::uint32_t flags) {
  dataplane::GuardedAddress guarded;
  guarded.key = {ifindex, 0, 0, 4, {}, {192, 168, 1, 13}};
  guarded.value = {vr, flags};
  return guarded;
}

bool measure_all(DataPlane& plane, std::uint32_t ifindex, Run run) {
  Bench bench{plane, ifindex, run};
  const auto v3 = v3_router();
  const auto vr = dataplane::vr_key(ifindex, v3.family, v3.vrid);
  plane.policies().set({ifindex, 0, 0}, {XV_MODE_OWN, 0});
  plane.interface_stats().reset({ifindex, 0, 0});
  const Bytes transit = udp_to(kDevice, {198, 51, 100, 7});
  bool good = bench.ready() && bench.configure(v2_router(), XV_ROLE_BACKUP) &&
              bench.configure(v3, XV_ROLE_BACKUP) && bench.configure(six_router(), XV_ROLE_BACKUP);
  const auto line = [&](const char* what, const Bytes& frame) { good = good && bench.measure(what, frame); };

  if (!run.json)
    std::printf("  %-58s %5s %5s %5s\n", "packet, ns", "empty", "xvrrp", "more");
  line("not VRRP", transit);
  line("advert that restarts Master_Down_Timer, v2", Packet::v2());
  line("advert that restarts Master_Down_Timer, v3", Packet::v3());
  line("advert that restarts Master_Down_Timer, v3 over IPv6", Packet::v3_six());
  line("advert of a foreign VRID", Packet::v3().vrid(99));
  line("advert with a wrong checksum", Packet::v3().wrong_checksum());
  line("advert with TTL 254", Packet::v3().ttl(254));
  line("losing advert", Packet::v3().priority(1));

  good = good && bench.configure(v3, XV_ROLE_MASTER);
  const std::vector<dataplane::GuardedAddress> closed{address_of(ifindex, vr, XV_VIP_NO_ACCEPT)};
  good = good && plane.guard_addresses(closed);
  line("no_accept: not VRRP, to another address", transit);
  line("no_accept: to the virtual address (dropped)", udp_to(kDevice, {192, 168, 1, 13}));
  good = good && plane.guard_addresses({});
  dataplane::GuardedMac mac;
  mac.key.ifindex = ifindex;
  std::copy(kVirtual.begin(), kVirtual.end(), mac.key.mac);
  mac.value.vr = vr;
  good = good && plane.guard_macs(std::vector{mac});
  line("use_vmac: not VRRP, to the device's MAC", transit);
  line("use_vmac: to the virtual MAC (admitted)", udp_to(kVirtual, {198, 51, 100, 7}));
  return good;
}

} // namespace
} // namespace xvrrp::test

int main(int argc, char** argv) {
  using namespace xvrrp;
  test::Run run;
  CLI::App app{"Nanoseconds per packet of each class, over an empty XDP program in the same run"};
  app.add_option("--repeat", run.repeat, "packets per round")->check(CLI::Range(1, 10'000'000));
  app.add_option("--rounds", run.rounds, "rounds, of which the best counts")->check(CLI::Range(1, 1000));
  app.add_flag("--json", run.json, "one object a line");
  CLI11_PARSE(app, argc, argv);
  if (const auto error = test::enter_sandbox(); !error.empty()) {
    std::fprintf(stderr, "%s\n", error.c_str());
    return 1;
  }
  const std::string instance = "bench" + std::to_string(getpid());
  auto plane = dataplane::DataPlane::create(instance, XV_OWNER_HAND, 0);
  if (!plane) {
    std::fprintf(stderr, "%s\n", plane.error().message.c_str());
    return 1;
  }
  utsname kernel{};
  uname(&kernel);
  if (!run.json)
    std::printf("XDP, Linux %s, best of %d rounds of %u packets\n", kernel.release, run.rounds, run.repeat);
  const bool good = test::measure_all(*plane, test::ifindex_of(test::kNear), run);
  (void)dataplane::DataPlane::remove(instance);
  return good ? 0 : 1;
}
