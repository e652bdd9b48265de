// SPDX-License-Identifier: BSD-2-Clause
#include "platform/control_socket.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "platform/clock.hpp"
#include "platform/timespec.hpp"

namespace xvrrp::platform {

namespace {

constexpr mode_t kMode = 0660;
constexpr int kBacklog = 1024; // who connects while the manager thread is busy waits, and is not turned away

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return Error{ErrorKind::Usage, "socket path \"" + path + "\": it must have 1 to 107 characters"};
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

Result<UniqueFd> stream_socket() {
  UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!fd)
    return system_error("opening a control socket");
  return fd;
}

// EAGAIN: by one whose backlog is full.
bool is_answered(const sockaddr_un& address) {
  const auto probe = stream_socket();
  return probe &&
         (::connect(probe->get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
          errno == EAGAIN);
}

// Until the descriptor is ready for `events`, an error on it, or the deadline.
Status wait_for(int fd, short events, Instant deadline) {
  for (;;) {
    pollfd poll{fd, events, 0};
    const timespec left = to_timespec(std::max(deadline - monotonic_now(), Nanoseconds{0}));
    const int ready = ::ppoll(&poll, 1, &left, nullptr);
    if (ready > 0)
      return Done{};
    if (ready == 0)
      return failed("the peer did not respond in time");
    if (errno != EINTR)
      return system_error("waiting for the control socket");
  }
}

} // namespace

Result<ControlListener> ControlListener::open(std::string path, std::optional<std::uint32_t> group) {
  const auto address = address_of(path);
  if (!address)
    return address.error();
  auto fd = stream_socket();
  if (!fd)
    return std::move(fd).error();
  if (is_answered(*address))
    return Error{ErrorKind::Conflict, "another process listens on " + path};
  ::unlink(path.c_str());
  // The mode of the socket before bind() bounds that of the file, so that it is never open to all; the umask
  // may have narrowed it further, which chmod() undoes.
  ::fchmod(fd->get(), kMode);
  if (::bind(fd->get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0)
    return system_error("creating " + path);
  struct stat made {};
  if (::lstat(path.c_str(), &made) != 0)
    return system_error("creating " + path);
  ControlListener listener{std::move(*fd), std::move(path)};
  listener.device_ = made.st_dev;
  listener.inode_ = made.st_ino;
  if (group && ::chown(listener.path_.c_str(), static_cast<uid_t>(-1), *group) != 0)
    return system_error("giving " + listener.path_ + " to its group");
  if (::chmod(listener.path_.c_str(), kMode) != 0 || ::listen(listener.fd(), kBacklog) != 0)
    return system_error("listening on " + listener.path_);
  return listener;
}

bool ControlListener::is_at_its_path() const {
  struct stat there {};
  return ::lstat(path_.c_str(), &there) == 0 && there.st_dev == device_ && there.st_ino == inode_;
}

ControlListener::~ControlListener() {
  if (fd_ && is_at_its_path())
    ::unlink(path_.c_str());
}

Result<UniqueFd> connect_control(const std::string& path) {
  const auto address = address_of(path);
  if (!address)
    return address.error();
  auto fd = stream_socket();
  if (!fd || ::connect(fd->get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0)
    return fd;
  if (errno == ENOENT || errno == ECONNREFUSED)
    return Error{ErrorKind::NotRunning, "no xvrrpd listens on " + path};
  return system_error("connecting to " + path); // EAGAIN: its backlog is full
}

Status write_all(int fd, std::string_view text, Nanoseconds timeout) {
  const Instant deadline = monotonic_now() + timeout;
  while (!text.empty()) {
    const auto sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      text.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (auto status = wait_for(fd, POLLOUT, deadline); !status)
        return status;
    } else if (errno != EINTR) {
      return system_error("writing to the control socket");
    }
  }
  return Done{};
}

Result<std::optional<std::string>> LineReader::next(Nanoseconds timeout) {
  const Instant deadline = monotonic_now() + timeout;
  std::size_t searched = 0;
  for (;;) {
    const auto end = buffer_.find('\n', searched);
    if ((end == std::string::npos ? buffer_.size() : end) > limit_)
      return failed("a line on the control socket exceeds " + std::to_string(limit_) + " bytes");
    if (end != std::string::npos) {
      std::optional line{buffer_.substr(0, end)};
      buffer_.erase(0, end + 1);
      return line;
    }
    searched = buffer_.size();

    std::array<char, 16384> chunk;
    const auto received = ::recv(fd_, chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (received > 0) {
      buffer_.append(chunk.data(), static_cast<std::size_t>(received));
    } else if (received == 0) {
      if (!buffer_.empty())
        return failed("the peer closed the control socket in the middle of a line");
      return std::optional<std::string>{};
    } else if (errno == EAGAIN) {
      if (auto status = wait_for(fd_, POLLIN, deadline); !status)
        return std::move(status).error();
    } else if (errno != EINTR) {
      return system_error("reading from the control socket");
    }
  }
}

} // namespace xvrrp::platform
