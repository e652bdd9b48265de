// SPDX-License-Identifier: BSD-2-Clause
// The really loaded receive program with its maps, in a network namespace where nothing is forwarded.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <bpf/libbpf.h>

#include <xvrrp/abi/types.h>

#include "support/checksum.hpp"

struct xvrrp_xdp;

namespace xvrrp::fuzz {

class Plane {
public:
  /// Ends the process with a sentence when the program cannot be loaded.
  Plane();
  ~Plane();
  Plane(const Plane&) = delete;
  Plane& operator=(const Plane&) = delete;

  /// Packets arrive on the loopback interface.
  static constexpr std::uint32_t kIfindex = 1;

  void set_policy(const xv_if_key& key, const std::optional<xv_if_policy>& policy);
  /// Reports of bad packets: none made yet, or one just now.
  void set_report(const xv_if_key& key, std::uint64_t last_ns);
  void set_router(const xv_vr_key& key, const xv_vr_config& config);
  void set_live(const xv_vr_key& key, const xv_vr_live& live);
  void add_peer(const xv_peer_key& key);
  std::optional<xv_vr_live> live(const xv_vr_key& key) const;
  std::optional<xv_hearing> heard(const xv_vr_key& key) const;

  /// Counters from zero.
  void reset(const xv_if_key& key);
  void reset(const xv_vr_key& key);
  xv_stats stats(const xv_if_key& key) const;
  xv_stats stats(const xv_vr_key& key) const;

  /// The XDP verdict.
  std::uint32_t receive(const test::Bytes& frame);
  std::vector<xv_event> take_events();

  /// Takes away every policy, router, peer and memory that was set since the last call.
  void forget();

private:
  template <typename Key>
  void reset_counters(const bpf_map* map, const Key& key);
  template <typename Key>
  xv_stats sum(const bpf_map* map, const Key& key) const;
  template <typename Key, typename Value>
  void put(const bpf_map* map, const Key& key, const Value& value);

  xvrrp_xdp* skeleton_;
  ring_buffer* ring_;
  int cpus_;
  std::vector<xv_event> collected_;
  struct Entry {
    int map;
    std::string key;
  };
  std::vector<Entry> entries_; ///< that forget() removes
};

} // namespace xvrrp::fuzz
