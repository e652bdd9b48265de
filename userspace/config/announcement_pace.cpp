// SPDX-License-Identifier: BSD-2-Clause
#include "config/announcement_pace.hpp"

#include <map>

#include "config/spelling.hpp"
#include "config/values.hpp"

namespace xvrrp::config {

namespace {

constexpr Nanoseconds kLongest = std::chrono::hours{1};

void add_interface(GarpGroupDraft& draft, const Token& word) {
  if (read_interface(draft.diagnostics, word))
    draft.interfaces.push_back(word);
}

constexpr Keyword<GarpGroupDraft> kKeywords[] = {
    {"garp_interval", one_value("a number of seconds"),
     [](GarpGroupDraft& draft, const Statement& statement) {
       read_spacing(draft.diagnostics, statement, draft.spacing.arp);
     }},
    {"gna_interval", one_value("a number of seconds"),
     [](GarpGroupDraft& draft, const Statement& statement) {
       read_spacing(draft.diagnostics, statement, draft.spacing.na);
     }},
    {"interface",
     {1, 1, false, true, "an interface name"},
     [](GarpGroupDraft& draft, const Statement& statement) { add_interface(draft, statement.argument(0)); }},
    {"interfaces", kRepeatableList,
     [](GarpGroupDraft& draft, const Statement& block) {
       for (const Statement& line : block.body) {
         for (const Token& word : line.words)
           add_interface(draft, word);
       }
     }},
};

} // namespace

void read_spacing(Diagnostics& diagnostics, const Statement& statement, Nanoseconds& value) {
  value = read_seconds(diagnostics, statement.keyword().text, statement.argument(0), Nanoseconds{0}, kLongest)
              .value_or(value);
}

GarpGroupDraft read_garp_group(Diagnostics& diagnostics, const Statement& block) {
  GarpGroupDraft draft{diagnostics};
  read_keywords<GarpGroupDraft>(draft, Level::GarpGroup, kKeywords, block);
  const bool has_interval = draft.given.count("garp_interval") > 0 || draft.given.count("gna_interval") > 0;
  if (!block.incomplete && !has_interval)
    diagnostics.error(block.keyword().where, "garp_group needs garp_interval or gna_interval");
  if (!block.incomplete && draft.interfaces.empty())
    diagnostics.error(block.keyword().where, "garp_group needs an interface");
  return draft;
}

void finish_paces(const std::vector<GarpGroupDraft>& groups, const AnnouncementSpacing& otherwise,
                  std::vector<Instance>& instances) {
  struct Member {
    AnnouncementSpacing spacing;
    unsigned group;
  };
  std::map<std::string, Member> members;
  unsigned number = 0;
  for (const auto& group : groups) {
    ++number;
    for (const Token& interface : group.interfaces) {
      if (!members.emplace(interface.text, Member{group.spacing, number}).second)
        group.diagnostics.error(interface.where,
                                "interface " + quoted(interface.text) + " is in a garp_group already");
    }
  }
  for (auto& instance : instances) {
    for (auto& address : instance.addresses) {
      const auto& device = address.device.empty() ? instance.interface : address.device;
      const auto member = members.find(device);
      const auto& [spacing, group] = member != members.end() ? member->second : Member{otherwise, 0};
      const bool is_ipv4 = address.prefix.address.family() == Family::IPv4;
      address.pace = {is_ipv4 ? spacing.arp : spacing.na, group};
    }
  }
}

} // namespace xvrrp::config
