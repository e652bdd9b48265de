// SPDX-License-Identifier: BSD-2-Clause
#include "controller/told.hpp"

namespace xvrrp::controller {

bool Told::hear(const Transition& transition) {
  if (transition.number <= transitions_)
    return false;
  lost_ += transition.number - transitions_ - 1;
  transitions_ = transition.number;
  state_ = transition.to;
  return true;
}

std::optional<Transition> Told::catch_up(std::size_t router, const RouterStatus& status) {
  const Transition last{router, state_, status.state, status.reason, status.since, {}, status.transitions};
  return hear(last) ? std::optional{last} : std::nullopt;
}

} // namespace xvrrp::controller
