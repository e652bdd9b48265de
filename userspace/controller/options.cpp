// SPDX-License-Identifier: BSD-2-Clause
#include "controller/options.hpp"

#include <csignal>
#include <cstdio>
#include <map>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <xvrrp/abi/types.h>
#include <xvrrp/base/result.hpp>

#include "config/reader.hpp"

namespace xvrrp::controller {
namespace {

constexpr const char* kOwnFile = "/etc/xvrrp/xvrrp.conf";
constexpr const char* kKeepalivedFile = "/etc/keepalived/keepalived.conf";

} // namespace

ParsedOptions parse_options(int argc, char** argv) {
  using dataplane::WantedMode;
  ParsedOptions parsed;
  Options& options = parsed.options;
  CLI::App app{"VRRP router whose heartbeat lives in the kernel. Reads keepalived.conf.", "xvrrpd"};
  app.set_version_flag("-v,--version", "xvrrpd " XVRRP_VERSION);
  app.add_option("-f,--use-file", options.file,
                 std::string{"configuration file (default: "} + kOwnFile + ", else " + kKeepalivedFile + ")");
  app.add_flag("-n,--dont-fork", options.foreground, "stay in the foreground and log to standard error");
  app.add_flag("-t,--config-test", options.test_only, "check the configuration and exit");
  options.config_id = config::default_config_id();
  app.add_option("-i,--config-id", options.config_id,
                 "which lines that begin with @ID are read (default: the host's name)");
  app.add_option(
      "--instance", options.instance,
      "name of this daemon: its pins, its control socket, its lock (default: that of `instance` in "
      "the configuration, else \"default\")");
  const std::map<std::string, WantedMode> modes{
      {"auto", WantedMode::Auto}, {"native", WantedMode::Native}, {"skb", WantedMode::Skb}};
  app.add_option("--mode", options.mode, "how XDP is attached: auto, native or skb (default: auto)")
      ->transform(CLI::Transformer(modes).description(""))
      ->check(CLI::IsMember({WantedMode::Auto, WantedMode::Native, WantedMode::Skb}).description(""));
  app.add_flag("--replace", options.replace,
               "remove the data plane that is pinned for the instance, of whatever version, and load anew");
  const std::map<std::string, int> signals{
      {"STOP", SIGTERM}, {"RELOAD", SIGHUP}, {"DATA", SIGUSR1}, {"STATS", SIGUSR2}, {"JSON", SIGRTMIN + 2}};
  std::string signal;
  app.add_option("--signum", signal, "print the number of the signal STOP, RELOAD, DATA, STATS or JSON")
      ->check(CLI::IsMember(signals).description(""));
  app.add_option("--control-group", options.control_group,
                 "a group whose members may use vrrpctl beside root: all of it that asks xvrrpd");
  bool abi = false;
  app.add_flag("--abi", abi, "print the version of the data plane's layout");
  std::string unknown_vrid = "drop";
  app.add_option("--unknown-vrid", unknown_vrid,
                 "VRRP packets of virtual routers that are not configured: drop, or pass for another daemon")
      ->check(CLI::IsMember({"drop", "pass"}).description(""))
      ->capture_default_str();
  app.add_option("--no-feature", options.disabled_features,
                 "treat a kernel feature as missing (see vrrpctl features)");
  app.add_option("--metrics", options.metrics,
                 "serve Prometheus' metrics at unix:/PATH, HOST:PORT or [IPV6]:PORT (default: not at all)")
      ->type_name("ADDRESS");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    parsed.exit_code = code == 0 ? 0 : static_cast<int>(ErrorKind::Usage);
    return parsed;
  }
  if (!signal.empty()) {
    std::printf("%d\n", signals.at(signal));
    parsed.exit_code = 0;
    return parsed;
  }
  if (abi) {
    std::printf("%d\n", XV_ABI_VERSION);
    parsed.exit_code = 0;
    return parsed;
  }
  options.pass_unknown_vrid = unknown_vrid == "pass";
  if (options.file.empty())
    options.file = access(kOwnFile, F_OK) == 0 ? kOwnFile : kKeepalivedFile;
  return parsed;
}

} // namespace xvrrp::controller
