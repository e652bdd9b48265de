// SPDX-License-Identifier: BSD-2-Clause
#include "platform/script_process.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <deque>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/script_messages.hpp"
#include "platform/start_program.hpp"
#include "platform/unique_fd.hpp"

namespace xvrrp::platform {
namespace {

using Clock = std::chrono::steady_clock;
using Event = ScriptAnswer::Event;

/// What services have to read what they were told last.
constexpr auto kLastWords = std::chrono::milliseconds{500};

/// What could not be started, or whose end nothing announces, is looked at again after this.
constexpr auto kPause = std::chrono::milliseconds{100};

struct Running {
  enum class Phase { Waits, Runs, Terminated, Killed, Abandoned };
  ScriptRequest request;
  UniqueFd lock;
  Phase phase = Phase::Waits;
  Clock::time_point deadline{}; ///< of the phase
  pid_t pid = 0;
  bool is_reaped = false;   ///< some of its process group are left
  bool is_to_end = false;   ///< the daemon wants that
  bool is_late = false;     ///< its time limit was the reason to end it
  bool is_delayed = false;  ///< it could not be started at once, and that was told
  bool is_answered = false; ///< its end was told

  bool is(ScriptKind kind) const { return request.kind == kind; }
  bool has_group() const { return ::kill(-pid, 0) == 0; }
};

class ScriptProcess {
public:
  ScriptProcess() : socket_(kScriptProcessSocket) {
    sigset_t child{};
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    children_ = UniqueFd{::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK)};
    (void)::fcntl(socket_.get(), F_SETFD, FD_CLOEXEC);
  }

  void run() {
    while (socket_ || has_work()) {
      wait();
      if (socket_)
        receive();
      reap();
      start_waiting();
      end_late();
      std::erase_if(all_, [](const Running& one) { return one.is_reaped && !one.has_group(); });
      if (socket_)
        send_answers();
    }
  }

private:
  /// For what not even SIGKILL ends nobody waits.
  bool has_work() const {
    return std::any_of(all_.begin(), all_.end(),
                       [](const Running& one) { return one.phase != Running::Phase::Abandoned; });
  }

  void wait() {
    auto earliest = Clock::time_point::max();
    for (const auto& one : all_)
      earliest = std::min(earliest, one.is_reaped ? Clock::now() + kPause : one.deadline);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(
        std::min<Clock::duration>(earliest - Clock::now(), std::chrono::minutes{1}));
    const auto wanted = static_cast<short>(POLLIN | (is_full_ ? POLLOUT : 0));
    pollfd both[] = {{children_.get(), POLLIN, 0}, {socket_.get(), wanted, 0}};
    // A process short of everything looks now and then: it may have no descriptor for SIGCHLD, and what it
    // has to say may be refused though there is room.
    const bool is_short = !children_ || (!answers_.empty() && !is_full_);
    const auto most = is_short ? std::min<std::int64_t>(left.count(), kPause.count()) : left.count();
    (void)::poll(both, 2, static_cast<int>(std::max<std::int64_t>(most, 0)));
    signalfd_siginfo ignored{};
    while (::read(children_.get(), &ignored, sizeof ignored) > 0) {
    }
  }

