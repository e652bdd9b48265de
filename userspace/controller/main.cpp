// SPDX-License-Identifier: BSD-2-Clause
// xvrrpd
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string_view>

#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xvrrp/base/printable.hpp>

#include "config/reader.hpp"
#include "config/surroundings.hpp"
#include "controller/background.hpp"
#include "controller/daemon.hpp"
#include "controller/handover.hpp"
#include "controller/log.hpp"
#include "platform/inheritance.hpp"
#include "platform/script_process.hpp"

namespace {

using namespace xvrrp;

/// How long the end waits for the log's reader; and a handover, in which adverts are due.
constexpr std::chrono::milliseconds kLastWords{1000};
constexpr std::chrono::milliseconds kLastLineOfAMaster{20};

int fail(const Error& error) {
  std::fprintf(stderr, "xvrrpd: %s\n", printable(error.message).c_str());
  return static_cast<int>(error.kind);
}

/// To whoever started it; a successor's standard error may be closed, or read by nobody.
void say(const config::Diagnostic& diagnostic, bool is_successor) {
  if (is_successor)
    spdlog::warn("{}", diagnostic.text());
  else
    std::fprintf(stderr, "%s\n", printable(diagnostic.text()).c_str());
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
  const bool is_successor = origin.lock.has_value();
  if (is_successor && !options.foreground)
    controller::log_to_syslog();
  else
    controller::log_to_standard_error();
  const auto outcome = config::load_file(options.file, options.config_id);
  for (const auto& diagnostic : outcome.diagnostics)
    say(diagnostic, is_successor);
  for (const auto& diagnostic : config::check_surroundings(outcome.configuration))
    say(diagnostic, is_successor);
  const auto bad = options.test_only ? ErrorKind::WouldNotRun : ErrorKind::Usage;
  if (!outcome.ok())
    return static_cast<int>(bad);
  if (outcome.configuration.instances.empty())
    return fail({bad, options.file + " has no vrrp_instance: there is nothing to run"});
  if (options.test_only) {
    std::printf("%s: good, %zu virtual routers\n", printable(options.file).c_str(),
                outcome.configuration.instances.size());
    return outcome.insecure_scripts ? static_cast<int>(ErrorKind::InsecureScripts) : 0;
  }

  heed(outcome.configuration, options);
  std::optional<controller::Background> background;
  if (!options.foreground && !is_successor) {
    auto entered = controller::Background::enter();
    if (!entered)
      return fail(entered.error());
    background = *entered;
  }
  auto daemon = controller::Daemon::start(options, origin, outcome.configuration, load);
  if (!daemon) {
    if (is_successor)
      spdlog::error("{}", daemon.error().message);
    const auto code = static_cast<int>(daemon.error().kind);
    if (!controller::finish_log(kLastWords))
      _exit(code);
    return is_successor ? code : fail(daemon.error());
  }
  if (background) {
    controller::log_to_syslog();
    background->started();
  }
  spdlog::info("xvrrpd " XVRRP_VERSION ", instance {}, {} virtual routers from {}", options.instance,
               outcome.configuration.instances.size(), options.file);
  if (const auto estate = (*daemon)->run()) {
    (void)controller::finish_log(kLastLineOfAMaster);
    spdlog::error("{}", become_successor(origin, *estate).message);
    (void)controller::finish_log(kLastWords);
    // Nothing is released: the next start takes it over, and until then the leases fence it.
    _exit(static_cast<int>(ErrorKind::Failed));
  }
  daemon->reset();
  spdlog::info("stopped");
  if (!controller::finish_log(kLastWords))
    _exit(0);
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view{argv[1]} == platform::kScriptProcessOption)
    return platform::run_script_process();
  platform::settle_process();
  const auto origin = controller::Origin::of_this_process(argc, argv);
  const auto parsed = controller::parse_options(argc, argv);
  return parsed.exit_code >= 0 ? parsed.exit_code : run(parsed.options, origin);
}
