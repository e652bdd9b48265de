// SPDX-License-Identifier: BSD-2-Clause
#include "config/rule_line.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <linux/fib_rules.h>

#include "config/entry.hpp"
#include "config/iproute_names.hpp"
#include "config/spelling.hpp"
#include "config/values.hpp"

namespace xvrrp::config {

namespace {

/// Actions of one word.
constexpr std::pair<std::string_view, std::uint8_t> kActions[] = {
    {"nop", FR_ACT_NOP},
    {"blackhole", FR_ACT_BLACKHOLE},
    {"unreachable", FR_ACT_UNREACHABLE},
    {"prohibit", FR_ACT_PROHIBIT},
};

class RuleLineReader {
public:
  RuleLineReader(Diagnostics& diagnostics, const Statement& line, RulePriorities& priorities)
      : diagnostics_(diagnostics), words_(diagnostics, line), priorities_(priorities) {
    rule_.where = line.keyword().where;
  }

  std::optional<Rule> run() {
    while (const Token* const word = words_.next()) {
      if (!read_word(*word))
        return std::nullopt;
    }
    finish();
    return faulty_ ? std::nullopt : std::optional{std::move(rule_)};
  }

private:
  struct Option {
    std::string_view word;
    std::string_view name; ///< of several words that mean the same
    std::string_view needs;
    void (RuleLineReader::*read)(const Token& value);
  };
  static std::span<const Option> options();
  static const Option* find_option(std::string_view word) {
    for (const auto& option : options()) {
      if (option.word == word)
        return &option;
    }
    return nullptr;
  }

  void complain(const Location& where, const std::string& what) {
    diagnostics_.error(where, what);
    faulty_ = true;
  }
  /// Keeps what was read, or notes that it could not be.
  template <typename Value, typename Target>
  void take(const std::optional<Value>& value, Target& target) {
    if (value)
      target = static_cast<Target>(*value);
    faulty_ = faulty_ || !value;
  }

  /// False if what follows on the line has no meaning any more.
  bool read_word(const Token& word) {
    const auto& text = word.text;
    const Option* const option = find_option(text);
    if (option != nullptr) {
      const Token* const value = words_.value(word, option->needs, option->name);
      faulty_ = faulty_ || value == nullptr;
      if (value != nullptr) {
        option_ = &word;
        (this->*option->read)(*value);
      }
      return true;
    }
    if (text == "inet" || text == "inet6") {
      set_family(word.where, text == "inet" ? Family::IPv4 : Family::IPv6);
    } else if (text == "not") {
      rule_.rule.inverted = true;
    } else if (text == "l3mdev") {
      set_action(word, FR_ACT_TO_TBL);
      rule_.rule.vrf_table = true;
    } else if (text == "no_track") {
      rule_.tracked = false;
    } else if (text == "type") { // before an action
      return true;
    } else if (text == "track_group") {
      complain(word.where, "\"track_group\" is a keepalived keyword that xvrrp does not support yet");
      return false;
    } else {
      return read_action(word);
    }
    return true;
  }

  bool read_action(const Token& word) {
    const auto* const action = std::find_if(std::begin(kActions), std::end(kActions),
                                            [&](const auto& known) { return known.first == word.text; });
    if (action != std::end(kActions)) {
      set_action(word, action->second);
      return true;
    }
    std::vector<std::string_view> known{"not", "l3mdev", "no_track"};
    for (const auto& option : options())
      known.push_back(option.word);
    for (const auto& each : kActions)
      known.push_back(each.first);
    complain(word.where, "unexpected " + quoted(word.text) + " in a rule" + did_you_mean(word.text, known));
    return false;
  }

  void set_action(const Token& word, std::uint8_t action) {
    if (has_action_)
      complain(word.where,
               "a rule has one action: table, l3mdev, goto, nop, blackhole, unreachable or prohibit");
    has_action_ = true;
    rule_.rule.action = action;
  }

  void set_family(const Location& where, Family family) {
    if (family_ && *family_ != family)
      complain(where, "IPv4 and IPv6 stand in one rule");
    family_ = family;
  }

  // ---- which packets ----

