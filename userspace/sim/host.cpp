// SPDX-License-Identifier: BSD-2-Clause
#include "sim/host.hpp"

#include <cerrno>
#include <utility>

namespace xvrrp::sim {
namespace {

std::vector<core::RouterConfig> configs_of(const std::vector<Host::Router>& routers) {
  std::vector<core::RouterConfig> configs;
  for (const auto& router : routers)
    configs.push_back(router.config);
  return configs;
}

} // namespace

/// Lets the surroundings take each step.
class Host::WatchedTurn final : public election::Turn {
public:
  WatchedTurn(election::Fleet& fleet, election::Effects& effects, bool keeps_down_timer,
              Surroundings& surroundings) noexcept
      : Turn(fleet, effects, keeps_down_timer), surroundings_(surroundings) {}

private:
  core::Actions advance(std::size_t index, Instant now, const core::Event& event) noexcept override {
    return surroundings_.step(index, at(index).router(), now, event);
  }

  Surroundings& surroundings_;
};

Host::Host(Surroundings& surroundings, std::vector<Router> routers, PlaneKind plane, Mutation* mutation)
    : surroundings_(surroundings), routers_(std::move(routers)), plane_(plane, configs_of(routers_)),
      mutation_(mutation), installed_(routers_.size()), plan_(routers_.size()) {}

Host::~Host() = default;

// ---- the daemon ----

void Host::start(Instant now, const std::function<std::optional<core::Reason>(std::size_t)>& fault) {
  now_ = now;
  for (std::size_t router = 0; router < routers_.size(); ++router) {
    const auto& config = routers_[router].config;
    participants_.push_back(
        std::make_unique<election::Participant>(config, make_plan(router, true), &frames_));
  }
  transitions_.assign(routers_.size(), 0);
  fleet_ = std::make_unique<election::Fleet>(members());
  between_ = mutation_ ? mutation_->replace(*this) : nullptr;
  turn_ = std::make_unique<WatchedTurn>(*fleet_, between_ ? *between_ : *this,
                                        plane_.kind() != PlaneKind::KernelTimer, surroundings_);
  for (std::size_t router = 0; router < routers_.size(); ++router) {
    const auto& config = routers_[router].config;
    enqueue(election::UseFrames{router, &frames_, config.primary_address, config.priority});
    if (const auto cause = fault(router))
      enqueue(election::RaiseFault{router, *cause});
    enqueue(election::StartRouter{router});
  }
  work();
}

void Host::kill() noexcept {
  turn_.reset();
  between_.reset();
  fleet_.reset();
  participants_.clear();
  change_.reset();
  plans_.clear();
}

void Host::hand_over(Instant now) {
  post(election::HandOver{}, now);
  kill();
}

void Host::shut_down(Instant now) {
  enqueue(election::StopRouters{false});
  post(election::EndThread{}, now);
  kill();
  plane_.forget();
}

void Host::power_off() noexcept {
  kill();
  plane_.forget();
  installed_.assign(installed_.size(), false);
}

void Host::post(const election::Command& command, Instant now) {
  enqueue(command);
  run(now);
}

void Host::change_source(std::size_t router, const IpAddress& source, Instant now) {
  auto& config = routers_[router].config;
  config.primary_address = source;
  post(election::UseFrames{router, &frames_, source, config.priority}, now);
}

void Host::reconfigure(std::size_t router, const core::RouterConfig& config, bool restarts, Instant now) {
  routers_[router].config = config;
  const auto* plan = make_plan(router, false);
  const election::RouterChange change{router, plan, &frames_, config, false, restarts};
  change_ = std::make_unique<election::RouterChange>(change);
  auto next = std::make_unique<election::Fleet>(members(), std::vector{change_.get()});
  enqueue(election::UseFleet{next.get()});
  const auto last = std::exchange(fleet_, std::move(next)); // runs until the turn has let go of it
  run(now);
}

void Host::run(Instant now) {
  now_ = now;
  if (turn_)
    work();
}

bool Host::is_due(Instant now) const {
  if (!turn_)
    return false;
  const auto deadline = turn_->next_deadline();
  return plane_.has_events() || turn_->is_busy() || (deadline && *deadline <= now);
}

void Host::work() {
  do {
    turn_->run();
    take_reports();
  } while (turn_->is_busy() && !turn_->has_ended());
}

/// A queue that is full would be a defect: it has room for more than ever waits here.
void Host::enqueue(const election::Command& command) {
  lost_commands_ += !fleet_->commands.push(command);
}

void Host::take_reports() {
  while (const auto report = fleet_->reports.pop()) {
    const auto* transition = std::get_if<election::Transition>(&*report);
    if (!transition)
      continue;
    auto& last = transitions_[transition->router];
    lost_transitions_ += transition->number - last - 1;
    last = transition->number;
  }
}

std::vector<election::Fleet::Member> Host::members() const {
  std::vector<election::Fleet::Member> members;
  for (std::size_t router = 0; router < routers_.size(); ++router)
    members.push_back({participants_[router].get(), plan_[router]->key, routers_[router].group});
  return members;
}

const election::Plan* Host::make_plan(std::size_t router, bool resumes) {
  const auto& config = routers_[router].config;
  auto plan = std::make_unique<election::Plan>();
  plan->key = DataPlane::key(router, config.family);
  plan->ifindex = plan->key.ifindex;
  plan->lease_slot = static_cast<std::uint32_t>(router);
  plan->lease = election::default_lease(config);
  plan->resumes = resumes;
  plan_[router] = plan.get();
  plans_.push_back(std::move(plan));
  return plan_[router];
}

// ---- what the election does ----

void Host::take_events() noexcept {
  while (const auto event = plane_.pop_event()) {
    surroundings_.taken(router_of(event->key), *event);
    turn_->on_event(*event);
  }
}

std::optional<xv_vr_live> Host::live(const xv_vr_key& key) const noexcept {
  return plane_.live(router_of(key));
}

void Host::renew_lease(std::uint32_t slot, std::uint64_t until_ns) noexcept {
  plane_.lease(slot) = until_ns;
  surroundings_.leased(slot, until_ns);
}

int Host::run(xv_command& command) noexcept {
  const int error = plane_.run(command, now_);
  if (error == 0)
    surroundings_.told(router_of(command.key), static_cast<xv_role>(command.role));
  return error;
}

int Host::configure(const election::Participant& router) noexcept {
  plane_.configure(router_of(router.plan().key), router.router().config(), router.router().preempts_now());
  return 0;
}

void Host::send_adverts(std::span<election::PendingAdvert> adverts) noexcept {
  for (auto& advert : adverts) {
    advert.left = surroundings_.send(router_of(advert.router->plan().key), advert.priority);
    advert.error = advert.left ? 0 : ENETDOWN;
  }
}

/// A reload here leaves the addresses as they are.
std::size_t Host::change_addresses(const election::AddressChange& change, election::SendError&) noexcept {
  if (change.change)
    return 0;
  const auto router = router_of(change.plan->key);
  installed_[router] = change.kind == election::AddressChange::Kind::Install;
  surroundings_.addressed(router, installed_[router]);
  return 1;
}

bool Host::announce(const election::Announcement& what, election::Announcement::When when,
                    election::SendError&) noexcept {
  if (when == election::Announcement::When::AfterAddresses && !what.change)
    surroundings_.announced(router_of(what.router->plan().key));
  return false;
}

} // namespace xvrrp::sim
