// SPDX-License-Identifier: BSD-2-Clause
// What a configuration says against what this machine has. Kept from the reader, whose answer depends on the
// text alone.
#pragma once

#include <vector>

#include "config/model.hpp"

namespace xvrrp::config {

/// Warns of what will not work on the interfaces of this network namespace as they are: a virtual address or
/// a source that none of their networks has, a choice between sources. Interfaces that are not here, or
/// without an address of the family, are passed over. Any thread.
std::vector<Diagnostic> check_surroundings(const Configuration& configuration);

} // namespace xvrrp::config
