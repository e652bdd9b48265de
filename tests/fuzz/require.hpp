// SPDX-License-Identifier: BSD-2-Clause
// How a fuzz target says that something is wrong: a line, and an abort that libFuzzer keeps the input of.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace xvrrp::fuzz {

inline void require(bool condition, const char* what) {
  if (condition)
    return;
  std::fprintf(stderr, "fuzz: %s\n", what);
  std::abort();
}

/// The two must be equal; both are printed when they are not.
template <typename Left, typename Right>
void require_equal(const Left& left, const Right& right, const char* what) {
  const auto a = static_cast<long long>(left);
  const auto b = static_cast<long long>(right);
  if (a == b)
    return;
  std::fprintf(stderr, "fuzz: %s: %lld and not %lld\n", what, a, b);
  std::abort();
}

} // namespace xvrrp::fuzz
