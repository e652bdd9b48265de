// SPDX-License-Identifier: BSD-2-Clause
// capture: the VRRP packets of an interface with what became of them, as pcapng or as lines.
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <memory>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <xvrrp/base/printable.hpp>
#include <xvrrp/wire/advert.h>

#include "cli/capture_view.hpp"
#include "cli/commands.hpp"
#include "cli/guards.hpp"
#include "cli/pcapng.hpp"
#include "cli/target.hpp"
#include "cli/terminal.hpp"
#include "dataplane/capture.hpp"
#include "platform/clock.hpp"
#include "platform/epoll.hpp"
#include "platform/outgoing_tap.hpp"
#include "platform/signal_fd.hpp"

namespace xvrrp::cli {
namespace {

using namespace std::chrono_literals;
using platform::Capability;

enum Token : std::uint64_t { kSignal, kReceived, kSent };

constexpr auto kRenewal = 1s; // of a capture that lasts XV_CAPTURE_NS
/// Frames that are taken from the tap before the others get their turn.
constexpr int kSentAtOnce = 1000;

/// Where the packets go.
class Output {
public:
  static Result<Output> open(const CaptureTraffic& command) {
    Output output;
    output.lines_ = command.lines || (!command.file && isatty(STDOUT_FILENO) == 1);
    if (command.file && *command.file != "-") {
      output.owned_.reset(std::fopen(command.file->c_str(), "wbe"));
      if (!output.owned_)
        return system_error("writing " + *command.file);
      output.file_ = output.owned_.get();
      output.name_ = *command.file;
    } else if (command.file && isatty(STDOUT_FILENO) == 1) {
      return Error{ErrorKind::Usage, "a capture file is not for a terminal: -w FILE, or | another program"};
    }
    if (!output.lines_)
      output.put(pcapng::header("vrrpctl " XVRRP_VERSION, command.interface, XV_CAPTURE_BYTES));
    return output;
  }

  void write(const CapturedPacket& packet) {
    if (lines_)
      return put(printable_lines(capture_line(packet)));
    const std::string comment = verdict_text(packet);
    put(pcapng::block({packet.since_epoch, packet.bytes, packet.length, !packet.judgement, comment}));
  }

  /// Whatever was written can be read by others; or why not.
  Status flush() {
    if (error_ == 0 && std::fflush(file_) != 0)
      error_ = errno;
    return error_ == 0 ? Status{Done{}} : Status{system_error("writing " + name_, error_)};
  }

private:
  void put(const std::string& text) {
    if (error_ == 0 && std::fwrite(text.data(), 1, text.size(), file_) != text.size())
      error_ = errno;
  }

  struct Close {
    void operator()(std::FILE* file) const { (void)std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> owned_;
  std::FILE* file_ = stdout;
  std::string name_ = "standard output";
  bool lines_ = false;
  int error_ = 0;
};

/// What came since the last turn, from the data plane and from the tap, of what the target is concerned with.
class Collector : public dataplane::CaptureSink {
public:
  explicit Collector(const Target& target) : target_(target) {}

  void on_packet(const xv_captured& meta, std::span<const std::uint8_t> bytes) override {
    if (!target_.concerns(meta.key))
      return;
    packets_.push_back({platform::time_of_day(instant_from_ns(meta.time_ns)),
                        {bytes.begin(), bytes.end()},
                        meta.length,
                        CapturedPacket::Judgement{meta.reason, meta.verdict}});
  }
  void on_lost(std::uint64_t packets) override { lost_ += packets; }

  void take_sent(platform::OutgoingTap& tap) {
    platform::OutgoingTap::Frame frame;
    for (int i = 0; i < kSentAtOnce && tap.next(frame); ++i) {
      xv_advert advert{};
      if (xv_parse_advert({frame.bytes.data(), frame.bytes.data() + frame.bytes.size()}, &advert) ==
              XV_not_vrrp ||
          !target_.concerns({target_.place.ifindex, advert.vlan, advert.inner_vlan, 0, 0, {}}))
        continue;
      const auto kept = frame.bytes.first(std::min<std::size_t>(frame.bytes.size(), XV_CAPTURE_BYTES));
      packets_.push_back({frame.since_epoch, {kept.begin(), kept.end()}, frame.length, std::nullopt});
    }
    lost_ += tap.lost();
  }

