// SPDX-License-Identifier: BSD-2-Clause
#include "controller/election.hpp"

#include <utility>

#include "platform/clock.hpp"
#include "platform/realtime.hpp"

namespace xvrrp::controller {
namespace {

enum Token : std::uint64_t { kRing, kTimer, kCommand };

/// Below the kernel's own threads that serve timers and interrupts on an RT kernel (50), above everything
/// ordinary.
constexpr int kElectionPriority = 40;

} // namespace

Result<std::unique_ptr<Election>> Election::create(std::vector<RouterPlan> plans,
                                                   const dataplane::DataPlane& data_plane,
                                                   platform::RouteSocket& route) {
  std::vector<std::shared_ptr<VirtualRouter>> routers;
  for (auto& plan : plans)
    routers.push_back(VirtualRouter::create(std::move(plan)));
  auto transmitter = Transmitter::open(route);
  if (!transmitter)
    return std::move(transmitter).error();
  auto epoll = platform::Epoll::create();
  if (!epoll)
    return std::move(epoll).error();
  auto timer = platform::TimerFd::create();
  if (!timer)
    return std::move(timer).error();
  auto command_ready = platform::EventFd::create();
  if (!command_ready)
    return std::move(command_ready).error();
  auto report_ready = platform::EventFd::create();
  if (!report_ready)
    return std::move(report_ready).error();

  std::unique_ptr<Election> election{new Election{
      std::make_unique<Fleet>(std::move(routers)), data_plane, *std::move(transmitter), *std::move(epoll),
      *std::move(timer), *std::move(command_ready), *std::move(report_ready)}};
  auto ring = dataplane::EventRing::open(data_plane.events_fd(), *election);
  if (!ring)
    return std::move(ring).error();
  election->ring_.emplace(*std::move(ring));
  for (const auto& [fd, token] :
       {std::pair{data_plane.events_fd(), kRing}, std::pair{election->timer_.fd(), kTimer},
        std::pair{election->command_ready_.fd(), kCommand}}) {
    if (auto status = election->epoll_.add(fd, token); !status)
      return std::move(status).error();
  }
  return election;
}

Election::Election(std::unique_ptr<Fleet> fleet, const dataplane::DataPlane& data_plane,
                   Transmitter transmitter, platform::Epoll epoll, platform::TimerFd timer,
                   platform::EventFd command_ready, platform::EventFd report_ready)
    : data_plane_(data_plane), fleet_(std::move(fleet)), transmitter_(std::move(transmitter)),
      turn_(*fleet_, *this, data_plane.down_timer() == dataplane::DownTimer::Controller),
      settled_(fleet_.get()), epoll_(std::move(epoll)), timer_(std::move(timer)),
      command_ready_(std::move(command_ready)), report_ready_(std::move(report_ready)) {}

Election::~Election() {
  if (thread_.joinable()) {
    post_reserved(EndThread{});
    thread_.join();
  }
}

void Election::run(std::vector<std::uint32_t> processors) {
  thread_ = std::thread{[this, processors = std::move(processors)] { thread_main(processors); }};
  prepared_.wait(false);
}

void Election::hand_over() {
  post_reserved(HandOver{});
  thread_.join();
}

bool Election::push(const Command& command, std::size_t reserved) noexcept {
  const bool fits = fleet_->commands.push(command, reserved);
  command_ready_.notify();
  return fits;
}

/// The memory is the tape's for good: most daemons never need it.
void Election::record(const RecordSteps& command) {
  if (!tape_) {
    tape_ = std::make_unique<Tape>();
    turn_.use(*tape_);
  }
  while (!post(command))
    std::this_thread::yield(); // a full queue is being emptied
}

bool Election::ask_alive() noexcept {
  const bool alive = turn_.answered() == question_;
  if (alive && post(AreYouThere{question_ + 1}))
    ++question_;
  return alive;
}

void Election::replace(std::unique_ptr<Fleet> next, const std::function<void()>& hear_last) {
  post_reserved(UseFleet{next.get()});
  for (const election::Fleet* settled = settled_; settled != next.get(); settled = settled_)
    settled_.wait(settled);
  hear_last();
  fleet_ = std::move(next);
}

void Election::thread_main(const std::vector<std::uint32_t>& processors) {
  const auto want = [&](const Status& status) {
    if (!status)
      realtime_warning_ += (realtime_warning_.empty() ? "" : "; ") + status.error().message;
  };
  want(platform::lock_memory());
  want(platform::set_fifo_priority(kElectionPriority));
  if (!processors.empty())
    want(platform::set_processors(processors));
  prepared_.store(true);
  prepared_.notify_one();
  while (!turn_.has_ended())
    wait_and_run();
}

void Election::wait_and_run() {
  for (const auto& ready : epoll_.wait(turn_.is_busy() ? std::optional{Nanoseconds{0}} : std::nullopt)) {
    if (ready.token == kCommand)
      command_ready_.drain();
    if (ready.token != kTimer)
      continue;
    timer_.drain();
    armed_.reset();
  }
  turn_.run();
  if (const auto earliest = turn_.next_deadline(); earliest && armed_ != earliest) {
    timer_.arm(*earliest);
    armed_ = earliest;
  }
}

// ---- what a turn wants done ----

Instant Election::now() noexcept {
  return platform::monotonic_now();
}

std::optional<xv_vr_live> Election::live(const xv_vr_key& key) const noexcept {
  return data_plane_.liveness().find(key);
}

int Election::configure(const Participant& router) noexcept {
  const auto& plan = static_cast<const RouterPlan&>(router.plan());
  return data_plane_.set_config(
      plan.key,
      kernel_config(plan, static_cast<const Frames&>(router.frames()).sender, router.kernel_preempts));
}

void Election::settled(const election::Fleet& fleet) noexcept {
  settled_ = &fleet;
  settled_.notify_one();
}

} // namespace xvrrp::controller
