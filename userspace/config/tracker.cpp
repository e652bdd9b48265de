// SPDX-License-Identifier: BSD-2-Clause
#include "config/tracker.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "config/entry.hpp"
#include "config/keyword.hpp"
#include "config/script.hpp"
#include "config/spelling.hpp"
#include "config/values.hpp"

namespace xvrrp::config {

namespace {

constexpr std::uint32_t kMaxCount = 65535;
constexpr int kMaxWeight = 253;
constexpr int kMaxNumberWeight = 254; ///< of files and processes
constexpr Nanoseconds kMaxInterval = std::chrono::seconds{1'000'000};
constexpr Nanoseconds kMaxDelay = std::chrono::hours{1};
constexpr std::string_view kWeight = "a weight: -253 to 253, and then possibly reverse";

template <typename Value>
struct Draft {
  Diagnostics& diagnostics;
  Given given{};
  Value value{};
};

/// keepalived takes one more than counts, and so do files in the wild.
std::optional<int> read_weight(Diagnostics& diagnostics, const Token& token, int most) {
  Token magnitude = token;
  const bool negative = token.text.substr(0, 1) == "-";
  if (negative)
    magnitude.text.erase(0, 1);
  const std::string& digits = magnitude.text;
  const bool is_number =
      !digits.empty() && digits.size() < 7 && digits.find_first_not_of("0123456789") == std::string::npos;
  const int weight = is_number ? (negative ? -1 : 1) * std::stoi(digits) : 0;
  if (!is_number || std::abs(weight) > kMaxNumberWeight) {
    diagnostics.error(token.where, "weight " + quoted(token.text) + " is out of range: allowed are -" +
                                       std::to_string(most) + " to " + std::to_string(most));
    return std::nullopt;
  }
  if (std::abs(weight) > most)
    diagnostics.warning(token.where, "weight " + token.text + " counts as " + (negative ? "-" : "") +
                                         std::to_string(most));
  return std::clamp(weight, -most, most);
}

void read_default_weight(Diagnostics& diagnostics, const Statement& statement, int most, int& weight,
                         bool& reverse) {
  weight = read_weight(diagnostics, statement.argument(0), most).value_or(weight);
  if (statement.words.size() < 3)
    return;
  const Token& word = statement.argument(1);
  reverse = word.text == "reverse";
  if (!reverse)
    diagnostics.error(word.where,
                      "unexpected " + quoted(word.text) + " after the weight: allowed is reverse");
}

template <typename Value>
void read_number(Draft<Value>& draft, const Statement& statement, Range allowed, unsigned& value) {
  value = read_integer(draft.diagnostics, statement.keyword().text, statement.argument(0), allowed)
              .value_or(value);
}

template <typename Value>
Nanoseconds read_time(Draft<Value>& draft, const Statement& statement, Nanoseconds most) {
  return read_seconds(draft.diagnostics, statement.keyword().text, statement.argument(0), Nanoseconds{0},
                      most)
      .value_or(Nanoseconds{0});
}

// ---- vrrp_script ----

using ScriptDraft = Draft<TrackScript>;

constexpr Keyword<ScriptDraft> kScriptKeywords[] = {
    {"script",
     {1, 64, false, false, "a command"},
     [](ScriptDraft& draft, const Statement& statement) {
       // `</dev/tcp/...`: whether a port answers, as bash asks.
       if (const Token& first = statement.argument(0); first.text.substr(0, 1) == "<")
         draft.value.script = {{"/bin/bash", "-c", first.text}, std::nullopt, false, first.where};
       else if (auto script = read_script(draft.diagnostics, statement))
         draft.value.script = *std::move(script);
     }},
    {"interval", one_value("a number of seconds"),
     [](ScriptDraft& draft, const Statement& statement) {
       const auto interval = read_time(draft, statement, kMaxInterval);
       draft.value.interval = interval == Nanoseconds{0}
                                  ? std::chrono::seconds{1}
                                  : std::max<Nanoseconds>(interval, std::chrono::milliseconds{1});
     }},
    {"timeout", one_value("a number of seconds"),
     [](ScriptDraft& draft, const Statement& statement) {
       draft.value.timeout = read_time(draft, statement, kMaxInterval);
     }},
    {"rise", one_value("a number"),
     [](ScriptDraft& draft, const Statement& statement) {
       read_number(draft, statement, {1, INT32_MAX}, draft.value.rise);
     }},
    {"fall", one_value("a number"),
     [](ScriptDraft& draft, const Statement& statement) {
       read_number(draft, statement, {1, INT32_MAX}, draft.value.fall);
     }},
    {"weight",
     {1, 2, false, false, kWeight},
     [](ScriptDraft& draft, const Statement& statement) {
       read_default_weight(draft.diagnostics, statement, kMaxWeight, draft.value.weight, draft.value.reverse);
     }},
    {"user",
     {1, 2, false, false, "a user"},
     [](ScriptDraft& draft, const Statement& statement) {
       draft.value.script.user = read_script_user(draft.diagnostics, statement, 0);
     }},
    {"init_fail", kFlag, [](ScriptDraft& draft, const Statement&) { draft.value.init_fail = true; }},
};

// ---- track_file ----

using FileDraft = Draft<TrackFile>;

void read_init_file(FileDraft& draft, const Statement& statement) {
  draft.value.initial = 0;
  for (std::size_t i = 0; i + 1 < statement.words.size(); ++i) {
    const Token& word = statement.argument(i);
    if (word.text == "overwrite")
      draft.value.overwrite = true;
    else
      draft.value.initial = read_weight(draft.diagnostics, word, kMaxNumberWeight).value_or(0);
  }
}

constexpr Keyword<FileDraft> kFileKeywords[] = {
    {"file", one_value("the path of a file"),
     [](FileDraft& draft, const Statement& statement) {
       const Token& path = statement.argument(0);
       if (path.text.substr(0, 1) == "/")
         draft.value.path = path.text;
       else
         draft.diagnostics.error(path.where, quoted(path.text) + " is not an absolute path");
     }},
    {"weight",
     {1, 2, false, false, kWeight},
     [](FileDraft& draft, const Statement& statement) {
       read_default_weight(draft.diagnostics, statement, kMaxNumberWeight, draft.value.weight,
                           draft.value.reverse);
     }},
    {"init_file", {0, 2, false, false, ""}, read_init_file},
};

// ---- vrrp_track_process ----

using ProcessDraft = Draft<TrackProcess>;

void read_process(ProcessDraft& draft, const Statement& statement) {
  draft.value.program = statement.argument(0).text;
  for (std::size_t i = 1; i + 1 < statement.words.size(); ++i)
    draft.value.parameters.push_back(statement.argument(i).text);
}

void read_param_match(ProcessDraft& draft, const Statement& statement) {
  draft.value.match = TrackProcess::Match::Exact;
  if (!statement.has_arguments())
    return;
  const Token& word = statement.argument(0);
  if (word.text == "initial")
    draft.value.match = TrackProcess::Match::Initial;
  else if (word.text == "partial")
    draft.value.match = TrackProcess::Match::Partial;
  else
    draft.diagnostics.error(word.where, "unknown param_match " + quoted(word.text) +
                                            ": allowed are initial, partial or nothing");
}

constexpr Keyword<ProcessDraft> kProcessKeywords[] = {
    {"process", {1, 64, false, false, "the name of a program"}, read_process},
    {"param_match", {0, 1, false, false, ""}, read_param_match},
    {"full_command", kFlag, [](ProcessDraft& draft, const Statement&) { draft.value.full_command = true; }},
    {"weight",
     {1, 2, false, false, kWeight},
     [](ProcessDraft& draft, const Statement& statement) {
       read_default_weight(draft.diagnostics, statement, kMaxNumberWeight, draft.value.weight,
                           draft.value.reverse);
     }},
    {"quorum", one_value("a number"),
     [](ProcessDraft& draft, const Statement& statement) {
       read_number(draft, statement, {1, kMaxCount}, draft.value.quorum);
     }},
    {"quorum_max", one_value("a number"),
     [](ProcessDraft& draft, const Statement& statement) {
       read_number(draft, statement, {0, kMaxCount}, draft.value.quorum_max);
     }},
    {"delay", one_value("a number of seconds"),
     [](ProcessDraft& draft, const Statement& statement) {
       draft.value.fork_delay = draft.value.terminate_delay = read_time(draft, statement, kMaxDelay);
     }},
    {"fork_delay", one_value("a number of seconds"),
     [](ProcessDraft& draft, const Statement& statement) {
       draft.value.fork_delay = read_time(draft, statement, kMaxDelay);
     }},
    {"terminate_delay", one_value("a number of seconds"),
     [](ProcessDraft& draft, const Statement& statement) {
       draft.value.terminate_delay = read_time(draft, statement, kMaxDelay);
     }},
};

/// Reads a block by its keywords, of which `needed` is one that it must have.
template <typename Value, std::size_t N>
void read_block(Diagnostics& diagnostics, const Statement& block, Level level,
                const Keyword<Draft<Value>> (&keywords)[N], std::string_view needed,
                std::vector<Value>& values) {
  Draft<Value> draft{diagnostics};
  if (!block.has_arguments())
    return;
  const Token& name = block.argument(0);
  draft.value.name = name.text;
  read_keywords<Draft<Value>>(draft, level, keywords, block);
  const std::string subject = block.keyword().text + " " + quoted(name.text);
  if (!block.incomplete && draft.given.find(needed) == draft.given.end())
    return diagnostics.error(block.keyword().where, subject + " needs the keyword " + std::string{needed});
  if (std::any_of(values.begin(), values.end(), [&](const Value& other) { return other.name == name.text; }))
    return diagnostics.error(name.where, subject + " is given twice: the first one counts");
  values.push_back(std::move(draft.value));
}

// ---- track_* in an instance or a group ----

struct Definition {
  std::string_view what; ///< how messages call it
  int most_weight;
  int weight;
  bool reverse;
};

template <typename Value>
std::optional<Definition> find(const std::vector<Value>& values, const Token& name, std::string_view what,
                               int most, Diagnostics& diagnostics) {
  const auto found =
      std::find_if(values.begin(), values.end(), [&](const Value& value) { return value.name == name.text; });
  if (found != values.end())
    return Definition{what, most, found->weight, found->reverse};
  std::vector<std::string_view> names;
  for (const auto& value : values)
    names.push_back(value.name);
  diagnostics.error(name.where, "there is no " + std::string{what} + " " + quoted(name.text) +
                                    did_you_mean(name.text, names));
  return std::nullopt;
}

std::optional<Definition> find_definition(Diagnostics& diagnostics, Tracked::Kind kind, const Token& name,
                                          const Trackers& trackers) {
  switch (kind) {
  case Tracked::Kind::Script:
    return find(trackers.scripts, name, "vrrp_script", kMaxWeight, diagnostics);
  case Tracked::Kind::File:
    return find(trackers.files, name, "track_file", kMaxNumberWeight, diagnostics);
  case Tracked::Kind::Process:
    return find(trackers.processes, name, "vrrp_track_process", kMaxNumberWeight, diagnostics);
  case Tracked::Kind::Interface:
    break;
  }
  if (!read_interface(diagnostics, name))
    return std::nullopt;
  return Definition{"interface", kMaxWeight, 0, false};
}

Tracked::Kind kind_of(std::string_view keyword) {
  if (keyword == "track_script")
    return Tracked::Kind::Script;
  if (keyword == "track_file")
    return Tracked::Kind::File;
  return keyword == "track_process" ? Tracked::Kind::Process : Tracked::Kind::Interface;
}

std::optional<Tracked> read_line(Diagnostics& diagnostics, Tracked::Kind kind, const Statement& line,
                                 const Trackers& trackers) {
  EntryWords words{diagnostics, line};
  const Token& name = *words.next();
  const auto definition = find_definition(diagnostics, kind, name, trackers);
  if (!definition)
    return std::nullopt;
  Tracked tracked{kind, name.text, definition->weight, definition->reverse};
  bool is_weighted = false;
  while (const Token* const word = words.next()) {
    if (word->text == "weight") {
      is_weighted = true;
      if (const Token* const value = words.value(*word, "a number"))
        tracked.weight = read_weight(diagnostics, *value, definition->most_weight).value_or(tracked.weight);
      tracked.reverse = false;
    } else if (is_weighted && (word->text == "reverse" || word->text == "noreverse")) {
      tracked.reverse = word->text == "reverse";
    } else {
      diagnostics.error(word->where, "unexpected " + quoted(word->text) +
                                         ": allowed is weight with a number, and then reverse or noreverse");
      break;
    }
  }
  return tracked;
}

} // namespace

void read_track_script(Diagnostics& diagnostics, const Statement& block, Trackers& trackers) {
  read_block(diagnostics, block, Level::Script, kScriptKeywords, "script", trackers.scripts);
}

void read_track_file(Diagnostics& diagnostics, const Statement& block, Trackers& trackers) {
  read_block(diagnostics, block, Level::File, kFileKeywords, "file", trackers.files);
}

void read_track_process(Diagnostics& diagnostics, const Statement& block, Trackers& trackers) {
  read_block(diagnostics, block, Level::Process, kProcessKeywords, "process", trackers.processes);
  if (trackers.processes.empty())
    return;
  auto& process = trackers.processes.back();
  if (!process.parameters.empty() && process.match == TrackProcess::Match::Any)
    process.match = TrackProcess::Match::Exact;
}

std::vector<Tracked> read_tracked(Diagnostics& diagnostics, const Statement& block,
                                  const Trackers& trackers) {
  const auto kind = kind_of(block.keyword().text);
  std::vector<Tracked> all;
  for (const Statement& line : block.body) {
    if (line.dropped)
      continue;
    const auto tracked = read_line(diagnostics, kind, line, trackers);
    if (!tracked)
      continue;
    if (std::any_of(all.begin(), all.end(),
                    [&](const Tracked& other) { return other.name == tracked->name; }))
      diagnostics.error(line.keyword().where, quoted(tracked->name) + " is tracked twice");
    else
      all.push_back(*tracked);
  }
  return all;
}

void finish_track_scripts(Diagnostics& diagnostics, Trackers& trackers, const ScriptUser& user, bool secure) {
  std::erase_if(trackers.scripts, [&](TrackScript& tracked) {
    auto& script = tracked.script;
    if (script.argv.empty())
      return true; // reported
    if (!script.user)
      script.user = user;
    return !check_script(diagnostics, script, secure, "it will not be run, and is not tracked");
  });
}

} // namespace xvrrp::config