  void read_selector(const Token& value, std::optional<IpPrefix>& target) {
    if (value.text == "default" || value.text == "any" || value.text == "all")
      return;
    take(read_prefix(diagnostics_, value, 0), target);
    if (target)
      set_family(value.where, target->address.family());
  }
  void read_from(const Token& value) { read_selector(value, rule_.rule.from); }
  void read_to(const Token& value) { read_selector(value, rule_.rule.to); }
  void read_input_device(const Token& value) {
    take(read_interface(diagnostics_, value), rule_.rule.input_device);
  }
  void read_output_device(const Token& value) {
    take(read_interface(diagnostics_, value), rule_.rule.output_device);
  }
  void read_tos_name(const Token& value) { take(read_tos(diagnostics_, value), rule_.rule.tos); }

  void read_mark(const Token& value) {
    const auto slash = std::min(value.text.find('/'), value.text.size());
    Token part = value;
    part.text = value.text.substr(0, slash);
    take(read_number(diagnostics_, "fwmark", part, {0, UINT32_MAX}), rule_.rule.mark);
    if (slash == value.text.size())
      return;
    part.text = value.text.substr(slash + 1);
    part.where.column += static_cast<unsigned>(slash) + 1;
    take(read_number(diagnostics_, "mask of fwmark", part, {0, UINT32_MAX}), rule_.rule.mark_mask);
  }

  void read_tunnel(const Token& value) {
    const char* const end = value.text.data() + value.text.size();
    std::uint64_t number = 0;
    const auto [stopped, problem] = std::from_chars(value.text.data(), end, number);
    if (stopped != end || problem != std::errc{})
      return complain(value.where, "tunnel-id " + quoted(value.text) +
                                       " is not a whole number: allowed are 0 to " +
                                       std::to_string(UINT64_MAX));
    rule_.rule.tunnel = number;
  }

  void read_users(const Token& value) {
    rule_.rule.users = read_range<std::uint32_t>(value, {0, UINT32_MAX - 1});
  }
  void read_source_ports(const Token& value) {
    rule_.rule.source_ports = read_range<std::uint16_t>(value, {1, UINT16_MAX - 1});
  }
  void read_destination_ports(const Token& value) {
    rule_.rule.destination_ports = read_range<std::uint16_t>(value, {1, UINT16_MAX - 1});
  }

  /// FIRST-LAST, or one number.
  template <typename Number>
  std::optional<IpRule::Range<Number>> read_range(const Token& value, Range allowed) {
    const auto dash = value.text.find('-', 1);
    Token part = value;
    part.text = value.text.substr(0, dash);
    const auto first = read_integer(diagnostics_, option_->text, part, allowed);
    auto last = first;
    if (dash != std::string::npos) {
      part.text = value.text.substr(dash + 1);
      part.where.column += static_cast<unsigned>(dash) + 1;
      last = read_integer(diagnostics_, option_->text, part, allowed);
    }
    faulty_ = faulty_ || !first || !last;
    if (!first || !last)
      return std::nullopt;
    if (*last < *first)
      complain(value.where, option_->text + " " + value.text + " ends before it begins");
    return IpRule::Range<Number>{static_cast<Number>(*first), static_cast<Number>(*last)};
  }

  void read_protocol_number(const Token& value) {
    take(read_ip_protocol(diagnostics_, value), rule_.rule.ip_protocol);
  }

  // ---- what becomes of them ----

  void read_table_name(const Token& value) {
    set_action(*option_, FR_ACT_TO_TBL);
    take(read_table(diagnostics_, value), rule_.rule.table);
  }
  void read_target(const Token& value) {
    set_action(*option_, FR_ACT_GOTO);
    take(read_number(diagnostics_, "goto", value, {1, UINT32_MAX}), rule_.rule.target);
    target_where_ = value.where;
  }
  void read_priority(const Token& value) {
    take(read_number(diagnostics_, "preference", value, {0, UINT32_MAX}), priority_);
  }
  void read_rule_realms(const Token& value) {
    take(read_realms(diagnostics_, value), rule_.rule.realms);
    realms_where_ = value.where;
  }
  void read_suppressed_length(const Token& value) {
    take(read_integer(diagnostics_, option_->text, value, {0, 128}), rule_.rule.suppressed_length);
  }
  void read_suppressed_group(const Token& value) {
    take(read_device_group(diagnostics_, value), rule_.rule.suppressed_group);
  }
  void read_protocol(const Token& value) {
    take(read_route_protocol(diagnostics_, value), rule_.rule.protocol);
  }

  // ---- when all of the line was read ----

