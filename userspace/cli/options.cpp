// SPDX-License-Identifier: BSD-2-Clause
#include "cli/options.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/completion.hpp"
#include "cli/durations.hpp"
#include "cli/terminal.hpp"
#include "config/reader.hpp"
#include "platform/runtime_files.hpp"

namespace xvrrp::cli {
namespace {

constexpr const char* kDefaultInstance = "default";
constexpr std::uint32_t kMaxCount = 1'000'000'000;

/// The whole text as a number between the bounds; nothing for anything else, such as "0x10" or "5 ".
template <typename Number>
std::optional<Number> read_number(const std::string& text, Number min, Number max) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || !(number >= min && number <= max))
    return std::nullopt;
  return number;
}

/// CLI11's own range check reads "010" as 8 and does not say "whole".
CLI::Validator whole_number(std::uint32_t min, std::uint32_t max) {
  return {[=](std::string& text) {
            const auto number = read_number(text, min, max);
            if (!number)
              return fmt::format("\"{}\" is not a whole number from {} to {}", text, min, max);
            text = std::to_string(*number);
            return std::string{};
          },
          ""};
}

CLI::Validator seconds(double min, double max) {
  return {[=](std::string& text) {
            return read_number(text, min, max)
                       ? std::string{}
                       : fmt::format("\"{}\" is not a number of seconds from {} to {}", text, min, max);
          },
          ""};
}

CLI::Validator one_of(const std::vector<std::string>& words) {
  return {[=](std::string& text) {
            return std::find(words.begin(), words.end(), text) != words.end()
                       ? std::string{}
                       : fmt::format("\"{}\" is not one of {}", text, fmt::join(words, ", "));
          },
          ""};
}

CLI::Validator instance_name() {
  return {[](std::string& text) {
            return platform::is_valid_instance_name(text)
                       ? std::string{}
                       : fmt::format("\"{}\" is not a name of 1 to 32 characters of A-Z a-z 0-9 _ . - that "
                                     "does not begin with '.' or '-'",
                                     text);
          },
          ""};
}

constexpr const char* kConfigured = "configured";

CLI::Validator priority_or_configured() {
  return {[](std::string& text) {
            return text == kConfigured || read_number<std::uint8_t>(text, 1, 254)
                       ? std::string{}
                       : fmt::format("\"{}\" is neither a whole number from 1 to 254 nor \"{}\"", text,
                                     kConfigured);
          },
          ""};
}

CLI::Validator address() {
  return {[](std::string& text) {
            return IpAddress::parse(text) ? std::string{} : fmt::format("\"{}\" is no IP address", text);
          },
          ""};
}

CLI::Validator not_empty() {
  return {[](std::string& text) { return std::string{text.empty() ? "a name is missing" : ""}; }, ""};
}

/// The options of all commands, as CLI11 fills them.
struct Words {
  bool replace = false;
  std::string instance;
  std::string interface;
  std::string router;
  std::string priority;
  std::string address;
  std::string peer;
  std::string file;
  std::string shell;
  std::string config_id = config::default_config_id();
  std::string mode = "auto";
  std::vector<std::string> routers;
  std::vector<std::uint32_t> vrids;
  std::vector<std::string> disabled_features;
  double interval = 1;
  double seconds = 0;
  std::uint32_t count = 0;
  bool json = false;
  bool names = false;
  bool explain = false;
  bool strict = false;
  bool lines = false;
  bool quiet = false;
  bool rfc6527 = false;
  bool no_probe = false;
};

void add_interface(CLI::App& command, Words& words) {
  command.add_option("IF", words.interface, "network interface")
      ->type_name("")
      ->required()
      ->check(not_empty());
}

void add_router(CLI::App& command, Words& words) {
  command.add_option("VR", words.router, "name of its vrrp_instance, or its VRID")->type_name("")->required();
}

void add_json(CLI::App& command, Words& words) {
  command.add_flag("--json", words.json, "answer in JSON");
}