  void receive() {
    std::string bytes(kLongestRequest, '\0');
    for (;;) {
      iovec part{bytes.data(), bytes.size()};
      alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
      msghdr message{};
      message.msg_iov = &part;
      message.msg_iovlen = 1;
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      const auto length = ::recvmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
      if (length < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOMEM || errno == ENOBUFS))
        return;
      if (length <= 0)
        return lose_daemon();
      UniqueFd lock;
      if (const auto* header = CMSG_FIRSTHDR(&message);
          header != nullptr && header->cmsg_type == SCM_RIGHTS) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
        lock = UniqueFd{fd};
      }
      if (auto request = unpacked(std::string_view{bytes}.substr(0, static_cast<std::size_t>(length))))
        obey(*std::move(request), std::move(lock));
    }
  }

  void obey(ScriptRequest request, UniqueFd lock) {
    if (request.verb == ScriptRequest::Verb::Run) {
      all_.push_back({std::move(request), std::move(lock)});
      return;
    }
    for (auto& one : all_) {
      if (one.request.id != request.id)
        continue;
      one.is_to_end = true;
      if (one.phase == Running::Phase::Runs)
        one.deadline = Clock::now();
      else if (one.phase == Running::Phase::Waits)
        finish(one, Event::Ended, 0);
    }
    forget_finished();
  }

  void lose_daemon() {
    socket_.reset();
    answers_.clear();
    std::erase_if(all_, [](const Running& one) { return one.phase == Running::Phase::Waits; });
    const auto now = Clock::now();
    for (auto& one : all_) {
      if (one.phase == Running::Phase::Runs && !one.is(ScriptKind::Errand))
        one.deadline = std::min(one.deadline, one.is(ScriptKind::Service) ? now + kLastWords : now);
    }
  }

  static bool is_last(Event event, const Running& one) {
    return event != Event::Started && (event != Event::NotRun || one.is(ScriptKind::Check));
  }

  void answer(Running& one, Event event, int value) {
    if (socket_ && !one.is_answered)
      answers_.push_back({event, one.request.id, value});
    one.is_answered |= is_last(event, one);
  }

  /// It is over without having been started.
  void finish(Running& one, Event event, int value) {
    answer(one, event, value);
    one.phase = Running::Phase::Abandoned;
  }
  void forget_finished() {
    std::erase_if(all_,
                  [](const Running& one) { return one.phase == Running::Phase::Abandoned && one.pid == 0; });
  }

  /// Nobody else's service reads what this one is to read: its predecessor's, in this process or another.
  bool may_start(const Running& wanted) const {
    if (!wanted.is(ScriptKind::Service))
      return true;
    const auto& path = wanted.request.program.argv.back();
    for (const auto& one : all_) {
      if (one.is(ScriptKind::Service) && one.pid != 0 && one.request.program.argv.back() == path)
        return false;
    }
    return !wanted.lock || ::flock(wanted.lock.get(), LOCK_EX | LOCK_NB) == 0;
  }

  void start_waiting() {
    const auto now = Clock::now();
    for (auto& one : all_) {
      if (one.phase == Running::Phase::Waits && one.deadline <= now)
        start(one);
    }
    forget_finished();
  }

  void start(Running& one) {
    one.deadline = Clock::now() + kPause; // of the next try
    if (!may_start(one))
      return;
    const auto child = start_program(one.request.program, one.is(ScriptKind::Check));
    if (!child && one.is(ScriptKind::Check))
      return finish(one, Event::NotRun, errno);
    if (!child) {
      if (!std::exchange(one.is_delayed, true))
        answer(one, Event::NotRun, errno);
      return;
    }
    one.pid = *child;
    one.phase = Running::Phase::Runs;
    const auto limit = std::chrono::milliseconds{one.request.time_limit_ms};
    one.deadline = limit.count() > 0 ? Clock::now() + limit : Clock::time_point::max();
    answer(one, Event::Started, *child);
  }

  void reap() {
    int status = 0;
    for (pid_t child = 0; (child = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      const auto one =
          std::find_if(all_.begin(), all_.end(), [&](const Running& known) { return known.pid == child; });
      if (one == all_.end())
        continue;
      // Who is ended ends with whomever it has started.
      one->is_reaped = one->phase != Running::Phase::Runs && one->has_group();
      if (one->is_reaped)
        continue;
      answer(*one, one->is_late ? Event::TooLate : Event::Ended, status);
      all_.erase(one);
    }
  }

  void end_late() {
    using Phase = Running::Phase;
    const auto now = Clock::now();
    for (auto& one : all_) {
      if (one.is_reaped && !one.has_group())
        answer(one, one.is_late ? Event::TooLate : Event::Ended, 0);
      if (one.phase == Phase::Waits || one.phase == Phase::Abandoned || one.deadline > now)
        continue;
      if (one.phase == Phase::Runs) {
        one.is_late = !one.is_to_end;
        ::kill(-one.pid, SIGTERM);
        if (one.is(ScriptKind::Check))
          answer(one, Event::TooLate, 0);
      } else if (one.phase == Phase::Terminated) {
        ::kill(-one.pid, SIGKILL);
      } else {
        // In the kernel, for ever perhaps: nobody waits for that.
        answer(one, one.is_late ? Event::TooLate : Event::Ended, 0);
      }
      one.phase = static_cast<Phase>(static_cast<int>(one.phase) + 1);
      one.deadline = one.phase == Phase::Abandoned ? Clock::time_point::max() : now + kEndingTime;
    }
  }

  /// What does not leave waits; that the daemon is gone is seen by reading.
  void send_answers() {
    is_full_ = false;
    while (!answers_.empty()) {
      if (::send(socket_.get(), &answers_.front(), sizeof answers_.front(), MSG_DONTWAIT | MSG_NOSIGNAL) <
          0) {
        is_full_ = errno == EAGAIN;
        return;
      }
      answers_.pop_front();
    }
  }

  UniqueFd socket_;
  UniqueFd children_; ///< readable: some have ended
  std::vector<Running> all_;
  std::deque<ScriptAnswer> answers_;
  bool is_full_ = false; ///< the socket, of answers that were not read yet
};

} // namespace

int run_script_process() {
  (void)::prctl(PR_SET_NAME, "xvrrpd-scripts");
  ScriptProcess{}.run();
  return 0;
}

} // namespace xvrrp::platform
