// SPDX-License-Identifier: BSD-2-Clause
// A build without libxdp: a dispatcher is another program, which makes no room.
#include "dataplane/dispatcher.hpp"

namespace xvrrp::dataplane {

std::optional<AttachMode> dispatcher_mode(std::uint32_t /*ifindex*/) {
  return std::nullopt;
}

std::optional<AttachMode> component_mode(int /*map_fd*/, std::uint32_t /*ifindex*/) {
  return std::nullopt;
}

Status join_dispatcher(bpf_object* /*object*/, int /*map_fd*/, std::uint32_t /*ifindex*/) {
  return failed("this build is without libxdp");
}

Status leave_dispatcher(int /*map_fd*/, std::uint32_t /*ifindex*/) {
  return failed("this build is without libxdp");
}

} // namespace xvrrp::dataplane
