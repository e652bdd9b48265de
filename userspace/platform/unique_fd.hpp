// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <xvrrp/base/unique_fd.hpp>

namespace xvrrp::platform {

using xvrrp::UniqueFd;

} // namespace xvrrp::platform
