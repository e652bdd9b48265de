// SPDX-License-Identifier: BSD-2-Clause
#include "dataplane/capture.hpp"

#include <cstring>

#include <bpf/libbpf.h>
#include <sys/file.h>

#include <xvrrp/abi/names.h>

#include "dataplane/loader.hpp"

namespace xvrrp::dataplane {
namespace {

/// Of each CPU's buffer: 256 KiB, more than 2,000 adverts that wait to be read.
constexpr std::size_t kPages = 64;

void hand_on(void* sink, int /*cpu*/, void* data, __u32 size) {
  xv_captured meta{};
  if (size < sizeof(meta))
    return;
  std::memcpy(&meta, data, sizeof(meta));
  // Padding may follow the bytes.
  std::size_t kept = size - sizeof(meta);
  if (kept > meta.length)
    kept = meta.length;
  const auto* bytes = static_cast<const std::uint8_t*>(data) + sizeof(meta);
  static_cast<CaptureSink*>(sink)->on_packet(meta, {bytes, kept});
}

void hand_loss_on(void* sink, int /*cpu*/, __u64 packets) {
  static_cast<CaptureSink*>(sink)->on_lost(packets);
}

/// For as long as the descriptor is open: nothing is left behind, however the process ends, and an instance
/// that is loaded anew has another directory.
Status lock(const PinDirectory& pins, const std::string& instance) {
  if (flock(pins.fd(), LOCK_EX | LOCK_NB) == 0)
    return Done{};
  if (errno != EWOULDBLOCK)
    return system_error("locking " + pins.path());
  return Error{ErrorKind::Conflict, "another capture of instance \"" + instance +
                                        "\" is under way: there is one at a time, for all its interfaces"};
}

} // namespace

Result<Capture> Capture::open(const std::string& instance, std::uint32_t ifindex, CaptureSink& sink) {
  auto pins = open_pins(instance);
  if (!pins)
    return std::move(pins).error();
  if (auto status = lock(*pins, instance); !status)
    return std::move(status).error();
  auto wanted = pins->get(XV_MAP_CAPTURE_IF);
  if (!wanted)
    return std::move(wanted).error();
  auto packets = pins->get(XV_MAP_CAPTURE);
  if (!packets)
    return std::move(packets).error();
  const auto guard = pins->get(XV_MAP_GUARD);
  if (!guard)
    return guard.error();
  auto shared = SharedArray<xv_guard>::open(guard->get(), 1, XV_MAP_GUARD);
  if (!shared)
    return std::move(shared).error();
  Capture capture;
  capture.ifindex_ = ifindex;
  capture.pins_ = *std::move(pins);
  capture.wanted_ = Map<__u32, xv_capture_if>{*std::move(wanted)};
  capture.packets_ = *std::move(packets);
  capture.guard_ = *std::move(shared);
  for (const auto key : capture.wanted_.keys())
    capture.wanted_.erase(key); // of captures that died
  capture.buffer_.reset(
      perf_buffer__new(capture.packets_.get(), kPages, hand_on, hand_loss_on, &sink, nullptr));
  if (!capture.buffer_)
    return system_error("opening the buffers of the capture (CAP_PERFMON)");
  return capture;
}

Capture::~Capture() {
  if (buffer_)
    end();
}

int Capture::fd() const {
  return perf_buffer__epoll_fd(buffer_.get());
}

void Capture::consume() {
  perf_buffer__consume(buffer_.get());
}

Status Capture::renew(std::uint64_t now_ns) {
  if (!pins_.is_at_its_path())
    return Error{ErrorKind::NotRunning, "the data plane was unloaded (" + pins_.path() + " has gone)"};
  const std::uint64_t until = now_ns + XV_CAPTURE_NS;
  if (const int error = wanted_.set(ifindex_, {until}); error != 0)
    return system_error("asking for packets", error);
  __atomic_store_n(&guard_[0].capture_until_ns, until, __ATOMIC_RELAXED);
  return Done{};
}

void Capture::end() noexcept {
  __atomic_store_n(&guard_[0].capture_until_ns, std::uint64_t{0}, __ATOMIC_RELAXED);
  wanted_.erase(ifindex_);
}

void Capture::Free::operator()(perf_buffer* buffer) const {
  perf_buffer__free(buffer);
}

} // namespace xvrrp::dataplane
