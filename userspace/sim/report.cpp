// SPDX-License-Identifier: BSD-2-Clause
#include "sim/report.hpp"

#include <fmt/format.h>

namespace xvrrp::sim {

double Stopwatch::wall_seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_).count();
}

double Stopwatch::processor_seconds() const {
  return static_cast<double>(std::clock() - processor_) / CLOCKS_PER_SEC;
}

std::string summary(const RunReport& report, const Stopwatch& took) {
  const double seconds = took.processor_seconds();
  const double simulated = to_ms(report.simulated) / 1000;
  std::string text = fmt::format("simulated  {:.0f} s in {} rounds\n", simulated, report.rounds);
  text += fmt::format("events     {} in {:.2f} s, {:.2f} s of one processor: {:.2f} million a second of it\n",
                      report.events, took.wall_seconds(), seconds,
                      static_cast<double>(report.events) / seconds / 1e6);
  text += fmt::format("adverts    {}\ntakeovers  {}\n", report.adverts, report.takeovers);
  text += "faults    ";
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind)
    text += fmt::format(" {} {}", name(static_cast<FaultKind>(kind)), report.faults[kind]);
  text += fmt::format("\njudged     {} of {} settled virtual routers, {} losses of a Master in peace\n",
                      report.groups_judged, report.groups_audited, report.successions);
  text += fmt::format("digest     {:016x}\n", report.digest);
  if (report.verdict.clean())
    return text + "verdict    no rule was broken\n";
  return text + fmt::format("verdict    {} violations\n", report.verdict.count()) + report.verdict.text();
}

std::string replay_command(const RunOptions& options) {
  const auto& shape = options.shape;
  return fmt::format("xvrrp-sim --seed {} --hours {} --routers {} --vrs {} --segments {} --fast {}{}",
                     options.seed, to_ms(options.duration) / 3'600'000, shape.routers, shape.vrs,
                     shape.segments, shape.fast_vrs, shape.kernel ? "" : " --core-only");
}

std::string fault_list() {
  std::string text;
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind)
    text += fmt::format("{:<18} {}\n", name(static_cast<FaultKind>(kind)),
                        describe(static_cast<FaultKind>(kind)));
  return text;
}

} // namespace xvrrp::sim
