// SPDX-License-Identifier: BSD-2-Clause
#include "config/include.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>

#include <glob.h>
#include <sys/stat.h>

namespace xvrrp::config {

namespace {

constexpr std::string_view kInclude = "include";

bool insists(std::string_view word, char on) {
  return word.size() > kInclude.size() && (word.back() == on || word.back() == 'a');
}

/// So that "{a,b}{a,b}..." comes to an end.
constexpr std::size_t kMostAlternatives = 1000;

/// "a{b,c}d" as "abd" and "acd"; nested ones too. Braces that do not pair are characters.
std::vector<std::string> alternatives(const std::string& pattern) {
  const auto open = pattern.find('{');
  std::size_t close = open;
  std::vector<std::size_t> cuts{open};
  for (std::size_t depth = 0; close < pattern.size(); ++close) {
    depth += pattern[close] == '{' ? 1 : 0;
    if (pattern[close] == ',' && depth == 1)
      cuts.push_back(close);
    if (pattern[close] == '}' && --depth == 0)
      break;
  }
  if (close >= pattern.size())
    return {pattern};
  cuts.push_back(close);
  std::vector<std::string> found;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    for (auto& rest :
         alternatives(pattern.substr(0, open) + pattern.substr(cuts[i] + 1, cuts[i + 1] - cuts[i] - 1) +
                      pattern.substr(close + 1))) {
      found.push_back(std::move(rest));
      if (found.size() >= kMostAlternatives)
        return found;
    }
  }
  return found;
}

std::vector<std::string> matches(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return paths;
}

} // namespace

bool is_include(std::string_view word) {
  return word == kInclude ||
         (word.size() == kInclude.size() + 1 && word.substr(0, kInclude.size()) == kInclude &&
          std::string_view{"rmwba"}.find(word.back()) != std::string_view::npos);
}

IncludeChecks IncludeChecks::of(std::string_view word) {
  return {insists(word, 'r'), insists(word, 'm'), insists(word, 'w'), insists(word, 'b')};
}

IncludeChecks operator|(const IncludeChecks& a, const IncludeChecks& b) {
  return {a.readable || b.readable, a.match || b.match, a.wildcard_match || b.wildcard_match,
          a.brace_match || b.brace_match};
}

bool change(IncludeChecks& checks, std::string_view option) {
  constexpr std::pair<std::string_view, bool IncludeChecks::*> kNames[] = {
      {"readable", &IncludeChecks::readable},
      {"read", &IncludeChecks::readable},
      {"match", &IncludeChecks::match},
      {"wildcard_match", &IncludeChecks::wildcard_match},
      {"brace_match", &IncludeChecks::brace_match}};
  const bool adds = option.substr(0, 1) == "+";
  const bool takes = option.substr(0, 1) == "-";
  const auto* const check = std::find_if(std::begin(kNames), std::end(kNames), [&](const auto& known) {
    return known.first == option.substr(adds || takes ? 1 : 0);
  });
  if (check == std::end(kNames))
    return false;
  if (!adds && !takes)
    checks = {};
  checks.*(check->second) = !takes;
  return true;
}

std::optional<std::vector<std::string>> included_files(const IncludeChecks& checks,
                                                       const std::string& pattern, Position where,
                                                       Diagnostics& diagnostics) {
  const auto directory = std::filesystem::path{where.source->name}.parent_path();
  const auto all = alternatives(pattern);
  std::vector<std::string> files;
  bool complete = true;
  for (const auto& alternative : all) {
    const auto paths = matches((directory / alternative).string());
    if (paths.empty()) {
      const bool wildcard = alternative.find_first_of("*?[") != std::string::npos;
      const std::string message = "no file matches " + config::quoted((directory / alternative).string());
      if ((wildcard ? checks.wildcard_match : checks.match) || (all.size() > 1 && checks.brace_match)) {
        diagnostics.error(where, message);
        complete = false;
      } else if (!wildcard) {
        diagnostics.warning(where, message);
      }
    }
    for (const auto& path : paths) {
      struct stat status {};
      if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
        diagnostics.warning(where, config::quoted(path) + " is not a regular file: it is not read");
      else if ((status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0)
        diagnostics.warning(where, config::quoted(path) + " is executable: it is not read, as by keepalived");
      else
        files.push_back(path);
    }
  }
  return complete ? std::optional{std::move(files)} : std::nullopt;
}

} // namespace xvrrp::config
