// SPDX-License-Identifier: BSD-2-Clause
#include "dataplane/capture.hpp"

#include <cstring>

#include <bpf/libbpf.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

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

/// The pin directory of the instance, locked for as long as the descriptor is open: nothing is left behind,
/// however the process ends, and an instance that is loaded anew has another directory.
Result<BpfFd> lock_directory(const std::string& instance, const std::string& directory) {
  BpfFd fd{open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd)
    return system_error("opening " + directory);
  if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0)
    return fd;
  if (errno != EWOULDBLOCK)
    return system_error("locking " + directory);
  return Error{ErrorKind::Conflict, "another capture of instance \"" + instance +
                                        "\" is under way: there is one at a time, for all its interfaces"};
}

Result<BpfFd> open_pin(const std::string& path) {
  BpfFd fd{bpf_obj_get(path.c_str())};
  if (!fd)
    return system_error("opening " + path);
  return fd;
}

bool is_still_at(int fd, const std::string& path) {
  struct stat ours {};
  struct stat there {};
  return fstat(fd, &ours) == 0 && stat(path.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
         ours.st_dev == there.st_dev;
}

} // namespace

Result<Capture> Capture::open(const std::string& instance, std::uint32_t ifindex, CaptureSink& sink) {
  Capture capture;
  capture.directory_ = pin_directory(instance);
  capture.ifindex_ = ifindex;
  auto lock = lock_directory(instance, capture.directory_);
  if (!lock)
    return std::move(lock).error();
  auto wanted = open_pin(capture.directory_ + "/" XV_MAP_CAPTURE_IF);
  if (!wanted)
    return std::move(wanted).error();
  auto packets = open_pin(capture.directory_ + "/" XV_MAP_CAPTURE);
  if (!packets)
    return std::move(packets).error();
  const auto guard = open_pin(capture.directory_ + "/" XV_MAP_GUARD);
  if (!guard)
    return guard.error();
  auto shared = SharedArray<xv_guard>::open(guard->get(), 1, XV_MAP_GUARD);
  if (!shared)
    return std::move(shared).error();
  capture.lock_ = *std::move(lock);
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
  if (lock_)
    end();
}

int Capture::fd() const {
  return perf_buffer__epoll_fd(buffer_.get());
}

void Capture::consume() {
  perf_buffer__consume(buffer_.get());
}

Status Capture::renew(std::uint64_t now_ns) {
  if (!is_still_at(lock_.get(), directory_))
    return Error{ErrorKind::NotRunning, "the data plane was unloaded (" + directory_ + " has gone)"};
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
