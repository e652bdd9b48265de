// SPDX-License-Identifier: BSD-2-Clause
// xvrrp_masters: plays the Masters of many virtual routers, falls silent, and tells when the Backup's first
// adverts and first gratuitous ARPs came in through its port of the switch, by the kernel's stamps. It only
// works in namespaces of ip netns.
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>

#include <CLI/CLI.hpp>

#include "watch.hpp"

namespace xvrrp::masters {
namespace {

constexpr int kPriority = 30; // below what it measures, above what only makes the machine busy
constexpr std::size_t kPerCall = 512;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kCentisecond = kSecond / 100;
constexpr int kMakeGood = 50; // adverts
constexpr auto kLook = std::chrono::milliseconds{5};

struct Options {
  std::string file;
  std::string speaker;
  std::vector<std::string> segments; // INTERFACE=NAMESPACE
  std::string own_port = "tst";
  std::string other_port = "dut";
  double interval_ms = 10;
  int pulses = 6;
  int rounds = 1;
  double patience = 20;
  double seconds = 0;
  bool stagger = false;
};

struct VirtualRouter {
  std::size_t segment = 0;
  std::uint8_t vrid = 0;
  std::vector<std::uint8_t> frame;
  std::vector<std::uint32_t> addresses;
};

/// When something was seen first (or last); 0: not at all.
struct Times {
  std::vector<std::int64_t> last_advert; // of the Master that is played
  std::vector<std::int64_t> first_advert;
  std::vector<std::vector<std::int64_t>> announced; // by virtual router and address
};

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::int64_t clock_ns(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

void sleep_until(std::int64_t monotonic_ns) {
  const timespec until{monotonic_ns / kSecond, monotonic_ns % kSecond};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

void schedule(int policy, int priority) {
  sched_param parameters{};
  parameters.sched_priority = priority;
  if (sched_setscheduler(0, policy, &parameters) != 0)
    fail("sched_setscheduler");
}

std::uint32_t parse_address(const std::string& text) {
  in_addr address{};
  if (inet_pton(AF_INET, text.c_str(), &address) != 1)
    throw std::runtime_error("not an IPv4 address: " + text);
  return ntohl(address.s_addr);
}

/// One a line: SEGMENT VRID FRAME(hex) ADDRESS...
std::vector<VirtualRouter> read_routers(const std::string& file, std::size_t segments) {
  std::ifstream input{file};
  std::vector<VirtualRouter> routers;
  for (std::string line; std::getline(input, line);) {
    std::istringstream words{line};
    VirtualRouter router;
    unsigned vrid = 0;
    std::string hex;
    if (!(words >> router.segment >> vrid >> hex) || router.segment >= segments || vrid < 1 || vrid > 255)
      throw std::runtime_error("not a virtual router: " + line);
    router.vrid = static_cast<std::uint8_t>(vrid);
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
      router.frame.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(at, 2), nullptr, 16)));
    for (std::string address; words >> address;)
      router.addresses.push_back(parse_address(address));
    routers.push_back(std::move(router));
  }
  if (routers.empty())
    throw std::runtime_error(file + ": no virtual routers");
  return routers;
}

/// Sends every virtual router's advert once a cycle: all at its begin, or spread evenly over it.
class Chorus {
public:
  Chorus(std::vector<VirtualRouter>& routers, const std::vector<int>& sockets, std::int64_t interval_ns,
         bool stagger)
      : interval_ns_(interval_ns) {
    std::vector<std::vector<VirtualRouter*>> groups(sockets.size());
    for (std::size_t i = 0; i < routers.size(); ++i) {
      const auto offset =
          stagger ? interval_ns * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(routers.size())
                  : 0;
      if (stagger)
        turns_.push_back({sockets[routers[i].segment], offset, {&routers[i]}});
      else
        groups[routers[i].segment].push_back(&routers[i]);
    }
    for (std::size_t segment = 0; segment < groups.size(); ++segment)
      if (!groups[segment].empty())
        turns_.push_back({sockets[segment], 0, groups[segment]});
    due_ = clock_ns(CLOCK_MONOTONIC);
  }

  /// One cycle; a cycle that is late does not make the next one early.
  void sing() {
    due_ = std::max(due_, clock_ns(CLOCK_MONOTONIC) - interval_ns_);
    for (const auto& turn : turns_) {
      sleep_until(due_ + turn.offset_ns);
      send(turn);
    }
    due_ += interval_ns_;
  }

  void restart() { due_ = clock_ns(CLOCK_MONOTONIC); }

private:
  struct Turn {
    int descriptor;
    std::int64_t offset_ns;
    std::vector<VirtualRouter*> routers;
  };

