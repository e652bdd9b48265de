// SPDX-License-Identifier: BSD-2-Clause
#include "platform/script_host.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/clock.hpp"
#include "platform/inheritance.hpp"
#include "platform/script_legacy.hpp"
#include "platform/script_process.hpp"
#include "platform/start_program.hpp"

namespace xvrrp::platform {
namespace {

using Event = ScriptAnswer::Event;
using Verb = ScriptRequest::Verb;
using std::chrono::milliseconds;
using std::chrono::seconds;

enum Token : std::uint64_t { kSocket, kTimer, kPredecessors };

constexpr Nanoseconds kFirstPause = milliseconds{100};
constexpr Nanoseconds kLongestPause = seconds{10};
/// A process that lived so long is no reason for a longer pause.
constexpr Nanoseconds kGoodLife = seconds{60};

/// How late an answer may be, in two parts: all that we wait for is late when it was us who were held up.
constexpr Nanoseconds kPatience = milliseconds{4500};
constexpr Nanoseconds kMorePatience = milliseconds{500};
/// What ends an errand: SIGTERM, SIGKILL, and the wait for that.
constexpr Nanoseconds kEnding = 2 * kEndingTime;

/// What runs when the daemon ends, and what then runs for that end; systemd waits for 60 s.
constexpr Nanoseconds kTimeOfOthers = seconds{5};
constexpr Nanoseconds kTimeAtEnd = seconds{30};
/// What the kernel refused, for want of memory or whatever else, is tried again after this.
constexpr Nanoseconds kRetry = milliseconds{100};

/// A kind of warnings, beside those that are of one program or queue.
constexpr const char* kProcess = "the process that runs scripts";

/// Of the process, after its socket was closed: services get half a second, and time to end.
constexpr Nanoseconds kTimeToEnd = seconds{5};

/// A process that does not need anything of ours but the socket, and has all signals blocked from its first
/// instruction on.
int spawn(const ScriptHost::Options& options, int socket, pid_t& child) {
  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&files, socket, kScriptProcessSocket);
  if (options.quiet) {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      ::posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
  }
  ::posix_spawn_file_actions_addclosefrom_np(&files, kScriptProcessSocket + 1);
  ::posix_spawn_file_actions_addchdir_np(&files, "/");
  sigset_t all{};
  sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &all);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
  std::string name = "xvrrpd-scripts";
  std::string option = kScriptProcessOption;
  std::array<char*, 3> arguments{name.data(), option.data(), nullptr};
  auto variables = plain_environment();
  std::vector<char*> environment;
  for (auto& variable : variables)
    environment.push_back(variable.data());
  environment.push_back(nullptr);
  const int error =
      ::posix_spawn(&child, options.self.c_str(), &files, &attributes, arguments.data(), environment.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  return error;
}

std::string ending(int status) {
  return WIFSIGNALED(status) ? "was ended by signal " + std::to_string(WTERMSIG(status))
                             : "ended with exit code " + std::to_string(WEXITSTATUS(status));
}

} // namespace

// ---- the process ----

ScriptHost::ScriptHost(Options options, Epoll epoll, TimerFd timer)
    : options_(std::move(options)), epoll_(std::move(epoll)), timer_(std::move(timer)), pause_(kFirstPause) {}

Result<std::unique_ptr<ScriptHost>> ScriptHost::start(Options options) {
  auto epoll = Epoll::create();
  if (!epoll)
    return std::move(epoll).error();
  auto timer = TimerFd::create();
  if (!timer)
    return std::move(timer).error();
  if (auto status = epoll->add(timer->fd(), kTimer); !status)
    return std::move(status).error();
  const auto inherited = options.inherited;
  std::unique_ptr<ScriptHost> host{new ScriptHost{std::move(options), *std::move(epoll), *std::move(timer)}};
  if (inherited && host->inherit(*inherited))
    return host;
  if (auto status = host->begin_process(); !status)
    return std::move(status).error();
  return host;
}

