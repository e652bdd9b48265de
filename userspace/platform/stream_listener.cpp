// SPDX-License-Identifier: BSD-2-Clause
#include "platform/stream_listener.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace xvrrp::platform {
namespace {

constexpr const char* kUnixPrefix = "unix:";
constexpr mode_t kMode = 0660;
constexpr int kBacklog = 16;

Error bad_address(const std::string& address, const std::string& why) {
  return {ErrorKind::Usage, "address \"" + address + "\": " + why +
                                "; it is unix:/PATH, HOST:PORT or [IPV6]:PORT, as in 127.0.0.1:9650"};
}

Error listen_error(const std::string& address) {
  if (errno == EADDRINUSE)
    return {ErrorKind::Conflict, "listening on " + address + ": somebody else does; choose another address"};
  return system_error("listening on " + address);
}

Result<UniqueFd> stream_socket(int family) {
  UniqueFd fd{::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!fd)
    return system_error("opening a socket");
  return fd;
}

/// A daemon that was killed leaves its file behind; what is in use, or is no socket, stays.
Status make_room(const std::string& path, const sockaddr_un& address) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0)
    return Done{};
  if (!S_ISSOCK(found.st_mode))
    return Error{ErrorKind::Conflict,
                 "listening on " + path + ": it is a file and no socket; choose another path"};
  const auto probe = stream_socket(AF_UNIX);
  if (!probe)
    return probe.error();
  const bool is_dead =
      ::connect(probe->get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno == ECONNREFUSED;
  if (is_dead)
    ::unlink(path.c_str());
  return Done{}; // else bind() says what is wrong
}

struct HostPort {
  std::string host;
  std::string port;
};

std::optional<HostPort> split(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos)
    return std::nullopt;
  HostPort parts{address.substr(0, colon), address.substr(colon + 1)};
  const bool is_bracketed = parts.host.size() > 2 && parts.host.front() == '[' && parts.host.back() == ']';
  if (is_bracketed)
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  if (parts.host.empty() || (!is_bracketed && parts.host.find(':') != std::string::npos))
    return std::nullopt;
  return parts;
}

/// 1 to 65535 in digits.
bool is_port(const std::string& text) {
  const bool is_number = !text.empty() && text.size() <= 5 &&
                         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return is_number && std::stoul(text) >= 1 && std::stoul(text) <= 65535;
}

} // namespace

Result<StreamListener> StreamListener::open(const std::string& address) {
  if (address.rfind(kUnixPrefix, 0) == 0)
    return open_unix(address.substr(std::strlen(kUnixPrefix)));
  return open_tcp(address);
}

Result<StreamListener> StreamListener::open_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  // A daemon leaves the directory that it was started in.
  if (path.empty() || path[0] != '/' || path.size() >= sizeof address.sun_path)
    return bad_address(kUnixPrefix + path, "the path must begin with / and have at most 107 characters");
  std::memcpy(address.sun_path, path.data(), path.size());
  auto fd = stream_socket(AF_UNIX);
  if (!fd)
    return std::move(fd).error();
  if (auto status = make_room(path, address); !status)
    return std::move(status).error();
  // Made with its mode: never open to all, and nobody can put a link in its place before a chmod() by path.
  ::fchmod(fd->get(), kMode);
  const mode_t umask = ::umask(~kMode & 0777);
  const int bound = ::bind(fd->get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int problem = errno;
  ::umask(umask);
  errno = problem;
  if (bound != 0)
    return listen_error(path);
  StreamListener listener{*std::move(fd), path};
  if (::listen(listener.fd(), kBacklog) != 0)
    return listen_error(path);
  return listener;
}

Result<StreamListener> StreamListener::open_tcp(const std::string& address) {
  const auto parts = split(address);
  if (!parts)
    return bad_address(address, "there is no HOST:PORT in it");
  if (!is_port(parts->port))
    return bad_address(address, "the port must be 1 to 65535");
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* first = nullptr;
  if (const int error = ::getaddrinfo(parts->host.c_str(), parts->port.c_str(), &hints, &first); error != 0)
    return bad_address(address, ::gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found{first, &::freeaddrinfo};
  auto fd = stream_socket(found->ai_family);
  if (!fd)
    return std::move(fd).error();
  // A connection of the process before, or of the one that handed over to us, must not keep us from the port.
  const int yes = 1;
  ::setsockopt(fd->get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(fd->get(), found->ai_addr, found->ai_addrlen) != 0 || ::listen(fd->get(), kBacklog) != 0)
    return listen_error(address);
  return StreamListener{*std::move(fd), {}};
}

StreamListener::~StreamListener() {
  if (fd_ && !path_.empty())
    ::unlink(path_.c_str());
}

} // namespace xvrrp::platform
