// SPDX-License-Identifier: BSD-2-Clause
// The metrics in Prometheus' text format.
#pragma once

#include <string>

#include "controller/metrics_sample.hpp"
#include "dataplane/data_plane.hpp"

namespace xvrrp::controller {

/// The page that Prometheus scrapes. Reads some maps for each router: never on the election thread. Any other
/// thread.
std::string metrics_text(const MetricsSample& sample, const dataplane::DataPlane& data_plane, Instant now);

} // namespace xvrrp::controller
