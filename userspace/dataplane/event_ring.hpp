// SPDX-License-Identifier: BSD-2-Clause
// The reading end of the ring buffer.
#pragma once

#include <memory>

#include <xvrrp/abi/types.h>
#include <xvrrp/base/result.hpp>

struct ring_buffer;

namespace xvrrp::dataplane {

/// Receives events; called from EventRing::consume() on its thread.
class EventSink {
public:
  virtual ~EventSink() = default;
  virtual void on_event(const xv_event& event) = 0;
};

/// Consumes the events map of a data plane. One consumer per map. Used from the election thread; consume()
/// does not allocate.
class EventRing {
public:
  /// `sink` outlives the ring.
  static Result<EventRing> open(int events_fd, EventSink& sink);
  /// Readable when there is an event; for epoll.
  int fd() const;
  /// Hands every event that is there to the sink.
  void consume();

private:
  struct Free {
    void operator()(ring_buffer* ring) const;
  };
  explicit EventRing(ring_buffer* ring) : ring_(ring) {}
  std::unique_ptr<ring_buffer, Free> ring_;
};

} // namespace xvrrp::dataplane