  static void send(const Turn& turn) {
    std::array<mmsghdr, kPerCall> messages{};
    std::array<iovec, kPerCall> parts{};
    for (std::size_t next = 0; next < turn.routers.size();) {
      const auto count = std::min(kPerCall, turn.routers.size() - next);
      for (std::size_t i = 0; i < count; ++i) {
        auto& frame = turn.routers[next + i]->frame;
        parts[i] = {frame.data(), frame.size()};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
      }
      const int sent = sendmmsg(turn.descriptor, messages.data(), static_cast<unsigned>(count), 0);
      if (sent < 0 && errno != ENOBUFS && errno != EINTR)
        fail("sendmmsg");
      next += sent > 0 ? static_cast<std::size_t>(sent) : 0;
    }
  }

  std::int64_t interval_ns_;
  std::int64_t due_ = 0;
  std::vector<Turn> turns_;
};

class Stage {
public:
  explicit Stage(const Options& options)
      : options_(options), interval_ns_(std::llround(options.interval_ms * 1e6)),
        routers_(read_routers(options.file, options.segments.size())) {
    for (const auto& text : options.segments) {
      const auto split = text.find('=');
      if (split == std::string::npos)
        throw std::runtime_error("--segment: INTERFACE=NAMESPACE");
      enter_namespace(options.speaker);
      sockets_.push_back(open_sender(text.substr(0, split)));
      switches_.push_back(text.substr(split + 1));
      enter_namespace(switches_.back());
      others_.emplace_back(options.other_port);
    }
    by_vrid_.resize(options.segments.size());
    for (auto& routers : by_vrid_)
      routers.fill(-1);
    for (std::size_t i = 0; i < routers_.size(); ++i) {
      by_vrid_[routers_[i].segment][routers_[i].vrid] = static_cast<int>(i);
      for (std::size_t number = 0; number < routers_[i].addresses.size(); ++number)
        by_address_[routers_[i].addresses[number]] = {i, number};
    }
  }

