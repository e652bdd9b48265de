// SPDX-License-Identifier: BSD-2-Clause
#include "controller/manager.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <map>
#include <numeric>

#include <net/if.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "controller/explanation.hpp"
#include "controller/log.hpp"
#include "controller/log_limit.hpp"
#include "controller/put_back.hpp"
#include "dataplane/data_plane.hpp"
#include "dataplane/reasons.hpp"
#include "platform/clock.hpp"
#include "platform/whole_file.hpp"

namespace xvrrp::controller {
namespace {

using json = nlohmann::ordered_json;

enum Token : std::uint64_t {
  kSignals,
  kReports,
  kLinks,
  kRouteErrors,
  kScripts,
  kFiles,
  kChores,
  kControl,
  kMetrics,
  kFirstClient
};

/// A kind of bad packet is logged once in this time per interface; the counters have all of them.
constexpr LogRate kBadPacketLogRate{1, std::chrono::minutes{1}};
constexpr std::uint64_t kLosingAdvertsTold = 100;
/// How long what nobody announces may go unnoticed.
constexpr Nanoseconds kLookInterval = std::chrono::seconds{1};
/// What happens in the directories of tracked files is heard once in this time at most.
constexpr Nanoseconds kFilesInterval = std::chrono::milliseconds{50};

/// Deeper than any request; copies of JSON are recursive.
constexpr int kDeepestRequest = 8;

/// Discarded, which is no object, if it is no JSON or too deep.
json parse_request(const std::string& request) {
  bool too_deep = false;
  auto parsed = json::parse(
      request,
      [&](int depth, json::parse_event_t, const json&) {
        too_deep |= depth > kDeepestRequest;
        return !too_deep;
      },
      /*allow_exceptions=*/false);
  return too_deep ? json(json::value_t::discarded) : parsed;
}

/// In ASCII: other control characters than JSON escapes by itself are escaped, too.
std::string one_line(const json& value) {
  return value.dump(-1, ' ', true, json::error_handler_t::replace);
}

} // namespace

Manager::Manager(ManagerParts parts, platform::Epoll epoll)
    : parts_(std::move(parts)), epoll_(std::move(epoll)),
      watch_(
          parts_.election, parts_.data_plane, parts_.attachments, parts_.links, parts_.tracking,
          [this](std::size_t router) {
            parts_.notifier.tell_priority(subject(router), parts_.election.router(router).status().state);
          },
          [this](const InterfaceWatch::AddressChanges& changes) { on_addresses(changes); }),
      addresses_(parts_.election), reloader_(parts_.election, parts_.data_plane, parts_.attachments, watch_,
                                             parts_.tracking, parts_.nat, [this] { hear_reports(); }),
      recorder_(parts_.election),
      keeper_(parts_.facts.instance, parts_.election, watch_, parts_.tracking, parts_.groups) {}

Result<std::unique_ptr<Manager>> Manager::create(ManagerParts parts, const std::string& control_path,
                                                 std::optional<std::uint32_t> control_group) {
  auto epoll = platform::Epoll::create();
  if (!epoll)
    return std::move(epoll).error();
  std::unique_ptr<Manager> manager{new Manager{std::move(parts), *std::move(epoll)}};
  const auto& p = manager->parts_;
  for (const auto& [fd, token] :
       {std::pair{p.signals.fd(), kSignals}, std::pair{p.election.reports_fd(), kReports},
        std::pair{p.links.fd(), kLinks}, std::pair{p.route.fd(), kRouteErrors},
        std::pair{p.scripts.fd(), kScripts}, std::pair{p.chores.fd(), kChores}}) {
    if (auto status = manager->epoll_.add(fd, token); !status)
      return std::move(status).error();
  }
  auto control = ControlServer::open(control_path, control_group, manager->epoll_, kControl, kFirstClient,
                                     [raw = manager.get()](const std::string& request, const Answer& answer) {
                                       raw->answer(request, answer);
                                     });
  if (!control)
    return std::move(control).error();
  manager->control_.emplace(*std::move(control));
  p.tracking.on_change([raw = manager.get()] { raw->on_tracked(true); });
  manager->watch_files();
  return manager;
}

Status Manager::serve(Metrics& metrics) {
  metrics_ = &metrics;
  return epoll_.add(metrics.asked_fd(), kMetrics);
}

Manager::Ending Manager::run() {
  watch_.check_all();
  watch_.start_ready();
  service_manager_.ready();
  while (!is_stopping_ || !stopped()) {
    for (const auto& ready : epoll_.wait(look_around()))
      dispatch(ready);
    if (!is_stopping_)
      reloader_.forget_ended();
    if (handing_over_ && !is_stopping_) {
      parts_.election.hand_over();
      follow_election();
      (void)keeper_.keep_for_successor();   // it is logged, and all but the history was kept before
      parts_.promote_secondaries.restore(); // the successor is to find it as it was
      return Ending::HandedOver;
    }
  }
  follow_election();
  keeper_.forget();
  return Ending::Stopped;
}

void Manager::dispatch(const platform::Epoll::Event& ready) {
  switch (ready.token) {
  case kSignals:
    return on_signals();
  case kReports:
    parts_.election.drain_reports_fd();
    return follow_election();
  case kLinks:
    return watch_.on_announcements();
  case kRouteErrors:
    return on_refusals();
  case kScripts:
    return on_tracked(parts_.tracking.hear_scripts());
  case kFiles:
    return on_files();
  case kChores:
    return parts_.chores.finish();
  case kControl:
    return control_->on_listener_ready();
  case kMetrics:
    return metrics_->give(take_metrics_sample(status_sources()));
  default:
    control_->on_client_ready(ready.token, ready.events);
  }
}

/// Every second, and when a check is due; returns how long until then.
Nanoseconds Manager::look_around() {
  const auto now = platform::monotonic_now();
  if (now >= next_look_) {
    control_->look_around(now);
    parts_.chores.look_around(now);
    follow_election();
    tell_service_manager(now);
    refusals_.look_around(parts_.election.routers(), now);
    (void)keeper_.keep(); // what could not be written before
    keep_runtime_files();
    if (!is_stopping_) {
      parts_.tracking.look_at_processes();
      watch_.look_around();
      addresses_.look_around();
      parts_.static_addresses.look_around();
      parts_.promote_secondaries.look_around();
      put_back_routes(parts_.election.routers(), now);
      parts_.static_routes.look_around();
      parts_.nat.look_around();
    }
    next_look_ = now + kLookInterval;
  }
  if (files_heard_again_ && *files_heard_again_ <= now)
    watch_files();
  const auto next_check = is_stopping_ ? std::nullopt : parts_.tracking.run_due(now);
  const auto next_announcement = parts_.announcer.run_due(now);
  const auto next =
      std::min({next_look_, next_check.value_or(next_look_), next_announcement.value_or(next_look_),
                files_heard_again_.value_or(next_look_)});
  return std::max(Nanoseconds::zero(), next - now);
}

/// A sign of life is one of both threads: a service whose election thread hangs is started anew, which its
/// successor on this machine survives as a Master by what is pinned.
void Manager::tell_service_manager(Instant now) {
  if (watchdog_ && now >= next_sign_of_life_) {
    if (parts_.election.ask_alive())
      service_manager_.alive();
    next_sign_of_life_ = now + *watchdog_ / 4;
  }
  std::map<core::State, int> counts;
  for (const auto& router : parts_.election.routers())
    ++counts[router->status().state];
  std::string line;
  for (const auto& [state, count] : counts)
    line += (line.empty() ? "" : ", ") + std::to_string(count) + " " + core::name(state);
  if (line == told_status_)
    return;
  told_status_ = line;
  service_manager_.status(line);
}

/// /run/xvrrp may be cleaned under a daemon that runs.
void Manager::keep_runtime_files() {
  std::string problem;
  if (const auto status = parts_.pid_file.keep(); !status)
    problem = status.error().message;
  if (const auto again = control_->keep_listening(); !again)
    problem = again.error().message;
  else if (*again)
    spdlog::warn("somebody removed the control socket; it is there again");
  if (std::exchange(runtime_problem_, problem) != problem && !problem.empty())
    spdlog::error("{}", problem);
}

void Manager::on_addresses(const InterfaceWatch::AddressChanges& changes) {
  if (is_stopping_)
    return;
  addresses_.on_changes(changes);
  parts_.static_addresses.on_changes(changes);
}

void Manager::on_files() {
  parts_.tracking.hear_files();
  (void)epoll_.remove(*parts_.tracking.files_fd());
  files_heard_again_ = platform::monotonic_now() + kFilesInterval;
}

void Manager::watch_files() {
  files_heard_again_.reset();
  if (const auto fd = parts_.tracking.files_fd())
    (void)epoll_.add(*fd, kFiles);
}

void Manager::on_tracked(bool changed) {
  if (!changed || is_stopping_)
    return;
  watch_.check_all();
  watch_.start_ready();
  (void)keeper_.keep();
}

// ---- stopping ----

void Manager::on_signals() {
  while (const auto signal = parts_.signals.next()) {
    if (*signal == SIGHUP) {
      spdlog::info("SIGHUP: reloading");
      ask_for_reload([](const auto&) {}); // what becomes of it is logged
    } else if (const auto dump = dump_of(*signal)) {
      write_dump(*dump);
    } else {
      spdlog::info("{}: stopping", *signal == SIGINT ? "SIGINT" : "SIGTERM");
      begin_stop();
    }
  }
}

/// Exporters ask every few seconds: only what goes wrong is said.
void Manager::write_dump(Dump dump) {
  (void)parts_.chores.begin(
      "writing the state",
      [file = parts_.dumps.make(dump, status_sources(), parts_.groups)]() -> Chores::Finish {
        const auto status = platform::write_whole_file(file.path, file.text, 0644);
        if (status)
          return [] {};
        return [why = status.error().message] { spdlog::error("writing the state: {}", why); };
      });
}

StatusSources Manager::status_sources() const {
  return {parts_.facts, parts_.election, parts_.data_plane, parts_.attachments,
          watch_,       parts_.tracking, parts_.scripts};
}

void Manager::begin_stop() {
  // Again: without waiting for successors.
  const bool graceful = parts_.graceful && !is_stopping_;
  is_stopping_ = true;
  service_manager_.stopping();
  parts_.election.post_reserved(StopRouters{graceful});
}

/// `tell` is called once, later.
void Manager::ask_for_reload(std::function<void(const Result<Reloaded>&)> tell) {
  reload_askers_.push_back(std::move(tell));
  if (!is_reloading_)
    begin_reload();
}

/// The file is read by a worker: it may be on a mount that hangs, and its names are those of name services.
void Manager::begin_reload() {
  struct Loaded {
    config::Outcome outcome;
    Readings readings;
  };
  is_reloading_ = true;
  reloading_for_ = std::exchange(reload_askers_, {});
  service_manager_.reloading();
  const bool begun = parts_.chores.begin(
      "reading " + parts_.facts.file,
      [this, load = parts_.load]() -> Chores::Finish {
        auto loaded = std::make_shared<Loaded>();
        loaded->outcome = load();
        if (loaded->outcome.ok())
          loaded->readings = read_tracked(loaded->outcome.configuration);
        return [this, loaded] { end_reload(reload(loaded->outcome, std::move(loaded->readings))); };
      },
      [this] { end_reload(failed("reading " + parts_.facts.file + ": it does not answer")); });
  if (!begun)
    end_reload(failed("reading " + parts_.facts.file + ": it does not answer, since an earlier reload"));
}

void Manager::end_reload(const Result<Reloaded>& done) {
  service_manager_.ready();
  if (done)
    spdlog::info("reloaded {}: {}", parts_.facts.file, done->text());
  else
    spdlog::error("not reloaded, everything is as it was: {}", done.error().message);
  is_reloading_ = false;
  for (const auto& tell : std::exchange(reloading_for_, {}))
    tell(done);
  if (!reload_askers_.empty() && !is_reloading_)
    begin_reload(); // the file may have changed since it was read
}

/// A configuration that cannot be run changes nothing.
Result<Reloaded> Manager::reload(const config::Outcome& outcome, Readings readings) {
  if (is_stopping_)
    return failed("xvrrpd is stopping");
  std::string problems;
  for (const auto& diagnostic : outcome.diagnostics) {
    if (diagnostic.severity == config::Severity::Error)
      problems += (problems.empty() ? "" : "\n") + diagnostic.text();
    else
      spdlog::warn("{}", diagnostic.text());
  }
  if (!outcome.ok())
    return failed(std::move(problems));
  if (outcome.configuration.instances.empty())
    return failed(parts_.facts.file + " has no vrrp_instance: there would be nothing to run");
  const auto& configuration = outcome.configuration;
  const bool wait = configuration.dynamic_interfaces;
  if (const auto found = StaticAddresses::resolve(configuration, wait); !found)
    return found.error();
  if (const auto found = StaticRoutes::resolve(configuration, wait); !found)
    return found.error();
  auto done = reloader_.reload(configuration);
  if (!done)
    return done;
  addresses_.expect_changes();
  parts_.static_addresses.use(configuration);
  parts_.static_routes.use(configuration);
  parts_.promote_secondaries.use(configuration);
  parts_.graceful = configuration.graceful;
  parts_.scripts.limit_errands(configuration.notify_timeout);
  parts_.notifier.use_fifos(configuration.notify_fifos);
  parts_.groups.use(configuration.sync_groups);
  auto initialized = parts_.tracking.carried().files;
  parts_.tracking.use(configuration, std::move(readings));
  watch_files();
  (void)parts_.chores.begin("initializing tracked files", [configuration, initialized]() -> Chores::Finish {
    return [problems = initialize_tracked(configuration, initialized)] {
      for (const auto& problem : problems)
        spdlog::error("{}", problem);
    };
  });
  parts_.dumps.use(configuration);
  watch_.check_all();
  watch_.start_ready();
  if (configuration.processors != parts_.processors)
    spdlog::warn("vrrp_cpu_affinity has changed: that counts from the next start on");
  return done;
}

bool Manager::stopped() const {
  const auto& routers = parts_.election.routers();
  return std::all_of(routers.begin(), routers.end(),
                     [](const auto& router) { return router->status().state == core::State::Init; });
}

// ---- what the election thread tells ----

/// What is published is the truth; reports say in what order it came about, and why. Whenever there may be
/// something new, and every second, all that depends on it is brought to it.
void Manager::follow_election() {
  const auto& routers = parts_.election.routers();
  std::vector<RouterStatus> published; // what it counts by now has been reported, or its report was lost
  published.reserve(routers.size());
  for (const auto& router : routers)
    published.push_back(router->status());
  if (const auto status = parts_.nat.follow(routers); !status)
    error_limited("NAT", "switching NAT: " + status.error().message);
  parts_.announcer.hear(routers);
  hear_reports();
  for (std::size_t index = 0; index < published.size(); ++index) {
    if (const auto last = routers[index]->told.catch_up(index, published[index]))
      tell(*last);
    tell_losing_adverts(index, published[index].losing_adverts);
  }
  parts_.groups.follow(routers);
  if (std::exchange(has_told_, false))
    (void)keeper_.keep();
}

void Manager::hear_reports() {
  while (const auto report = parts_.election.next_report())
    std::visit([this](const auto& what) { on(what); }, *report);
}

void Manager::on(const Transition& transition) {
  if (parts_.election.router(transition.router).told.hear(transition))
    tell(transition);
}

void Manager::tell(const Transition& transition) {
  if (const auto lost = parts_.election.router(transition.router).told.take_lost(); lost > 0) {
    const auto& name = instance(transition.router).name;
    warn_limited(
        "untold " + name,
        fmt::format("{}: xvrrpd was held up: {} transitions before the next one went untold", name, lost));
    parts_.facts.lost_transitions += lost;
  }
  log(transition);
  auto& router = parts_.election.router(transition.router);
  router.history.add(
      {transition, router.newest_frames().sender.priority,
       transition.to == core::State::Fault ? watch_.problem(transition.router) : std::string{}});
  notify(transition);
}

/// In the journal with fields, for whoever filters or counts.
void Manager::log(const Transition& transition) const {
  const bool is_fault = transition.to == core::State::Fault;
  const auto& known = instance(transition.router);
  const auto line = limited("transition " + known.name, known.name + ": " + core::name(transition.from) +
                                                            " -> " + core::name(transition.to) + ": " +
                                                            core::describe(transition.reason));
  if (!line)
    return;
  log_with_fields(is_fault ? spdlog::level::warn : spdlog::level::info, *line,
                  {{"XVRRP_INSTANCE", parts_.facts.instance},
                   {"XVRRP_ROUTER", known.name},
                   {"XVRRP_INTERFACE", known.interface},
                   {"XVRRP_VRID", std::to_string(known.router.vrid)},
                   {"XVRRP_FROM", core::name(transition.from)},
                   {"XVRRP_STATE", core::name(transition.to)},
                   {"XVRRP_REASON", core::name(transition.reason)}});
}

/// Where a predecessor left the router, nothing has changed for anybody.
void Manager::notify(const Transition& transition) {
  const bool resumed = transition.reason == core::Reason::Resumed;
  auto& notified = parts_.election.router(transition.router).notified;
  const bool is_known = transition.number == 1 && (notified ? *notified == transition.to : resumed);
  notified = transition.to;
  has_told_ = true;
  const auto state = [&] {
    switch (transition.to) {
    case core::State::Master:
      return NotifiedState::Master;
    case core::State::Backup:
      return NotifiedState::Backup;
    case core::State::Fault:
      return NotifiedState::Fault;
    case core::State::Init:
      break;
    }
    const bool deleted = reloader_.is_ending(parts_.election.routers()[transition.router]);
    return deleted ? NotifiedState::Deleted : NotifiedState::Stop;
  };
  if (!is_known)
    parts_.notifier.tell(subject(transition.router), state());
  parts_.groups.hear(instance(transition.router), transition.to, resumed);
}

Subject Manager::subject(std::size_t router) const {
  const auto& known = instance(router);
  return {"INSTANCE", known.name, known.notify,
          parts_.election.router(router).newest_frames().sender.priority};
}

void Manager::on(const BadPackets& packets) {
  const auto& event = packets.example;
  const auto place = dataplane::place_of(event.key);
  std::string interface = std::to_string(event.key.ifindex);
  for (const auto& router : parts_.election.routers()) {
    if (dataplane::is_at(router->newest_plan().key, place))
      interface = router->newest_plan().instance.interface;
  }
  const std::string reason = dataplane::reason_name(event.reason);
  warn_limited("packets " + interface + " " + reason,
               fmt::format("{}: dropped a packet of VRID {} from {}: {} (counted as {}; see vrrpctl stats)",
                           interface, event.key.vrid,
                           IpAddress::from_bytes(static_cast<Family>(event.key.family), event.source).text(),
                           dataplane::reason_description(event.reason), reason),
               kBadPacketLogRate);
}

void Manager::on(const Remark& remark) {
  const auto& ours = instance(remark.router);
  const auto& advert = remark.event;
  const auto source = IpAddress::from_bytes(ours.router.family, advert.source).text();
  switch (remark.kind) {
  case Remark::Kind::OtherInterval:
    spdlog::warn(
        "{}: {} advertises every {} ms, we are configured for {} ms; its interval counts while it is "
        "Master (RFC 9568 7.1)",
        ours.name, source, 10 * advert.interval_wire, to_ms(ours.router.advertisement_interval));
    return;
  case Remark::Kind::OtherPace:
    spdlog::warn(
        "{}: adverts of {} do not come every {} ms, as configured here; Master_Down_Interval is that of "
        "{} ms (see advert_int below 0.01)",
        ours.name, source, to_ms(ours.router.advertisement_interval),
        to_ms(Nanoseconds{static_cast<std::int64_t>(advert.interval_ns)}));
    return;
  case Remark::Kind::OtherAddresses:
    spdlog::warn("{}: the virtual addresses of {} are not ours (RFC 9568 7.1)", ours.name, source);
    return;
  case Remark::Kind::SamePriority:
    spdlog::warn("{}: {} is Master with our priority {}{}", ours.name, source, advert.priority,
                 advert.priority == core::kPriorityOwner ? ": two routers own the addresses (RFC 9568 8.3.2)"
                                                         : "; the greater address wins");
    return;
  case Remark::Kind::Claim:
    spdlog::warn(
        "{}: {:02x} says that it has the virtual address {}; announcing ours again (RFC 5227 2.4; counted "
        "as {}; see vrrpctl doctor)",
        ours.name, fmt::join(advert.mac, ":"), source, dataplane::reason_name(XV_claimed));
    return;
  }
}

void Manager::on(const SendFailure& failure) {
  std::array<char, IF_NAMESIZE> name{};
  if (failure.ifindex == 0 || if_indextoname(failure.ifindex, name.data()) == nullptr)
    name[0] = '\0';
  spdlog::error("sending failed{}{}: {} ({} times so far)", name[0] == '\0' ? "" : " on ", name.data(),
                std::strerror(failure.error), parts_.election.send_failures());
}

/// Each is told of, as by keepalived; but of a flood as many as the data plane reports in a second.
void Manager::tell_losing_adverts(std::size_t router, std::uint64_t heard) {
  auto& told = parts_.election.router(router).told_losing_adverts;
  for (told = std::max(told, heard - std::min<std::uint64_t>(heard, kLosingAdvertsTold)); told < heard;
       ++told)
    parts_.notifier.tell_losing_advert(subject(router));
}

void Manager::on_refusals() {
  parts_.route.drain_errors(
      [](const platform::Refusal& refusal) { error_limited("rtnetlink", refusal.text()); });
}

// ---- the control socket ----

Status Manager::why_no_handover() {
  if (is_stopping_)
    return failed("the handover is refused: xvrrpd is stopping");
  for (std::size_t index = 0; index < parts_.election.routers().size(); ++index) {
    if (parts_.election.router(index).status().resigns)
      return failed("the handover is refused: " + instance(index).name +
                    " goes out of service until its successor is heard: try again in a moment");
  }
  if (auto status = keeper_.keep(); !status)
    return std::move(status).error().in("the handover is refused, for the new xvrrpd would not know what the "
                                        "operator set");
  return Done{};
}

/// Only what can be known to go well is begun: a refusal changes nothing. Its programs may take their time.
void Manager::prepare_handover(const Answer& answer) {
  const auto end = [this, answer](Status status) {
    if (status)
      status = why_no_handover();
    if (!status)
      return answer(one_line({{"schema", 1}, {"error", status.error().message}}));
    spdlog::info("handing over to {}", parts_.origin.program);
    answer(one_line({{"schema", 1}, {"handover", parts_.origin.program}}));
    handing_over_ = true;
  };
  if (auto status = why_no_handover(); !status)
    return end(std::move(status));
  const bool begun = parts_.chores.begin(
      "checking the successor",
      [end, origin = parts_.origin]() -> Chores::Finish {
        return [end, status = check_successor(origin)] { end(status); };
      },
      [end, program = parts_.origin.program] {
        end(failed("the handover is refused: " + program + " does not end"));
      });
  if (!begun)
    end(failed("the handover is refused: one is being prepared"));
}

/// By the name, or the VRID if it is of one router.
Result<std::size_t> Manager::find_router(const std::string& wanted) const {
  std::vector<std::size_t> found;
  std::string names;
  for (std::size_t index = 0; index < parts_.election.routers().size(); ++index) {
    const auto& known = instance(index);
    if (known.name == wanted)
      return index;
    if (std::to_string(known.router.vrid) == wanted)
      found.push_back(index);
    names += (names.empty() ? "" : ", ") + known.name;
  }
  if (found.size() == 1)
    return found[0];
  return failed(
      (found.empty() ? "there is no virtual router \"" : "there are several virtual routers of VRID \"") +
      wanted + "\"; there are " + names);
}

Status Manager::drain(std::size_t router, bool drained) {
  if (is_stopping_)
    return failed("xvrrpd is stopping");
  watch_.drain(router, drained);
  spdlog::info("{}: {}", instance(router).name, drained ? "drained by the operator" : "back in service");
  return Done{};
}

/// `wanted`: a number, or null for the configured one.
Status Manager::set_priority(std::size_t router, const json& wanted) {
  const auto& ours = instance(router);
  if (is_stopping_)
    return failed("xvrrpd is stopping");
  if (ours.router.priority == core::kPriorityOwner)
    return failed(ours.name + " owns its addresses, and an owner's priority is 255 (RFC 9568 5.2.4)");
  if (wanted.is_null()) {
    watch_.set_priority(router, std::nullopt);
    spdlog::info("{}: the configured priority {} again", ours.name, ours.router.priority);
    return Done{};
  }
  if (!wanted.is_number_integer() || wanted < 1 || wanted >= core::kPriorityOwner)
    return failed("the priority is a number from 1 to 254");
  watch_.set_priority(router, wanted.get<std::uint8_t>());
  spdlog::info("{}: priority {} by the operator (configured: {})", ours.name, wanted.get<int>(),
               ours.router.priority);
  return Done{};
}

/// {"command":"trace","action":"start","routers":[...]}, none: all; or "read" or "stop" with "recording".
Result<json> Manager::trace(const json& request) {
  const auto action = request.value("action", json{});
  const auto now = platform::monotonic_now();
  if (action == "start") {
    std::vector<std::size_t> routers;
    for (const auto& wanted : request.value("routers", json::array())) {
      const auto router = find_router(wanted.is_string() ? wanted.get<std::string>() : "");
      if (!router)
        return router.error();
      routers.push_back(*router);
    }
    if (routers.empty()) {
      routers.resize(parts_.election.routers().size());
      std::iota(routers.begin(), routers.end(), 0);
    }
    return recorder_.start(routers, now);
  }
  const auto recording = request.value("recording", json{});
  if (!recording.is_number_unsigned() || (action != "read" && action != "stop"))
    return failed("trace needs an action: start, read or stop, the latter two with a recording");
  const auto number = recording.get<std::uint32_t>();
  return action == "read" ? recorder_.read(number, now) : recorder_.stop(number);
}

/// Absent: the command is not of one router.
std::optional<Result<json>> Manager::answer_of_router(const json& request) {
  const auto command = request.value("command", json{});
  if (command != "drain" && command != "undrain" && command != "priority" && command != "explain")
    return std::nullopt;
  const auto router = request.value("router", json{});
  const auto index = find_router(router.is_string() ? router.get<std::string>() : "");
  if (!index)
    return index.error();
  if (command == "explain")
    return explanation_json(status_sources(), *index, platform::monotonic_now());
  auto status = command == "priority" ? set_priority(*index, request.value("priority", json{}))
                                      : drain(*index, command == "drain");
  if (!status)
    return std::move(status).error();
  (void)keeper_.keep();
  return json{{"schema", 1},
              {"router", instance(*index).name},
              {"effective_priority", parts_.election.router(*index).newest_frames().sender.priority}};
}

void Manager::answer(const std::string& request, const Answer& answer) {
  const auto parsed = parse_request(request);
  const auto command = parsed.is_object() ? parsed.value("command", json{}) : json{};
  if (command == "handover")
    return prepare_handover(answer);
  if (command != "reload")
    return answer(answer_now(parsed));
  ask_for_reload([answer](const Result<Reloaded>& done) {
    if (!done)
      return answer(one_line({{"schema", 1}, {"error", done.error().message}}));
    answer(one_line({{"schema", 1},
                     {"reload",
                      {{"added", done->added},
                       {"removed", done->removed},
                       {"changed", done->changed},
                       {"restarted", done->restarted},
                       {"unchanged", done->unchanged},
                       {"text", done->text()}}}}));
  });
}

/// Of what nobody has to be waited for.
std::string Manager::answer_now(const json& parsed) {
  const auto command = parsed.is_object() ? parsed.value("command", json{}) : json{};
  if (command == "status")
    return one_line(status_json(status_sources(), platform::monotonic_now()));
  if (command == "trace") {
    const auto done = trace(parsed);
    return one_line(done ? *done : json{{"schema", 1}, {"error", done.error().message}});
  }
  if (parsed.is_object()) {
    if (const auto done = answer_of_router(parsed))
      return one_line(*done ? **done : json{{"schema", 1}, {"error", done->error().message}});
  }
  return one_line(
      {{"schema", 1},
       {"error", "unknown command: this xvrrpd understands the commands status, reload, handover, "
                 "drain, undrain, priority, explain and trace"}});
}

} // namespace xvrrp::controller
