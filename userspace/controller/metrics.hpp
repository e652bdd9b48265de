// SPDX-License-Identifier: BSD-2-Clause
// The Prometheus endpoint: a thread that answers scrapes, and the question that it has for the manager.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <xvrrp/base/result.hpp>

#include "controller/http_responder.hpp"
#include "controller/metrics_sample.hpp"
#include "dataplane/data_plane.hpp"
#include "platform/event_fd.hpp"

namespace xvrrp::controller {

/// A scrape costs the manager thread one take_metrics_sample(); maps are read and text is made on this
/// object's own thread, of ordinary priority. The election thread has no part in it.
class Metrics {
public:
  /// Listens at the address (see StreamListener); errors likewise.
  static Result<std::unique_ptr<Metrics>> open(const std::string& address);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// Starts the thread; until then connections wait. `data_plane` outlives the object.
  void run(const dataplane::DataPlane& data_plane);

  // ---- manager thread ----
  int asked_fd() const { return asked_.fd(); } ///< readable when a sample is wanted
  void give(MetricsSample sample);

private:
  Metrics(platform::EventFd asked, HttpResponder responder)
      : asked_(std::move(asked)), responder_(std::move(responder)) {}
  std::optional<std::string> page(const dataplane::DataPlane& data_plane);

  platform::EventFd asked_;
  std::mutex mutex_; ///< of the two below
  std::optional<MetricsSample> sample_;
  bool ending_ = false;
  std::condition_variable changed_;
  HttpResponder responder_;
  std::thread thread_;
};

} // namespace xvrrp::controller
