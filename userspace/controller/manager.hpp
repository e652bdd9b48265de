// SPDX-License-Identifier: BSD-2-Clause
// The manager thread's work: signals, the control socket, NAT, the log. Anything that may
// wait.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "config/reader.hpp"
#include "controller/address_watch.hpp"
#include "controller/chores.hpp"
#include "controller/control_server.hpp"
#include "controller/dumps.hpp"
#include "controller/election.hpp"
#include "controller/handover.hpp"
#include "controller/interface_watch.hpp"
#include "controller/metrics.hpp"
#include "controller/nat_switch.hpp"
#include "controller/notifier.hpp"
#include "controller/paced_announcer.hpp"
#include "controller/promote_secondaries.hpp"
#include "controller/recorder.hpp"
#include "controller/refusals.hpp"
#include "controller/reload.hpp"
#include "controller/state_keeper.hpp"
#include "controller/static_addresses.hpp"
#include "controller/static_routes.hpp"
#include "controller/status.hpp"
#include "controller/sync_groups.hpp"
#include "controller/tracking.hpp"
#include "platform/link_monitor.hpp"
#include "platform/runtime_files.hpp"
#include "platform/service_manager.hpp"
#include "platform/signal_fd.hpp"

namespace xvrrp::controller {

/// Reads the configuration as it is now.
using LoadConfiguration = std::function<config::Outcome()>;

/// Everything the manager works with; the daemon owns it and outlives the manager.
struct ManagerParts {
  Election& election;
  dataplane::DataPlane& data_plane;
  Attachments& attachments;
  platform::RouteSocket& route;
  platform::LinkMonitor& links;
  platform::SignalFd& signals;
  NatSwitch& nat;
  Notifier& notifier;
  PacedAnnouncer& announcer;
  StaticAddresses& static_addresses;
  StaticRoutes& static_routes;
  PromoteSecondaries& promote_secondaries;
  SyncGroups& groups;
  Chores& chores;
  Tracking& tracking;
  platform::ScriptHost& scripts;
  const platform::PidFile& pid_file;
  const Origin& origin;
  bool graceful;                         ///< a Master that is stopped goes on until its successor is heard
  std::vector<std::uint32_t> processors; ///< as configured at the start
  LoadConfiguration load;
  DaemonFacts facts;
  Dumps dumps;
};

class Manager {
public:
  /// Opens the control socket.
  static Result<std::unique_ptr<Manager>> create(ManagerParts parts, const std::string& control_path,
                                                 std::optional<std::uint32_t> control_group);

  /// Gives routers what an earlier daemon knew of them. Before run() and before the election's.
  void restore(const CarriedState& carried) { keeper_.restore(carried); }

  /// Gives it a sample whenever it asks. Before run(); `metrics` outlives that.
  Status serve(Metrics& metrics);

  /// Starts the routers and runs until SIGTERM or SIGINT. On return every router has resigned and the
  /// addresses are gone; a second signal does not wait for successors. Or until a handover is asked for: on
  /// return the election thread has ended and the rest is as it was.
  enum class Ending : std::uint8_t { Stopped, HandedOver };
  Ending run();

private:
  explicit Manager(ManagerParts parts, platform::Epoll epoll);

  void dispatch(const platform::Epoll::Event& ready);
  void on_signals();
  void begin_stop();
  void write_dump(Dump dump);
  void on_files();
  StatusSources status_sources() const;
  bool stopped() const;
  void tell_service_manager(Instant now);
  void keep_runtime_files();

  void follow_election();
  void hear_reports();
  void tell_losing_adverts(std::size_t router, std::uint64_t heard);
  void on(const Transition& transition);
  void tell(const Transition& transition);
  void log(const Transition& transition) const;
  void notify(const Transition& transition);
  void on_tracked(bool changed);
  void on_addresses(const InterfaceWatch::AddressChanges& changes);
  Subject subject(std::size_t router) const;
  void on(const BadPackets& packets);
  void on(const Remark& remark);
  void on(const SendFailure& failure);

  Nanoseconds look_around();
  void on_refusals();

  using Answer = ControlServer::Answer;
  void answer(const std::string& request, const Answer& answer);
  std::string answer_now(const nlohmann::ordered_json& request);
  std::optional<Result<nlohmann::ordered_json>> answer_of_router(const nlohmann::ordered_json& request);
  Result<nlohmann::ordered_json> trace(const nlohmann::ordered_json& request);
  Result<std::size_t> find_router(const std::string& wanted) const;
  Status drain(std::size_t router, bool drained);
  Status set_priority(std::size_t router, const nlohmann::ordered_json& wanted);
  void ask_for_reload(std::function<void(const Result<Reloaded>&)> tell);
  void begin_reload();
  void end_reload(const Result<Reloaded>& done);
  Result<Reloaded> reload(const config::Outcome& outcome, Readings readings);
  void watch_files();
  void prepare_handover(const Answer& answer);
  Status why_no_handover();
  const config::Instance& instance(std::size_t router) const {
    return parts_.election.router(router).newest_plan().instance;
  }

  ManagerParts parts_;
  platform::Epoll epoll_;
  std::optional<ControlServer> control_;
  InterfaceWatch watch_;
  AddressWatch addresses_;
  Reloader reloader_;
  Recorder recorder_;
  StateKeeper keeper_;
  bool has_told_ = false;      ///< of transitions, since it was kept last
  Metrics* metrics_ = nullptr; ///< null: nobody is to scrape
  Refusals refusals_;
  Instant next_look_{};
  platform::ServiceManager service_manager_;
  std::optional<Nanoseconds> watchdog_ = platform::ServiceManager::watchdog_interval();
  Instant next_sign_of_life_{};
  std::string told_status_;     ///< the service manager
  std::string runtime_problem_; ///< as the log was told
  bool is_stopping_ = false;
  std::vector<std::function<void(const Result<Reloaded>&)>> reload_askers_; ///< of the next one
  std::vector<std::function<void(const Result<Reloaded>&)>> reloading_for_; ///< of the one under way
  bool is_reloading_ = false;
  std::optional<Instant> files_heard_again_; ///< absent: they are heard
  bool handing_over_ = false;
};

} // namespace xvrrp::controller
