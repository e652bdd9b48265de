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
#include <syslog.h>

#include "controller/explanation.hpp"
#include "controller/put_back.hpp"
#include "dataplane/data_plane.hpp"
#include "dataplane/reasons.hpp"
#include "platform/clock.hpp"
#include "platform/journal.hpp"

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
  kControl,
  kMetrics,
  kFirstClient
};

/// A kind of bad packet is logged once in this time per interface; the counters have all of them.
constexpr Nanoseconds kBadPacketLogInterval = std::chrono::minutes{1};
constexpr std::uint64_t kLosingAdvertsTold = 100;
/// How long what nobody announces may go unnoticed.
constexpr Nanoseconds kLookInterval = std::chrono::seconds{1};

/// Names come from the configuration and may hold any bytes; JSON holds UTF-8.
std::string one_line(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace

Manager::Manager(ManagerParts parts, platform::Epoll epoll)
    : parts_(std::move(parts)), epoll_(std::move(epoll)),
      watch_(
          parts_.election, parts_.data_plane, parts_.attachments, parts_.links, parts_.tracking,
          [this](std::size_t router) {
            parts_.notifier.tell_priority(subject(router), parts_.election.router(router).status().state);
          },
          [this](const InterfaceWatch::Deleted& deleted) { on_deleted(deleted); }),
      addresses_(parts_.election), reloader_(parts_.election, parts_.data_plane, parts_.attachments, watch_,
                                             parts_.tracking, parts_.nat, [this] { hear_reports(); }),
      recorder_(parts_.election) {}

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
        std::pair{p.scripts.fd(), kScripts}, std::pair{p.tracking.files_fd(), kFiles}}) {
    if (auto status = manager->epoll_.add(fd, token); !status)
      return std::move(status).error();
  }
  auto control =
      ControlServer::open(control_path, control_group, manager->epoll_, kControl, kFirstClient,
                          [raw = manager.get()](const std::string& request) { return raw->answer(request); });
  if (!control)
    return std::move(control).error();
  manager->control_.emplace(*std::move(control));
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
      parts_.promote_secondaries.restore(); // the successor is to find it as it was
      return Ending::HandedOver;
    }
  }
  follow_election();
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
    return on_tracked(parts_.tracking.hear_files());
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
    control_->drop_idle(now);
    follow_election();
    tell_service_manager(now);
    refusals_.look_around(parts_.election.routers(), now);
    keep_runtime_files();
    if (!is_stopping_) {
      on_tracked(parts_.tracking.look_at_processes());
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
  const auto next_check = is_stopping_ ? std::nullopt : parts_.tracking.run_due(now);
  const auto next_announcement = parts_.announcer.run_due(now);
  const auto next =
      std::min({next_look_, next_check.value_or(next_look_), next_announcement.value_or(next_look_)});
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

void Manager::on_deleted(const InterfaceWatch::Deleted& deleted) {
  if (is_stopping_)
    return;
  addresses_.on_deleted(deleted);
  parts_.static_addresses.on_deleted(deleted);
}

void Manager::on_tracked(bool changed) {
  if (!changed || is_stopping_)
    return;
  watch_.check_all();
  watch_.start_ready();
}

// ---- stopping ----

void Manager::on_signals() {
  while (const auto signal = parts_.signals.next()) {
    if (*signal == SIGHUP) {
      spdlog::info("SIGHUP: reloading");
      (void)reload(); // it logs what became of it
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
  const auto path = parts_.dumps.write(dump, status_sources(), parts_.groups);
  if (path)
    spdlog::debug("wrote {}", *path);
  else
    spdlog::error("writing the state: {}", path.error().message);
}

StatusSources Manager::status_sources() const {
  return {parts_.facts, parts_.election, parts_.data_plane, parts_.attachments, watch_, parts_.tracking};
}

void Manager::begin_stop() {
  // Again: without waiting for successors.
  const bool graceful = parts_.graceful && !is_stopping_;
  is_stopping_ = true;
  service_manager_.stopping();
  parts_.election.post_reserved(StopRouters{graceful});
}

/// A configuration that cannot be run changes nothing.
Result<Reloaded> Manager::reload() {
  const auto load = [&]() -> Result<Reloaded> {
    if (is_stopping_)
      return failed("xvrrpd is stopping");
    const auto outcome = parts_.load();
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
    parts_.notifier.use_fifos(configuration.notify_fifos);
    parts_.groups.use(configuration.sync_groups);
    parts_.tracking.use(configuration);
    parts_.dumps.use(configuration);
    watch_.check_all();
    watch_.start_ready();
    if (configuration.processors != parts_.processors)
      spdlog::warn("vrrp_cpu_affinity has changed: that counts from the next start on");
    return done;
  };
  service_manager_.reloading();
  auto done = load();
  service_manager_.ready();
  if (done)
    spdlog::info("reloaded {}: {}", parts_.facts.file, done->text());
  else
    spdlog::error("not reloaded, everything is as it was: {}", done.error().message);
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
    spdlog::error("switching NAT: {}", status.error().message);
  parts_.announcer.hear(routers);
  hear_reports();
  for (std::size_t index = 0; index < published.size(); ++index) {
    if (const auto last = routers[index]->told.catch_up(index, published[index]))
      tell(*last);
    tell_losing_adverts(index, published[index].losing_adverts);
  }
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
    spdlog::warn("{}: xvrrpd was held up: {} transitions before the next one went untold",
                 instance(transition.router).name, lost);
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
  const std::string line = known.name + ": " + core::name(transition.from) + " -> " +
                           core::name(transition.to) + ": " + core::describe(transition.reason);
  if (has_journal_ && platform::write_journal(is_fault ? LOG_WARNING : LOG_INFO, line,
                                              {{"XVRRP_INSTANCE", parts_.facts.instance},
                                               {"XVRRP_ROUTER", known.name},
                                               {"XVRRP_INTERFACE", known.interface},
                                               {"XVRRP_VRID", std::to_string(known.router.vrid)},
                                               {"XVRRP_FROM", core::name(transition.from)},
                                               {"XVRRP_STATE", core::name(transition.to)},
                                               {"XVRRP_REASON", core::name(transition.reason)}}))
    return;
  spdlog::log(is_fault ? spdlog::level::warn : spdlog::level::info, "{}", line);
}

/// Where a predecessor left the router, nothing has changed for anybody.
void Manager::notify(const Transition& transition) {
  if (transition.reason == core::Reason::Resumed)
    return;
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
  parts_.notifier.tell(subject(transition.router), state());
  parts_.groups.hear(instance(transition.router), transition.to);
}

Subject Manager::subject(std::size_t router) const {
  const auto& known = instance(router);
  return {"INSTANCE", known.name, known.notify,
          parts_.election.router(router).newest_frames().sender.priority};
}

void Manager::on(const BadPackets& packets) {
  const auto& event = packets.example;
  const auto place = dataplane::place_of(event.key);
  const auto now = platform::monotonic_now();
  const auto known =
      std::find_if(bad_packet_log_.begin(), bad_packet_log_.end(), [&](const BadPacketLog& entry) {
        return dataplane::is_at(event.key, entry.place) && entry.reason == event.reason;
      });
  if (known != bad_packet_log_.end()) {
    if (now - known->logged < kBadPacketLogInterval)
      return;
    known->logged = now;
  } else {
    bad_packet_log_.push_back({place, event.reason, now});
  }
  std::string interface = std::to_string(event.key.ifindex);
  for (const auto& router : parts_.election.routers()) {
    if (dataplane::is_at(router->newest_plan().key, place))
      interface = router->newest_plan().instance.interface;
  }
  spdlog::warn("{}: dropped a packet of VRID {} from {}: {} (counted as {}; see vrrpctl stats)", interface,
               event.key.vrid,
               IpAddress::from_bytes(static_cast<Family>(event.key.family), event.source).text(),
               dataplane::reason_description(event.reason), dataplane::reason_name(event.reason));
}

void Manager::on(const Remark& remark) {
  const auto& ours = instance(remark.router);
  const auto& advert = remark.advert;
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
        to_ms(advert.keeps_pace != 0 ? ours.router.advertisement_interval : core::kShortestAnnounced));
    return;
  case Remark::Kind::OtherAddresses:
    spdlog::warn("{}: the virtual addresses of {} are not ours (RFC 9568 7.1)", ours.name, source);
    return;
  case Remark::Kind::SamePriority:
    spdlog::warn("{}: {} is Master with our priority {}{}", ours.name, source, advert.priority,
                 advert.priority == core::kPriorityOwner ? ": two routers own the addresses (RFC 9568 8.3.2)"
                                                         : "; the greater address wins");
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
  parts_.route.drain_errors([](const platform::Refusal& refusal) { spdlog::error("{}", refusal.text()); });
}

// ---- the control socket ----

/// Only what can be known to go well is begun: a refusal changes nothing.
Status Manager::prepare_handover() {
  if (is_stopping_)
    return failed("the handover is refused: xvrrpd is stopping");
  for (std::size_t index = 0; index < parts_.election.routers().size(); ++index) {
    if (watch_.is_drained(index))
      return failed("the handover is refused: " + instance(index).name +
                    " is drained, which a new process would not know: vrrpctl undrain " +
                    instance(index).name);
  }
  if (auto status = check_successor(parts_.origin); !status)
    return status;
  spdlog::info("handing over to {}", parts_.origin.program);
  handing_over_ = true;
  return Done{};
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
  return json{{"schema", 1},
              {"router", instance(*index).name},
              {"effective_priority", parts_.election.router(*index).newest_frames().sender.priority}};
}

std::string Manager::answer(const std::string& request) {
  const auto parsed = json::parse(request, nullptr, /*allow_exceptions=*/false);
  const auto command = parsed.is_object() ? parsed.value("command", json{}) : json{};
  if (command == "status")
    return one_line(status_json(status_sources(), platform::monotonic_now()));
  if (command == "handover") {
    const auto status = prepare_handover();
    if (!status)
      return one_line({{"schema", 1}, {"error", status.error().message}});
    return one_line({{"schema", 1}, {"handover", parts_.origin.program}});
  }
  if (command == "reload") {
    const auto done = reload();
    if (!done)
      return one_line({{"schema", 1}, {"error", done.error().message}});
    return one_line({{"schema", 1},
                     {"reload",
                      {{"added", done->added},
                       {"removed", done->removed},
                       {"changed", done->changed},
                       {"restarted", done->restarted},
                       {"unchanged", done->unchanged},
                       {"text", done->text()}}}});
  }
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
