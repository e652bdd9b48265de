// SPDX-License-Identifier: BSD-2-Clause
// Whether anybody has changed an nftables ruleset in this network namespace.
#pragma once

#include <xvrrp/base/result.hpp>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

/// One thread at a time. Nobody need wait for it: what the kernel announces is kept until it is asked for,
/// and what does not fit counts as a change.
class RulesetWatch {
public:
  /// Permission error without CAP_NET_ADMIN where the kernel asks for it.
  static Result<RulesetWatch> open();

  /// Since the last call, or since open(); our own changes count too. Never blocks.
  bool take_changed();

private:
  explicit RulesetWatch(UniqueFd socket) noexcept : socket_(std::move(socket)) {}

  UniqueFd socket_;
};

} // namespace xvrrp::platform
