// SPDX-License-Identifier: BSD-2-Clause
// The stream socket between vrrpctl and xvrrpd: lines of text each way. What the lines say is the
// controller's affair.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include <xvrrp/base/result.hpp>
#include <xvrrp/base/time.hpp>

#include "platform/doorkeeper.hpp"
#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

/// The daemon's end: a listening AF_UNIX socket with mode 0660 and the given group, non-blocking, unlinked on
/// destruction if it is still there. A socket file of a dead daemon is replaced.
class ControlListener {
public:
  /// The path has at most 107 characters (sun_path). Conflict: another process listens there.
  static Result<ControlListener> open(std::string path, std::optional<std::uint32_t> group = {});

  int fd() const noexcept { return fd_.get(); }
  /// Whether who connects to the path gets here: nobody removed the file, nor put another in its place.
  bool is_at_its_path() const;

  /// Who waits to be let in.
  Visitor accept() noexcept { return door_.next(fd_.get()); }

  ControlListener(ControlListener&&) noexcept = default;
  ControlListener& operator=(ControlListener&&) = delete;
  ~ControlListener();

private:
  ControlListener(UniqueFd fd, std::string path) noexcept : fd_(std::move(fd)), path_(std::move(path)) {}

  UniqueFd fd_; ///< none: moved from
  std::string path_;
  Doorkeeper door_;
  dev_t device_ = 0; ///< of the file that bind() made
  ino_t inode_ = 0;
};

/// The client's end: connects. NotRunning when no daemon listens there, Permission when the socket's mode
/// forbids it. The descriptor is non-blocking; use it with write_all() and LineReader.
Result<UniqueFd> connect_control(const std::string& path);

/// Writes everything or fails within the timeout. A closed peer is an error, never SIGPIPE.
Status write_all(int fd, std::string_view text, Nanoseconds timeout);

/// Reads lines from a non-blocking descriptor that it does not own; keeps what came after a line for the next
/// call.
class LineReader {
public:
  /// `limit` is the longest line that is accepted, without its newline.
  LineReader(int fd, std::size_t limit) : fd_(fd), limit_(limit) {}

  /// The next line without its newline; absent when the peer closed after a whole line. An error: nothing for
  /// the length of the timeout, a line over the limit, or a peer that closed in the middle of one.
  Result<std::optional<std::string>> next(Nanoseconds timeout);

private:
  int fd_;
  std::size_t limit_;
  std::string buffer_;
};

} // namespace xvrrp::platform
