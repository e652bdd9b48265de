// SPDX-License-Identifier: BSD-2-Clause
#include "sim/checkers/verdict.hpp"

#include <algorithm>

#include "sim/trace.hpp"

namespace xvrrp::sim {

void Verdict::blame(const char* checker, const Seat& seat, Moment at, const std::string& what) {
  ++count_;
  if (!blames(checker))
    blamed_by_.emplace_back(checker);
  if (first_.size() < kKept)
    first_.push_back({at, checker, sim::text(seat) + ": " + what});
}

bool Verdict::blames(const std::string& checker) const {
  return std::find(blamed_by_.begin(), blamed_by_.end(), checker) != blamed_by_.end();
}

std::string Verdict::text() const {
  std::string all;
  for (const auto& violation : first_)
    all += sim::text(violation.at) + " [" + violation.checker + "] " + violation.what + "\n";
  if (count_ > first_.size())
    all += "... and " + std::to_string(count_ - first_.size()) + " more\n";
  return all;
}

} // namespace xvrrp::sim
