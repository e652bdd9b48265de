// SPDX-License-Identifier: BSD-2-Clause
#include "controller/interface_watch.hpp"

#include <algorithm>
#include <set>

#include <spdlog/spdlog.h>

#include "controller/added_routers.hpp"

namespace xvrrp::controller {

namespace {

/// A tracked address on another interface than the router's own, which is down.
const PlannedAddress* find_stranded(const RouterPlan& plan, const InterfaceMap& interfaces) {
  const auto found =
      std::find_if(plan.addresses.begin(), plan.addresses.end(), [&](const PlannedAddress& planned) {
        const auto device = interfaces.find(planned.ifindex());
        return planned.tracked && planned.ifindex() != plan.ifindex && device != interfaces.end() &&
               !device->second.usable();
      });
  return found == plan.addresses.end() ? nullptr : &*found;
}

} // namespace

InterfaceWatch::InterfaceWatch(Election& election, dataplane::DataPlane& data_plane, Attachments& attachments,
                               platform::LinkMonitor& links, const Tracking& tracking,
                               std::function<void(std::size_t)> on_priority,
                               std::function<void(const AddressChanges&)> on_addresses)
    : election_(election), data_plane_(data_plane), attachments_(attachments), links_(links),
      tracking_(tracking), on_priority_(std::move(on_priority)), on_addresses_(std::move(on_addresses)),
      routers_(election.routers().size()) {}

void InterfaceWatch::check_all() {
  check_routers([](std::size_t) { return true; });
}

void InterfaceWatch::start_ready() {
  for (std::size_t index = 0; index < routers_.size(); ++index) {
    auto& router = routers_[index];
    if (!router.started && !router.waits)
      router.started = posted(index, StartRouter{index});
  }
}

/// A takeover of many routers is many announcements: each interface is looked at once for all of them.
void InterfaceWatch::on_announcements() {
  std::set<std::uint32_t> changed;
  std::set<std::string> names;
  std::set<std::uint32_t> gone;
  AddressChanges addresses;
  bool& overrun = addresses.unknown;
  const auto status = links_.drain([&](const platform::LinkEvent& event) {
    std::visit(
        [&](const auto& change) {
          if constexpr (requires { change.index; })
            changed.insert(change.index);
          else
            overrun = true;
          if constexpr (std::is_same_v<decltype(change), const platform::LinkChanged&>)
            names.insert(change.name);
          if constexpr (std::is_same_v<decltype(change), const platform::LinkGone&>)
            gone.insert(change.index);
          if constexpr (std::is_same_v<decltype(change), const platform::AddressRemoved&>)
            addresses.deleted.emplace(change.index, change.prefix);
          if constexpr (std::is_same_v<decltype(change), const platform::AddressAdded&>)
            addresses.marked_added |= change.protocol == platform::kAddressProtocol;
        },
        event);
  });
  if (!status)
    spdlog::error("interface changes are no longer seen: {}", status.error().message);
  if (overrun || !names.empty() || !gone.empty())
    attachments_.expect_other_interfaces();
  if (overrun)
    spdlog::warn("announcements of interface changes were lost; reading all of them again");
  const auto is_of = [](const RouterPlan& plan, const std::set<std::uint32_t>& interfaces) {
    return std::any_of(interfaces.begin(), interfaces.end(),
                       [&](std::uint32_t ifindex) { return plan.uses(ifindex); });
  };
  check_routers([&](std::size_t index) {
    const auto& plan = newest_plan(index);
    // Even if one of that number is there again: it is another one.
    if (std::any_of(gone.begin(), gone.end(), [&](std::uint32_t ifindex) { return plan.needs(ifindex); }))
      lose(index);
    const auto& tracked = plan.instance.tracked;
    return overrun || is_of(plan, changed) ||
           std::any_of(names.begin(), names.end(),
                       [&](const std::string& name) { return plan.wants(name); }) ||
           std::any_of(tracked.begin(), tracked.end(), [&](const config::Tracked& thing) {
             return thing.kind == config::Tracked::Kind::Interface &&
                    (!gone.empty() || names.count(thing.name) > 0);
           });
  });
  if (overrun || addresses.marked_added || !addresses.deleted.empty())
    on_addresses_(addresses);
}

void InterfaceWatch::renumber(const std::vector<std::optional<std::size_t>>& origins) {
  std::vector<Watched> routers(origins.size());
  for (std::size_t index = 0; index < origins.size(); ++index) {
    if (origins[index])
      routers[index] = std::move(routers_[*origins[index]]);
  }
  routers_ = std::move(routers);
  unsettled_ = true;
}

void InterfaceWatch::forget_later(std::shared_ptr<const VirtualRouter> router, const xv_vr_key& key) {
  old_keys_.emplace_back(std::move(router), key);
}

bool InterfaceWatch::is_any_lost() const {
  return std::any_of(routers_.begin(), routers_.end(), [](const Watched& router) { return router.lost; });
}

void InterfaceWatch::drain(std::size_t router, bool drained) {
  routers_[router].drained = drained;
  check_routers([&](std::size_t index) { return index == router; });
}

void InterfaceWatch::set_priority(std::size_t router, std::optional<std::uint8_t> priority) {
  election_.router(router).wished_priority = priority;
  check_routers([&](std::size_t index) { return index == router; });
}

/// Every second: what is not announced. Somebody takes our programs off a device; what did not work may now.
void InterfaceWatch::look_around() {
  on_announcements(); // a device that was deleted has lost its program, too
  const bool changed = attachments_.repair();
  check_routers([&](std::size_t index) {
    return changed || routers_[index].lost || std::exchange(routers_[index].untold, false);
  });
  start_ready();
  forget_old_keys();
}

void InterfaceWatch::check_routers(const std::function<bool(std::size_t)>& is_concerned) {
  std::vector<std::size_t> concerned;
  for (std::size_t index = 0; index < routers_.size(); ++index) {
    if (is_concerned(index))
      concerned.push_back(index);
  }
  if (concerned.empty())
    return tell_groups();
  const auto interfaces = read_interfaces();
  if (!interfaces) {
    spdlog::error("reading the interfaces: {}", interfaces.error().message);
    return;
  }
  settle(concerned, *interfaces);
  for (const auto index : concerned)
    check_router(index, *interfaces);
  tell_groups();
}

/// Routers whose interfaces are gone let go of them; those whose interfaces are there again, under another
/// number, get a plan for these.
void InterfaceWatch::settle(const std::vector<std::size_t>& concerned, const InterfaceMap& interfaces) {
  for (const auto index : concerned) {
    if (routers_[index].lost)
      continue;
    const auto& plan = newest_plan(index);
    // A Master goes on without its addresses that are no_track; a reload gives it their interfaces.
    if (!plan.stands(interfaces) || (plan.is_outdated(interfaces) && !is_master(index)))
      lose(index);
    else if (const auto mtu = interfaces.at(plan.ifindex).mtu; !plan.fits(mtu))
      refit(index, mtu);
  }
  if (std::exchange(unsettled_, false))
    settle_attachments();
  for (const auto index : concerned) {
    if (routers_[index].lost && newest_plan(index).can_stand(interfaces))
      unsettled_ |= replan(index, interfaces);
  }
  if (std::exchange(unsettled_, false))
    settle_attachments();
}

void InterfaceWatch::settle_attachments() {
  PlanList plans;
  for (std::size_t index = 0; index < routers_.size(); ++index) {
    if (!routers_[index].lost)
      plans.push_back(&newest_plan(index));
  }
  if (const auto status = attachments_.settle(plans); !status)
    spdlog::error("{}", status.error().message);
}

void InterfaceWatch::lose(std::size_t index) {
  if (std::exchange(routers_[index].lost, true))
    return;
  unsettled_ = true;
  routers_[index].own = core::Reason::InterfaceGone;
  tell(index, core::Reason::InterfaceGone);
}

/// The MTU was changed: other addresses are in its adverts from now on, in whatever state it is.
void InterfaceWatch::refit(std::size_t index, std::uint32_t mtu) {
  auto plan = newest_plan(index);
  plan.fit(mtu);
  (void)use_plan(index, std::move(plan)); // if not, the next look finds that it does not fit
}

/// Adverts follow the plan. False: the election thread's queue is full, and the plan is the one before.
bool InterfaceWatch::use_plan(std::size_t index, RouterPlan plan) {
  auto& router = election_.router(index);
  const bool is_used = posted(index, UsePlan{index, router.keep(std::move(plan))});
  if (is_used)
    routers_[index].reframe = true;
  else
    router.drop_newest_plan();
  return is_used;
}

/// Whether the router has a plan for the interfaces that are there now.
bool InterfaceWatch::replan(std::size_t index, const InterfaceMap& interfaces) {
  const auto& old = newest_plan(index);
  auto plan = make_plan(old.configured());
  PlanList others;
  for (std::size_t other = 0; other < routers_.size(); ++other) {
    if (other != index && !routers_[other].lost)
      others.push_back(&newest_plan(other));
  }
  AddedRouters added{data_plane_};
  auto status = plan ? check_key(*plan, others) : Status{plan.error()};
  if (status) {
    plan->lease_slot = old.lease_slot;
    status = added.add(*plan, interfaces);
  }
  if (!status) {
    explain(index, status.error().message);
    return false;
  }
  added.keep();
  if (!dataplane::same_key(old.key, plan->key))
    forget_later(election_.routers()[index], old.key);
  const auto& instance = old.instance;
  if (old.ifindex != 0)
    spdlog::info("{}: {} is there again", instance.name, instance.interface);
  routers_[index].lost = !use_plan(index, *std::move(plan)); // if not, the next look tries again
  return !routers_[index].lost;
}

/// Whether the queue took it; it is full when the election thread is stuck. The next look tries again.
bool InterfaceWatch::posted(std::size_t index, const Command& command) {
  const bool fits = election_.post(command);
  routers_[index].untold |= !fits;
  return fits;
}

/// What the data plane has of routers whose interface has another number now, once the election thread does
/// not mention it any more.
void InterfaceWatch::forget_old_keys() {
  std::erase_if(old_keys_, [&](const auto& entry) {
    const auto& [router, key] = entry;
    if (router->status().plan != &router->newest_plan())
      return false;
    const auto& routers = election_.routers();
    if (std::none_of(routers.begin(), routers.end(), [&old = key](const auto& other) {
          return dataplane::same_key(other->newest_plan().key, old);
        }))
      data_plane_.remove_router(key);
    return true;
  });
}

void InterfaceWatch::check_router(std::size_t index, const InterfaceMap& interfaces) {
  auto& router = routers_[index];
  const auto& instance = newest_plan(index).instance;
  const auto verdict = tracking_.judge(instance, election_.router(index).base_priority(instance), interfaces);
  router.waits = verdict.waits;
  router.own = find_fault(index, interfaces, verdict);
  const auto problem = attachments_.problem(newest_plan(index));
  const auto* stranded = find_stranded(newest_plan(index), interfaces);
  explain(index, router.own == core::Reason::NotAttached ? problem->message
                 : router.own == core::Reason::InterfaceDown && stranded
                     ? stranded->device + " is down, where " + stranded->spec.prefix.text() +
                           " belongs (no_track on its line: never mind)"
                 : router.own == core::Reason::TrackedDown ? verdict.fault
                 : router.lost                             ? router.problem
                                                           : std::string{});
  if (election_.group_of(index).empty())
    tell(index, router.own);
}

/// A fault of one is a fault of all, and drained they are together.
void InterfaceWatch::tell_groups() {
  for (std::size_t index = 0; index < routers_.size(); ++index) {
    if (!election_.group_of(index).empty())
      tell(index, routers_[index].own ? routers_[index].own : group_fault(index));
  }
}

std::optional<core::Reason> InterfaceWatch::group_fault(std::size_t index) const {
  std::optional<core::Reason> fault;
  for (const auto member : election_.group_of(index)) {
    const auto& own = routers_[member].own;
    if (own && own != core::Reason::Drained)
      return core::Reason::GroupFault;
    if (own)
      fault = own;
  }
  return fault;
}

/// The sentence behind a fault: once.
void InterfaceWatch::explain(std::size_t index, const std::string& problem) {
  if (routers_[index].problem == problem)
    return;
  routers_[index].problem = problem;
  if (!problem.empty())
    spdlog::error("{}: {}", newest_plan(index).instance.name, problem);
}

void InterfaceWatch::tell(std::size_t index, const std::optional<core::Reason>& fault) {
  auto& told = routers_[index].told;
  if (told == fault)
    return;
  if (posted(index, fault ? Command{RaiseFault{index, *fault}} : Command{ClearFault{index}}))
    told = fault;
}

/// What keeps the router from working; on the way its frames are brought up to date.
std::optional<core::Reason> InterfaceWatch::find_fault(std::size_t index, const InterfaceMap& interfaces,
                                                       const Tracking::Verdict& verdict) {
  auto& router = election_.router(index);
  const auto& plan = router.newest_plan();
  const auto interface = interfaces.find(plan.ifindex);
  if (routers_[index].lost || interface == interfaces.end())
    return core::Reason::InterfaceGone;
  const auto& known = router.newest_frames().sender;
  auto sender = find_sender(plan, interfaces, known.source, verdict.priority);
  const bool has_source = !sender.source.is_unspecified();
  const bool has_other_priority = sender.priority != known.priority;
  if (has_source && (sender != known || routers_[index].reframe)) {
    const auto* frames = router.keep(build_frames(plan.instance, std::move(sender)));
    routers_[index].reframe =
        !posted(index, UseFrames{index, frames, frames->sender.source, frames->sender.priority});
    if (routers_[index].reframe)
      router.drop_newest_frames();
    else if (has_other_priority && routers_[index].started)
      on_priority_(index);
  }
  if (attachments_.problem(plan))
    return core::Reason::NotAttached;
  if ((!interface->second.usable() && plan.instance.track_primary) || find_stranded(plan, interfaces))
    return core::Reason::InterfaceDown;
  if (!has_source)
    return core::Reason::NoSourceAddress;
  if (!verdict.fault.empty())
    return core::Reason::TrackedDown;
  return routers_[index].drained ? std::optional{core::Reason::Drained} : std::nullopt;
}

} // namespace xvrrp::controller
