// SPDX-License-Identifier: BSD-2-Clause
// Table-driven fixtures: one packet each, and everything it must and must not move.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bpf/bpf_test.hpp"
#include "bpf/routers.hpp"
#include "support/packet.hpp"

namespace xvrrp::test {

/// Whose counters a packet moves.
enum class Counted { Nowhere, Interface, Router };

struct Case {
  const char* description = "";
  std::optional<xv_mode> mode{}; ///< none: the interface has no policy
  std::uint32_t flags = 0;       ///< XV_POLICY_*
  std::optional<Router> router{};
  Bytes frame{};
  const char* verdict = "";
  xv_reason reason = XV_not_vrrp;
  Counted counted = Counted::Nowhere;
  std::vector<xv_reason> notes{}; ///< counted beside the reason
  std::vector<std::string> events{};
  std::uint16_t vlan = 0; ///< of the policy and the counters
  std::uint16_t inner_vlan = 0;
};

const std::vector<Case>& receive_cases();
const std::vector<Case>& shield_observe_cases();
const std::vector<Case>& own_cases();
const std::vector<Case>& role_cases();
const std::vector<Case>& transit_cases();
const std::vector<Case>& note_cases();
const std::vector<Case>& owner_cases();

/// Each case from a clean slate. A Backup's deadline is an hour away, so that no timer fires into it.
class CaseTest : public BpfTest {
protected:
  void run(const std::vector<Case>& cases);

private:
  void run(const Case& test_case);
};

} // namespace xvrrp::test
