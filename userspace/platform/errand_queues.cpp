// SPDX-License-Identifier: BSD-2-Clause
#include "platform/errand_queues.hpp"

#include <algorithm>
#include <utility>

namespace xvrrp::platform {
namespace {

/// Whether another of its kind follows.
bool is_outdated(const std::deque<Errand>& waiting, std::deque<Errand>::const_iterator errand) {
  return std::any_of(std::next(errand), waiting.end(),
                     [&](const Errand& later) { return later.kind == errand->kind; });
}

} // namespace

void ErrandQueues::push(Errand errand) {
  auto& queue = queues_[errand.queue];
  auto& waiting = queue.waiting;
  if (errand.once && !waiting.empty() && waiting.back().program == errand.program)
    return;
  waiting.push_back(std::move(errand));
  if (waiting.size() <= kMostWaiting)
    return;
  for (auto oldest = waiting.cbegin(); oldest != waiting.cend(); ++oldest) {
    if (!is_outdated(waiting, oldest))
      continue;
    waiting.erase(oldest);
    return skip(queue, 1);
  }
}

std::optional<Errand> ErrandQueues::take(const std::string& name) {
  const auto found = queues_.find(name);
  if (found == queues_.end() || found->second.runs || found->second.waiting.empty())
    return std::nullopt;
  auto& queue = found->second;
  Errand errand = std::move(queue.waiting.front());
  queue.waiting.pop_front();
  queue.runs = true;
  return errand;
}

void ErrandQueues::end(const std::string& name) {
  if (const auto found = queues_.find(name); found != queues_.end())
    found->second.runs = false;
  forget_idle(name);
}

void ErrandQueues::keep_last(const std::string& name) {
  const auto found = queues_.find(name);
  if (found == queues_.end())
    return;
  auto& waiting = found->second.waiting;
  const auto before = waiting.size();
  for (auto errand = waiting.cbegin(); errand != waiting.cend();)
    errand = is_outdated(waiting, errand) ? waiting.erase(errand) : std::next(errand);
  skip(found->second, before - waiting.size());
}

void ErrandQueues::keep_end() {
  for (auto& [name, queue] : queues_)
    skip(queue, std::erase_if(queue.waiting, [](const Errand& errand) { return !errand.at_end; }));
  std::erase_if(queues_,
                [](const auto& entry) { return !entry.second.runs && entry.second.waiting.empty(); });
}

/// One of which only a count is left to be told is idle.
bool ErrandQueues::idle() const {
  return std::none_of(queues_.begin(), queues_.end(),
                      [](const auto& entry) { return entry.second.runs || !entry.second.waiting.empty(); });
}

std::size_t ErrandQueues::take_skipped(const std::string& name) {
  const auto found = queues_.find(name);
  const auto count = found == queues_.end() ? 0 : std::exchange(found->second.skipped, 0);
  forget_idle(name);
  return count;
}

void ErrandQueues::skip(Queue& queue, std::size_t count) {
  queue.skipped += count;
  skipped_ += count;
}

void ErrandQueues::forget_idle(const std::string& name) {
  const auto found = queues_.find(name);
  if (found != queues_.end() && !found->second.runs && found->second.waiting.empty() &&
      found->second.skipped == 0)
    queues_.erase(found);
}

} // namespace xvrrp::platform
