// SPDX-License-Identifier: BSD-2-Clause
// Files that somebody writes a number to.
#pragma once

#include <string>
#include <vector>

#include <xvrrp/base/result.hpp>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

/// Becomes readable when one of the files may have another content: written, replaced, made or deleted
/// (inotify on its directory). Used by one thread.
class FileWatch {
public:
  static Result<FileWatch> create();

  int fd() const { return fd_.get(); }
  /// These files from now on. Unsupported names those whose directory cannot be watched (there is none, or
  /// its file system tells nothing: /proc, /sys); the others are.
  Status watch(const std::vector<std::string>& paths);
  /// Quiet until the next change.
  void drain();

private:
  explicit FileWatch(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
  std::vector<int> watches_;
};

/// The number that a file begins with; 0 if there is no file or no number.
int read_number(const std::string& path);
/// Writes the number to the file; unless `overwrite`, only if there is none.
Status write_number(const std::string& path, int number, bool overwrite);

} // namespace xvrrp::platform
