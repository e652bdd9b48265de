// SPDX-License-Identifier: BSD-2-Clause
// Copies of the VRRP packets that the receive program sees on an interface, with what became of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <xvrrp/abi/types.h>
#include <xvrrp/base/result.hpp>

#include "dataplane/handles.hpp"
#include "dataplane/maps.hpp"
#include "dataplane/pin_directory.hpp"
#include "dataplane/shared_array.hpp"

struct perf_buffer;

namespace xvrrp::dataplane {

/// Receives what was captured; called from Capture::consume() on its thread.
class CaptureSink {
public:
  virtual ~CaptureSink() = default;
  /// `bytes`: the beginning of the packet, at most XV_CAPTURE_BYTES of meta.length; valid during the call.
  virtual void on_packet(const xv_captured& meta, std::span<const std::uint8_t> bytes) = 0;
  /// So many packets found no room, because they were not consumed in time.
  virtual void on_lost(std::uint64_t packets) = 0;
};

/// A capture on one interface of a loaded instance. There is one at a time per instance: a perf event array
/// has one reader per CPU. It is over when it is destroyed, and XV_CAPTURE_NS after the last renew() if its
/// process dies. Needs CAP_BPF and CAP_PERFMON. Move-only; one thread.
class Capture {
public:
  /// Begins with the first renew(). `sink` outlives the capture. Conflict when another one is under way.
  static Result<Capture> open(const std::string& instance, std::uint32_t ifindex, CaptureSink& sink);
  Capture(Capture&&) noexcept = default;
  Capture& operator=(Capture&&) = delete;
  ~Capture();

  /// Readable when there are packets; for epoll.
  int fd() const;
  /// Hands every packet that is there to the sink.
  void consume();
  /// Prolongs the capture by XV_CAPTURE_NS from `now_ns` (CLOCK_MONOTONIC). NotRunning when the data plane
  /// was unloaded meanwhile.
  Status renew(std::uint64_t now_ns);
  /// Ends the capture; what was copied until then can still be consumed.
  void end() noexcept;

private:
  struct Free {
    void operator()(perf_buffer* buffer) const;
  };
  Capture() = default;

  std::uint32_t ifindex_ = 0;
  PinDirectory pins_; ///< locked
  Map<__u32, xv_capture_if> wanted_;
  BpfFd packets_;
  SharedArray<xv_guard> guard_;
  std::unique_ptr<perf_buffer, Free> buffer_; ///< none: moved from
};

} // namespace xvrrp::dataplane
