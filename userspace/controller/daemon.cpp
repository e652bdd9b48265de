// SPDX-License-Identifier: BSD-2-Clause
#include "controller/daemon.hpp"

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <optional>

#include <grp.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "controller/added_routers.hpp"
#include "controller/attachments.hpp"
#include "controller/inventory.hpp"
#include "controller/log.hpp"
#include "controller/log_limit.hpp"
#include "controller/predecessor.hpp"
#include "controller/state_keeper.hpp"
#include "controller/static_routes.hpp"
#include "dataplane/features.hpp"
#include "dataplane/instance_lock.hpp"
#include "platform/capabilities.hpp"
#include "platform/control_socket.hpp"
#include "platform/runtime_files.hpp"
#include "platform/script_host.hpp"

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

Result<std::optional<std::uint32_t>> control_group(const Options& options) {
  if (options.control_group.empty())
    return std::optional<std::uint32_t>{};
  const auto* known = ::getgrnam(options.control_group.c_str());
  if (known == nullptr)
    return Error{ErrorKind::Usage,
                 "--control-group: there is no group \"" + options.control_group + "\" on this machine"};
  return std::optional<std::uint32_t>{known->gr_gid};
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

} // namespace

/// In the order of construction; destroyed in the reverse.
struct Daemon::Parts {
  platform::SignalFd signals;
  dataplane::InstanceLock lock;
  platform::PidFile pid_file;
  std::unique_ptr<platform::ScriptHost> scripts; ///< its last ones run while the lock is held
  platform::LinkMonitor links;
  platform::RouteSocket route;
  std::optional<Notifier> notifier{};
  std::optional<PacedAnnouncer> announcer{};
  PromoteSecondaries promote_secondaries{};
  std::optional<SyncGroups> groups{};
  std::optional<Chores> chores{};
  std::optional<Tracking> tracking{};
  std::optional<OwnedDataPlane> data_plane{};
  std::optional<Inventory> inventory{};
  StaticAddresses static_addresses{};
  StaticRoutes static_routes{};
  std::optional<Attachments> attachments{};
  std::optional<NatSwitch> nat{};
  std::unique_ptr<Election> election{};
  std::unique_ptr<Manager> manager{};
  std::vector<std::uint32_t> processors{}; ///< of the election
  std::unique_ptr<Metrics> metrics{};      ///< null: nobody is to scrape
};

namespace {

/// Everything that the plans need in the kernel. A router whose interface is not there yet gets it later.
Status settle(dataplane::DataPlane& data_plane, Attachments& attachments,
              const std::vector<RouterPlan>& plans) {
  const auto interfaces = read_interfaces();
  if (!interfaces)
    return interfaces.error();
  AddedRouters added{data_plane};
  PlanList standing;
  for (const auto& plan : plans) {
    if (!plan.stands(*interfaces))
      continue;
    if (auto status = added.add(plan, *interfaces); !status)
      return status;
    standing.push_back(&plan);
  }
  if (auto status = attachments.settle(standing); !status)
    return status;
  for (const auto* plan : standing) {
    if (auto problem = attachments.problem(*plan))
      return *std::move(problem);
  }
  added.keep();
  return Done{};
}

} // namespace

namespace {

/// Makes of what an earlier daemon knew what is still true: of what was tracked only if it ran a moment ago,
/// because it hands over, or a lease of its has not run out. Routers that it has started wait for no
/// startup_delay in a handover.
CarriedState carry_on(CarriedState carried, const Origin& origin, std::vector<RouterPlan>& plans,
                      const dataplane::DataPlane& data_plane) {
  const bool is_handover = origin.lock.has_value();
  if (!is_handover && std::none_of(plans.begin(), plans.end(), [&](const RouterPlan& plan) {
        return resumes_as_master(plan, data_plane);
      })) {
    carried.tracking.scripts.clear();
    carried.tracking.processes.clear();
  }
  for (const auto& router : carried.routers) {
    for (auto& plan : plans) {
      if (is_handover && router.told && router.is(plan.instance))
        plan.instance.router.startup_delay = Nanoseconds::zero();
    }
  }
  return carried;
}

} // namespace

