// SPDX-License-Identifier: BSD-2-Clause
#include "election/fleet.hpp"

#include <algorithm>

#include "election/keys.hpp"

namespace xvrrp::election {

std::optional<std::size_t> Fleet::find(const xv_vr_key& key) const noexcept {
  const auto found =
      std::lower_bound(index_.begin(), index_.end(), std::pair{key, std::size_t{0}}, is_before);
  if (found == index_.end() || sort_key(found->first) != sort_key(key))
    return std::nullopt;
  return found->second;
}

void Fleet::use_key(std::size_t router, const xv_vr_key& key) noexcept {
  for (auto& [known, of] : index_) {
    if (of == router)
      known = key;
  }
  std::sort(index_.begin(), index_.end(), is_before);
}

} // namespace xvrrp::election
