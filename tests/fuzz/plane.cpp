// SPDX-License-Identifier: BSD-2-Clause
#include "fuzz/plane.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <bpf/bpf.h>
#include <sched.h>
#include <unistd.h>

#include <xvrrp_xdp.skel.h>

#include "fuzz/require.hpp"

namespace xvrrp::fuzz {
namespace {

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "fuzz: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

int collect(void* context, void* data, std::size_t) {
  xv_event event{};
  std::memcpy(&event, data, sizeof(event));
  static_cast<std::vector<xv_event>*>(context)->push_back(event);
  return 0;
}

} // namespace

Plane::Plane() {
  if (unshare(CLONE_NEWNET) != 0)
    give_up("a network namespace of its own");
  skeleton_ = xvrrp_xdp::open_and_load();
  if (!skeleton_)
    give_up("loading the BPF programs");
  cpus_ = libbpf_num_possible_cpus();
  ring_ = ring_buffer__new(bpf_map__fd(skeleton_->maps.events), collect, &collected_, nullptr);
  if (cpus_ < 1 || !ring_)
    give_up("reading the ring buffer");
}

Plane::~Plane() {
  ring_buffer__free(ring_);
  xvrrp_xdp::destroy(skeleton_);
}

template <typename Key, typename Value>
void Plane::put(const bpf_map* map, const Key& key, const Value& value) {
  const int fd = bpf_map__fd(map);
  require(bpf_map_update_elem(fd, &key, &value, BPF_ANY) == 0, "a map takes no entry");
  entries_.push_back({fd, {reinterpret_cast<const char*>(&key), sizeof(key)}});
}

void Plane::set_policy(const xv_if_key& key, const std::optional<xv_if_policy>& policy) {
  if (policy)
    put(skeleton_->maps.if_policy, key, *policy);
}

void Plane::set_report(const xv_if_key& key, std::uint64_t last_ns) {
  put(skeleton_->maps.if_report, key, xv_if_report{last_ns});
}

void Plane::set_router(const xv_vr_key& key, const xv_vr_config& config) {
  put(skeleton_->maps.vr_config, key, config);
}

void Plane::set_live(const xv_vr_key& key, const xv_vr_live& live) {
  put(skeleton_->maps.vr_live, key, live);
}

void Plane::add_peer(const xv_peer_key& key) {
  put(skeleton_->maps.vr_peer, key, std::uint8_t{1});
}

std::optional<xv_vr_live> Plane::live(const xv_vr_key& key) const {
  xv_vr_live live{};
  const int fd = bpf_map__fd(skeleton_->maps.vr_live);
  return bpf_map_lookup_elem(fd, &key, &live) == 0 ? std::optional{live} : std::nullopt;
}

std::optional<xv_hearing> Plane::heard(const xv_vr_key& key) const {
  xv_hearing hearing{};
  const int fd = bpf_map__fd(skeleton_->maps.heard);
  return bpf_map_lookup_elem(fd, &key, &hearing) == 0 ? std::optional{hearing} : std::nullopt;
}

template <typename Key>
void Plane::reset_counters(const bpf_map* map, const Key& key) {
  const std::vector<xv_stats> zeros(static_cast<std::size_t>(cpus_));
  // Per-CPU memory is taken without waiting for it, so there may be none at the moment.
  for (int attempt = 0; bpf_map_update_elem(bpf_map__fd(map), &key, zeros.data(), BPF_ANY) != 0; ++attempt) {
    require(errno == ENOMEM && attempt < 1000, "no counters");
    usleep(1000);
  }
  entries_.push_back({bpf_map__fd(map), {reinterpret_cast<const char*>(&key), sizeof(key)}});
}

template <typename Key>
xv_stats Plane::sum(const bpf_map* map, const Key& key) const {
  std::vector<xv_stats> values(static_cast<std::size_t>(cpus_));
  xv_stats total{};
  if (bpf_map_lookup_elem(bpf_map__fd(map), &key, values.data()) != 0)
    return total;
  for (const auto& value : values) {
    for (int i = 0; i < XV_REASON_COUNT; ++i)
      (&total.not_vrrp)[i] += (&value.not_vrrp)[i];
  }
  return total;
}

void Plane::reset(const xv_if_key& key) {
  reset_counters(skeleton_->maps.if_stats, key);
}

void Plane::reset(const xv_vr_key& key) {
  reset_counters(skeleton_->maps.vr_stats, key);
}

xv_stats Plane::stats(const xv_if_key& key) const {
  return sum(skeleton_->maps.if_stats, key);
}

xv_stats Plane::stats(const xv_vr_key& key) const {
  return sum(skeleton_->maps.vr_stats, key);
}

std::uint32_t Plane::receive(const test::Bytes& frame) {
  test::Bytes after(frame.size());
  bpf_test_run_opts options{};
  options.sz = sizeof(options);
  options.data_in = frame.data();
  options.data_size_in = static_cast<__u32>(frame.size());
  options.data_out = after.data();
  options.data_size_out = static_cast<__u32>(after.size());
  require(bpf_prog_test_run_opts(bpf_program__fd(skeleton_->progs.xvrrp_rx), &options) == 0,
          "the kernel does not take the frame");
  require(after == frame, "the program wrote into the packet");
  return options.retval;
}

std::vector<xv_event> Plane::take_events() {
  ring_buffer__consume(ring_);
  return std::exchange(collected_, {});
}

void Plane::forget() {
  for (const auto& entry : std::exchange(entries_, {}))
    bpf_map_delete_elem(entry.map, entry.key.data());
  xv_vr_key key{};
  const int heard = bpf_map__fd(skeleton_->maps.heard);
  while (bpf_map_get_next_key(heard, nullptr, &key) == 0)
    bpf_map_delete_elem(heard, &key);
}

} // namespace xvrrp::fuzz
