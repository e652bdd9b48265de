// SPDX-License-Identifier: BSD-2-Clause
// Entries of virtual routers in the data plane's maps, made before the election thread runs the routers.
#pragma once

#include <utility>
#include <vector>

#include <xvrrp/base/result.hpp>

#include "controller/plan.hpp"
#include "dataplane/data_plane.hpp"

namespace xvrrp::controller {

/// Adds what plans need beside what is there, and takes it back when it is destroyed before keep(). The entry
/// of a router that is there is left as it is: the election thread alone writes configuration, role and lease
/// of a router that runs. Manager thread.
class AddedRouters {
public:
  /// `data_plane` outlives the object.
  explicit AddedRouters(dataplane::DataPlane& data_plane) : data_plane_(data_plane) {}
  AddedRouters(const AddedRouters&) = delete;
  AddedRouters& operator=(const AddedRouters&) = delete;
  ~AddedRouters();

  /// The router in the role STOPPED, if it is not there, and its peers. The error names the instance.
  Status add(const RouterPlan& plan, const InterfaceMap& interfaces);
  void keep();

private:
  dataplane::DataPlane& data_plane_;
  std::vector<xv_vr_key> routers_;
  std::vector<std::pair<xv_vr_key, std::vector<IpAddress>>> peers_;
};

} // namespace xvrrp::controller
