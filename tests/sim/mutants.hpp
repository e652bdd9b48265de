// SPDX-License-Identifier: BSD-2-Clause
// Routers that are wrong, each in one way.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "sim/mutation.hpp"

namespace xvrrp::sim {

struct Mutant {
  std::string name;
  std::string caught_by; ///< the checker that must notice
  std::function<std::unique_ptr<Mutation>()> make;
};

/// Of the protocol (userspace/core), and of the election around it (userspace/election).
const std::vector<Mutant>& mutants();
const std::vector<Mutant>& turn_mutants();

/// What GoogleTest prints of one.
inline void PrintTo(const Mutant& mutant, std::ostream* out) {
  *out << mutant.name;
}

} // namespace xvrrp::sim
