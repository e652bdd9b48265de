// SPDX-License-Identifier: BSD-2-Clause
#include "dataplane/event_ring.hpp"

#include <bpf/libbpf.h>

namespace xvrrp::dataplane {
namespace {

int hand_on(void* sink, void* data, std::size_t size) {
  if (size == sizeof(xv_event))
    static_cast<EventSink*>(sink)->on_event(*static_cast<const xv_event*>(data));
  return 0;
}

} // namespace

Result<EventRing> EventRing::open(int events_fd, EventSink& sink) {
  ring_buffer* ring = ring_buffer__new(events_fd, hand_on, &sink, nullptr);
  if (!ring)
    return system_error("opening the ring buffer");
  return EventRing{ring};
}

int EventRing::fd() const {
  return ring_buffer__epoll_fd(ring_.get());
}

void EventRing::consume() {
  ring_buffer__consume(ring_.get());
}

void EventRing::Free::operator()(ring_buffer* ring) const {
  ring_buffer__free(ring);
}

} // namespace xvrrp::dataplane
