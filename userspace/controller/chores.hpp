// SPDX-License-Identifier: BSD-2-Clause
// What may block for long, or for ever, off the manager thread: reading a configuration, user look-ups,
// /proc, tracked files, children.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <xvrrp/base/result.hpp>
#include <xvrrp/base/time.hpp>

namespace xvrrp::controller {

/// Manager thread. One worker does the chores one after the other; one that takes longer than kPatience is
/// said and given up, and another worker goes on with the rest: nobody waits for a mount or a name service
/// that hangs.
class Chores {
public:
  static constexpr Nanoseconds kPatience = std::chrono::seconds{10};
  /// On the manager thread, once the work is done; never, when it was given up.
  using Finish = std::function<void()>;
  /// On the worker. Shares nothing with the manager thread: copies come in, what it returns brings the
  /// result.
  using Work = std::function<Finish()>;

  static Result<Chores> create();
  Chores(Chores&&) noexcept = default;
  Chores& operator=(Chores&&) = delete;
  ~Chores();

  /// False when one of that name is under way or waits, or still hangs: it is not begun twice. `given_up`: on
  /// the manager thread, instead of what the work would return.
  bool begin(
      const std::string& name, Work work, Finish given_up = [] {});

  int fd() const noexcept; ///< readable: call finish()
  /// Hears of those that are done.
  void finish();
  /// Once a second or so: gives up what takes too long.
  void look_around(Instant now);

private:
  struct Shared;
  explicit Chores(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  std::shared_ptr<Shared> shared_; ///< with workers that may outlive the object
};

} // namespace xvrrp::controller