Daemon::Daemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::start(const Options& options, const Origin& origin,
                                              const config::Configuration& configuration,
                                              LoadConfiguration load) {
  if (auto status = require_privileges(); !status)
    return std::move(status).error();
  if (const auto group = control_group(options); !group)
    return group.error();
  const auto features = require_kernel(options);
  if (!features)
    return features.error();
  if (auto status = begin_writing_log(); !status)
    return std::move(status).error();
  auto signals = platform::SignalFd::create({SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGRTMIN + 2});
  if (!signals)
    return std::move(signals).error();
  if (auto status = platform::require_instance_name(options.instance); !status)
    return std::move(status).error();
  auto lock = origin.lock ? dataplane::InstanceLock::inherit(options.instance, *origin.lock)
                          : dataplane::InstanceLock::acquire(options.instance);
  if (!lock)
    return std::move(lock).error();
  // A bpffs of its own, but not a /run.
  if (const auto path = platform::runtime_path(options.instance, ".sock"); platform::connect_control(path))
    return Error{ErrorKind::Conflict, "another process listens on " + path};
  auto pid_file = platform::PidFile::create(options.instance);
  if (!pid_file)
    return std::move(pid_file).error();
  auto scripts = platform::ScriptHost::start(
      {!options.foreground,
       [](const std::string& kind, const std::string& what) { warn_limited("scripts: " + kind, what); },
       origin.scripts});
  if (!scripts)
    return std::move(scripts).error();
  (*scripts)->limit_errands(configuration.notify_timeout);
  std::unique_ptr<Metrics> metrics;
  if (!options.metrics.empty()) {
    auto opened = Metrics::open(options.metrics);
    if (!opened)
      return std::move(opened).error().in("--metrics");
    metrics = *std::move(opened);
  }
  // Before the plans are made, so that no change is missed between.
  auto links = platform::LinkMonitor::open();
  if (!links)
    return std::move(links).error();
  // A predecessor that hands over may have lost an interface.
  const bool wait_for_interfaces = configuration.dynamic_interfaces || origin.lock;
  auto plans = make_plans(configuration, wait_for_interfaces);
  if (!plans)
    return std::move(plans).error();
  if (auto status = may_start(options.instance, options.replace, *plans); !status)
    return std::move(status).error();
  const auto static_addresses = StaticAddresses::resolve(configuration, wait_for_interfaces);
  if (!static_addresses)
    return static_addresses.error();
  const auto static_routes = StaticRoutes::resolve(configuration, wait_for_interfaces);
  if (!static_routes)
    return static_routes.error();
  auto route = platform::RouteSocket::open();
  if (!route)
    return std::move(route).error();

  std::unique_ptr<Parts> parts{new Parts{*std::move(signals), *std::move(lock), *std::move(pid_file),
                                         *std::move(scripts), *std::move(links), *std::move(route)}};
  parts->metrics = std::move(metrics);
  parts->notifier.emplace(*parts->scripts);
  parts->notifier->use_fifos(configuration.notify_fifos);
  parts->groups.emplace(*parts->notifier);
  parts->groups->use(configuration.sync_groups);
  auto announcer = PacedAnnouncer::open();
  if (!announcer)
    return std::move(announcer).error();
  parts->announcer.emplace(*std::move(announcer));
  auto chores = Chores::create();
  if (!chores)
    return std::move(chores).error();
  parts->chores.emplace(*std::move(chores));
  parts->tracking.emplace(*parts->scripts, *parts->chores);
  parts->processors = configuration.processors;
  auto foundation = lay_foundation(options.instance, options.replace, dataplane::down_timer(*features),
                                   *plans, *static_addresses, *static_routes);
  if (!foundation)
    return std::move(foundation).error();
  const auto carried = carry_on(StateKeeper::read(options.instance), origin, *plans, foundation->data_plane);
  parts->groups->resume(carried.groups);
  parts->tracking->resume(carried.tracking);
  for (const auto& problem : initialize_tracked(configuration, carried.tracking.files))
    spdlog::error("{}", problem);
  parts->tracking->use(configuration, read_tracked(configuration));
  parts->data_plane.emplace(options.instance, std::move(foundation->data_plane));
  parts->inventory.emplace(**parts->data_plane);
  auto noted = parts->inventory->note(Inventory::Part::Routers, installs_of(list_of(*plans)));
  if (!noted)
    return noted.error();
  parts->static_addresses.note_in(*parts->inventory);
  parts->static_routes.note_in(*parts->inventory);
  parts->static_addresses.use(configuration);
  parts->static_routes.use(configuration);
  parts->promote_secondaries.use(configuration);
  const auto interfaces = *plans;
  const bool allow_tcx = dataplane::has_feature(*features, "tcx");
  if (auto status = build(*parts, options, origin, configuration, std::move(load), allow_tcx,
                          *std::move(plans), carried);
      !status) {
    // Before the data plane goes, which fences the addresses of a Master that ends here.
    if (foundation->adopted)
      (void)remove_left_addresses(options.instance, interfaces); // the error that led here is the one to tell
    return std::move(status).error();
  }
  return std::unique_ptr<Daemon>{new Daemon{std::move(parts)}};
}

