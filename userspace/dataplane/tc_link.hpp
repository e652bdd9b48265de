// SPDX-License-Identifier: BSD-2-Clause
// TC programs on what arrives at an interface and what leaves it: by tcx where the kernel has it (6.6), else
// as a filter of a clsact qdisc.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <xvrrp/base/result.hpp>

#include "dataplane/handles.hpp"

namespace xvrrp::dataplane {

enum class Direction : std::uint8_t { Arriving, Leaving };

struct TcLink {
  BpfFd fd; ///< of the tcx link; none where it is a filter, which stays until detach_filters()
  bool tcx() const { return static_cast<bool>(fd); }
};

/// By tcx only; no descriptor where the kernel has none.
BpfFd attach_tcx(int program_fd, std::uint32_t ifindex, Direction direction);

/// As a filter, by whose handle it is found again; one of that handle is replaced. The clsact qdisc that it
/// needs stays: others may use it.
Status attach_filter(int program_fd, std::uint32_t ifindex, const std::string& interface, Direction direction,
                     std::uint32_t handle);
bool has_filter(std::uint32_t ifindex, Direction direction, std::uint32_t handle);
/// No error when there is none.
void detach_filter(std::uint32_t ifindex, Direction direction, std::uint32_t handle);

/// The programs for virtual MACs, one in each direction: attaches `program_fd` to an interface of this
/// network namespace, beside whatever is there.
Result<TcLink> attach_tc(int program_fd, std::uint32_t ifindex, const std::string& interface,
                         Direction direction, bool allow_tcx);

/// Whether the interface has their filters, in both directions.
bool has_filters(std::uint32_t ifindex);

/// Removes their filters from the interface, if there are any, but for those whose program's id
/// `is_of_another` says yes to.
void detach_filters(std::uint32_t ifindex, const std::function<bool(std::uint32_t)>& is_of_another = {});

} // namespace xvrrp::dataplane
