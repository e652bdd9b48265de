// SPDX-License-Identifier: BSD-2-Clause
#include "controller/chores.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

#include "platform/background_thread.hpp"
#include "platform/clock.hpp"
#include "platform/event_fd.hpp"

namespace xvrrp::controller {

struct Chores::Shared {
  struct Chore {
    std::string name;
    Work work;
    Finish given_up;
    Instant begun{};
  };

  explicit Shared(platform::EventFd wake_up) : done_fd(std::move(wake_up)) {}

  std::mutex mutex;
  std::condition_variable wanted;
  platform::EventFd done_fd;
  std::deque<Chore> waiting;
  std::optional<Chore> in_hand; ///< its work is with the worker
  std::set<std::string> names;  ///< that must not begin: waiting, in hand, hanging
  std::vector<Finish> done;
  unsigned worker = 0; ///< the number of the one that counts; earlier ones hang
};

namespace {

/// Until it is found to have been given up.
template <typename Shared>
void work_on(const std::shared_ptr<Shared>& shared, unsigned number) {
  std::unique_lock lock{shared->mutex};
  while (shared->worker == number) {
    if (shared->waiting.empty()) {
      shared->wanted.wait(lock);
      continue;
    }
    shared->in_hand = std::move(shared->waiting.front());
    shared->waiting.pop_front();
    shared->in_hand->begun = platform::monotonic_now();
    const std::string name = shared->in_hand->name;
    auto work = std::move(shared->in_hand->work);
    lock.unlock();
    auto finish = work();
    work = nullptr;
    lock.lock();
    shared->names.erase(name);
    if (shared->worker != number)
      return; // too late: the result is outdated
    shared->in_hand.reset();
    shared->done.push_back(std::move(finish));
    shared->done_fd.notify();
  }
}

template <typename Shared>
Status start_worker(const std::shared_ptr<Shared>& shared) {
  return platform::start_thread([shared, number = shared->worker] { work_on(shared, number); });
}

} // namespace

Result<Chores> Chores::create() {
  auto done_fd = platform::EventFd::create();
  if (!done_fd)
    return std::move(done_fd).error();
  Chores made{std::make_shared<Shared>(*std::move(done_fd))};
  if (auto status = start_worker(made.shared_); !status)
    return std::move(status).error();
  return made;
}

Chores::~Chores() {
  if (!shared_)
    return;
  const std::lock_guard lock{shared_->mutex};
  ++shared_->worker;
  shared_->wanted.notify_all();
}

bool Chores::begin(const std::string& name, Work work, Finish given_up) {
  const std::lock_guard lock{shared_->mutex};
  if (!shared_->names.insert(name).second)
    return false;
  shared_->waiting.push_back({name, std::move(work), std::move(given_up)});
  shared_->wanted.notify_one();
  return true;
}

int Chores::fd() const noexcept {
  return shared_->done_fd.fd();
}

void Chores::finish() {
  shared_->done_fd.drain();
  std::vector<Finish> done;
  {
    const std::lock_guard lock{shared_->mutex};
    done.swap(shared_->done);
  }
  for (const auto& finish : done)
    finish();
}

void Chores::look_around(Instant now) {
  Shared::Chore late;
  {
    const std::lock_guard lock{shared_->mutex};
    if (!shared_->in_hand || now - shared_->in_hand->begun < kPatience)
      return;
    late = *std::exchange(shared_->in_hand, std::nullopt);
    ++shared_->worker;
  }
  spdlog::error("{} does not answer: it is not waited for", late.name);
  if (const auto status = start_worker(shared_); !status)
    spdlog::error("{}", status.error().message);
  late.given_up();
}

} // namespace xvrrp::controller
