// SPDX-License-Identifier: BSD-2-Clause
#include "dataplane/maps.hpp"

#include <algorithm>
#include <array>

#include <bpf/libbpf.h>

#include "dataplane/reasons.hpp"

namespace xvrrp::dataplane {

template <typename Key>
std::optional<xv_stats> StatsMap<Key>::find(const Key& key) const {
  std::vector<xv_stats> per_cpu(static_cast<std::size_t>(libbpf_num_possible_cpus()));
  if (bpf_map_lookup_elem(map_.fd(), &key, per_cpu.data()) != 0)
    return std::nullopt;
  xv_stats total{};
  auto* sums = &total.not_vrrp;
  for (const auto& stats : per_cpu) {
    const auto counters = counters_of(stats);
    for (std::size_t i = 0; i < counters.size(); ++i)
      sums[i] += counters[i];
  }
  return total;
}

template <typename Key>
int StatsMap<Key>::reset(const Key& key) const {
  const std::vector<xv_stats> zeros(static_cast<std::size_t>(libbpf_num_possible_cpus()));
  return -bpf_map_update_elem(map_.fd(), &key, zeros.data(), BPF_ANY);
}

bool uses(int program_fd, int map_fd) {
  constexpr std::size_t kMostMaps = 64;
  bpf_map_info map{};
  __u32 size = sizeof(map);
  if (bpf_obj_get_info_by_fd(map_fd, &map, &size) != 0)
    return false;
  std::array<__u32, kMostMaps> ids{};
  bpf_prog_info program{};
  program.map_ids = reinterpret_cast<std::uintptr_t>(ids.data());
  program.nr_map_ids = ids.size();
  size = sizeof(program);
  if (bpf_obj_get_info_by_fd(program_fd, &program, &size) != 0)
    return false;
  const auto end = ids.begin() + std::min<std::size_t>(program.nr_map_ids, ids.size());
  return std::find(ids.begin(), end, map.id) != end;
}

template class StatsMap<xv_vr_key>;
template class StatsMap<xv_if_key>;

} // namespace xvrrp::dataplane
