// SPDX-License-Identifier: BSD-2-Clause
#include "controller/notifier.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xvrrp/base/printable.hpp>

#include "controller/log_limit.hpp"

namespace xvrrp::controller {
namespace {

const char* word(NotifiedState state) {
  switch (state) {
  case NotifiedState::Master:
    return "MASTER";
  case NotifiedState::Backup:
    return "BACKUP";
  case NotifiedState::Fault:
    return "FAULT";
  case NotifiedState::Stop:
    return "STOP";
  case NotifiedState::Deleted:
    return "DELETED";
  }
  return "?";
}

const std::optional<config::Script>& script_of(const config::Notify& notify, NotifiedState state) {
  switch (state) {
  case NotifiedState::Master:
    return notify.master;
  case NotifiedState::Backup:
    return notify.backup;
  case NotifiedState::Fault:
    return notify.fault;
  case NotifiedState::Stop:
    return notify.stop;
  case NotifiedState::Deleted:
    break;
  }
  return notify.deleted;
}

/// Whoever reads it believes what it says, so only root and its owner may speak there. Absent: it is used.
std::optional<std::string> why_not_used(const struct stat& status, const config::ScriptUser& owner) {
  if (S_ISLNK(status.st_mode))
    return "it is a symbolic link: name the pipe itself";
  if (!S_ISFIFO(status.st_mode))
    return "it is no named pipe";
  if (status.st_nlink != 1)
    return "it has other names too: make another pipe";
  if (status.st_uid != 0 && status.st_uid != owner.user && status.st_uid != ::geteuid())
    return fmt::format(
        "it belongs to user {}, who is neither root nor the one that notify_fifo names: remove "
        "it, or change its owner",
        status.st_uid);
  const bool is_group_known = status.st_gid == 0 || status.st_gid == owner.group;
  if ((status.st_mode & S_IWOTH) != 0 || ((status.st_mode & S_IWGRP) != 0 && !is_group_known))
    return "others than its owner may write to it: chmod go-w";
  return std::nullopt;
}

} // namespace

Notifier::~Notifier() {
  for (const auto& fifo : fifos_)
    remove(fifo);
}

void Notifier::use_fifos(const std::vector<config::NotifyFifo>& wanted) {
  std::vector<Fifo> fifos;
  std::vector<platform::Service> readers;
  for (const auto& [path, owner, reader] : wanted) {
    const auto known =
        std::find_if(fifos_.begin(), fifos_.end(), [&](const Fifo& fifo) { return fifo.path == path; });
    if (known == fifos_.end() || !known->fd) { // one that was refused may be all right now
      fifos.push_back(open(path, owner));
    } else {
      fifos.push_back(std::move(*known));
      fifos_.erase(known);
    }
    const auto& fifo = fifos.back();
    if (!reader || !fifo.fd)
      continue;
    readers.push_back(
        {{reader->argv, reader->user->user, reader->user->group, reader->root_only}, fifo.fd.get()});
    readers.back().program.argv.push_back(path);
  }
  scripts_.use_services(readers);
  for (const auto& fifo : fifos_)
    remove(fifo);
  fifos_ = std::move(fifos);
}

/// Unless something else stands there by now.
void Notifier::remove(const Fifo& fifo) {
  struct stat ours {};
  struct stat there {};
  if (fifo.made && ::fstat(fifo.fd.get(), &ours) == 0 && ::lstat(fifo.path.c_str(), &there) == 0 &&
      ours.st_dev == there.st_dev && ours.st_ino == there.st_ino)
    ::unlink(fifo.path.c_str());
}

void Notifier::tell(const Subject& subject, NotifiedState state) {
  // As keepalived: without a script for it, a deletion is a fault.
  if (state == NotifiedState::Deleted && !subject.notify.deleted)
    state = NotifiedState::Fault;
  const bool at_end = state == NotifiedState::Stop;
  if (const auto& script = script_of(subject.notify, state))
    run(subject, *script, {}, Kind::State, at_end);
  tell_all(subject, word(state), Kind::Any, at_end);
}

void Notifier::tell_priority(const Subject& subject, core::State state) {
  if (subject.notify.priority_changes)
    tell_all(subject, state == core::State::Master ? "MASTER_PRIORITY" : "BACKUP_PRIORITY", Kind::Priority,
             false);
}

void Notifier::tell_losing_advert(const Subject& subject) {
  if (subject.notify.losing_advert)
    run(subject, *subject.notify.losing_advert, {}, Kind::LosingAdvert, false);
  write_all(subject, "MASTER_RX_LOWER_PRI");
}

void Notifier::tell_all(const Subject& subject, const std::string& word, Kind kind, bool at_end) {
  if (subject.notify.any)
    run(subject, *subject.notify.any, {subject.kind, subject.name, word, std::to_string(subject.priority)},
        kind, at_end);
  write_all(subject, word);
}

void Notifier::write_all(const Subject& subject, const std::string& word) {
  const auto priority = std::to_string(subject.priority);
  for (auto& fifo : fifos_)
    write(fifo,
          std::string{subject.kind} + " \"" + printable(subject.name) + "\" " + word + " " + priority + "\n");
}

void Notifier::run(const Subject& subject, const config::Script& script,
                   const std::vector<std::string>& arguments, Kind kind, bool at_end) {
  platform::Errand errand{std::string{subject.kind} + " " + subject.name,
                          static_cast<std::uint8_t>(kind),
                          /*once=*/kind == Kind::LosingAdvert,
                          at_end,
                          {script.argv, script.user->user, script.user->group, script.root_only}};
  errand.program.argv.insert(errand.program.argv.end(), arguments.begin(), arguments.end());
  scripts_.run(std::move(errand));
}

/// For reading too: then there is always a reader, and a line that nobody reads yet is kept.
Notifier::Fifo Notifier::open(const std::string& path, const config::ScriptUser& owner) {
  Fifo fifo;
  fifo.path = path;
  fifo.made = ::mkfifo(path.c_str(), 0600) == 0;
  // Looked at before it is opened: to open something else may wait, or do something.
  const platform::UniqueFd place{::open(path.c_str(), O_PATH | O_CLOEXEC | O_NOFOLLOW)};
  struct stat status {};
  if (!place || ::fstat(place.get(), &status) != 0) {
    spdlog::error("notify_fifo {}: {}", path, std::strerror(errno));
    return fifo;
  }
  if (const auto why = why_not_used(status, owner)) {
    spdlog::error("notify_fifo {}: {}: nothing is written to it", path, *why);
    return fifo;
  }
  fifo.fd = platform::UniqueFd{
      ::open(fmt::format("/proc/self/fd/{}", place.get()).c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)};
  if (!fifo.fd)
    spdlog::error("notify_fifo {}: {}", path, std::strerror(errno));
  else if (fifo.made && ::fchown(fifo.fd.get(), owner.user, owner.group) != 0)
    spdlog::error("notify_fifo {}: its owner: {}", path, std::strerror(errno));
  return fifo;
}

void Notifier::write(Fifo& fifo, const std::string& line) {
  if (fifo.fd.get() < 0)
    return;
  if (::write(fifo.fd.get(), line.data(), line.size()) < 0)
    warn_limited("fifo " + fifo.path,
                 fmt::format("notify_fifo {}: {}: lost {}", fifo.path,
                             errno == EAGAIN ? "nobody reads it and it is full" : std::strerror(errno),
                             line.substr(0, line.size() - 1)));
}

} // namespace xvrrp::controller
