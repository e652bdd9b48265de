// SPDX-License-Identifier: BSD-2-Clause
#include "config/definitions.hpp"

#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace xvrrp::config {

namespace {

constexpr std::string_view kBlanks = " \t\r\f\v";
/// Of one line, so that definitions that refer to each other come to an end.
constexpr std::size_t kMostReferences = 1'000;
constexpr std::size_t kMostBytes = std::size_t{256} << 10;

bool is_letter(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') || character == '_';
}

bool ends_name(std::string_view rest) {
  return rest.empty() || kBlanks.find(rest.front()) != std::string_view::npos || rest.front() == ',' ||
         rest.front() == ')' || rest.front() == '\n';
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

/// "[MIN [MAX]]" of _RANDOM; nothing when that is not what it says.
std::optional<std::array<std::uint32_t, 2>> random_range(std::string_view text) {
  std::array<std::uint32_t, 2> range{0, 32767};
  for (auto& bound : range) {
    text = trimmed(text);
    if (text.empty())
      break;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), bound);
    if (problem != std::errc{})
      return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  if (!trimmed(text).empty() || range[0] > range[1])
    return std::nullopt;
  return range;
}

} // namespace

std::string_view leading_name(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && (is_letter(text[end]) || (end > 0 && text[end] >= '0' && text[end] <= '9')))
    ++end;
  return text.substr(0, end);
}

std::optional<std::string> Definitions::define(const std::string& name, std::optional<std::string> value) {
  std::optional<std::string> before;
  if (auto found = values_.find(name); found != values_.end()) {
    before = std::move(found->second);
    values_.erase(found);
  }
  if (value)
    values_.emplace(name, *std::move(value));
  return before;
}

void Definitions::seed(std::string_view number) {
  std::uint32_t value = 0;
  if (std::from_chars(number.data(), number.data() + number.size(), value).ec == std::errc{})
    random_.seed(value);
}

std::optional<std::string> Definitions::predefined(std::string_view name, std::string_view arguments,
                                                   bool in_quotes, const Line& line) {
  if (name == "_ENV") {
    const auto* value = std::getenv(std::string{trimmed(arguments)}.c_str());
    return value != nullptr ? value : "";
  }
  if (name == "_RANDOM") {
    const auto range = random_range(arguments);
    return range ? std::optional{std::to_string(
                       std::uniform_int_distribution<std::uint32_t>{(*range)[0], (*range)[1]}(random_))}
                 : std::nullopt;
  }
  if (!arguments.empty())
    return std::nullopt;
  // A comment begins with them, but for an escaped one; within quotes there are no comments, nor escapes.
  if (name == "_HASH")
    return in_quotes ? "#" : "\\#";
  if (name == "_BANG")
    return in_quotes ? "!" : "\\!";
  if (name == "_INSTANCE")
    return config_id_;
  if (name == "_PWD") {
    std::error_code problem;
    return std::filesystem::absolute(line.source->name, problem).parent_path().string();
  }
  return std::nullopt;
}

/// What `text`, which begins with '$', refers to.
std::optional<Definitions::Reference> Definitions::find(std::string_view text, bool in_quotes,
                                                        const Line& line) {
  const bool braces = text.substr(0, 2) == "${";
  const auto name = leading_name(text.substr(braces ? 2 : 1));
  if (name.empty())
    return std::nullopt;
  const auto rest = text.substr((braces ? 2 : 1) + name.size());
  const auto length = braces ? text.find('}') : 1 + name.size() - 1;
  if (braces ? length == std::string_view::npos : !ends_name(rest))
    return std::nullopt;
  const auto arguments = braces ? rest.substr(0, rest.find('}')) : std::string_view{};
  if (const auto found = values_.find(name); found != values_.end() && arguments.empty())
    return Reference{length + 1, found->second};
  if (auto value = braces ? predefined(name, arguments, in_quotes, line) : std::nullopt)
    return Reference{length + 1, *std::move(value)};
  return std::nullopt;
}

Definitions::Expansion Definitions::expand(Line& line) {
  std::size_t references = 0;
  bool in_quotes = false;
  for (std::size_t at = 0; at < line.text.size();) {
    if (line.text[at] == '"' || line.text[at] == '\n')
      in_quotes = line.text[at] == '"' && !in_quotes;
    const auto reference =
        line.text[at] == '$' ? find(std::string_view{line.text}.substr(at), in_quotes, line) : std::nullopt;
    if (!reference) {
      ++at;
      continue;
    }
    if (++references > kMostReferences || line.text.size() + reference->value.size() > kMostBytes)
      return Expansion::Endless;
    const auto column = line.columns[at];
    const auto from = line.columns.begin() + static_cast<std::ptrdiff_t>(at);
    line.columns.erase(from, from + static_cast<std::ptrdiff_t>(reference->length));
    line.columns.insert(line.columns.begin() + static_cast<std::ptrdiff_t>(at), reference->value.size(),
                        column);
    line.text.replace(at, reference->length, reference->value);
  }
  return references > 0 ? Expansion::Done : Expansion::None;
}

} // namespace xvrrp::config
