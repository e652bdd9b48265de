// SPDX-License-Identifier: BSD-2-Clause
// The controller speaks of commands, reports and statuses by the election's names.
#pragma once

namespace xvrrp::election {}

namespace xvrrp::controller {
using namespace election;
}
