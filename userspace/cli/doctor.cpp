// SPDX-License-Identifier: BSD-2-Clause
#include "cli/doctor.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/ask.hpp"
#include "cli/commands.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"

namespace xvrrp::cli {
namespace doctor {
namespace {

struct CodeInfo {
  const char* name;
  Severity severity;
};
constexpr std::array kCodes{
#define XVRRP_X(code, severity) CodeInfo{#code, Severity::severity},
    XVRRP_DOCTOR_CODES(XVRRP_X)
#undef XVRRP_X
};

} // namespace

const char* name(Code code) {
  return kCodes[static_cast<std::size_t>(code)].name;
}

Severity severity(Code code) {
  return kCodes[static_cast<std::size_t>(code)].severity;
}

const char* name(Severity severity) {
  switch (severity) {
  case Severity::Note:
    return "note";
  case Severity::Warning:
    return "warning";
  case Severity::Error:
    return "error";
  }
  return "?";
}

namespace {

/// A daemon that hangs is to be found, not waited for.
constexpr std::chrono::milliseconds kDaemonPatience{1000};

/// The daemon's own, else the one that it would read.
std::string find_file(const Examine& command, const std::optional<Json>& status) {
  if (command.file)
    return *command.file;
  if (status)
    return text_at(member(*status, "daemon"), "config");
  constexpr const char* kOwnFile = "/etc/xvrrp/xvrrp.conf";
  return access(kOwnFile, F_OK) == 0 ? kOwnFile : "/etc/keepalived/keepalived.conf";
}

Result<Facts> gather(const Examine& command) {
  Facts facts{command.instance, {}, {}, {}, {}, {}, {}, {}};
  auto status = ask(command.instance, {{"command", "status"}}, kDaemonPatience);
  if (!status && status.error().kind == ErrorKind::Permission)
    return std::move(status).error();
  if (!status && status.error().kind != ErrorKind::NotRunning)
    facts.no_answer = status.error().message;
  if (status)
    facts.status = *std::move(status);
  facts.file = find_file(command, facts.status);
  facts.configuration = config::load_file(facts.file);
  if (auto plane = dataplane::DataPlane::open(command.instance))
    facts.plane = *std::move(plane);
  auto interfaces = platform::interfaces();
  if (!interfaces)
    return std::move(interfaces).error();
  for (auto& interface : *interfaces) {
    auto key = interface.name;
    facts.interfaces.emplace(std::move(key), std::move(interface));
  }
  if (command.probe) {
    if (auto holders = platform::who_has(addresses_to_ask_for(facts)))
      facts.holders = *std::move(holders);
  }
  return facts;
}

Findings examine(const Facts& facts) {
  Findings findings;
  for (const auto& diagnostic : facts.configuration.diagnostics) {
    if (diagnostic.severity == config::Severity::Error) {
      const auto& where = diagnostic.where;
      findings.push_back({Code::configuration,
                          where.line == 0 ? where.file : fmt::format("{}:{}", where.file, where.line),
                          diagnostic.message, "vrrpctl check " + facts.file});
      break; // `check` lists them all
    }
  }
  examine_machine(facts, findings);
  examine_interfaces(facts, findings);
  examine_daemon(facts, findings);
  examine_wire(facts, findings);
  examine_addresses(facts, findings);
  std::stable_sort(findings.begin(), findings.end(),
                   [](const auto& a, const auto& b) { return severity(a.code) > severity(b.code); });
  return findings;
}

std::string findings_json(const Facts& facts, const Findings& findings) {
  Json list = Json::array();
  for (const auto& finding : findings)
    list.push_back({{"code", name(finding.code)},
                    {"severity", name(severity(finding.code))},
                    {"where", finding.where},
                    {"what", finding.what},
                    {"remedy", finding.remedy}});
  Json codes = Json::array();
  for (const auto& code : kCodes)
    codes.push_back(code.name);
  return pretty({{"schema", kSchema},
                 {"instance", facts.instance},
                 {"file", facts.file},
                 {"daemon", facts.status.has_value()},
                 {"findings", list},
                 {"codes", codes}});
}

std::string finding_line(const Finding& finding, bool colours) {
  const auto level = severity(finding.code);
  const auto style = level == Severity::Error     ? Style::Bad
                     : level == Severity::Warning ? Style::Bold
                                                  : Style::Plain;
  const auto where = finding.where.empty() ? "" : finding.where + ": ";
  return fmt::format("{} {}: {}{}; remedy: {}\n", styled(name(level), style, colours), name(finding.code),
                     where, finding.what, finding.remedy);
}

} // namespace
} // namespace doctor

Status run(const Examine& command) {
  const auto facts = doctor::gather(command);
  if (!facts)
    return facts.error();
  const auto findings = doctor::examine(*facts);
  if (command.json)
    print(doctor::findings_json(*facts, findings));
  else if (findings.empty() && on_terminal())
    print("nothing found\n");
  else
    for (const auto& finding : findings)
      print(doctor::finding_line(finding, wants_colours()));
  const auto grave = std::count_if(findings.begin(), findings.end(), [](const auto& finding) {
    return doctor::severity(finding.code) != doctor::Severity::Note;
  });
  if (grave > 0)
    return failed(fmt::format("{} {} found", grave, grave == 1 ? "problem" : "problems"));
  return Done{};
}

} // namespace xvrrp::cli
