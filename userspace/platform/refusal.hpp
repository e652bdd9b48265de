// SPDX-License-Identifier: BSD-2-Clause
// What the kernel refused of what it was asked to add or remove.
#pragma once

#include <string>

namespace xvrrp::platform {

struct Refusal {
  bool removing = false;
  std::string what;        ///< an address, a route or a rule, in words
  int code = 0;            ///< errno
  std::string explanation; ///< the kernel's own words; often empty

  /// As a sentence.
  std::string text() const;
};

} // namespace xvrrp::platform
