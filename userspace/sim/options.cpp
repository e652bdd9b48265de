// SPDX-License-Identifier: BSD-2-Clause
#include "sim/options.hpp"

#include <CLI/CLI.hpp>

namespace xvrrp::sim {
namespace {

constexpr int kUsage = 2;
constexpr double kNsPerHour = 3600e9;

constexpr const char* kFooter = R"(
A run boots all routers, then goes through rounds: one to four minutes of faults; peace, in which every virtual
router must settle on the right Master and stay with it; the loss of one node with a goodbye, and of one without.
Checkers written from RFC 9568 and RFC 3768 watch all of it.

One seed is one run, byte for byte: the digest says whether two runs were the same.

Examples:
  xvrrp-sim --seed 42                          one hour of 5 routers and 50 virtual routers
  xvrrp-sim --seed 42 --trace | less           the same, line by line
  xvrrp-sim --seconds 60                       new seeds for a minute; stops at the first that fails
  xvrrp-sim --seed 7 --hours 24                a day

Exit status: 0 no rule was broken, 1 a rule was broken, 2 usage.)";

} // namespace

ParsedOptions parse_options(int argc, char** argv) {
  ToolOptions options;
  auto& shape = options.run.shape;
  double hours = 1;
  bool list_faults = false;
  bool no_kernel = false;

  CLI::App app{"Simulates a network of VRRP routers with faults, deterministically, and checks it."};
  app.name("xvrrp-sim");
  app.footer(kFooter);
  auto* seed = app.add_option("--seed", options.run.seed, "The run to run (default: a new one)");
  app.add_option("--hours", hours, "Simulated time of a run")
      ->check(CLI::Range(0.001, 10000.0))
      ->capture_default_str();
  app.add_option("--routers", shape.routers, "Nodes")->check(CLI::Range(1, 64))->capture_default_str();
  app.add_option("--vrs", shape.vrs, "Virtual routers, with a router on each node")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--segments", shape.segments, "Links that the nodes share; each virtual router is on one")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
  app.add_option("--fast", shape.fast_vrs, "How many of the virtual routers advertise every 10 ms")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  app.add_flag("--core-only", no_kernel, "No data plane stands between the network and the elections");
  auto* trace = app.add_flag("--trace", options.trace, "Print everything that happens, one line each");
  auto* seconds = app.add_option("--seconds", options.seconds, "Try new seeds for so long by the wall clock")
                      ->check(CLI::Range(0.1, 86400.0))
                      ->excludes(seed)
                      ->excludes(trace);
  app.add_flag("--list-faults", list_faults, "Say what can go wrong in a run");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return {std::nullopt, code == 0 ? 0 : kUsage};
  }
  options.run.duration = Nanoseconds{static_cast<std::int64_t>(hours * kNsPerHour)};
  options.seed_given = seed->count() > 0;
  shape.kernel = !no_kernel;
  if (list_faults)
    options.task = ToolOptions::Task::ListFaults;
  else if (seconds->count() > 0)
    options.task = ToolOptions::Task::Hunt;
  return {options, 0};
}

} // namespace xvrrp::sim
