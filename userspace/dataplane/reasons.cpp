// SPDX-License-Identifier: BSD-2-Clause
#include "dataplane/reasons.hpp"

#include <array>

namespace xvrrp::dataplane {
namespace {

constexpr auto BAD = ReasonInfo::Kind::Bad;
constexpr auto ADVERT = ReasonInfo::Kind::Advert;
constexpr auto NOTE = ReasonInfo::Kind::Note;
constexpr auto GUARD = ReasonInfo::Kind::Guard;

constexpr std::array<ReasonInfo, XV_REASON_COUNT> kReasons{{
#define XV_X(number, id, kind, text) ReasonInfo{XV_##id, kind, #id, text},
    XV_REASONS(XV_X)
#undef XV_X
}};

} // namespace

std::span<const ReasonInfo> reasons() {
  return kReasons;
}

const char* reason_name(std::uint32_t reason) {
  return reason < kReasons.size() ? kReasons[reason].name : "unknown";
}

const char* reason_description(std::uint32_t reason) {
  return reason < kReasons.size() ? kReasons[reason].description : "a reason of a newer data plane";
}

} // namespace xvrrp::dataplane
