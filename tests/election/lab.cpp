// SPDX-License-Identifier: BSD-2-Clause
#include "lab.hpp"

#include <algorithm>

namespace xvrrp::election::testing {

using namespace std::chrono_literals;

World::World(std::size_t routers) : lives(routers + 1), leases(routers) {
  sent.reserve(10'000);
  addresses.reserve(10'000);
}

void World::forget() {
  sent.clear();
  addresses.clear();
  announced = roles_told = configured = 0;
}

void World::take_events() noexcept {
  while (!events_.empty()) {
    const auto event = events_.front();
    events_.pop_front();
    deliver(event);
  }
}

std::optional<xv_vr_live> World::live(const xv_vr_key& key) const noexcept {
  const auto& entry = lives[key.vrid];
  return entry.known ? std::optional{entry.value} : std::nullopt;
}

int World::run(xv_command& command) noexcept {
  ++roles_told;
  if (role_error != 0)
    return role_error;
  auto& [value, known] = lives[command.key.vrid];
  known = true;
  value.role = command.role;
  value.generation = command.generation;
  value.deadline_ns = command.deadline_ns;
  value.interval_ns = command.interval_ns;
  value.lease_slot = command.lease_slot;
  return 0;
}

int World::configure(const Participant&) noexcept {
  ++configured;
  return config_error;
}

void World::send_adverts(std::span<PendingAdvert> adverts) noexcept {
  for (auto& advert : adverts) {
    advert.error = refuse_advert ? refuse_advert(advert) : 0;
    advert.left = advert.error == 0;
    if (advert.left)
      sent.push_back({advert.router, advert.priority});
  }
}

std::size_t World::change_addresses(const AddressChange& change, SendError&) noexcept {
  addresses.push_back(change);
  return 1;
}

bool World::announce(const Announcement&, Announcement::When when, SendError&) noexcept {
  announced += when == Announcement::When::AfterAddresses;
  if (when == Announcement::When::AfterAddresses && on_announce)
    on_announce();
  return false;
}

Lab::Lab(std::size_t routers, const std::string& group,
         const std::function<void(core::RouterConfig&)>& change)
    : world(routers) {
  std::vector<Fleet::Member> members;
  for (std::size_t index = 0; index < routers; ++index) {
    core::RouterConfig config;
    config.vrid = static_cast<std::uint8_t>(index + 1);
    config.version = core::Version::V3;
    config.advertisement_interval = 100ms;
    constexpr std::uint8_t kOurs[16] = {192, 0, 2, 1};
    config.primary_address = IpAddress::from_bytes(Family::IPv4, kOurs);
    config.synchronized = !group.empty();
    if (change)
      change(config);
    auto plan = std::make_unique<Plan>();
    plan->key = {2, 0, 0, 4, config.vrid, {}};
    plan->ifindex = 2;
    plan->lease_slot = static_cast<std::uint32_t>(index);
    plan->lease = 250ms;
    participants.push_back(std::make_unique<Participant>(config, plan.get(), &frames));
    members.push_back({participants.back().get(), plan->key, group});
    plans.push_back(std::move(plan));
  }
  fleet = std::make_unique<Fleet>(members);
  election = std::make_unique<Turn>(*fleet, world, false);
  world.deliver = [this](const xv_event& event) { election->on_event(event); };
}

void Lab::turn() {
  do
    election->run();
  while (election->is_busy());
}

void Lab::run_for(Nanoseconds duration) {
  const auto end = world.clock + duration;
  turn();
  while (const auto next = election->next_deadline()) {
    if (*next > end)
      break;
    world.clock = std::max(world.clock, *next);
    turn();
  }
  world.clock = end;
}

void Lab::post(const Command& command) {
  ASSERT_TRUE(fleet->commands.push(command));
}

void Lab::start() {
  for (std::size_t index = 0; index < participants.size(); ++index) {
    post(UseFrames{index, &frames, router(index).router().config().primary_address,
                   router(index).router().config().priority});
    post(StartRouter{index});
  }
  turn();
}

void Lab::master_down(std::size_t index) {
  const auto& live = world.lives[index + 1].value;
  world.clock = std::max(world.clock, instant_from_ns(live.deadline_ns));
  xv_event event{};
  event.time_ns = to_ns(world.clock);
  event.deadline_ns = live.deadline_ns;
  event.key = plans[index]->key;
  event.type = XV_EVENT_MASTER_DOWN;
  event.generation = live.generation;
  world.happens(event);
}

void Lab::become_master() {
  start();
  for (std::size_t index = 0; index < participants.size(); ++index)
    master_down(index);
  turn();
}

void Lab::hear(std::size_t index, std::uint8_t priority) {
  xv_event event{};
  event.time_ns = to_ns(world.clock);
  event.key = plans[index]->key;
  event.type = XV_EVENT_ADVERT;
  event.version = 3;
  event.priority = priority;
  event.interval_wire = 10;
  event.source[0] = 192;
  event.source[2] = 2;
  event.source[3] = 9;
  world.happens(event);
}

} // namespace xvrrp::election::testing
