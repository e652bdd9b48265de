// SPDX-License-Identifier: BSD-2-Clause
// libxdp's dispatcher: an XDP program that runs several others, its components, one behind the other. Whoever
// adds or removes one puts another dispatcher, with the same components but for that one, into its place.
// Ours are those that use a map of ours.
#pragma once

#include <cstdint>
#include <optional>

#include <xvrrp/base/result.hpp>

#include "dataplane/xdp_link.hpp"

struct bpf_object;

namespace xvrrp::dataplane {

/// How the dispatcher is attached to an interface of this network namespace. Absent: there is none, or this
/// is a build without libxdp.
std::optional<AttachMode> dispatcher_mode(std::uint32_t ifindex);

/// The same where one of its components uses the map.
std::optional<AttachMode> component_mode(int map_fd, std::uint32_t ifindex);

/// Loads the one program that the object is to load as the first component, then removes those that used the
/// map before: no packet misses both. The interface must have a dispatcher.
Status join_dispatcher(bpf_object* object, int map_fd, std::uint32_t ifindex);

/// Removes the components that use the map; the last one goes with the dispatcher. No error when there is
/// none.
Status leave_dispatcher(int map_fd, std::uint32_t ifindex);

} // namespace xvrrp::dataplane
