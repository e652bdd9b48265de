// SPDX-License-Identifier: BSD-2-Clause
#include "config/lines.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include "config/definitions.hpp"
#include "config/include.hpp"
#include "config/repetition.hpp"

namespace xvrrp::config {

namespace {

constexpr std::string_view kBlanks = " \t\r\f\v";
/// So that a wildcard that matches its own file comes to an end.
constexpr std::size_t kMostSources = 1000;
constexpr unsigned kMostDepth = 32; ///< of repetitions and conditions in one line
/// That repetitions make in all, so that repetitions of repetitions come to an end.
constexpr std::size_t kMostRepeated = 100'000;

Line part(const Line& line, std::size_t begin, std::size_t length = std::string::npos) {
  const auto end = begin + std::min(length, line.text.size() - begin);
  const auto at = [&](std::size_t offset) {
    return line.columns.begin() + static_cast<std::ptrdiff_t>(offset);
  };
  return {line.text.substr(begin, length), line.source, line.number, {at(begin), at(end)}};
}

/// Without what is no part of it: blanks around it, and the comment.
Line stripped(const Line& line) {
  bool in_quotes = false;
  std::size_t end = 0;
  for (; end < line.text.size(); ++end) {
    const char character = line.text[end];
    if (character == '"')
      in_quotes = !in_quotes;
    const bool escaped = end > 0 && line.text[end - 1] == '\\';
    if (!in_quotes && !escaped && (character == '#' || character == '!'))
      break;
  }
  const auto begin = line.text.find_first_not_of(kBlanks);
  if (begin >= end)
    return part(line, 0, 0);
  return part(line, begin, line.text.find_last_not_of(kBlanks, end - 1) + 1 - begin);
}

std::size_t word_length(std::string_view text) {
  return std::min(text.find_first_of(kBlanks), text.size());
}

class LineReader {
public:
  LineReader(Sources& sources, const std::string& config_id, Diagnostics& diagnostics, const LineSink& sink)
      : sources_(sources), config_id_(config_id), diagnostics_(diagnostics), sink_(sink),
        definitions_(config_id) {}

  void read(const Source& source) {
    reading_.push_back(&source);
    auto outer = std::exchange(definition_, std::nullopt);
    std::string_view rest = source.text;
    for (unsigned number = 1; !rest.empty() && !diagnostics_.full(); ++number) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      read_raw(rest.substr(0, end), source, number);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    finish_definition();
    definition_ = std::move(outer);
    reading_.pop_back();
  }

private:
  /// "$NAME=\" and the lines that follow.
  struct Definition {
    std::string name; ///< empty: of another router
    std::string value;
  };

  void read_raw(std::string_view text, const Source& source, unsigned number) {
    Line line{std::string{text}, &source, number, std::vector<unsigned>(text.size())};
    std::iota(line.columns.begin(), line.columns.end(), 1U);
    if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
      refuse(line, nul, "the line contains a NUL byte");
      return;
    }
    if (definition_)
      add_to_definition(text);
    else
      read_line(stripped(line), true, 0);
  }

  void refuse(const Line& line, std::size_t offset, std::string message) {
    diagnostics_.error(line.at(offset), std::move(message));
    sink_.lose();
  }

  /// `wanted`: it is not for another router. `depth`: of what this line was made from.
  void read_line(const Line& line, bool wanted, unsigned depth) {
    if (line.text.empty())
      return;
    if (depth > kMostDepth)
      return refuse(line, 0, "repetitions and conditions are nested too deeply");
    if (line.text.front() == '@')
      read_condition(line, wanted, depth);
    else if (const auto name = defined_name(line); !name.empty())
      read_definition(line, name, wanted);
    else if (!wanted)
      return;
    else if (is_include(std::string_view{line.text}.substr(0, word_length(line.text))))
      include(line);
    else if (is_repetition(line.text))
      repeat(line, depth);
    else
      deliver(line, depth);
  }

  /// "@ID ..." is for the router of this id, "@^ID ..." for all others.
  void read_condition(const Line& line, bool wanted, unsigned depth) {
    const auto length = word_length(line.text);
    const bool others = line.text.substr(1, 1) == "^";
    const std::string id = line.text.substr(others ? 2 : 1, length - (others ? 2 : 1));
    if (id.empty())
      return refuse(line, 0, "\"@\" needs a configuration id: @ID, or @^ID for all others");
    read_line(stripped(part(line, length)), wanted && (id == config_id_) != others, depth + 1);
  }

  std::string_view defined_name(const Line& line) const {
    const std::string_view text = line.text;
    if (text.front() != '$')
      return {};
    const auto name = leading_name(text.substr(1));
    return text.substr(1 + name.size(), 1) == "=" ? name : std::string_view{};
  }

  void read_definition(const Line& line, std::string_view name, bool wanted) {
    const Line value = stripped(part(line, name.size() + 2));
    if (value.text == "\\")
      definition_ = Definition{wanted ? std::string{name} : "", ""};
    else if (wanted)
      definitions_.define(std::string{name}, value.text);
  }

  void add_to_definition(std::string_view text) {
    const auto last = text.find_last_not_of(kBlanks);
    const bool goes_on = last != std::string_view::npos && text[last] == '\\';
    definition_->value += definition_->value.empty() ? "" : "\n";
    definition_->value += goes_on ? text.substr(0, last) : text;
    if (!goes_on)
      finish_definition();
  }

