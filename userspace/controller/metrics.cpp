// SPDX-License-Identifier: BSD-2-Clause
#include "controller/metrics.hpp"

#include <chrono>

#include "controller/metrics_text.hpp"
#include "platform/clock.hpp"

namespace xvrrp::controller {
namespace {

/// A manager thread that is in a reload, or waits for nftables. Less than a scraper's own patience (10 s).
constexpr auto kManagerPatience = std::chrono::seconds{4};

} // namespace

Result<std::unique_ptr<Metrics>> Metrics::open(const std::string& address) {
  auto listener = platform::StreamListener::open(address);
  if (!listener)
    return std::move(listener).error();
  auto asked = platform::EventFd::create();
  if (!asked)
    return std::move(asked).error();
  auto responder = HttpResponder::create(*std::move(listener));
  if (!responder)
    return std::move(responder).error();
  return std::unique_ptr<Metrics>{new Metrics{*std::move(asked), *std::move(responder)}};
}

Metrics::~Metrics() {
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
  }
  changed_.notify_one();
  responder_.stop();
  if (thread_.joinable())
    thread_.join();
}

void Metrics::run(const dataplane::DataPlane& data_plane) {
  thread_ = std::thread{[this, &data_plane] { responder_.run([&] { return page(data_plane); }); }};
}

void Metrics::give(MetricsSample sample) {
  asked_.drain();
  {
    const std::lock_guard lock{mutex_};
    sample_ = std::move(sample);
  }
  changed_.notify_one();
}

std::optional<std::string> Metrics::page(const dataplane::DataPlane& data_plane) {
  std::optional<MetricsSample> sample;
  {
    std::unique_lock lock{mutex_};
    sample_.reset(); // of a question that was given up
    asked_.notify();
    changed_.wait_for(lock, kManagerPatience, [this] { return sample_ || ending_; });
    sample.swap(sample_);
  }
  return sample ? std::optional{metrics_text(*sample, data_plane, platform::monotonic_now())} : std::nullopt;
}

} // namespace xvrrp::controller
