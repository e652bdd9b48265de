// SPDX-License-Identifier: BSD-2-Clause
#include "sim/data_plane.hpp"

#include <algorithm>

namespace xvrrp::sim {
namespace {

/// Less than the ring of the programs has, so that it gets full while a daemon stands still.
constexpr std::size_t kEventsPerRouter = 8;
constexpr std::size_t kSpareEvents = 64;

std::uint16_t on_the_wire(core::Version version, Nanoseconds interval) {
  const auto unit =
      version == core::Version::V2 ? Nanoseconds{std::chrono::seconds{1}} : core::kShortestAnnounced;
  return static_cast<std::uint16_t>(std::max<std::int64_t>(1, interval / unit));
}

} // namespace

const char* name(PlaneKind kind) {
  return kind == PlaneKind::KernelTimer ? "kernel timer"
         : kind == PlaneKind::OwnTimer  ? "own timer"
                                        : "every advert";
}

DataPlane::DataPlane(PlaneKind kind, const std::vector<core::RouterConfig>& routers)
    : kind_(kind), configs_(routers.size()), lives_(routers.size()), has_live_(routers.size()),
      leases_(routers.size()), room_(kEventsPerRouter * routers.size() + kSpareEvents) {
  for (std::size_t router = 0; router < routers.size(); ++router)
    keys_.push_back(key(router, routers[router].family));
  maps_.routers = static_cast<__u32>(routers.size());
  maps_.kernel_timer = kind == PlaneKind::KernelTimer;
  maps_.keys = keys_.data();
  maps_.vr_config = configs_.data();
  maps_.vr_live = lives_.data();
  maps_.has_live = has_live_.data();
  maps_.lease = reinterpret_cast<__u64*>(leases_.data());
  maps_.ring = this;
  maps_.has_room = [](void* ring) -> int {
    const auto& self = *static_cast<DataPlane*>(ring);
    return self.ring_.size() - self.next_event_ < self.room_;
  };
  maps_.submit = [](void* ring, const xv_event* event) {
    static_cast<DataPlane*>(ring)->ring_.push_back(*event);
  };
}

xv_vr_key DataPlane::key(std::size_t router, Family family) {
  xv_vr_key key{};
  key.ifindex = static_cast<__u32>(router + 1);
  key.family = static_cast<__u8>(family);
  return key;
}

Nanoseconds DataPlane::hear(std::size_t router, const core::Advert& advert, Instant now) {
  const auto waiting = ring_.size();
  xv_advert heard{};
  std::copy(advert.source.bytes().begin(), advert.source.bytes().end(), heard.source);
  heard.interval = on_the_wire(advert.version, advert.interval);
  heard.family = static_cast<__u8>(advert.source.family());
  heard.version = static_cast<__u8>(advert.version);
  heard.priority = advert.priority;
  maps_.now_ns = to_ns(now);
  const auto taught = sim_hear(&maps_, static_cast<__u32>(router), &heard);
  const auto interval = taught > 0 ? Nanoseconds{taught} : advert.interval;
  if (kind_ == PlaneKind::EveryAdvert && ring_.size() > waiting)
    ring_.back().deadline_ns = 0;
  else if (kind_ == PlaneKind::EveryAdvert)
    tell(router, advert, interval, now);
  return interval;
}

/// What the programs did not find worth an event.
void DataPlane::tell(std::size_t router, const core::Advert& advert, Nanoseconds interval, Instant now) {
  xv_event event{};
  event.time_ns = to_ns(now);
  event.key = keys_[router];
  event.type = XV_EVENT_ADVERT;
  std::copy(advert.source.bytes().begin(), advert.source.bytes().end(), event.source);
  event.priority = advert.priority;
  event.version = static_cast<__u8>(advert.version);
  event.interval_ns = to_ns(interval);
  ring_.push_back(event);
}

std::uint64_t DataPlane::lost_events() const {
  return maps_.stats.event_lost;
}

std::optional<Instant> DataPlane::next_timer() const {
  return maps_.fires_ns == 0 ? std::nullopt : std::optional{instant_from_ns(maps_.fires_ns)};
}

void DataPlane::fire(Instant now) {
  maps_.now_ns = to_ns(now);
  sim_fire(&maps_);
}

void DataPlane::forget() {
  std::fill(lives_.begin(), lives_.end(), xv_vr_live{});
  std::fill(has_live_.begin(), has_live_.end(), std::uint8_t{0});
  std::fill(leases_.begin(), leases_.end(), std::uint64_t{0});
  maps_.guard = {};
  maps_.down_timer = {};
  maps_.fires_ns = 0;
  clear_ring();
}

std::optional<xv_event> DataPlane::pop_event() {
  if (!has_events()) {
    clear_ring();
    return std::nullopt;
  }
  return ring_[next_event_++];
}

std::optional<xv_vr_live> DataPlane::live(std::size_t router) const {
  if (kind_ == PlaneKind::EveryAdvert || !has_live_[router])
    return std::nullopt;
  return lives_[router];
}

int DataPlane::run(xv_command& command, Instant now) {
  maps_.now_ns = to_ns(now);
  return -sim_command(&maps_, &command);
}

void DataPlane::configure(std::size_t router, const core::RouterConfig& config, bool preempts) {
  auto& written = configs_[router];
  written = {};
  written.advert_interval_ns = to_ns(config.advertisement_interval);
  const auto flag = [](bool set, std::uint32_t bit) { return set ? bit : 0u; };
  written.flags = flag(preempts, XV_VR_PREEMPT) | flag(config.v2_interop, XV_VR_V2_INTEROP) |
                  flag(config.owner_ignores_adverts, XV_VR_OWNER_IGNORES);
  written.interval_wire = on_the_wire(config.version, config.advertisement_interval);
  written.version = static_cast<__u8>(config.version);
  written.priority = config.priority;
  written.down_adverts = config.down_adverts;
  written.lease_slot = static_cast<__u32>(router);
  const auto& source = config.primary_address.bytes();
  std::copy(source.begin(), source.end(), written.local_address);
}

} // namespace xvrrp::sim