  void finish() {
    auto& rule = rule_.rule;
    rule.family = family_.value_or(Family::IPv4);
    if (!has_action_)
      complain(rule_.where,
               "a rule needs an action: table, l3mdev, goto, nop, blackhole, unreachable or prohibit");
    if (realms_where_ && rule.family == Family::IPv6)
      complain(*realms_where_, "realms are for IPv4 rules");
    if (faulty_)
      return;
    rule.priority = priority_ ? *priority_ : priorities_.next(rule.family);
    if (!priority_)
      diagnostics_.warning(rule_.where, "the rule has no preference: it gets " +
                                            std::to_string(rule.priority) +
                                            ", which depends on the rules before it");
    if (rule.action == FR_ACT_GOTO && rule.target <= rule.priority)
      complain(target_where_, "goto " + std::to_string(rule.target) +
                                  " leads backwards: the rule's own preference is " +
                                  std::to_string(rule.priority));
  }

  Diagnostics& diagnostics_;
  EntryWords words_;
  RulePriorities& priorities_;
  Rule rule_;
  const Token* option_ = nullptr; ///< whose value is being read
  bool faulty_ = false;
  bool has_action_ = false;
  std::optional<Family> family_;
  std::optional<std::uint32_t> priority_;
  Location target_where_;
  std::optional<Location> realms_where_;
};

std::span<const RuleLineReader::Option> RuleLineReader::options() {
  static constexpr Option kOptions[] = {
      {"from", "from", "a prefix", &RuleLineReader::read_from},
      {"to", "to", "a prefix", &RuleLineReader::read_to},
      {"dev", "iif", "an interface name", &RuleLineReader::read_input_device},
      {"iif", "iif", "an interface name", &RuleLineReader::read_input_device},
      {"oif", "oif", "an interface name", &RuleLineReader::read_output_device},
      {"tos", "tos", "a number or name", &RuleLineReader::read_tos_name},
      {"dsfield", "tos", "a number or name", &RuleLineReader::read_tos_name},
      {"fwmark", "fwmark", "MARK or MARK/MASK", &RuleLineReader::read_mark},
      {"tunnel-id", "tunnel-id", "a number", &RuleLineReader::read_tunnel},
      {"uidrange", "uidrange", "FIRST-LAST", &RuleLineReader::read_users},
      {"ipproto", "ipproto", "a protocol", &RuleLineReader::read_protocol_number},
      {"ip_proto", "ipproto", "a protocol", &RuleLineReader::read_protocol_number},
      {"sport", "sport", "FIRST-LAST", &RuleLineReader::read_source_ports},
      {"dport", "dport", "FIRST-LAST", &RuleLineReader::read_destination_ports},
      {"table", "table", "a routing table", &RuleLineReader::read_table_name},
      {"lookup", "table", "a routing table", &RuleLineReader::read_table_name},
      {"goto", "goto", "a rule's preference", &RuleLineReader::read_target},
      {"preference", "preference", "a number", &RuleLineReader::read_priority},
      {"order", "preference", "a number", &RuleLineReader::read_priority},
      {"priority", "preference", "a number", &RuleLineReader::read_priority},
      {"realms", "realms", "a realm", &RuleLineReader::read_rule_realms},
      {"suppress_prefixlength", "suppress_prefixlength", "a length", &RuleLineReader::read_suppressed_length},
      {"sup_pl", "suppress_prefixlength", "a length", &RuleLineReader::read_suppressed_length},
      {"suppress_ifgroup", "suppress_ifgroup", "a group", &RuleLineReader::read_suppressed_group},
      {"sup_group", "suppress_ifgroup", "a group", &RuleLineReader::read_suppressed_group},
      {"protocol", "protocol", "a routing protocol", &RuleLineReader::read_protocol},
  };
  return kOptions;
}

} // namespace

std::optional<Rule> read_rule_line(Diagnostics& diagnostics, const Statement& line,
                                   RulePriorities& priorities) {
  return RuleLineReader{diagnostics, line, priorities}.run();
}

void read_rules(Diagnostics& diagnostics, const Statement& block, RulePriorities& priorities,
                std::vector<Rule>& rules) {
  for (const Statement& line : block.body) {
    if (line.dropped || diagnostics.full())
      continue;
    if (auto rule = read_rule_line(diagnostics, line, priorities))
      rules.push_back(*std::move(rule));
  }
}

} // namespace xvrrp::config
