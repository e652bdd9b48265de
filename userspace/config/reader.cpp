// SPDX-License-Identifier: BSD-2-Clause
#include "config/reader.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <utility>

#include <unistd.h>

#include "config/address_line.hpp"
#include "config/announcement_pace.hpp"
#include "config/diagnostics.hpp"
#include "config/global_defs.hpp"
#include "config/instance.hpp"
#include "config/keyword.hpp"
#include "config/route_line.hpp"
#include "config/rule_line.hpp"
#include "config/source.hpp"
#include "config/sync_group.hpp"
#include "config/syntax.hpp"
#include "config/tracker.hpp"
#include "config/validate.hpp"

namespace xvrrp::config {

namespace {

/// What the keywords of the file itself write to.
struct FileDraft {
  Diagnostics& diagnostics;
  Given given;
  GlobalDefsDraft globals;
  Trackers trackers{};
  std::vector<SyncGroupDraft> groups{};
  std::vector<InstanceDraft> instances{};
  std::string instance{};
  std::vector<VirtualAddress> static_addresses{};
  RulePriorities rule_priorities{};
  std::vector<GarpGroupDraft> garp_groups{};
  std::vector<Route> static_routes{};
  std::vector<Rule> static_rules{};
};

constexpr Shape kNamedBlock{1, 1, true, true, "a name"};

/// What xvrrpd takes as --instance.
void read_instance_name(FileDraft& draft, const Statement& statement) {
  constexpr std::size_t kMaxLength = 32;
  const Token& name = statement.argument(0);
  const bool valid = !name.text.empty() && name.text.size() <= kMaxLength && name.text.front() != '.' &&
                     name.text.front() != '-' &&
                     std::all_of(name.text.begin(), name.text.end(), [](unsigned char character) {
                       return std::isalnum(character) != 0 || std::strchr("_.-", character) != nullptr;
                     });
  if (valid)
    draft.instance = name.text;
  else
    draft.diagnostics.error(name.where, quoted(name.text) +
                                            " cannot be the name of a daemon: allowed are 1 to 32 characters "
                                            "of A-Z a-z 0-9 _ . - that do not begin with . or -");
}

constexpr Keyword<FileDraft> kKeywords[] = {
    {"instance", one_value("a name"), read_instance_name},
    {"global_defs",
     {0, 0, true, true, ""},
     [](FileDraft& draft, const Statement& block) { read_global_defs(draft.globals, block); }},
    {"vrrp_script", kNamedBlock,
     [](FileDraft& draft, const Statement& block) {
       read_track_script(draft.diagnostics, block, draft.trackers);
     }},
    {"track_file", kNamedBlock,
     [](FileDraft& draft, const Statement& block) {
       read_track_file(draft.diagnostics, block, draft.trackers);
     }},
    {"vrrp_track_file", kNamedBlock,
     [](FileDraft& draft, const Statement& block) {
       read_track_file(draft.diagnostics, block, draft.trackers);
     }},
    {"vrrp_track_process", kNamedBlock,
     [](FileDraft& draft, const Statement& block) {
       read_track_process(draft.diagnostics, block, draft.trackers);
     }},
    {"vrrp_sync_group", kNamedBlock,
     [](FileDraft& draft, const Statement& block) {
       draft.groups.push_back(read_sync_group(draft.diagnostics, block));
     }},
    {"vrrp_instance", kNamedBlock,
     [](FileDraft& draft, const Statement& block) {
       draft.instances.push_back(
           read_instance(draft.diagnostics, block, draft.globals.values, draft.rule_priorities));
     }},
    {"garp_group",
     {0, 0, true, true, ""},
     [](FileDraft& draft, const Statement& block) {
       draft.garp_groups.push_back(read_garp_group(draft.diagnostics, block));
     }},
    {"static_routes", kRepeatableList,
     [](FileDraft& draft, const Statement& block) {
       read_routes(draft.diagnostics, block, draft.static_routes);
     }},
    {"static_rules", kRepeatableList,
     [](FileDraft& draft, const Statement& block) {
       read_rules(draft.diagnostics, block, draft.rule_priorities, draft.static_rules);
     }},
    {"static_ipaddress", kRepeatableList,
     [](FileDraft& draft, const Statement& block) {
       (void)read_address_lines(draft.diagnostics, block, AddressKind::Static, draft.static_addresses);
     }},
};

Outcome read(Source source, const std::string& config_id) {
  Diagnostics diagnostics;
  diagnostics.note_file(source.name);
  Sources sources;
  sources.push_back(std::move(source));
  const Statement root = parse_syntax(sources, config_id, diagnostics);
  FileDraft draft{diagnostics, {}, {diagnostics}};
  read_keywords<FileDraft>(draft, Level::Root, kKeywords, root);
  validate(diagnostics, draft.instances);

  Outcome outcome;
  outcome.configuration.dynamic_interfaces = draft.globals.values.dynamic_interfaces;
  outcome.configuration.instance = draft.instance;
  outcome.configuration.umask = draft.globals.values.umask;
  outcome.configuration.notify_timeout = draft.globals.values.notify_timeout;
  outcome.configuration.graceful = draft.globals.values.graceful;
  outcome.configuration.processors = draft.globals.values.processors;
  outcome.configuration.dumps = draft.globals.values.dumps;
  outcome.configuration.static_routes = std::move(draft.static_routes);
  outcome.configuration.static_rules = std::move(draft.static_rules);
  outcome.configuration.router_id = draft.globals.values.router_id;
  const GlobalDefs& globals = draft.globals.values;
  outcome.configuration.notify_fifos = finish_fifos(diagnostics, globals);
  auto& instances = outcome.configuration.instances;
  for (InstanceDraft& instance : draft.instances)
    instances.push_back(finish_instance(std::move(instance), globals, draft.trackers));
  finish_paces(draft.garp_groups, globals.spacing, instances);
  outcome.configuration.sync_groups = finish_sync_groups(std::move(draft.groups), draft.trackers, instances);
  for (auto& group : outcome.configuration.sync_groups)
    finish_notify(diagnostics, group.notify, globals);
  finish_track_scripts(diagnostics, draft.trackers, globals.default_user(), globals.script_security);
  outcome.configuration.scripts = std::move(draft.trackers.scripts);
  outcome.configuration.files = std::move(draft.trackers.files);
  outcome.configuration.processes = std::move(draft.trackers.processes);
  validate_macs(diagnostics, outcome.configuration.instances);
  validate_addresses(diagnostics, outcome.configuration.instances);
  validate_room(diagnostics, outcome.configuration.instances);
  outcome.insecure_scripts = diagnostics.has_insecure_scripts();
  auto& statics = outcome.configuration.static_addresses = std::move(draft.static_addresses);
  for (auto& address : statics) {
    if (address.device.empty())
      address.device = globals.default_interface;
  }
  validate_static_addresses(diagnostics, statics, outcome.configuration.instances);
  outcome.diagnostics = diagnostics.take();
  return outcome;
}

} // namespace

bool Outcome::ok() const {
  return std::none_of(diagnostics.begin(), diagnostics.end(),
                      [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::Error; });
}

std::string default_config_id() {
  std::array<char, 256> name{};
  (void)::gethostname(name.data(), name.size() - 1); // longer ones are cut
  const std::string text{name.data()};
  return text.substr(0, text.find('.'));
}

Outcome load_file(const std::string& path, const std::string& config_id) {
  std::string problem;
  auto source = read_source(path, problem);
  if (!source)
    return {{}, {{{path, 0, 0}, Severity::Error, problem}}, false};
  return read(*std::move(source), config_id);
}

Outcome parse(std::string_view text, const std::string& name, const std::string& config_id) {
  return read(Source{name, std::string{text}}, config_id);
}

} // namespace xvrrp::config