  void run() {
    Chorus chorus{routers_, sockets_, interval_ns_, options_.stagger};
    std::puts("ready");
    std::fflush(stdout);
    if (options_.seconds > 0) {
      schedule(SCHED_FIFO, kPriority);
      const auto end = clock_ns(CLOCK_MONOTONIC) + std::llround(options_.seconds * 1e9);
      while (clock_ns(CLOCK_MONOTONIC) < end)
        chorus.sing();
      return;
    }
    for (int round = 0; round < options_.rounds; ++round)
      play(chorus);
  }

private:
  static int open_sender(const std::string& interface) {
    const int descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    sockaddr_ll where{};
    where.sll_family = AF_PACKET;
    where.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
    if (descriptor < 0 || where.sll_ifindex == 0 ||
        bind(descriptor, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0)
      fail("a packet socket on " + interface);
    return descriptor;
  }

  /// One loss of all Masters. Without pulses: one wait for what the Backup says, whatever was before.
  void play(Chorus& chorus) {
    bool settled = true;
    forget();
    if (options_.pulses > 0) {
      schedule(SCHED_FIFO, kPriority);
      settled = be_master(chorus);
      forget();
      say_last(chorus);
      schedule(SCHED_OTHER, 0);
    }
    const auto patience = clock_ns(CLOCK_MONOTONIC) + std::llround(options_.patience * 1e9);
    while (!complete() && clock_ns(CLOCK_MONOTONIC) < patience) {
      std::this_thread::sleep_for(kLook);
      listen();
    }
    print(settled);
  }

  void forget() {
    times_ = {std::vector<std::int64_t>(routers_.size()), std::vector<std::int64_t>(routers_.size()), {}};
    for (const auto& router : routers_)
      times_.announced.emplace_back(router.addresses.size());
  }

  /// Until the other host has been silent for three intervals; false when it does not fall silent.
  bool be_master(Chorus& chorus) {
    const auto patience = clock_ns(CLOCK_MONOTONIC) + std::llround(options_.patience * 1e9);
    chorus.restart();
    for (int pulse = 0; clock_ns(CLOCK_MONOTONIC) < patience; ++pulse) {
      chorus.sing();
      listen();
      if (pulse + 2 >= options_.pulses && heard_ns_ < clock_ns(CLOCK_REALTIME) - 3 * interval_ns_)
        return true;
    }
    return false;
  }

  /// The last cycle, of which the times are noted. To a Backup below a centisecond it takes some more to make
  /// good the pause before them.
  void say_last(Chorus& chorus) {
    std::vector<Watch> own;
    for (const auto& name : switches_) {
      enter_namespace(name);
      own.emplace_back(options_.own_port);
    }
    for (int pulse = interval_ns_ < kCentisecond ? -kMakeGood : 0; pulse <= 0; ++pulse)
      chorus.sing();
    for (std::size_t segment = 0; segment < own.size(); ++segment)
      own[segment].drain([&](const Seen& seen) {
        const int router = seen.kind == Seen::Kind::Advert ? by_vrid_[segment][seen.vrid] : -1;
        if (router >= 0)
          times_.last_advert[static_cast<std::size_t>(router)] = seen.time_ns;
      });
  }

  void listen() {
    for (std::size_t segment = 0; segment < others_.size(); ++segment)
      others_[segment].drain([&](const Seen& seen) { note(segment, seen); });
  }

  void note(std::size_t segment, const Seen& seen) {
    const auto first = [&](std::int64_t& time, std::size_t router) {
      if (time == 0 && seen.time_ns > times_.last_advert[router])
        time = seen.time_ns;
    };
    if (seen.kind == Seen::Kind::Advert) {
      const int router = by_vrid_[segment][seen.vrid];
      if (router < 0 || seen.priority == 0)
        return;
      heard_ns_ = seen.time_ns;
      first(times_.first_advert[static_cast<std::size_t>(router)], static_cast<std::size_t>(router));
    } else if (const auto found = by_address_.find(seen.address); found != by_address_.end()) {
      first(times_.announced[found->second.first][found->second.second], found->second.first);
    }
  }

  bool complete() const {
    const auto is_there = [](std::int64_t time) { return time != 0; };
    return std::all_of(times_.first_advert.begin(), times_.first_advert.end(), is_there) &&
           std::all_of(times_.announced.begin(), times_.announced.end(), [&](const auto& announced) {
             return std::all_of(announced.begin(), announced.end(), is_there);
           });
  }

  /// One line a virtual router: SEGMENT VRID LAST FIRST ANNOUNCED...; a round is closed by "settled" or
  /// "unsettled".
  void print(bool settled) const {
    for (std::size_t i = 0; i < routers_.size(); ++i) {
      std::printf("%zu %u %lld %lld", routers_[i].segment, routers_[i].vrid,
                  static_cast<long long>(times_.last_advert[i]),
                  static_cast<long long>(times_.first_advert[i]));
      for (const auto time : times_.announced[i])
        std::printf(" %lld", static_cast<long long>(time));
      std::puts("");
    }
    std::puts(settled ? "settled" : "unsettled");
    std::fflush(stdout);
  }

  Options options_;
  std::int64_t interval_ns_;
  std::vector<VirtualRouter> routers_;
  std::vector<int> sockets_;
  std::vector<std::string> switches_;
  std::vector<Watch> others_;
  std::vector<std::array<int, 256>> by_vrid_;
  std::unordered_map<std::uint32_t, std::pair<std::size_t, std::size_t>> by_address_;
  Times times_;
  std::int64_t heard_ns_ = 0; // the other host's latest advert
};

} // namespace
} // namespace xvrrp::masters

int main(int argc, char** argv) {
  xvrrp::masters::Options options;
  try {
    CLI::App app{
        "Plays the Masters of many virtual routers, falls silent, and tells when a Backup took over.",
        "xvrrp_masters"};
    app.add_option("--routers", options.file, "one a line: SEGMENT VRID FRAME(hex) ADDRESS...")->required();
    app.add_option("--speaker", options.speaker, "the namespace that sends")->required();
    app.add_option("--segment", options.segments, "INTERFACE=NAMESPACE: of the speaker, and of its switch")
        ->required();
    app.add_option("--own-port", options.own_port, "the speaker's port of each switch; default: tst");
    app.add_option("--other-port", options.other_port, "the Backup's; default: dut");
    app.add_option("--interval-ms", options.interval_ms, "default: 10")->check(CLI::Range(1.0, 60000.0));
    app.add_option("--pulses", options.pulses, "adverts before the silence, 0: only listen; default: 6")
        ->check(CLI::Range(0, 1000));
    app.add_option("--rounds", options.rounds, "default: 1")->check(CLI::Range(1, 10000));
    app.add_option("--patience", options.patience, "seconds to wait for a takeover; default: 20")
        ->check(CLI::Range(0.1, 600.0));
    app.add_option("--seconds", options.seconds, "be Master for so long and tell nothing")
        ->check(CLI::Range(0.0, 600.0));
    app.add_flag("--stagger", options.stagger, "spread the virtual routers over the interval");
    CLI11_PARSE(app, argc, argv);
    xvrrp::masters::Stage{options}.run();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "xvrrp_masters: %s\n", error.what());
    return 1;
  }
}