  void finish_definition() {
    if (definition_ && !definition_->name.empty())
      definitions_.define(definition_->name, std::move(definition_->value));
    definition_.reset();
  }

  void include(const Line& line) {
    const auto length = word_length(line.text);
    const std::string word = line.text.substr(0, length);
    const Line argument = stripped(part(line, length));
    std::string pattern = argument.text;
    if (pattern.size() >= 2 && pattern.front() == '"' && pattern.back() == '"')
      pattern = pattern.substr(1, pattern.size() - 2);
    if (pattern.empty())
      return refuse(line, 0, word + " needs the name of a file");
    const auto checks = checks_ | IncludeChecks::of(word);
    const auto paths = included_files(checks, pattern, argument.at(0), diagnostics_);
    if (!paths)
      return sink_.lose();
    for (const auto& path : *paths)
      include_file(checks, path, argument);
  }

  void include_file(const IncludeChecks& checks, const std::string& path, const Line& argument) {
    const auto is_path = [&](const Source* source) { return source->name == path; };
    if (std::any_of(reading_.begin(), reading_.end(), is_path))
      return refuse(argument, 0, quoted(path) + " includes itself");
    if (sources_.size() >= kMostSources)
      return refuse(argument, 0, "more than " + std::to_string(kMostSources) + " files are included");
    std::string problem;
    auto source = read_source(path, problem);
    if (source) {
      sources_.push_back(*std::move(source));
      diagnostics_.note_file(path);
      read(sources_.back());
    } else if (checks.readable) {
      refuse(argument, 0, quoted(path) + ": " + problem);
    } else {
      diagnostics_.warning(argument.at(0), quoted(path) + ": " + problem);
    }
  }

  void repeat(Line line, unsigned depth) {
    // The values may be defined elsewhere; what is repeated is looked at in each round.
    const auto head = std::min(line.text.find(')'), line.text.size());
    Line values = part(line, 0, head);
    if (!expand(values))
      return;
    const Line text = part(line, head);
    values.text += text.text;
    values.columns.insert(values.columns.end(), text.columns.begin(), text.columns.end());
    const auto repetition = read_repetition(values.text);
    if (!repetition.problem.empty())
      return refuse(line, 0, repetition.problem);
    const Line repeated = stripped(part(values, repetition.text));
    std::vector<std::optional<std::string>> before(repetition.names.size());
    for (const auto& round : repetition.rounds) {
      if (diagnostics_.full() || repeated_ > kMostRepeated)
        return;
      if (++repeated_ > kMostRepeated)
        return refuse(line, 0, "repetitions make more than " + std::to_string(kMostRepeated) + " lines");
      for (std::size_t i = 0; i < before.size(); ++i)
        before[i] = definitions_.define(repetition.names[i], round[i]);
      read_line(repeated, true, depth + 1);
      for (std::size_t i = before.size(); i-- > 0;)
        definitions_.define(repetition.names[i], std::move(before[i]));
    }
  }

  bool expand(Line& line) {
    if (definitions_.expand(line) != Definitions::Expansion::Endless)
      return true;
    refuse(line, 0, "the definitions in this line refer to each other without end");
    return false;
  }

  void deliver(Line line, unsigned depth) {
    if (!expand(line))
      return;
    // A definition of several lines may hold what is read above.
    for (std::size_t begin = 0; begin <= line.text.size();) {
      const auto end = std::min(line.text.find('\n', begin), line.text.size());
      const Line one = stripped(part(line, begin, end - begin));
      if (begin == 0 && end == line.text.size() && !is_repetition(one.text))
        take(one);
      else
        read_line(one, true, depth + 1);
      begin = end + 1;
    }
  }

  void take(const Line& line) {
    heed(line.text);
    sink_.take(line);
  }

  /// The two keywords of global_defs that count for the lines below; their reader reports what is wrong.
  void heed(std::string_view text) {
    const std::string_view word = next_word(text);
    if (word == "random_seed") {
      definitions_.seed(next_word(text));
    } else if (word == "include_check") {
      if (text.empty())
        checks_ = IncludeChecks::of("includea");
      while (!text.empty())
        change(checks_, next_word(text));
    }
  }

  /// Takes it away from the beginning of `text`, with the blanks behind it.
  static std::string_view next_word(std::string_view& text) {
    const auto word = text.substr(0, word_length(text));
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks, word.size()), text.size()));
    return word;
  }

  Sources& sources_;
  const std::string& config_id_;
  Diagnostics& diagnostics_;
  const LineSink& sink_;
  Definitions definitions_;
  std::vector<const Source*> reading_; ///< each is included by the one before
  std::optional<Definition> definition_;
  IncludeChecks checks_;     ///< include_check
  std::size_t repeated_ = 0; ///< lines
};

} // namespace

Position Line::at(std::size_t offset) const {
  if (columns.empty())
    return {source, number, 1};
  return {source, number, columns[std::min(offset, columns.size() - 1)]};
}

void read_lines(Sources& sources, const std::string& config_id, Diagnostics& diagnostics,
                const LineSink& sink) {
  LineReader{sources, config_id, diagnostics, sink}.read(sources.front());
}

} // namespace xvrrp::config
