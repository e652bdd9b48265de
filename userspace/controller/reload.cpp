// SPDX-License-Identifier: BSD-2-Clause
#include "controller/reload.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

#include "controller/added_routers.hpp"
#include "controller/route_plan.hpp"

namespace xvrrp::controller {
namespace {

/// But for where it stands in the file, and for what make_plan() adds or only a start heeds.
config::Instance essence(config::Instance instance) {
  instance.where = {};
  for (auto& address : instance.addresses)
    address.where = {};
  for (auto& route : instance.routes)
    route.where = {};
  for (auto& rule : instance.rules)
    rule.where = {};
  if (instance.virtual_mac)
    instance.virtual_mac->where = {};
  auto& notify = instance.notify;
  for (auto* script : {&notify.master, &notify.backup, &notify.fault, &notify.stop, &notify.deleted,
                       &notify.any, &notify.losing_advert}) {
    if (*script)
      (*script)->where = {};
  }
  instance.router.startup_delay = instance.router.release_delay = Nanoseconds::zero();
  return instance;
}

/// What hosts and Backups could not follow while the router goes on as Master.
bool must_restart(const RouterPlan& before, const RouterPlan& after) {
  const auto& a = before.instance.router;
  const auto& b = after.instance.router;
  return !dataplane::same_key(before.key, after.key) || a.version != b.version ||
         a.v2_interop != b.v2_interop || before.virtual_mac != after.virtual_mac;
}

bool has(const RouterPlan& plan, const PlannedAddress& wanted) {
  return std::any_of(plan.addresses.begin(), plan.addresses.end(), [&](const PlannedAddress& planned) {
    return planned.spec == wanted.spec && planned.installed.has_value() == wanted.installed.has_value();
  });
}

/// Indexes of the addresses of `plan` that we install and that `other` has not.
std::vector<std::size_t> addresses_without(const RouterPlan& plan, const RouterPlan& other) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < plan.addresses.size(); ++i) {
    if (plan.addresses[i].installed && !has(other, plan.addresses[i]))
      found.push_back(i);
  }
  return found;
}

/// These addresses of `plan`, and these routes, and its rules that `other` has not.
platform::AddressBatch difference(const RouterPlan& plan, const std::vector<std::size_t>& addresses,
                                  const std::vector<IpRoute>& routes, const RouterPlan& other) {
  std::vector<platform::AddressSpec> specs;
  for (const auto i : addresses)
    specs.push_back(plan.addresses[i].spec);
  // As it was built for the whole plan.
  auto batch = platform::AddressBatch::build(specs, routes, without(plan.rules, other.rules));
  return batch ? *std::move(batch) : platform::AddressBatch{};
}

template <typename Item>
bool share_one(const std::vector<Item>& some, const std::vector<Item>& others) {
  return std::find_first_of(some.begin(), some.end(), others.begin(), others.end()) != some.end();
}

/// Whether both have an address, a route or a rule.
bool share_something(const RouterPlan& a, const RouterPlan& b) {
  const auto is_same = [](const PlannedAddress& own, const PlannedAddress& other) {
    return own.ifindex() == other.ifindex() && own.address() == other.address();
  };
  return std::find_first_of(a.addresses.begin(), a.addresses.end(), b.addresses.begin(), b.addresses.end(),
                            is_same) != a.addresses.end() ||
         share_one(a.routes, b.routes) || share_one(a.rules, b.rules);
}

void append(std::string& text, const char* what, const std::vector<std::string>& names) {
  if (names.empty())
    return;
  constexpr std::size_t kNamed = 5;
  text += (text.empty() ? "" : "; ") + std::to_string(names.size()) + " " + what + " (";
  for (std::size_t i = 0; i < std::min(names.size(), kNamed); ++i)
    text += (i == 0 ? "" : ", ") + names[i];
  text += names.size() > kNamed ? ", ...)" : ")";
}

} // namespace

std::string Reloaded::text() const {
  std::string text;
  append(text, "added", added);
  append(text, "removed", removed);
  append(text, "changed", changed);
  append(text, "restarted", restarted);
  return text + (text.empty() ? "" : "; ") + std::to_string(unchanged) + " unchanged";
}

/// What a configuration means for the routers that run.
struct Reloader::Comparison {
  enum class Kind : std::uint8_t { Same, Changed, Restarted, Added, Ending };
  struct Entry {
    Kind kind = Kind::Same;
    std::optional<std::size_t> origin; ///< index in the fleet that runs
    Member router;
    RouterPlan plan;
  };
  std::vector<Entry> entries;       ///< those of the configuration first
  std::vector<std::size_t> removed; ///< of them that run and are to end
  Reloaded summary;

  bool is_nothing() const {
    return summary.added.empty() && summary.removed.empty() && summary.changed.empty() &&
           summary.restarted.empty();
  }
  std::vector<std::optional<std::size_t>> origins() const {
    std::vector<std::optional<std::size_t>> all;
    for (const auto& entry : entries)
      all.push_back(entry.origin);
    return all;
  }
};

