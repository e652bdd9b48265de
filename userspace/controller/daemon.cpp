// SPDX-License-Identifier: BSD-2-Clause
#include "controller/daemon.hpp"

#include <csignal>
#include <optional>
#include <set>

#include <spdlog/spdlog.h>
#include <unistd.h>

#include "controller/manager.hpp"
#include "controller/predecessor.hpp"
#include "dataplane/features.hpp"
#include "dataplane/tc_link.hpp"
#include "platform/capabilities.hpp"
#include "platform/instance_lock.hpp"
#include "platform/multicast.hpp"
#include "platform/unicast_filter.hpp"

namespace xvrrp::controller {
namespace {

Status require_privileges() {
  const auto missing = platform::missing_capabilities(platform::kRequiredCapabilities);
  if (missing.empty())
    return Done{};
  std::string names;
  for (const auto& name : missing)
    names += (names.empty() ? "" : ", ") + name;
  return Error{ErrorKind::Permission,
               "xvrrpd lacks " + names + ": run it as root or give it these capabilities"};
}

/// What the kernel has; Unsupported when it cannot run the data plane at all.
Result<std::vector<dataplane::FeatureState>> require_kernel(const Options& options) {
  auto features = dataplane::probe_features(options.disabled_features);
  if (!features)
    return features;
  if (auto status = dataplane::require_features(*features); !status)
    return std::move(status).error();
  if (dataplane::down_timer(*features) == dataplane::DownTimer::Controller)
    spdlog::warn(
        "no bpf_timer (PREEMPT_RT kernels refuse it): xvrrpd times the Master itself, so a busy machine may "
        "delay a takeover, and a Backup wakes about once per Master_Down_Interval");
  return features;
}

/// The pins of this instance, removed with the object.
class OwnedDataPlane {
public:
  OwnedDataPlane(std::string instance, dataplane::DataPlane plane)
      : instance_(std::move(instance)), plane_(std::move(plane)) {}
  OwnedDataPlane(OwnedDataPlane&& other) noexcept
      : instance_(std::exchange(other.instance_, {})), plane_(std::move(other.plane_)) {}
  OwnedDataPlane& operator=(OwnedDataPlane&&) = delete;
  ~OwnedDataPlane() {
    if (instance_.empty())
      return;
    if (const auto status = dataplane::DataPlane::remove(instance_); !status)
      spdlog::error("{}", status.error().message);
  }
  dataplane::DataPlane& operator*() { return plane_; }
  dataplane::DataPlane* operator->() { return &plane_; }

private:
  std::string instance_;
  dataplane::DataPlane plane_;
};

/// The interfaces whose TC programs are filters, which do not go with the pins.
class TcFilters {
public:
  TcFilters() = default;
  TcFilters(TcFilters&& other) noexcept : interfaces_(std::exchange(other.interfaces_, {})) {}
  TcFilters& operator=(TcFilters&&) = delete;
  ~TcFilters() {
    for (const auto ifindex : interfaces_)
      dataplane::detach_filters(ifindex);
  }
  void add(std::uint32_t ifindex) { interfaces_.push_back(ifindex); }

private:
  std::vector<std::uint32_t> interfaces_;
};

} // namespace

/// In the order of construction; destroyed in the reverse.
struct Daemon::Parts {
  platform::SignalFd signals;
  platform::InstanceLock lock;
  platform::LinkMonitor links;
  platform::RouteSocket route;
  platform::MulticastMemberships memberships;
  platform::UnicastFilter virtual_macs;
  TcFilters tc_filters;
  std::optional<OwnedDataPlane> data_plane;
  std::optional<platform::NatTable> nat;
  std::unique_ptr<Election> election;
  std::unique_ptr<Manager> manager;
};

namespace {

/// Attaches to the place's device, or takes over a predecessor's link, and tells when that is not in native
/// mode.
Result<dataplane::XdpLink> attach(dataplane::DataPlane& data_plane, const platform::Place& place,
                                  dataplane::WantedMode mode, const xv_if_policy& untagged) {
  const bool detour = !place.detour.empty();
  if (detour && mode == dataplane::WantedMode::Native)
    return Error{ErrorKind::Unsupported, place.device + ": native XDP is not possible: " + place.detour};
  const auto wanted = detour ? dataplane::WantedMode::Skb : mode;
  auto kept = data_plane.keep(place.ifindex, place.device, wanted, untagged);
  auto link = kept ? Result<dataplane::XdpLink>{*std::move(kept)}
                   : data_plane.attach(place.ifindex, place.device, wanted, untagged);
  if (!link)
    return link;
  if (detour)
    spdlog::warn("{}: running in skb mode, which is slower: {}", place.device, place.detour);
  else if (!link->fallback.empty())
    spdlog::warn("{}: native XDP was refused ({}); running in skb mode, which is slower", place.device,
                 link->fallback);
  if (detour)
    link->fallback = place.detour;
  return link;
}

/// Attaches to every device that carries a virtual router, and configures the routers.
Result<std::map<std::uint32_t, dataplane::XdpLink>> configure_data_plane(dataplane::DataPlane& data_plane,
                                                                         const std::vector<RouterPlan>& plans,
                                                                         const Options& options) {
  const auto interfaces = read_interfaces();
  if (!interfaces)
    return interfaces.error();
  for (const auto& plan : plans) {
    const auto source = find_sender(plan, *interfaces, {}).source;
    const bool preempt = core::Router{plan.instance.router}.preempts_now();
    if (auto status = data_plane.add_router(plan.key, kernel_config(plan, source, preempt),
                                            plan.instance.unicast_peers);
        !status)
      return std::move(status).error().in(plan.instance.name);
  }
  if (auto status = data_plane.guard_addresses(guarded_addresses(plans)); !status)
    return std::move(status).error();
  if (auto status = data_plane.guard_macs(guarded_macs(plans)); !status)
    return std::move(status).error();
  const xv_if_policy policy{XV_MODE_OWN, options.pass_unknown_vrid ? XV_POLICY_PASS_UNKNOWN_VRID : 0u};
  const xv_if_policy observe{XV_MODE_OBSERVE, 0};
  std::set<std::uint32_t> owned; ///< devices whose untagged frames are a router's
  for (const auto& plan : plans) {
    if (!plan.place.tagged())
      owned.insert(plan.place.ifindex);
    else if (auto status = data_plane.set_policy(if_key(plan.place), plan.instance.interface, policy);
             !status)
      return std::move(status).error();
  }
  std::map<std::uint32_t, dataplane::XdpLink> links;
  for (const auto& plan : plans) {
    const auto& place = plan.place;
    if (links.count(place.ifindex) != 0)
      continue;
    auto link = attach(data_plane, place, options.mode, owned.count(place.ifindex) != 0 ? policy : observe);
    if (!link)
      return std::move(link).error();
    links.emplace(place.ifindex, *std::move(link));
  }
  // Where only addresses are, adverts are not our business: what is for the addresses is.
  for (const auto& plan : plans) {
    for (const auto& address : plan.addresses) {
      const auto& place = address.place;
      if (links.count(place.ifindex) != 0)
        continue;
      auto link = attach(data_plane, place, options.mode, observe);
      if (!link) {
        spdlog::warn("{}: addresses there are neither fenced nor is no_accept heeded: {}",
                     interfaces->at(address.ifindex).name, link.error().message);
        continue;
      }
      links.emplace(place.ifindex, *std::move(link));
    }
  }
  return links;
}

/// use_vmac: frames for the virtual MACs come in, and what leaves carries them.
Status give_virtual_macs(const dataplane::DataPlane& data_plane, const std::vector<RouterPlan>& plans,
                         bool allow_tcx, platform::UnicastFilter& receive, TcFilters& filters) {
  std::set<std::uint32_t> attached;
  for (const auto& plan : plans) {
    if (!plan.virtual_mac)
      continue;
    const auto& name = plan.instance.interface;
    if (auto status = receive.add(plan.ifindex, *plan.virtual_mac); !status)
      return std::move(status).error().in(name);
    if (!attached.insert(plan.ifindex).second)
      continue;
    if (!allow_tcx)
      filters.add(plan.ifindex);
    if (auto status = data_plane.attach_virtual_macs(plan.ifindex, name, allow_tcx); !status)
      return status;
  }
  return Done{};
}

Status join_groups(platform::MulticastMemberships& memberships, const std::vector<RouterPlan>& plans) {
  for (const auto& plan : plans) {
    if (!plan.instance.unicast_peers.empty())
      continue;
    const auto group = vrrp_group(plan.instance.router.family);
    if (auto status = memberships.join(plan.ifindex, group); !status)
      return std::move(status).error().in(plan.instance.interface);
  }
  return Done{};
}

platform::NatVr nat_router(const config::Instance& instance) {
  platform::NatVr router{instance.name, instance.interface, {}};
  for (const auto& rule : instance.nat) {
    const auto kind = rule.kind == config::NatRule::Kind::Masquerade ? platform::NatRuleSpec::Kind::Masquerade
                                                                     : platform::NatRuleSpec::Kind::Snat;
    router.rules.push_back({kind, rule.oif, rule.from, rule.source});
  }
  return router;
}

/// Stages the NAT table if any router wants one, in the place of a predecessor's; fills the index of each
/// router in it.
Result<std::optional<platform::NatTable>> stage_nat(const std::string& instance,
                                                    const std::vector<RouterPlan>& plans,
                                                    const dataplane::DataPlane& data_plane,
                                                    std::vector<std::optional<std::size_t>>& nat_index) {
  std::vector<platform::NatVr> routers;
  std::vector<platform::NatSwitch> active;
  for (const auto& plan : plans) {
    nat_index.push_back(plan.instance.nat.empty() ? std::nullopt : std::optional{routers.size()});
    if (plan.instance.nat.empty())
      continue;
    if (resumes_as_master(plan, data_plane))
      active.push_back({routers.size(), true});
    routers.push_back(nat_router(plan.instance));
  }
  if (routers.empty()) {
    auto status = platform::NatTable::remove_leftover(instance);
    return status ? Result<std::optional<platform::NatTable>>{std::nullopt} : std::move(status).error();
  }
  auto table = platform::NatTable::stage(instance, std::move(routers), active);
  if (!table)
    return std::move(table).error();
  return std::optional{*std::move(table)};
}

} // namespace

Daemon::Daemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::start(const Options& options, const Origin& origin,
                                              const config::Configuration& configuration) {
  if (auto status = require_privileges(); !status)
    return std::move(status).error();
  const auto features = require_kernel(options);
  if (!features)
    return features.error();
  auto signals = platform::SignalFd::create({SIGTERM, SIGINT, SIGHUP});
  if (!signals)
    return std::move(signals).error();
  auto lock = origin.lock ? platform::InstanceLock::inherit(options.instance, *origin.lock)
                          : platform::InstanceLock::acquire(options.instance);
  if (!lock)
    return std::move(lock).error();
  // Before the plans are made, so that no change is missed between.
  auto links = platform::LinkMonitor::open();
  if (!links)
    return std::move(links).error();
  auto plans = make_plans(configuration);
  if (!plans)
    return std::move(plans).error();
  auto route = platform::RouteSocket::open();
  if (!route)
    return std::move(route).error();

  std::unique_ptr<Parts> parts{new Parts{*std::move(signals),
                                         *std::move(lock),
                                         *std::move(links),
                                         *std::move(route),
                                         {},
                                         {},
                                         {},
                                         {},
                                         {},
                                         {},
                                         {}}};
  auto foundation =
      lay_foundation(options.instance, options.replace, dataplane::down_timer(*features), *plans);
  if (!foundation)
    return std::move(foundation).error();
  parts->data_plane.emplace(options.instance, std::move(foundation->data_plane));
  const auto interfaces = *plans;
  const bool allow_tcx = dataplane::has_feature(*features, "tcx");
  if (auto status = build(*parts, options, origin, allow_tcx, *std::move(plans)); !status) {
    // Before the data plane goes, which fences the addresses of a Master that ends here.
    if (foundation->adopted)
      (void)remove_left_addresses(interfaces); // the error that led here is the one to tell
    return std::move(status).error();
  }
  return std::unique_ptr<Daemon>{new Daemon{std::move(parts)}};
}

Status Daemon::build(Parts& parts, const Options& options, const Origin& origin, bool allow_tcx,
                     std::vector<RouterPlan> plans) {
  auto& data_plane = **parts.data_plane;
  auto xdp_links = configure_data_plane(data_plane, plans, options);
  if (!xdp_links)
    return std::move(xdp_links).error();
  if (auto status = give_virtual_macs(data_plane, plans, allow_tcx, parts.virtual_macs, parts.tc_filters);
      !status)
    return status;
  if (auto status = join_groups(parts.memberships, plans); !status)
    return status;
  std::vector<std::optional<std::size_t>> nat_index;
  auto nat = stage_nat(options.instance, plans, data_plane, nat_index);
  if (!nat)
    return std::move(nat).error();
  parts.nat = *std::move(nat);
  auto election = Election::create(std::move(plans), data_plane, parts.route);
  if (!election)
    return std::move(election).error();
  parts.election = *std::move(election);

  auto manager = Manager::create({*parts.election, data_plane, parts.route, parts.links, parts.signals,
                                  parts.nat, std::move(nat_index), origin,
                                  DaemonFacts{options.instance, options.file, *std::move(xdp_links)}},
                                 platform::runtime_path(options.instance, ".sock"));
  if (!manager)
    return std::move(manager).error();
  parts.manager = *std::move(manager);
  return Done{};
}

std::optional<int> Daemon::run() {
  parts_->election->run();
  if (const auto& warning = parts_->election->realtime_warning(); !warning.empty())
    spdlog::warn(
        "the election thread has no real-time priority or locked memory: {}; a busy machine may delay it",
        warning);
  if (parts_->manager->run() == Manager::Ending::Stopped)
    return std::nullopt;
  return parts_->lock.pass_on();
}

} // namespace xvrrp::controller
