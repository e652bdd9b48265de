// SPDX-License-Identifier: BSD-2-Clause
// What the election thread notes down for `vrrpctl trace record`: every step of the routers that are
// recorded.
#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>
#include <variant>

#include "core/router.hpp"
#include "election/spsc_queue.hpp"

namespace xvrrp::election {

struct TapedStep {
  core::Event event;
  core::Actions actions;
};
struct Taped {
  std::uint32_t recording = 0; ///< which one it belongs to; 0: none
  std::uint32_t router = 0;    ///< RecordSteps::as
  Instant at{};
  std::variant<TapedStep, core::Router> what; ///< a router: what it remembers as the recording begins
};

/// So that noting a step down is a copy of bytes: it allocates nothing.
static_assert(std::is_trivially_copyable_v<Taped>);

/// Written by the election thread, read by the manager thread. When nobody reads, it is full, and the
/// recording ends.
struct Tape {
  /// 40 ms of a thousand Masters that advertise every 10 ms; about 2.5 MB.
  static constexpr std::size_t kSteps = 4096;

  SpscQueue<Taped> steps{kSteps};
  std::atomic<std::uint32_t> overrun{0}; ///< the recording that it was full in
};

} // namespace xvrrp::election