Status ScriptHost::begin_process() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return system_error("making a socket for scripts");
  UniqueFd ours{ends[0]};
  const UniqueFd theirs{ends[1]};
  if (const int error = spawn(options_, theirs.get(), process_); error != 0) {
    process_ = 0;
    return system_error("starting the process that runs scripts", error);
  }
  restore_limit(process_); // for what it runs; it is told of nothing before
  begun_ = monotonic_now();
  return use_process(std::move(ours));
}

Status ScriptHost::use_process(UniqueFd socket) {
  if (auto status = epoll_.add(socket.get(), kSocket); !status)
    return status; // closing the socket ends the process
  socket_ = std::move(socket);
  return Done{};
}

void ScriptHost::lose_process() {
  const auto now = monotonic_now();
  socket_.reset(); // which takes it out of epoll_
  if (process_ > 0)
    ::kill(process_, SIGKILL); // it may have closed its socket only
  if (now - begun_ > kGoodLife)
    pause_ = kFirstPause;
  begin_again_ = now + pause_;
  warn(kProcess, "the process that runs scripts has ended: it is started anew in " +
                     std::to_string(static_cast<int>(to_ms(pause_))) +
                     " ms, and told again what it had not done");
  pause_ = std::min(2 * pause_, kLongestPause);
  wake_by(begin_again_);
}

/// How it ended; empty: it has not, or that was asked before.
std::string ScriptHost::reap() {
  int status = 0;
  if (process_ <= 0 || ::waitpid(process_, &status, WNOHANG) != process_)
    return {};
  process_ = 0;
  return ending(status);
}

void ScriptHost::revive(Instant now) {
  // What it ran got SIGTERM with its end, and has had the pause for it; nothing runs twice.
  for (auto& [id, task] : tasks_) {
    if (const auto group = std::exchange(task.group, 0); group > 0)
      ::kill(-group, SIGKILL);
  }
  const auto how = reap();
  if (auto status = process_ > 0 ? failed("it has not ended yet") : begin_process(); !status) {
    warn(kProcess, "the process that runs scripts is not started: " + status.error().message);
    begin_again_ = now + pause_;
    pause_ = std::min(2 * pause_, kLongestPause);
    return wake_by(begin_again_);
  }
  begin_again_ = Instant::max();
  warn(kProcess,
       "the process that runs scripts" + (how.empty() ? "" : ", which " + how + ",") + " was started anew");
  to_send_.clear();
  for (auto& [id, task] : tasks_) {
    if (!task.is_over)
      to_send_.push_back(task.request);
  }
}

// ---- what it is to do ----

std::uint32_t ScriptHost::add(Task task) {
  const auto id = task.request.id = next_++;
  next_ = std::max(next_, 1U);
  wake_by(task.overdue);
  to_send_.push_back(task.request);
  tasks_.insert_or_assign(id, std::move(task));
  return id;
}

void ScriptHost::end(std::uint32_t id) {
  to_send_.push_back({Verb::End, id});
}

void ScriptHost::run(Errand errand) {
  const std::string queue = errand.queue;
  queues_.push(std::move(errand));
  begin_next(queue);
  flush();
}

void ScriptHost::begin_next(const std::string& queue) {
  const auto errand = queues_.take(queue);
  if (!errand)
    return;
  if (const auto skipped = queues_.take_skipped(queue); skipped > 0)
    warn(queue + " left out",
         queue + ": " + std::to_string(skipped) + " runs of scripts were left out: they take too long");
  Task task{{Verb::Run, 0, ScriptKind::Errand, 0, errand->program}};
  task.request.time_limit_ms =
      static_cast<std::uint32_t>(std::chrono::ceil<milliseconds>(errand_limit_).count());
  task.queue = queue;
  task.at_end = errand->at_end;
  add(std::move(task));
}

std::uint32_t ScriptHost::check(const Check& check) {
  Task task{{Verb::Run, 0, ScriptKind::Check, 0, check.program}};
  task.request.time_limit_ms =
      static_cast<std::uint32_t>(std::chrono::ceil<milliseconds>(check.timeout).count());
  task.overdue = monotonic_now() + check.timeout + kPatience;
  const auto id = add(std::move(task));
  flush();
  return id;
}

