// SPDX-License-Identifier: BSD-2-Clause
// What the configuration wants run, and as whom.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace xvrrp::platform {

struct Program {
  std::vector<std::string> argv; ///< argv[0] is the program, an absolute path
  std::uint32_t user = 0;
  std::uint32_t group = 0;
  bool root_only = false; ///< as root only when nobody else can exchange it: see root_only_path()
  friend bool operator==(const Program&, const Program&) = default;
};

} // namespace xvrrp::platform
