// SPDX-License-Identifier: BSD-2-Clause
// xvrrpd
#include <cstdio>
#include <filesystem>
#include <optional>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <spdlog/sinks/systemd_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "config/reader.hpp"
#include "config/surroundings.hpp"
#include "controller/background.hpp"
#include "controller/daemon.hpp"
#include "controller/handover.hpp"
#include "platform/service_manager.hpp"

namespace {

using namespace xvrrp;

int fail(const Error& error) {
  std::fprintf(stderr, "xvrrpd: %s\n", error.message.c_str());
  return static_cast<int>(error.kind);
}

void log_to_standard_error() {
  if (platform::ServiceManager::has_journal()) { // with levels, and its own times
    spdlog::set_default_logger(spdlog::systemd_logger_mt("xvrrpd"));
    spdlog::set_pattern("%v");
    return;
  }
  spdlog::set_default_logger(spdlog::stderr_color_mt("xvrrpd"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%f %^%l%$ %v");
}

void log_to_syslog() {
  spdlog::set_default_logger(spdlog::syslog_logger_mt("xvrrpd-syslog", "xvrrpd", LOG_PID, LOG_DAEMON));
  spdlog::set_pattern("%v");
}

/// What the configuration says of the daemon itself.
void heed(const config::Configuration& configuration, controller::Options& options) {
  if (options.instance.empty())
    options.instance = configuration.instance.empty() ? "default" : configuration.instance;
  if (configuration.umask)
    ::umask(*configuration.umask);
}

int run(controller::Options options, const controller::Origin& origin) {
  // The path as it is now: a daemon leaves the directory that it was started in.
  const auto load = [file = std::filesystem::absolute(options.file).string(), id = options.config_id] {
    return config::load_file(file, id);
  };
  const auto outcome = config::load_file(options.file, options.config_id);
  for (const auto& diagnostic : outcome.diagnostics)
    std::fprintf(stderr, "%s\n", diagnostic.text().c_str());
  for (const auto& diagnostic : config::check_surroundings(outcome.configuration))
    std::fprintf(stderr, "%s\n", diagnostic.text().c_str());
  const auto bad = options.test_only ? ErrorKind::WouldNotRun : ErrorKind::Usage;
  if (!outcome.ok())
    return static_cast<int>(bad);
  if (outcome.configuration.instances.empty())
    return fail({bad, options.file + " has no vrrp_instance: there is nothing to run"});
  if (options.test_only) {
    std::printf("%s: good, %zu virtual routers\n", options.file.c_str(),
                outcome.configuration.instances.size());
    return outcome.insecure_scripts ? static_cast<int>(ErrorKind::InsecureScripts) : 0;
  }

  heed(outcome.configuration, options);
  std::optional<controller::Background> background;
  const bool is_successor = origin.lock.has_value();
  if (!options.foreground && !is_successor) {
    auto entered = controller::Background::enter();
    if (!entered)
      return fail(entered.error());
    background = *entered;
  }
  if (is_successor && !options.foreground)
    log_to_syslog();
  else
    log_to_standard_error();
  auto daemon = controller::Daemon::start(options, origin, outcome.configuration, load);
  if (!daemon) {
    if (is_successor)
      spdlog::error("{}", daemon.error().message); // standard error may be closed
    return fail(daemon.error());
  }
  if (background) {
    log_to_syslog();
    background->started();
  }
  spdlog::info("xvrrpd " XVRRP_VERSION ", instance {}, {} virtual routers from {}", options.instance,
               outcome.configuration.instances.size(), options.file);
  if (const auto lock = (*daemon)->run()) {
    spdlog::error("{}", become_successor(origin, *lock).message);
    // Nothing is released: the next start takes it over, and until then the leases fence it.
    _exit(static_cast<int>(ErrorKind::Failed));
  }
  spdlog::info("stopped");
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  const auto origin = controller::Origin::of_this_process(argc, argv);
  const auto parsed = controller::parse_options(argc, argv);
  return parsed.exit_code >= 0 ? parsed.exit_code : run(parsed.options, origin);
}