Reloader::Reloader(Election& election, dataplane::DataPlane& data_plane, Attachments& attachments,
                   InterfaceWatch& watch, const Tracking& tracking, NatSwitch& nat,
                   std::function<void()> hear_reports)
    : election_(election), data_plane_(data_plane), attachments_(attachments), watch_(watch),
      tracking_(tracking), nat_(nat), hear_reports_(std::move(hear_reports)) {}

Result<Reloaded> Reloader::reload(const config::Configuration& configuration) {
  const auto interfaces = read_interfaces();
  if (!interfaces)
    return interfaces.error();
  auto next = compare(configuration, *interfaces);
  if (!next)
    return std::move(next).error();
  if (next->is_nothing())
    return std::move(next->summary);
  AddedRouters added{data_plane_};
  auto status = prepare(*next, *interfaces, added);
  if (status)
    status = stage_nat(*next);
  if (!status) {
    (void)attachments_.settle(standing_plans(*interfaces)); // the error that led here is the one to tell
    return std::move(status).error();
  }
  added.keep();
  const auto left = peers_left(*next);
  end_removed(*next, configuration.graceful);
  replace(make_fleet(*next, *interfaces), next->origins());
  for (const auto& [key, peers] : left)
    data_plane_.remove_peers(key, peers);
  return std::move(next->summary);
}

// ---- what is to be done ----

Result<Reloader::Comparison> Reloader::compare(const config::Configuration& configuration,
                                               const InterfaceMap& interfaces) const {
  using Kind = Comparison::Kind;
  auto plans = make_plans(configuration, configuration.dynamic_interfaces || watch_.is_any_lost());
  if (!plans)
    return std::move(plans).error();
  Comparison next;
  std::set<std::uint32_t> slots;
  std::set<std::size_t> kept;
  for (const auto& router : election_.routers())
    slots.insert(router->newest_plan().lease_slot);
  std::uint32_t slot = 0;
  for (auto& plan : *plans) {
    const auto& name = plan.instance.name;
    plan.instance.router.startup_delay = Nanoseconds::zero(); // that of the daemon's start
    const auto origin = find(plan);
    if (!origin) {
      while (!slots.insert(slot).second)
        ++slot;
      if (slot >= XV_MAX_VRS)
        return failed("at most " + std::to_string(XV_MAX_VRS) + " virtual routers are possible");
      plan.lease_slot = slot;
      next.summary.added.push_back(name);
      next.entries.push_back({Kind::Added, {}, VirtualRouter::create(plan), std::move(plan)});
      continue;
    }
    kept.insert(*origin);
    const auto& router = election_.routers()[*origin];
    const auto& before = router->newest_plan();
    plan.lease_slot = before.lease_slot;
    auto kind = Kind::Changed;
    if (ending_.count(router) > 0 || must_restart(before, plan))
      kind = Kind::Restarted;
    if (ending_.count(router) == 0 && essence(before.instance) == essence(plan.instance) &&
        !before.is_outdated(interfaces))
      kind = Kind::Same; // if its interface is another one now, that is not a reload's business
    if (kind == Kind::Same)
      ++next.summary.unchanged;
    else
      (kind == Kind::Changed ? next.summary.changed : next.summary.restarted).push_back(name);
    next.entries.push_back({kind, origin, router, kind == Kind::Same ? RouterPlan{} : std::move(plan)});
  }
  for (std::size_t index = 0; index < election_.routers().size(); ++index) {
    if (kept.count(index) > 0)
      continue;
    const auto& router = election_.routers()[index];
    if (ending_.count(router) == 0) {
      next.summary.removed.push_back(router->newest_plan().instance.name);
      next.removed.push_back(index);
    }
    next.entries.push_back({Kind::Ending, index, router, {}});
  }
  return next;
}

/// Of the configuration that runs, whatever its name.
std::optional<std::size_t> Reloader::find(const RouterPlan& plan) const {
  const auto& wanted = plan.instance;
  for (std::size_t index = 0; index < election_.routers().size(); ++index) {
    const auto& known = election_.router(index).newest_plan().instance;
    if (known.interface == wanted.interface && known.router.family == wanted.router.family &&
        known.router.vrid == wanted.router.vrid)
      return index;
  }
  return std::nullopt;
}

// ---- the data plane and NAT first: what the new plans need beside what the old ones have ----

PlanList Reloader::standing_plans(const InterfaceMap& interfaces) const {
  PlanList plans;
  for (const auto& router : election_.routers()) {
    if (router->newest_plan().stands(interfaces))
      plans.push_back(&router->newest_plan());
  }
  return plans;
}

Status Reloader::prepare(const Comparison& next, const InterfaceMap& interfaces, AddedRouters& added) {
  auto plans = standing_plans(interfaces);
  for (const auto& [kind, origin, router, plan] : next.entries) {
    if (!plan.stands(interfaces))
      continue;
    plans.push_back(&plan);
    if (auto status = added.add(plan, interfaces); !status)
      return status;
  }
  return attachments_.settle(plans);
}