void ScriptHost::use_services(const std::vector<Service>& services) {
  std::vector<const Service*> wanted;
  for (const auto& service : services)
    wanted.push_back(&service);
  std::vector<std::uint32_t> unwanted;
  for (auto& [id, task] : tasks_) {
    if (task.request.kind != ScriptKind::Service)
      continue;
    const auto same = std::find_if(wanted.begin(), wanted.end(), [&](const Service* service) {
      return service->program == task.request.program;
    });
    if (same == wanted.end()) {
      unwanted.push_back(id);
      continue;
    }
    task.pipe = UniqueFd{::fcntl((*same)->pipe, F_DUPFD_CLOEXEC, 0)};
    wanted.erase(same);
  }
  for (const auto id : unwanted) {
    end(id);
    tasks_.erase(id);
  }
  for (const auto* service : wanted) {
    Task task{{Verb::Run, 0, ScriptKind::Service, 0, service->program}};
    task.pipe = UniqueFd{::fcntl(service->pipe, F_DUPFD_CLOEXEC, 0)};
    add(std::move(task));
  }
  flush();
}

/// 0, or errno.
int ScriptHost::send(const ScriptRequest& request) {
  auto bytes = packed(request);
  if (bytes.size() > kLongestRequest)
    return EMSGSIZE;
  iovec part{bytes.data(), bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  const auto task = tasks_.find(request.id);
  if (request.verb == Verb::Run && task != tasks_.end() && task->second.pipe) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    auto* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    const int fd = task->second.pipe.get();
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  return ::sendmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? errno : 0;
}

void ScriptHost::flush() {
  bool is_full = false;
  while (socket_ && !to_send_.empty()) {
    const auto request = to_send_.front();
    const int error = send(request);
    if (error == EINTR)
      continue;
    if (error == EPIPE || error == ECONNRESET)
      return lose_process();
    if (error == EAGAIN) {
      is_full = true;
      break;
    }
    if (error != 0 && error != EMSGSIZE) { // its room says nothing of when that is over
      warn("socket", "telling the process that runs scripts what to do: " +
                         std::string{std::strerror(error)} + ": it is tried again");
      wake_by(monotonic_now() + kRetry);
      break;
    }
    to_send_.pop_front();
    const auto task = tasks_.find(request.id);
    if (error == EMSGSIZE && request.verb == Verb::Run) {
      const auto& program = request.program.argv.front();
      warn(program + " too long", program + ": the command is too long");
      hear({Event::Ended, request.id, kNotExecuted << 8});
      wake_by(monotonic_now()); // for its result to be delivered
    } else if (request.kind == ScriptKind::Errand && request.verb == Verb::Run && task != tasks_.end()) {
      task->second.overdue = monotonic_now() + milliseconds{request.time_limit_ms} + kEnding + kPatience;
      task->second.was_overdue = false;
      wake_by(task->second.overdue);
    }
  }
  if (!socket_)
    return;
  (void)epoll_.modify(socket_.get(), kSocket,
                      is_full ? EPOLLIN | EPOLLOUT : EPOLLIN); // of a descriptor that is in it
}

// ---- what it says ----

void ScriptHost::receive() {
  ScriptAnswer answer{};
  while (socket_) {
    const auto length = ::recv(socket_.get(), &answer, sizeof answer, MSG_DONTWAIT);
    if (length == sizeof answer)
      hear(answer);
    else if (length < 0 && errno == EINTR)
      continue;
    else if (length < 0 && (errno == EAGAIN || errno == ENOMEM || errno == ENOBUFS))
      return;
    else
      return lose_process();
  }
}

void ScriptHost::hear(const ScriptAnswer& answer) {
  const auto found = tasks_.find(answer.id);
  if (found == tasks_.end())
    return; // given up meanwhile
  auto& task = found->second;
  const bool is_check = task.request.kind == ScriptKind::Check;
  if (answer.event == Event::Started) {
    task.group = answer.value;
  } else if (answer.event == Event::NotRun && !is_check) {
    const auto& program = task.request.program.argv.front();
    warn(program + " not yet",
         program + " cannot be run yet: " + std::strerror(answer.value) + ": it is tried again");
  } else if (task.request.kind == ScriptKind::Service) {
    warn_of(task, answer);
    task.is_over = true;
    task.group = 0;
  } else {
    auto node = tasks_.extract(found);
    hear_end(std::move(node.mapped()), answer);
  }
}

void ScriptHost::hear_end(Task task, const ScriptAnswer& answer) {
  const auto& program = task.request.program.argv.front();
  if (task.request.kind == ScriptKind::Check) {
    const bool success =
        answer.event == Event::Ended && WIFEXITED(answer.value) && WEXITSTATUS(answer.value) == 0;
    if (answer.event == Event::NotRun)
      warn(program + " not run",
           program + " was not run, which counts as failed: " + std::strerror(answer.value));
    results_.emplace_back(answer.id, success);
    return;
  }
  warn_of(task, answer);
  if (answer.event == Event::TooLate)
    queues_.keep_last(task.queue);
  queues_.end(task.queue);
  begin_next(task.queue);
}

void ScriptHost::warn_of(const Task& task, const ScriptAnswer& answer) const {
  const auto& program = task.request.program.argv.front();
  const int status = answer.value;
  if (answer.event == Event::TooLate)
    warn(program + " late", program + " took longer than " +
                                std::to_string(task.request.time_limit_ms / 1000) +
                                " s (notify_timeout), and was ended");
  else if (WIFEXITED(status) && WEXITSTATUS(status) == kNotExecuted)
    warn(program + " ended", program + " could not be run");
  else if (task.request.kind == ScriptKind::Service)
    warn(program + " ended", program + " " + ending(status) + ", and is not started again before xvrrpd is");
  else if (status != 0)
    warn(program + " ended", program + " " + ending(status));
}

void ScriptHost::judge(Instant now) {
  bool is_silent = false;
  auto next = Instant::max();
  std::vector<std::uint32_t> failed_checks;
  for (auto& [id, task] : tasks_) {
    if (task.overdue <= now && task.was_overdue) {
      is_silent = true;
      task.overdue = Instant::max();
      if (task.request.kind == ScriptKind::Check)
        failed_checks.push_back(id);
    } else if (task.overdue <= now) {
      task.was_overdue = true;
      task.overdue = now + kMorePatience;
    }
    next = std::min(next, task.overdue);
  }
  wake_by(next);
  for (const auto id : failed_checks) {
    tasks_.erase(id);
    results_.emplace_back(id, false);
  }
  if (!is_silent || !socket_)
    return;
  warn(kProcess, "the process that runs scripts does not answer: it is ended");
  lose_process();
}

void ScriptHost::wake_by(Instant moment) {
  if (moment < armed_)
    timer_.arm(armed_ = moment);
}

void ScriptHost::work() {
  const auto now = monotonic_now();
  if (predecessors_)
    reap_predecessors();
  receive();
  if (timer_.drain()) {
    armed_ = Instant::max();
    judge(now);
  }
  if (now >= begin_again_)
    revive(now);
  else
    wake_by(begin_again_);
  flush();
}

void ScriptHost::hear(const std::function<void(std::uint32_t check, bool success)>& deliver) {
  work();
  for (const auto& [id, success] : std::exchange(results_, {}))
    deliver(id, success);
}

// ---- the end ----

void ScriptHost::finish() {
  const auto begin = monotonic_now();
  const auto skipped = queues_.skipped();
  queues_.keep_end();
  if (const auto count = queues_.skipped() - skipped; count > 0)
    warn("end", std::to_string(count) + " runs of scripts that waited were left out: xvrrpd ends");
  std::erase_if(tasks_, [](const auto& task) { return task.second.request.kind == ScriptKind::Check; });
  const auto end_all = [&](bool at_end) {
    for (const auto& [id, task] : tasks_) {
      if (task.request.kind == ScriptKind::Errand && task.at_end == at_end)
        end(id);
    }
    flush();
  };
  bool ended_others = false;
  bool ended_all = false;
  while (!queues_.idle()) {
    const auto passed = monotonic_now() - begin;
    if (passed >= kTimeOfOthers && !std::exchange(ended_others, true))
      end_all(false);
    if (passed >= kTimeAtEnd && !std::exchange(ended_all, true))
      end_all(true);
    if (passed >= kTimeAtEnd + kEnding)
      return warn("end", "scripts of its end outlived the time that xvrrpd gives them");
    (void)epoll_.wait(milliseconds{100});
    work();
  }
}

ScriptHost::~ScriptHost() {
  if (is_passed_on_)
    return;
  finish();
  socket_.reset();
  for (const auto end = monotonic_now() + kTimeToEnd; process_ > 0 && monotonic_now() < end;) {
    (void)reap();
    if (process_ > 0)
      std::this_thread::sleep_for(milliseconds{5});
  }
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
}

// ---- a successor ----

Result<ScriptHost::Inheritance> ScriptHost::pass_on() {
  receive();
  ScriptLegacy legacy{process_, next_, {}, {}, {}};
  for (const auto& [id, task] : tasks_) {
    if (task.request.kind == ScriptKind::Check)
      end(id); // nobody would know what it is of
    else
      legacy.tasks.push_back({task.request, task.queue, task.at_end, task.is_over, task.group});
  }
  legacy.to_send.assign(to_send_.begin(), to_send_.end());
  queues_.for_each_waiting([&](const Errand& errand) { legacy.waiting.push_back(errand); });
  auto memory = write_legacy(legacy);
  if (!memory)
    return std::move(memory).error();
  is_passed_on_ = true;
  return Inheritance{socket_.release(), memory->release()};
}

/// False: it is left alone, and ends what it does when its socket is closed.
bool ScriptHost::inherit(const Inheritance& inherited) {
  UniqueFd socket{inherited.socket};
  const UniqueFd memory{inherited.memory};
  if (socket)
    (void)::fcntl(socket.get(), F_SETFD, FD_CLOEXEC);
  auto legacy = read_legacy(memory.get());
  if (!legacy || (socket && !use_process(std::move(socket)))) {
    warn("predecessor",
         "the predecessor's scripts are not understood: those that it waited with are not run");
    await_predecessors(process_of(memory.get()));
    return false;
  }
  begin_again_ = socket_ ? Instant::max() : monotonic_now();
  process_ = legacy->process;
  begun_ = monotonic_now();
  next_ = legacy->next;
  for (auto& [request, queue, at_end, is_over, group] : legacy->tasks) {
    Task task{request, queue, at_end, {}, is_over, group};
    if (request.kind == ScriptKind::Errand) {
      queues_.push({queue, 0, false, at_end, request.program});
      (void)queues_.take(queue); // it runs
      task.overdue = begun_ + milliseconds{request.time_limit_ms} + kEnding + kPatience;
      wake_by(task.overdue);
    }
    tasks_.emplace(request.id, std::move(task));
  }
  to_send_.assign(legacy->to_send.begin(), legacy->to_send.end());
  for (auto& errand : legacy->waiting)
    queues_.push(std::move(errand));
  wake_by(begun_); // for hear() to go on
  return true;
}

/// Nobody else waits for its end; its number says nothing if it is no child of ours.
void ScriptHost::await_predecessors(pid_t process) {
  siginfo_t info{};
  if (process <= 0 || ::waitid(P_PID, static_cast<id_t>(process), &info, WEXITED | WNOHANG | WNOWAIT) != 0)
    return;
  predecessors_ = UniqueFd{static_cast<int>(::syscall(SYS_pidfd_open, process, 0))};
  if (predecessors_)
    (void)epoll_.add(predecessors_.get(), kPredecessors); // if not, it is seen when something else happens
}

void ScriptHost::reap_predecessors() {
  siginfo_t info{};
  if (::waitid(P_PIDFD, static_cast<id_t>(predecessors_.get()), &info, WEXITED | WNOHANG) != 0 ||
      info.si_pid != 0)
    predecessors_.reset();
}

} // namespace xvrrp::platform
