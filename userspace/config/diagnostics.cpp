// SPDX-License-Identifier: BSD-2-Clause
#include "config/diagnostics.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace xvrrp::config {

std::string Diagnostic::text() const {
  // Without a line it is about the file as a whole: that it cannot be read.
  if (where.line == 0)
    return where.file + ": " + message;
  return where.file + ":" + std::to_string(where.line) + ":" + std::to_string(where.column) +
         (severity == Severity::Error ? ": error: " : ": warning: ") + message;
}

void Diagnostics::warning_once(const std::string& topic, const Location& where, std::string message) {
  if (topics_.insert(topic).second)
    warning(where, std::move(message));
}

void Diagnostics::add(const Location& where, Severity severity, std::string message) {
  if (full())
    return;
  if (entries_.size() + 1 == kCapacity) {
    severity = Severity::Error;
    message = "too many problems: reading ends here";
  }
  entries_.push_back({where, severity, std::move(message)});
}

std::vector<Diagnostic> Diagnostics::take() {
  const auto place = [this](const Diagnostic& entry) {
    return std::tuple{std::find(files_.begin(), files_.end(), entry.where.file) - files_.begin(),
                      entry.where.line, entry.where.column};
  };
  std::stable_sort(entries_.begin(), entries_.end(),
                   [&place](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
  return std::exchange(entries_, {});
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 64;
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string result = "\"";
  for (const char character : text.substr(0, kShown)) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte >= 0x20 && byte < 0x7f) {
      result += character;
    } else {
      result += "\\x";
      result += kHex[byte >> 4];
      result += kHex[byte & 15];
    }
  }
  if (text.size() > kShown)
    result += "...";
  return result + "\"";
}

std::string place_text(const Location& place, const Location& here) {
  return (place.file == here.file ? "at line " : "at " + place.file + ":") + std::to_string(place.line);
}

} // namespace xvrrp::config
