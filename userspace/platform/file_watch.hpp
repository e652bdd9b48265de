// SPDX-License-Identifier: BSD-2-Clause
// Files that somebody writes a number to.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include <xvrrp/base/result.hpp>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

/// Becomes readable when something was written, replaced, made or deleted in the directory of one of the
/// files (inotify). Used by one thread at a time.
class FileWatch {
public:
  static Result<FileWatch> create();

  int fd() const { return fd_.get(); }
  /// Once. An error names a directory that cannot be watched (there is none); the others are. Waits for as
  /// long as their file systems do.
  Status watch(const std::vector<std::string>& paths);
  /// Quiet until the next change; whether one of the files may have another content.
  bool drain();

private:
  explicit FileWatch(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
  std::set<std::pair<int, std::string>> files_; ///< by their directory's watch
};

/// The number that a file begins with; 0 if there is no file or no number.
int read_number(const std::string& path);
/// Writes the number to the file; unless `overwrite`, only if there is none.
Status write_number(const std::string& path, int number, bool overwrite);

} // namespace xvrrp::platform
