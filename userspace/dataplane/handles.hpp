// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <xvrrp/base/unique_fd.hpp>

namespace xvrrp::dataplane {

/// Owns a descriptor of a map, program or link; closing it does not undo a pin.
using BpfFd = UniqueFd;

} // namespace xvrrp::dataplane
