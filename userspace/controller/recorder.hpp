// SPDX-License-Identifier: BSD-2-Clause
// `vrrpctl trace record` as the daemon sees it: a client begins a recording, asks again and again for what
// there is, and ends it. A client that asks no more has its recording end by itself, when the tape is full.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <xvrrp/base/result.hpp>

#include "controller/election.hpp"

namespace xvrrp::controller {

/// Manager thread. A reload neither ends the recording nor adds to it: it is of the routers that there were.
class Recorder {
public:
  explicit Recorder(Election& election) : election_(election) {}

  /// `routers`: indexes. Refuses while another client's recording is read.
  Result<nlohmann::ordered_json> start(const std::vector<std::size_t>& routers, Instant now);
  /// The next lines of recording number `recording`, some thousand at most.
  Result<nlohmann::ordered_json> read(std::uint32_t recording, Instant now);
  /// The last ones.
  Result<nlohmann::ordered_json> stop(std::uint32_t recording);

private:
  nlohmann::ordered_json take_lines(std::size_t most);
  void tell_routers(std::uint32_t recording);

  Election& election_;
  std::uint32_t recording_ = 0; ///< the latest one
  bool is_running_ = false;
  Instant last_read_{};
  std::vector<std::shared_ptr<VirtualRouter>> routers_; ///< of the recording
};

} // namespace xvrrp::controller
