// SPDX-License-Identifier: BSD-2-Clause
// A listening stream socket at an address that the operator chose.
#pragma once

#include <string>

#include <xvrrp/base/result.hpp>

#include "platform/doorkeeper.hpp"
#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

/// Non-blocking, close-on-exec. A socket file has mode 0660 and is unlinked on destruction.
class StreamListener {
public:
  /// `address` is "unix:/PATH", "HOST:PORT" or "[V6]:PORT". Usage: it is none of them, or HOST is unknown.
  /// Conflict: somebody listens there, or the path is a file that is no socket; a socket file that nobody
  /// listens on is replaced.
  static Result<StreamListener> open(const std::string& address);

  int fd() const noexcept { return fd_.get(); }
  /// Who waits to be let in.
  Visitor accept() noexcept { return door_.next(fd_.get()); }

  StreamListener(StreamListener&&) noexcept = default;
  StreamListener& operator=(StreamListener&&) = delete;
  ~StreamListener();

private:
  StreamListener(UniqueFd fd, std::string path) noexcept : fd_(std::move(fd)), path_(std::move(path)) {}
  static Result<StreamListener> open_unix(const std::string& path);
  static Result<StreamListener> open_tcp(const std::string& address);

  UniqueFd fd_;      ///< none: moved from
  std::string path_; ///< empty: not a socket file
  Doorkeeper door_;
};

} // namespace xvrrp::platform
