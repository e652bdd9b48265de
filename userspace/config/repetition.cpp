// SPDX-License-Identifier: BSD-2-Clause
#include "config/repetition.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "config/definitions.hpp"
#include "config/diagnostics.hpp"

namespace xvrrp::config {

namespace {

constexpr std::string_view kBlanks = " \t\r\f\v";
constexpr std::size_t kMostRounds = 10'000;

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

/// Between commas, but for those in braces.
std::vector<std::string_view> parts(std::string_view text) {
  std::vector<std::string_view> found;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    if (at == text.size() || (text[at] == ',' && depth == 0)) {
      found.push_back(trimmed(text.substr(begin, at - begin)));
      begin = at + 1;
    } else {
      depth += text[at] == '{' ? 1 : text[at] == '}' ? -1 : 0;
    }
  }
  return found;
}

/// "{a, b}", or "a" alone.
std::vector<std::string> tuple(std::string_view text) {
  const bool braces = text.size() >= 2 && text.front() == '{' && text.back() == '}';
  std::vector<std::string> values;
  for (const auto value : parts(braces ? text.substr(1, text.size() - 2) : text))
    values.emplace_back(value);
  return values;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int32_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::string as_text(std::int64_t value, bool hexadecimal) {
  std::array<char, 24> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, hexadecimal ? 16 : 10).ptr;
  return {buffer.data(), end};
}

void count(const std::vector<std::string_view>& bounds, bool hexadecimal, Repetition& made) {
  std::vector<std::int64_t> numbers;
  for (const auto bound : bounds) {
    const auto value = number(bound);
    if (!value) {
      made.problem = quoted(bound) + " is not a whole number";
      return;
    }
    numbers.push_back(*value);
  }
  if (numbers.empty() || numbers.size() > 3) {
    made.problem = "~SEQ takes a name and END, START and END, or START, STEP and END";
    return;
  }
  const auto start = numbers.size() > 1 ? numbers.front() : 1;
  const auto step = numbers.size() > 2 ? numbers[1] : 1;
  const auto end = numbers.back();
  if (step == 0 || (step > 0) != (end >= start)) {
    made.problem = "steps of " + std::to_string(step) + " do not lead from " + std::to_string(start) +
                   " to " + std::to_string(end);
    return;
  }
  if (static_cast<std::uint64_t>((end - start) / step) >= kMostRounds) {
    made.problem = "more than " + std::to_string(kMostRounds) + " values";
    return;
  }
  for (auto value = start; step > 0 ? value <= end : value >= end; value += step)
    made.rounds.push_back({as_text(value, hexadecimal)});
}

void list(const std::vector<std::string_view>& values, Repetition& made) {
  for (const auto value : values) {
    auto round = made.names.size() > 1 ? tuple(value) : std::vector<std::string>{std::string{value}};
    if (round.size() > made.names.size()) {
      made.problem = quoted(value) + " has more values than there are names";
      return;
    }
    round.resize(made.names.size());
    made.rounds.push_back(std::move(round));
  }
  if (made.rounds.empty())
    made.problem = "~LST takes a name and its values";
}

} // namespace

bool is_repetition(std::string_view text) {
  return text.substr(0, 4) == "~SEQ" || text.substr(0, 4) == "~LST";
}

Repetition read_repetition(std::string_view line) {
  Repetition made;
  const bool sequence = line.substr(0, 4) == "~SEQ";
  const bool hexadecimal = sequence && line.substr(4, 1) == "x";
  const auto open = std::size_t{hexadecimal ? 5U : 4U};
  const auto close = line.find(')', open);
  if (line.substr(open, 1) != "(" || close == std::string_view::npos) {
    made.problem = std::string{line.substr(0, open)} + " needs its values in parentheses";
    return made;
  }
  made.text = close + 1;
  const auto arguments = parts(line.substr(open + 1, close - open - 1));
  made.names = sequence ? std::vector<std::string>{std::string{arguments.front()}} : tuple(arguments.front());
  for (const auto& name : made.names) {
    if (name.empty() || leading_name(name) != name) {
      made.problem = quoted(name) + " is not a name";
      return made;
    }
  }
  const std::vector<std::string_view> rest{arguments.begin() + 1, arguments.end()};
  if (sequence)
    count(rest, hexadecimal, made);
  else
    list(rest, made);
  return made;
}

} // namespace xvrrp::config
