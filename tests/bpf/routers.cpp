// SPDX-License-Identifier: BSD-2-Clause
#include "bpf/routers.hpp"

#include <algorithm>
#include <string_view>

#include <xvrrp/rules/backup.h>

#include "support/packet.hpp"

namespace xvrrp::test {

Router& Router::in_role(xv_role value) {
  role = value;
  return *this;
}

Router& Router::without_preempt() {
  config.flags &= ~XV_VR_PREEMPT;
  return *this;
}

Router& Router::with_priority(std::uint8_t value) {
  config.priority = value;
  return *this;
}

Router& Router::with_interval(std::uint16_t value) {
  config.interval_wire = value;
  config.advert_interval_ns = value * (config.version == 2 ? kSecond : 10 * kMillisecond);
  return *this;
}

Router& Router::with_mac(const std::array<std::uint8_t, 6>& value) {
  std::copy(value.begin(), value.end(), config.device_mac);
  return *this;
}

Router& Router::with_virtual_mac(const std::array<std::uint8_t, 6>& value) {
  std::copy(value.begin(), value.end(), config.mac);
  return *this;
}

Router& Router::on_vlan(std::uint16_t id) {
  vlan = id;
  return *this;
}

Router& Router::with_flags(std::uint32_t flags) {
  config.flags |= flags;
  return *this;
}

Router v2_router() {
  Router router;
  router.vrid = 150;
  router.config.count = 1;
  router.config.list_sum = 0xc0a8 + 0x010d; // 192.168.1.13
  router.config.flags = XV_VR_PREEMPT;
  router.config.version = 2;
  router.config.priority = 100;
  router.config.down_adverts = 3;
  const auto local = IpAddress::v4(192, 168, 1, 12).bytes();
  std::copy(local.begin(), local.end(), router.config.local_address);
  return router.with_interval(1);
}

Router guide_router() {
  Router router = v2_router();
  router.config.flags |= XV_VR_UNICAST;
  router.config.auth_type = XV_AUTH_PASS;
  constexpr std::string_view kPassword = "1212";
  std::copy(kPassword.begin(), kPassword.end(), router.config.auth_data);
  router.peers = {IpAddress::v4(192, 168, 1, 11)};
  return router;
}

Router v3_router() {
  Router router = v2_router();
  router.vrid = 10;
  router.config.version = 3;
  return router.with_interval(100);
}

Router six_router() {
  Router router = v3_router();
  router.family = Family::IPv6;
  router.config.list_sum = 0xfe80 + 0x0013; // fe80::13
  const auto local = v6("fe80::12");
  std::copy(local.begin(), local.end(), router.config.local_address);
  return router;
}

Router listed_router() {
  Router router = v3_router();
  router.config = {};
  router.config.flags = XV_VR_LISTED;
  return router;
}

std::uint64_t master_down_ns(const Router& router, std::uint64_t interval_ns) {
  return xv_master_down_ns(router.config.version, router.config.priority, router.config.down_adverts,
                           interval_ns);
}

} // namespace xvrrp::test