void add_no_feature(CLI::App& command, Words& words) {
  command
      .add_option("--no-feature", words.disabled_features,
                  "treat a kernel feature as missing; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
}

void add_load(CLI::App& app, Words& words) {
  auto& load = *app.add_subcommand(
      "load", "load the data plane on an interface: observe it or, with --vrid, shield a VRRP daemon");
  add_interface(load, words);
  load.add_option("--mode", words.mode,
                  "how XDP is attached: native, skb, or auto (native, else skb); default: auto")
      ->type_name("MODE")
      ->check(one_of({"auto", "native", "skb"}));
  load.add_option("--vrid", words.vrids,
                  "a VRID that another VRRP daemon runs here: drop what is not for it; may be repeated")
      ->type_name("N")
      ->allow_extra_args(false)
      ->check(whole_number(1, 255));
  load.add_flag("--replace", words.replace,
                "remove what another version of xvrrp, or an xvrrpd that was killed, left of the instance");
  add_no_feature(load, words);
}

void add_samples(CLI::App& command, Words& words) {
  command.add_option("--interval", words.interval, "time between samples, 0.1 to 3600; default: 1")
      ->type_name("SECONDS")
      ->check(seconds(0.1, 3600));
  command.add_option("--count", words.count, "end after N samples; default: end with Ctrl-C")
      ->type_name("N")
      ->check(whole_number(1, kMaxCount));
}

void add_watch(CLI::App& app, Words& words) {
  auto& watch = *app.add_subcommand("watch", "show every virtual router heard on an interface");
  add_interface(watch, words);
  add_samples(watch, words);
  add_json(watch, words);
}

void add_top(CLI::App& app, Words& words) {
  auto& top = *app.add_subcommand(
      "top", "show all virtual routers of the running xvrrpd, with rates, again and again");
  add_samples(top, words);
  add_json(top, words);
}

void add_duration(CLI::App& command, Words& words) {
  command.add_option("--seconds", words.seconds, "end after so many seconds, 0.1 to 86400; default: Ctrl-C")
      ->type_name("SECONDS")
      ->check(seconds(0.1, 86400));
}

void add_capture(CLI::App& app, Words& words) {
  auto& capture =
      *app.add_subcommand("capture", "write the VRRP packets of an interface, each with what became of it");
  add_interface(capture, words);
  capture
      .add_option("-w,--write", words.file,
                  "write pcapng to FILE, - is standard output; default: lines on a terminal, else pcapng to "
                  "standard output")
      ->type_name("FILE")
      ->check(not_empty());
  capture.add_flag("--lines", words.lines, "a line per packet, also where standard output is no terminal")
      ->excludes("--write");
  capture.add_option("-c,--count", words.count, "end after N packets")
      ->type_name("N")
      ->check(whole_number(1, kMaxCount));
  add_duration(capture, words);
}

void add_trace(CLI::App& app, Words& words) {
  auto& trace = *app.add_subcommand("trace", "record what xvrrpd decides and why, and replay it");
  trace.require_subcommand(1);
  auto& record =
      *trace.add_subcommand("record", "write every event of virtual routers, and what they did, to a file");
  record.add_option("FILE", words.file, "- is standard output")
      ->type_name("")
      ->required()
      ->check(not_empty());
  record.add_option("VR", words.routers, "name of a vrrp_instance, or its VRID; default: all")->type_name("");
  add_duration(record, words);
  auto& replay = *trace.add_subcommand("replay", "decide again, here, and compare");
  replay.add_option("FILE", words.file, "- is standard input")->type_name("")->required()->check(not_empty());
  replay.add_flag("--quiet", words.quiet, "do not print the steps");
}

void add_commands(CLI::App& app, Words& words) {
  add_load(app, words);
  add_interface(*app.add_subcommand("unload", "detach the data plane from an interface"), words);
  auto& status = *app.add_subcommand("status", "show the virtual routers of the running xvrrpd");
  add_json(status, words);
  status.add_flag("--names", words.names, "only their names, a line each")->excludes("--json");
  auto& stats = *app.add_subcommand("stats", "show what the data plane counted, with or without xvrrpd");
  add_json(stats, words);
  stats.add_flag("--rfc6527", words.rfc6527, "the counters of RFC 6527 (VRRPV3-MIB) instead");
  add_watch(app, words);
  add_top(app, words);
  add_capture(app, words);
  add_trace(app, words);
  add_json(*app.add_subcommand("reload", "let the running xvrrpd read its configuration again"), words);
  app.add_subcommand("handover",
                     "let the running xvrrpd execute its program anew, keeping every Master a Master");
  auto& explain =
      *app.add_subcommand("explain", "say why a virtual router is in its state, and what it went through");
  add_router(explain, words);
  add_json(explain, words);
  auto& priority =
      *app.add_subcommand("priority", "give a virtual router another priority, until xvrrpd ends");
  add_router(priority, words);
  priority.add_option("PRIORITY", words.priority, "1 to 254, or configured: as in the configuration again")
      ->type_name("")
      ->required()
      ->check(priority_or_configured());
  for (const auto& [name, what] :
       {std::pair{"drain",
                  "take a virtual router out of service: a Master goes on until its successor is heard"},
        std::pair{"undrain", "put a drained virtual router back into service"}}) {
    add_router(*app.add_subcommand(name, what), words);
  }
  auto& features = *app.add_subcommand("features", "show which features xvrrp needs of the kernel");
  add_json(features, words);
  add_no_feature(features, words);
  auto& check = *app.add_subcommand("check", "check a configuration file");
  check.add_option("FILE", words.file, "configuration in the language of keepalived.conf")
      ->type_name("")
      ->required();
  check
      .add_option("-i,--config-id", words.config_id,
                  "which lines that begin with @ID are read; default: the host's name")
      ->type_name("ID");
  check.add_flag("--explain", words.explain, "print what the file says, with every default");
  check.add_flag("--strict", words.strict, "warnings count as errors");
  add_json(check, words);
  auto& conntrackd =
      *app.add_subcommand("conntrackd-config", "print a conntrackd.conf: connections survive a takeover");
  conntrackd.add_option("--interface", words.interface, "of the link between the two routers")
      ->type_name("IF")
      ->required()
      ->check(not_empty());
  conntrackd.add_option("--address", words.address, "this router's address on it")
      ->type_name("ADDRESS")
      ->required()
      ->check(address());
  conntrackd.add_option("--peer", words.peer, "the other router's address on it")
      ->type_name("ADDRESS")
      ->required()
      ->check(address());
}

void add_doctor(CLI::App& app, Words& words) {
  auto& doctor = *app.add_subcommand("doctor", "look for what is wrong here, and say what to do about it");
  doctor.add_option("-f,--use-file", words.file, "configuration; default: that of xvrrpd")
      ->type_name("FILE")
      ->check(not_empty());
  doctor.add_flag("--no-probe", words.no_probe,
                  "send nothing: do not ask the network who else has the addresses");
  add_json(doctor, words);
}

void add_completion(CLI::App& app, Words& words) {
  app.add_subcommand("completion", "print what makes a shell complete the words of vrrpctl")
      ->add_option("SHELL", words.shell, "bash, zsh or fish")
      ->type_name("")
      ->required()
      ->check(one_of({"bash", "zsh", "fish"}));
}

Load load_command(const Words& words) {
  using dataplane::WantedMode;
  const std::map<std::string, WantedMode> modes{
      {"auto", WantedMode::Auto}, {"native", WantedMode::Native}, {"skb", WantedMode::Skb}};
  Load load{words.instance,          words.interface, modes.at(words.mode), {},
            words.disabled_features, words.replace};
  for (const auto vrid : words.vrids)
    load.vrids.push_back(static_cast<std::uint8_t>(vrid));
  std::sort(load.vrids.begin(), load.vrids.end());
  load.vrids.erase(std::unique(load.vrids.begin(), load.vrids.end()), load.vrids.end());
  return load;
}

/// `command`: Watch or Top.
template <typename Command>
Command sampled(Command command, const Words& words) {
  if (words.count > 0)
    command.count = words.count;
  command.interval = from_s(words.interval);
  return command;
}

Watch watch_command(const CLI::App& app, const Words& words) {
  Watch watch{{}, words.interface, {}, {}, words.json};
  if (app.count("--instance") > 0)
    watch.instance = words.instance;
  return sampled(std::move(watch), words);
}

std::optional<Nanoseconds> duration(const Words& words) {
  if (words.seconds == 0)
    return std::nullopt;
  return from_s(words.seconds);
}

CaptureTraffic capture_command(const CLI::App& app, const Words& words) {
  CaptureTraffic capture{{}, words.interface, {}, words.lines, {}, {}};
  if (app.count("--instance") > 0)
    capture.instance = words.instance;
  if (!words.file.empty())
    capture.file = words.file;
  if (words.count > 0)
    capture.count = words.count;
  capture.duration = duration(words);
  return capture;
}

/// Where `instance` in the configuration gives the only daemon here its name, nobody has to repeat it.
std::string unnamed_instance() {
  const auto running = platform::instances_here();
  return running.size() == 1 ? running.front() : kDefaultInstance;
}

Command command_of(const CLI::App& app, const Words& words) {
  const std::string name = app.get_subcommands().front()->get_name();
  if (name == "load")
    return load_command(words);
  if (name == "unload")
    return Unload{words.instance, words.interface};
  if (name == "status")
    return ShowStatus{words.instance, words.json, words.names};
  if (name == "handover")
    return HandOver{words.instance};
  if (name == "reload")
    return Reload{words.instance, words.json};
  if (name == "drain" || name == "undrain")
    return Drain{words.instance, words.router, name == "drain"};
  if (name == "explain")
    return ExplainState{words.instance, words.router, words.json};
  if (name == "priority")
    return SetPriority{words.instance, words.router, read_number<std::uint8_t>(words.priority, 1, 254)};
  if (name == "stats")
    return ShowStats{words.instance, words.json, words.rfc6527};
  if (name == "watch")
    return watch_command(app, words);
  if (name == "top")
    return sampled(Top{words.instance, {}, {}, words.json}, words);
  if (name == "capture")
    return capture_command(app, words);
  if (name == "trace" && app.get_subcommand("trace")->got_subcommand("replay"))
    return ReplayTrace{words.file, words.quiet};
  if (name == "trace")
    return RecordTrace{words.instance, words.file, words.routers, duration(words)};
  if (name == "features")
    return ShowFeatures{words.disabled_features, words.json};
  if (name == "conntrackd-config")
    return ConntrackdConfig{words.interface, *IpAddress::parse(words.address), *IpAddress::parse(words.peer)};
  if (name == "doctor")
    return Examine{words.instance, words.file.empty() ? std::nullopt : std::optional{words.file}, words.json,
                   !words.no_probe};
  if (name == "completion")
    return ShowCompletion{completion_script(app, words.shell)};
  return Check{words.file, words.config_id, words.json, words.explain, words.strict};
}

/// CLI11 says of an unknown command only that one is required.
std::string problem(const CLI::App& app, const CLI::ParseError& error) {
  const auto rest = app.remaining();
  if (!app.get_subcommands().empty() || rest.empty())
    return error.what();
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands({}))
    names.push_back(command->get_name());
  return fmt::format("\"{}\" is neither an option nor one of {}", rest.front(), fmt::join(names, ", "));
}

} // namespace

ParsedOptions parse_options(int argc, const char* const* argv) {
  Words words;
  CLI::App app{"Operator's tool of xvrrp, a VRRP router whose heartbeat lives in the kernel.", "vrrpctl"};
  app.set_version_flag("--version", "vrrpctl " XVRRP_VERSION);
  app.add_option(
         "--instance", words.instance,
         "which xvrrpd, or which data plane loaded by hand; default: default, or, where that does not "
         "run, the only xvrrpd of this network namespace")
      ->type_name("NAME")
      ->check(instance_name());
  app.require_subcommand(1);
  app.fallthrough(); // --instance may stand behind the command, too
  add_commands(app, words);
  add_doctor(app, words);
  add_completion(app, words);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success))
      return {{}, app.exit(error)};
    print_error(fmt::format("vrrpctl: {} (see vrrpctl --help)", problem(app, error)));
    return {{}, static_cast<int>(ErrorKind::Usage)};
  }
  const bool loads = app.got_subcommand("load") || app.got_subcommand("unload");
  if (words.instance.empty())
    words.instance = loads ? kDefaultInstance : unnamed_instance();
  return {command_of(app, words), 0};
}

} // namespace xvrrp::cli
