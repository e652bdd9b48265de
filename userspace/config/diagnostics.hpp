// SPDX-License-Identifier: BSD-2-Clause
// Collects what is wrong with a configuration, so that one pass reports everything.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/model.hpp"

namespace xvrrp::config {

/// Not thread-safe; lives for one reading.
class Diagnostics {
public:
  /// More than a person reads; the bound keeps a file that is no configuration from eating the memory.
  static constexpr std::size_t kCapacity = 1000;

  void error(const Location& where, std::string message) { add(where, Severity::Error, std::move(message)); }
  void warning(const Location& where, std::string message) {
    add(where, Severity::Warning, std::move(message));
  }
  /// Only the first warning about `topic` is kept.
  void warning_once(const std::string& topic, const Location& where, std::string message);

  /// A warning that a script may be changed by somebody who is not its user.
  void insecure_script(const Location& where, std::string message) {
    insecure_scripts_ = true;
    warning(where, std::move(message));
  }
  bool has_insecure_scripts() const { return insecure_scripts_; }

  /// No more are taken: reading on is of no use.
  bool full() const { return entries_.size() >= kCapacity; }
  /// What is reported of a file stands behind that of the files noted before.
  void note_file(const std::string& name) { files_.push_back(name); }
  /// Everything reported, in the order of the files; leaves this empty.
  std::vector<Diagnostic> take();

private:
  void add(const Location& where, Severity severity, std::string message);

  std::vector<Diagnostic> entries_;
  std::set<std::string> topics_;
  bool insecure_scripts_ = false;
  std::vector<std::string> files_;
};

/// `text` between double quotes, shortened, with every byte that is not printable ASCII as \xHH.
std::string quoted(std::string_view text);

/// "at line 3", or "at FILE:3" where that is another file than that of `here`.
std::string place_text(const Location& place, const Location& here);

} // namespace xvrrp::config
