// SPDX-License-Identifier: BSD-2-Clause
// The order of virtual routers' keys.
#pragma once

#include <cstddef>
#include <tuple>
#include <utility>

#include <xvrrp/abi/types.h>

namespace xvrrp::election {

inline auto sort_key(const xv_vr_key& key) {
  return std::tie(key.ifindex, key.vlan, key.inner_vlan, key.family, key.vrid);
}

inline bool is_before(const std::pair<xv_vr_key, std::size_t>& a,
                      const std::pair<xv_vr_key, std::size_t>& b) {
  return sort_key(a.first) < sort_key(b.first);
}

} // namespace xvrrp::election