  /// In the order of their times, which the buffers of several CPUs are not; at most `room` of them.
  void hand_on(Output& output, std::uint64_t room) {
    std::stable_sort(packets_.begin(), packets_.end(),
                     [](const auto& a, const auto& b) { return a.since_epoch < b.since_epoch; });
    if (packets_.size() > room)
      packets_.resize(room);
    for (const auto& packet : packets_)
      output.write(packet);
    written_ += packets_.size();
    packets_.clear();
  }

  std::uint64_t written() const { return written_; }
  std::uint64_t lost() const { return lost_; }

private:
  const Target& target_;
  std::vector<CapturedPacket> packets_;
  std::uint64_t written_ = 0;
  std::uint64_t lost_ = 0;
};

/// An interface of that number in another network namespace cannot be tapped from here.
Status require_here(const Target& target, const std::string& interface) {
  const auto here = require_interface(interface);
  if (!here)
    return here.error();
  const bool is_it = target.place.vlan != 0 || here->index == target.place.ifindex;
  if (!is_it || !target.plane.carries(target.place.ifindex))
    return Error{ErrorKind::NotRunning, "instance \"" + target.instance + "\" is loaded on " + interface +
                                            " of another network namespace: run vrrpctl there"};
  return Done{};
}

class Session {
public:
  Session(const CaptureTraffic& command, Collector& collector, Output& output, dataplane::Capture& capture,
          platform::OutgoingTap& tap)
      : command_(command), collector_(collector), output_(output), capture_(capture), tap_(tap) {}

  Status run() {
    auto signals = platform::SignalFd::create({SIGINT, SIGTERM, SIGPIPE});
    if (!signals)
      return std::move(signals).error();
    auto epoll = platform::Epoll::create();
    if (!epoll)
      return std::move(epoll).error();
    for (const auto& [fd, token] : {std::pair{signals->fd(), kSignal}, std::pair{capture_.fd(), kReceived},
                                    std::pair{tap_.fd(), kSent}}) {
      if (auto status = epoll->add(fd, token); !status)
        return status;
    }
    const auto start = platform::monotonic_now();
    auto renewal = start;
    for (bool ending = false; !ending;) {
      const auto now = platform::monotonic_now();
      if (now >= renewal) {
        if (auto status = capture_.renew(to_ns(now)); !status)
          return status;
        if (renewal == start)
          print_error(fmt::format("capturing on {}; Ctrl-C ends", command_.interface));
        renewal = now + kRenewal;
      }
      const auto wake = command_.duration ? std::min(renewal, start + *command_.duration) : renewal;
      for (const auto& ready : epoll->wait(std::max(wake - now, Nanoseconds{0})))
        ending = ending || ready.token == kSignal;
      ending = ending || (command_.duration && platform::monotonic_now() >= start + *command_.duration);
      if (ending)
        capture_.end();
      if (auto status = take(); !status)
        return status;
      ending = ending || collector_.written() == command_.count;
    }
    return Done{};
  }

private:
  Status take() {
    capture_.consume();
    collector_.take_sent(tap_);
    collector_.hand_on(output_, command_.count.value_or(UINT32_MAX) - collector_.written());
    return output_.flush();
  }

  const CaptureTraffic& command_;
  Collector& collector_;
  Output& output_;
  dataplane::Capture& capture_;
  platform::OutgoingTap& tap_;
};

} // namespace

Status run(const CaptureTraffic& command) {
  if (auto status = require_capabilities(
          std::array{Capability::Bpf, Capability::PerfMon, Capability::NetAdmin, Capability::NetRaw});
      !status)
    return status;
  const auto target = find_target(command.instance, command.interface);
  if (!target)
    return target.error();
  if (auto status = require_here(*target, command.interface); !status)
    return status;
  Collector collector{*target};
  auto capture = dataplane::Capture::open(target->instance, target->place.ifindex, collector);
  if (!capture)
    return std::move(capture).error();
  auto tap = platform::OutgoingTap::open(target->place.ifindex);
  if (!tap)
    return std::move(tap).error();
  auto output = Output::open(command);
  if (!output)
    return std::move(output).error();
  auto status = Session{command, collector, *output, *capture, *tap}.run();
  print_error(fmt::format("{} packets; {}", collector.written(),
                          collector.lost() == 0 ? std::string{"none lost"}
                                                : fmt::format("{} lost: they came faster than they could be "
                                                              "read",
                                                              collector.lost())));
  return status;
}

} // namespace xvrrp::cli