/// What the routers that go on let in now and the new plans do not, by key. One whose key changes leaves its
/// peers with the old entry.
std::vector<std::pair<xv_vr_key, std::vector<IpAddress>>> Reloader::peers_left(const Comparison& next) const {
  std::vector<std::pair<xv_vr_key, std::vector<IpAddress>>> left;
  for (const auto& [kind, origin, router, plan] : next.entries) {
    const auto& before = router->newest_plan();
    if ((kind == Comparison::Kind::Changed || kind == Comparison::Kind::Restarted) &&
        dataplane::same_key(before.key, plan.key))
      left.emplace_back(plan.key, without(before.instance.unicast_peers, plan.instance.unicast_peers));
  }
  return left;
}

Status Reloader::stage_nat(const Comparison& next) {
  std::vector<NatSwitch::Member> members;
  for (const auto& [kind, origin, router, plan] : next.entries) {
    const bool is_as_before = kind == Comparison::Kind::Same || kind == Comparison::Kind::Ending;
    members.push_back({router.get(), is_as_before ? &router->newest_plan() : &plan,
                       router->status().state == core::State::Master});
  }
  return nat_.stage(members);
}

// ---- then the election thread ----

/// What another router gets is let go of at once: else it would be removed from under that one.
void Reloader::end_removed(const Comparison& next, bool graceful) {
  for (const auto index : next.removed) {
    const auto& plan = election_.router(index).newest_plan();
    const bool moves =
        std::any_of(next.entries.begin(), next.entries.end(),
                    [&](const Comparison::Entry& entry) { return share_something(plan, entry.plan); });
    election_.post_reserved(StopRouter{index, graceful && !moves});
    ending_.insert(election_.routers()[index]);
  }
}

std::unique_ptr<Fleet> Reloader::make_fleet(Comparison& next, const InterfaceMap& interfaces) {
  std::vector<Member> members;
  std::vector<RouterChange> changes;
  for (auto& [kind, origin, router, plan] : next.entries) {
    members.push_back(router);
    if (kind != Comparison::Kind::Changed && kind != Comparison::Kind::Restarted)
      continue;
    ending_.erase(router);
    const auto& before = router->newest_plan();
    RouterChange change;
    change.router = members.size() - 1;
    change.restarts = kind == Comparison::Kind::Restarted;
    const auto coming = addresses_without(plan, before);
    const auto going = addresses_without(before, plan);
    change.gone = difference(before, going, without(before.routes, plan.routes), plan);
    // With an address the kernel deletes the routes that have it as their source: all of them come again.
    change.come =
        difference(plan, coming, going.empty() ? without(plan.routes, before.routes) : plan.routes, before);
    if (!dataplane::same_key(before.key, plan.key))
      watch_.forget_later(router, before.key);
    auto sender = find_sender(
        plan, interfaces, router->newest_frames().sender.source,
        tracking_.judge(plan.instance, router->base_priority(plan.instance), interfaces).priority);
    const auto* frames = router->keep(build_frames(plan.instance, std::move(sender)));
    change.frames = frames;
    for (const auto address : coming) {
      if (address < frames->announcements.size()) // none without a source address
        change.announcements.push_back(frames->announcements[address]);
    }
    change.config = plan.instance.router;
    change.config.priority = frames->sender.priority;
    change.config.primary_address = frames->sender.source;
    change.plan = router->keep(std::move(plan));
    changes.push_back(std::move(change));
  }
  return std::make_unique<Fleet>(std::move(members), std::move(changes));
}

void Reloader::replace(std::unique_ptr<Fleet> fleet, const std::vector<std::optional<std::size_t>>& origins) {
  election_.replace(std::move(fleet), hear_reports_);
  watch_.renumber(origins);
  hear_reports_();
  watch_.check_all();
}

// ---- routers that are no more ----

void Reloader::forget_ended() {
  std::vector<Member> members;
  std::vector<std::optional<std::size_t>> origins;
  std::vector<NatSwitch::Member> with_nat;
  std::vector<Member> ended;
  for (std::size_t index = 0; index < election_.routers().size() && !ending_.empty(); ++index) {
    const auto& router = election_.routers()[index];
    const auto status = router->status();
    const auto state = status.state;
    if (ending_.count(router) > 0 && state == core::State::Init &&
        router->told.transitions() == status.transitions) {
      ended.push_back(router);
      continue;
    }
    members.push_back(router);
    origins.emplace_back(index);
    with_nat.push_back({router.get(), &router->newest_plan(), state == core::State::Master});
  }
  if (ended.empty())
    return;
  replace(std::make_unique<Fleet>(std::move(members)), origins);
  for (const auto& router : ended) {
    ending_.erase(router); // not before its last reports are heard: they are of its deletion
    forget(router->newest_plan().key);
    spdlog::info("{}: removed", router->newest_plan().instance.name);
  }
  if (const auto status = nat_.stage(with_nat); !status)
    spdlog::error("taking back NAT: {}", status.error().message);
}

/// Unless a router of the fleet has the key.
void Reloader::forget(const xv_vr_key& key) {
  const auto& routers = election_.routers();
  if (std::none_of(routers.begin(), routers.end(),
                   [&](const Member& router) { return dataplane::same_key(router->newest_plan().key, key); }))
    data_plane_.remove_router(key);
}

} // namespace xvrrp::controller
