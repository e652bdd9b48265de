// SPDX-License-Identifier: BSD-2-Clause
#include "controller/paced_announcer.hpp"

#include <algorithm>

#include "platform/clock.hpp"

namespace xvrrp::controller {
namespace {

/// Of one address: refreshes that come faster than the pace allows must not pile up.
constexpr std::uint64_t kMostWaiting = 100;

} // namespace

Result<PacedAnnouncer> PacedAnnouncer::open() {
  auto socket = platform::PacketSocket::open();
  if (!socket)
    return std::move(socket).error();
  return PacedAnnouncer{*std::move(socket)};
}

void PacedAnnouncer::hear(const std::vector<std::shared_ptr<VirtualRouter>>& routers) {
  std::map<const VirtualRouter*, std::uint64_t> heard;
  for (const auto& router : routers) {
    const auto status = router->status();
    const auto asked = status.paced_announcements_asked;
    const auto before = heard_.find(router.get());
    const auto times = asked - (before == heard_.end() ? 0 : before->second);
    if (asked > 0)
      heard[router.get()] = asked;
    for (const auto& announced : frames_of(status).sender.addresses) {
      if (times > 0 && announced.pace.spacing > Nanoseconds::zero())
        queue(router, announced, times);
    }
  }
  heard_ = std::move(heard);
}

void PacedAnnouncer::queue(const std::shared_ptr<VirtualRouter>& router, const AnnouncedAddress& announced,
                           std::uint64_t times) {
  const auto& [spacing, group] = announced.pace;
  auto& items = lanes_[{announced.address.family(), group > 0, group > 0 ? group : announced.ifindex}].items;
  const auto waiting = std::find_if(items.begin(), items.end(), [&](const Item& item) {
    return item.address == announced.address && item.ifindex == announced.ifindex &&
           item.router.lock() == router;
  });
  if (waiting == items.end())
    items.push_back({router, announced.ifindex, announced.address, std::min(times, kMostWaiting)});
  else
    waiting->times = std::min(waiting->times + times, kMostWaiting);
}

std::optional<Instant> PacedAnnouncer::run_due(Instant now) {
  std::optional<Instant> next;
  for (auto& [key, lane] : lanes_) {
    while (!lane.items.empty() && lane.next <= now) {
      auto item = std::move(lane.items.front());
      lane.items.pop_front();
      if (send(item, lane) && --item.times > 0)
        lane.items.push_back(std::move(item));
    }
    if (!lane.items.empty())
      next = std::min(lane.next, next.value_or(lane.next));
  }
  return next;
}

/// False: it is not for this router to announce any more.
bool PacedAnnouncer::send(const Item& item, Lane& lane) {
  const auto router = item.router.lock();
  if (!router)
    return false;
  const auto status = router->status();
  const auto& addresses = frames_of(status).sender.addresses;
  const auto found = std::find_if(addresses.begin(), addresses.end(), [&](const AnnouncedAddress& announced) {
    return announced.address == item.address && announced.ifindex == item.ifindex;
  });
  if (status.state != core::State::Master || status.resigns || found == addresses.end())
    return false;
  const auto& frame =
      frames_of(status).announcements[static_cast<std::size_t>(found - addresses.begin())].frame;
  (void)socket_.send(item.ifindex, std::as_bytes(std::span{frame})); // the schedule repeats it
  lane.next = platform::monotonic_now() + found->pace.spacing;       // on the wire it is never less
  return true;
}

} // namespace xvrrp::controller
