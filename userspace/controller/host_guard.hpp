// SPDX-License-Identifier: BSD-2-Clause
// Guarded addresses on the interfaces that do not have them.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "controller/plan.hpp"
#include "dataplane/data_plane.hpp"

namespace xvrrp::controller {

/// Linux takes packets to an address, and answers ARP requests for it, on any interface. Keeps the program
/// that refuses them (bpf/lib/weak_host.h) on every interface of this network namespace but the loopback
/// device, while some virtual address of another interface is guarded. It stays when the object goes, for it
/// is pinned and the data plane's. Manager thread.
class HostGuard {
public:
  /// `data_plane` outlives the object. Without `allow_tcx` the program is a filter of clsact.
  HostGuard(const dataplane::DataPlane& data_plane, bool allow_tcx)
      : data_plane_(data_plane), allow_tcx_(allow_tcx) {}

  void use(const PlanList& plans);
  /// Interfaces came, went or were renamed: look_around() reads them all.
  void expect_others() { are_known_ = false; }
  /// Every second: somebody takes the program off. What fails is logged when it is news, and tried again.
  void look_around();

  /// Why it is not there, by the interface's name.
  const std::map<std::string, std::string>& problems() const { return problems_; }

private:
  bool read_interfaces();
  void attach(std::uint32_t ifindex, const std::string& name);

  const dataplane::DataPlane& data_plane_;
  bool allow_tcx_;
  std::set<std::uint32_t> guarded_;                    ///< as guarded_interfaces()
  bool are_known_ = false;                             ///< `wanted_` is of the interfaces that there are
  std::map<std::uint32_t, std::string> wanted_;        ///< where the program belongs: names by index
  std::map<std::uint32_t, dataplane::BpfFd> attached_; ///< where it was attached: as attach_guard() returned
  std::map<std::string, std::string> problems_;
};

} // namespace xvrrp::controller
