// SPDX-License-Identifier: BSD-2-Clause
#include "bpf/sandbox.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include <net/if.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

namespace xvrrp::test {
namespace {

std::string because(const char* what) {
  return std::string{what} + ": " + std::strerror(errno);
}

std::string build_sandbox() {
  if (geteuid() != 0)
    return "needs root, to load BPF programs";
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0)
    return because("unshare");
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return because("making the mounts private");
  if (mount("bpf", "/sys/fs/bpf", "bpf", 0, nullptr) != 0)
    return because("mounting a BPF file system");
  // No IPv6 on the links: its own chatter would only disturb the counters of the tests that attach.
  const auto network = run_command("set -e; "
                                   "ip link set lo up; "
                                   "ip link add near0 type veth peer name far0; "
                                   "sysctl -qw net.ipv6.conf.all.disable_ipv6=1; "
                                   "ip address add 192.168.1.12/24 dev near0; "
                                   "ip address add 10.9.0.1/24 dev far0; "
                                   "ip link set near0 up; ip link set far0 up");
  return network.status == 0 ? "" : "building the network: " + network.output;
}

} // namespace

std::string enter_sandbox() {
  static const std::string error = build_sandbox();
  return error;
}

std::uint32_t ifindex_of(const char* interface) {
  return if_nametoindex(interface);
}

void set_forwarding(bool on) {
  std::ofstream{"/proc/sys/net/ipv4/conf/near0/forwarding"} << (on ? "1" : "0");
}

CommandResult run_command(const std::string& command) {
  FILE* pipe = popen(("exec 2>&1; " + command).c_str(), "r"); // NOLINT(cert-env33-c): constant commands
  if (!pipe)
    return {-1, because("popen")};
  std::string output;
  std::array<char, 4096> buffer{};
  while (const auto size = std::fread(buffer.data(), 1, buffer.size(), pipe))
    output.append(buffer.data(), size);
  return {pclose(pipe), output};
}

} // namespace xvrrp::test
