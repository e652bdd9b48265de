// SPDX-License-Identifier: BSD-2-Clause
// xvrrp_flood: sends VRRP adverts, ARP requests or UDP as fast as told, for a bounded time, and only inside a
// network namespace.
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>

#include "flood_frames.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using xvrrp::flood::Advert;
using xvrrp::flood::Frame;

constexpr std::size_t kBatch = 64;

struct Options {
  std::string interface;
  std::string source = "192.168.1.250";
  std::string address = "192.168.1.251";
  std::string vrids = "1-255";
  std::vector<int> except;
  double seconds = 1;
  unsigned pps = 10'000;
  unsigned spoof = 1;
  bool arp = false;
  bool udp = false;
  Advert advert;
};

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// Only in a namespace that `ip netns` knows: the host's own interfaces are somebody's network.
void refuse_outside_a_namespace() {
  struct stat ours {};
  if (stat("/proc/self/ns/net", &ours) != 0)
    fail("/proc/self/ns/net");
  std::error_code none; // no directory: no namespaces
  for (const auto& entry : std::filesystem::directory_iterator("/run/netns", none)) {
    struct stat named {};
    if (stat(entry.path().c_str(), &named) == 0 && named.st_ino == ours.st_ino && named.st_dev == ours.st_dev)
      return;
  }
  throw std::runtime_error("this is not a namespace of ip netns: run it inside one that a test made");
}

std::uint32_t address_of(const std::string& text) {
  in_addr address{};
  if (inet_pton(AF_INET, text.c_str(), &address) != 1)
    throw std::runtime_error("not an IPv4 address: " + text);
  return ntohl(address.s_addr);
}

std::vector<Frame> frames(Options options) {
  int first = 0;
  int last = 0;
  const int read = std::sscanf(options.vrids.c_str(), "%d-%d", &first, &last);
  if (read == 1)
    last = first;
  if (read < 1 || first < 1 || last > 255 || first > last)
    throw std::runtime_error("--vrids: N or FIRST-LAST, 1 to 255");
  options.advert.source = address_of(options.source);
  options.advert.address = address_of(options.address);
  std::vector<Frame> built;
  for (int vrid = first; vrid <= last; ++vrid) {
    if (std::find(options.except.begin(), options.except.end(), vrid) != options.except.end())
      continue;
    options.advert.vrid = static_cast<std::uint8_t>(vrid);
    for (unsigned sender = 0; sender < options.spoof; ++sender) {
      Advert advert = options.advert;
      advert.source += sender;
      built.push_back(options.arp   ? build_arp_request(advert)
                      : options.udp ? build_udp(advert)
                                    : build(advert));
    }
  }
  if (built.empty())
    throw std::runtime_error("no VRID is left to send");
  return built;
}

int open_socket(const std::string& interface) {
  const int descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (descriptor < 0)
    fail("packet socket");
  sockaddr_ll where{};
  where.sll_family = AF_PACKET;
  where.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
  if (where.sll_ifindex == 0)
    fail(interface.c_str());
  if (bind(descriptor, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0)
    fail("bind");
  const int yes = 1;
  (void)setsockopt(descriptor, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes); // only makes it faster
  return descriptor;
}

/// One batch; returns how many went out. A full queue is part of a flood.
std::size_t send_batch(int descriptor, std::vector<Frame>& built, std::size_t& next) {
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> parts{};
  for (std::size_t i = 0; i < kBatch; ++i) {
    Frame& frame = built[next];
    next = (next + 1) % built.size();
    parts[i] = {frame.data(), frame.size()};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const int sent = sendmmsg(descriptor, messages.data(), kBatch, 0);
  if (sent < 0 && errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
    fail("sendmmsg");
  return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

/// What this process has run for, in user space and in the kernel; the receivers' side of a veth included.
double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void flood(const Options& options) {
  auto built = frames(options);
  const int descriptor = open_socket(options.interface);
  const auto start = Clock::now();
  const auto end = start + std::chrono::duration<double>(options.seconds);
  std::size_t sent = 0;
  std::size_t next = 0;
  for (auto now = start; now < end; now = Clock::now()) {
    const auto due = start + std::chrono::duration<double>(static_cast<double>(sent) / options.pps);
    if (options.pps > 0 && due > now)
      std::this_thread::sleep_until(std::min(due, end));
    sent += send_batch(descriptor, built, next);
  }
  const double took = std::chrono::duration<double>(Clock::now() - start).count();
  std::printf("sent %zu frames of %zu kinds in %.3f s (cpu %.3f s): %.1f kpps\n", sent, built.size(), took,
              cpu_seconds(), static_cast<double>(sent) / took / 1000);
}

} // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Floods an interface of a network namespace with VRRP adverts (multicast, IPv4), ARP "
               "requests or UDP.",
               "xvrrp_flood"};
  app.add_option("--interface", options.interface, "where to send")->required();
  app.add_option("--seconds", options.seconds, "for how long; default: 1")->check(CLI::Range(0.001, 60.0));
  app.add_option("--pps", options.pps, "frames a second, 0: as many as possible; default: 10000");
  app.add_option("--vrids", options.vrids, "N or FIRST-LAST; default: 1-255");
  app.add_option("--except", options.except, "a VRID to leave out; may be repeated");
  app.add_option("--version", options.advert.version, "2 or 3; default: 3")->check(CLI::IsMember({2, 3}));
  app.add_option("--priority", options.advert.priority, "default: 100")->check(CLI::Range(0, 255));
  app.add_option("--interval", options.advert.interval,
                 "as on the wire: v2 seconds, v3 centiseconds; default: 100");
  app.add_option("--source", options.source, "source address; default: 192.168.1.250");
  app.add_option("--spoof", options.spoof, "so many source addresses, counted from --source; default: 1")
      ->check(CLI::Range(1, 100));
  app.add_flag("--arp", options.arp, "ARP requests for --address instead of adverts");
  app.add_flag("--udp", options.udp, "UDP to --address instead of adverts, to nobody's MAC");
  app.add_option("--address", options.address, "virtual address; default: 192.168.1.251");
  app.add_option("--ttl", options.advert.ttl, "default: 255")->check(CLI::Range(0, 255));
  app.add_flag("--bad-checksum", options.advert.bad_checksum, "spoil the VRRP checksum");
  CLI11_PARSE(app, argc, argv);
  try {
    refuse_outside_a_namespace();
    flood(options);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "xvrrp_flood: %s\n", error.what());
    return 1;
  }
}
