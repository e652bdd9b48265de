// SPDX-License-Identifier: BSD-2-Clause
// Typed access to BPF maps by descriptor. Every call is a bpf(2) syscall; none allocates except the ones that
// return a container.
#pragma once

#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include <bpf/bpf.h>

#include <xvrrp/abi/types.h>
#include <xvrrp/base/result.hpp>

#include "dataplane/handles.hpp"

namespace xvrrp::dataplane {

/// A map with one value per key.
template <typename Key, typename Value>
class Map {
public:
  Map() = default;
  explicit Map(BpfFd fd) : fd_(std::move(fd)) {}
  int fd() const { return fd_.get(); }

  std::optional<Value> find(const Key& key) const {
    Value value;
    if (bpf_map_lookup_elem(fd_.get(), &key, &value) != 0)
      return std::nullopt;
    return value;
  }
  /// 0 or an errno.
  int set(const Key& key, const Value& value) const noexcept {
    return -bpf_map_update_elem(fd_.get(), &key, &value, BPF_ANY);
  }
  /// Only if the key is not there: 0, EEXIST or another errno.
  int create(const Key& key, const Value& value) const noexcept {
    return -bpf_map_update_elem(fd_.get(), &key, &value, BPF_NOEXIST);
  }
  /// A key that is not there is no error.
  void erase(const Key& key) const noexcept { bpf_map_delete_elem(fd_.get(), &key); }

  /// While keys come and go, some may be missing and some may be there twice: a walk that stands on a key
  /// that goes begins again, which is why it is bounded.
  std::vector<Key> keys() const {
    std::vector<Key> all;
    Key key;
    const Key* previous = nullptr;
    while (all.size() < XV_MAX_PEERS && bpf_map_get_next_key(fd_.get(), previous, &key) == 0) {
      all.push_back(key);
      previous = &all.back();
    }
    return all;
  }
  std::vector<std::pair<Key, Value>> entries() const {
    std::vector<std::pair<Key, Value>> all;
    for (const Key& key : keys()) {
      if (auto value = find(key))
        all.emplace_back(key, *value);
    }
    return all;
  }

private:
  BpfFd fd_;
};

/// A per-CPU map of counters: values are sums over the CPUs.
template <typename Key>
class StatsMap {
public:
  StatsMap() = default;
  explicit StatsMap(BpfFd fd) : map_(std::move(fd)) {}
  int fd() const { return map_.fd(); }
  std::vector<Key> keys() const { return map_.keys(); }
  std::optional<xv_stats> find(const Key& key) const;
  /// Creates the counters of `key`, or sets them back to zero. 0 or an errno.
  int reset(const Key& key) const;
  void erase(const Key& key) const noexcept { map_.erase(key); }

private:
  Map<Key, xv_stats> map_;
};

/// Whether the program, by its descriptor, works on the map.
bool uses(int program_fd, int map_fd);

extern template class StatsMap<xv_vr_key>;
extern template class StatsMap<xv_if_key>;

} // namespace xvrrp::dataplane
