// SPDX-License-Identifier: BSD-2-Clause
// promote_secondaries: the kernel keeps a subnet's other addresses when its first one is deleted.
#pragma once

#include <set>
#include <string>

#include "config/model.hpp"

namespace xvrrp::controller {

/// Switches it on for the interfaces of routers that ask for it, and back off for those where it was off.
/// Manager thread.
class PromoteSecondaries {
public:
  PromoteSecondaries() = default;
  PromoteSecondaries(const PromoteSecondaries&) = delete;
  PromoteSecondaries& operator=(const PromoteSecondaries&) = delete;
  ~PromoteSecondaries() { restore(); }

  void use(const config::Configuration& configuration);
  /// Now and then: interfaces that have come since.
  void look_around();
  void restore();

private:
  std::set<std::string> wanted_;
  std::set<std::string> changed_; ///< those of them where it was off
};

} // namespace xvrrp::controller
