// SPDX-License-Identifier: BSD-2-Clause
#include "config/spelling.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace xvrrp::config {

namespace {

/// Levenshtein distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row[b.size()];
}

} // namespace

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::size_t limit = word.size() > 3 ? 2 : 1;
  std::string_view best;
  for (const std::string_view candidate : candidates) {
    const std::size_t longer = std::max(word.size(), candidate.size());
    const std::size_t shorter = std::min(word.size(), candidate.size());
    if (longer - shorter > limit)
      continue;
    const std::size_t edits = distance(word, candidate);
    if (edits < limit || (edits == limit && best.empty())) {
      best = candidate;
      limit = edits;
    }
  }
  return best.empty() ? "" : ": did you mean \"" + std::string{best} + "\"?";
}

} // namespace xvrrp::config