Status Daemon::build(Parts& parts, const Options& options, const Origin& origin,
                     const config::Configuration& settings, LoadConfiguration load, bool allow_tcx,
                     std::vector<RouterPlan> plans, const CarriedState& carried) {
  auto& data_plane = **parts.data_plane;
  parts.attachments.emplace(data_plane, *parts.inventory,
                            AttachmentOptions{options.mode, options.pass_unknown_vrid, allow_tcx});
  if (auto status = settle(data_plane, *parts.attachments, plans); !status)
    return status;
  auto election = Election::create(std::move(plans), data_plane, parts.route);
  if (!election)
    return std::move(election).error();
  parts.election = *std::move(election);
  std::vector<NatSwitch::Member> nat_members;
  for (const auto& router : parts.election->routers()) {
    const auto& plan = router->newest_plan();
    nat_members.push_back({router.get(), &plan, resumes_as_master(plan, data_plane)});
  }
  parts.nat.emplace(options.instance);
  if (auto status = parts.nat->stage(nat_members); !status)
    return status;

  const auto group = control_group(options);
  if (!group)
    return group.error();
  auto manager = Manager::create({*parts.election,
                                  data_plane,
                                  *parts.attachments,
                                  parts.route,
                                  parts.links,
                                  parts.signals,
                                  *parts.nat,
                                  *parts.notifier,
                                  *parts.announcer,
                                  parts.static_addresses,
                                  parts.static_routes,
                                  parts.promote_secondaries,
                                  *parts.groups,
                                  *parts.chores,
                                  *parts.tracking,
                                  *parts.scripts,
                                  parts.pid_file,
                                  origin,
                                  settings.graceful,
                                  settings.processors,
                                  std::move(load),
                                  DaemonFacts{options.instance, options.file},
                                  Dumps{options.instance, settings}},
                                 platform::runtime_path(options.instance, ".sock"), *group);
  if (!manager)
    return std::move(manager).error();
  parts.manager = *std::move(manager);
  parts.manager->restore(carried);
  return parts.metrics ? parts.manager->serve(*parts.metrics) : Done{};
}

std::optional<Estate> Daemon::run() {
  parts_->election->run(parts_->processors);
  if (const auto& warning = parts_->election->realtime_warning(); !warning.empty())
    spdlog::warn(
        "the election thread does not have all that keeps it on time: {}; a busy machine may delay it",
        warning);
  if (parts_->metrics)
    parts_->metrics->run(**parts_->data_plane);
  if (parts_->manager->run() == Manager::Ending::Stopped)
    return std::nullopt;
  auto scripts = parts_->scripts->pass_on();
  if (!scripts)
    spdlog::error("scripts are not handed over: {}", scripts.error().message);
  return Estate{parts_->lock.pass_on(), scripts ? *scripts : platform::ScriptHost::Inheritance{}};
}

} // namespace xvrrp::controller
