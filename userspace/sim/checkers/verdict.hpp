// SPDX-License-Identifier: BSD-2-Clause
// What the checkers found wrong.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/observer.hpp"

namespace xvrrp::sim {

struct Violation {
  Moment at;
  const char* checker; ///< which rule book
  std::string what;    ///< who did what, and the section that says otherwise
};

class Verdict {
public:
  /// One defect can break a rule a million times: only the first ones are kept.
  static constexpr std::size_t kKept = 20;

  void blame(const char* checker, const Seat& seat, Moment at, const std::string& what);
  bool clean() const { return count_ == 0; }
  std::uint64_t count() const { return count_; }
  const std::vector<Violation>& first() const { return first_; }
  bool blames(const std::string& checker) const;
  std::string text() const; ///< one line each

private:
  std::uint64_t count_ = 0;
  std::vector<Violation> first_;
  std::vector<std::string> blamed_by_; ///< every checker that found something
};

} // namespace xvrrp::sim
