// SPDX-License-Identifier: BSD-2-Clause
// "$NAME=value", and what "${NAME}" and "$NAME" stand for.
#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "config/lines.hpp"

namespace xvrrp::config {

/// [A-Za-z_][A-Za-z0-9_]*, from the beginning of `text`; empty when there is none.
std::string_view leading_name(std::string_view text);

class Definitions {
public:
  explicit Definitions(std::string config_id) : config_id_(std::move(config_id)) {}

  /// A value is only looked at where it is used. Returns what the name stood for before.
  std::optional<std::string> define(const std::string& name, std::optional<std::string> value);

  /// Of the numbers that ${_RANDOM} stands for; no number: nothing changes.
  void seed(std::string_view number);

  enum class Expansion { None, Done, Endless };
  /// Replaces the references in a line, those in their values too. References to what is not defined stay. A
  /// value of several lines makes several lines of it, separated by line feeds.
  Expansion expand(Line& line);

private:
  struct Reference {
    std::size_t length;
    std::string value;
  };
  std::optional<Reference> find(std::string_view text, bool in_quotes, const Line& line);
  std::optional<std::string> predefined(std::string_view name, std::string_view arguments, bool in_quotes,
                                        const Line& line);

  std::string config_id_;
  std::map<std::string, std::string, std::less<>> values_;
  std::minstd_rand random_{std::random_device{}()};
};

} // namespace xvrrp::config
