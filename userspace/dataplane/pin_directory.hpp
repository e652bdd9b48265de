// SPDX-License-Identifier: BSD-2-Clause
// Directories of bpffs below XV_PIN_ROOT, by descriptor.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <xvrrp/base/result.hpp>
#include <xvrrp/base/unique_fd.hpp>

namespace xvrrp::dataplane {

/// A directory that was opened without following a link, and checked: it is root's (or this process' user's),
/// nobody else may write to it, and it is on a BPF file system. Everything in it is reached by its
/// descriptor, one name at a time, never following a link; so what others do to the path cannot lead us
/// elsewhere. Names have no '/'. Move-only; any thread.
class PinDirectory {
public:
  PinDirectory() = default; ///< none
  /// XV_PIN_ROOT. NotRunning: it is not there. Failed: it is not to be trusted; the message says why and what
  /// to do.
  static Result<PinDirectory> root();
  /// The same; creates it if need be. Failed where there is no BPF file system.
  static Result<PinDirectory> make_root();

  /// A directory in this one. NotRunning and Failed as root().
  Result<PinDirectory> open(const std::string& name) const;
  /// The same; creates it (mode 0700) if need be.
  Result<PinDirectory> make(const std::string& name) const;

  /// A pinned map, program or link. NotRunning: there is none of this name.
  Result<UniqueFd> get(const std::string& name) const;
  bool has(const std::string& name) const;
  Status pin(int object_fd, const std::string& name) const;
  /// No error when there is none.
  Status unpin(const std::string& name) const;
  /// Moves an entry to another directory, or to another name, in the place of one that is there.
  Status move(const std::string& name, const PinDirectory& to, const std::string& new_name) const;
  /// Removes a directory in this one with everything in it. No error when there is none.
  Status remove(const std::string& name) const;

  /// What is in it, sorted.
  std::vector<std::string> names() const;
  /// Whether the path still leads here: it was not removed, nor another put in its place.
  bool is_at_its_path() const;
  int fd() const noexcept { return fd_.get(); }
  UniqueFd release() && { return std::move(fd_); }
  /// For messages.
  const std::string& path() const noexcept { return path_; }
  std::string path_of(const std::string& name) const { return path_ + "/" + name; }

private:
  PinDirectory(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  static Result<PinDirectory> mount_point();
  /// What open() and make() have in common.
  Result<PinDirectory> enter(const std::string& name) const;

  UniqueFd fd_; ///< none: moved from
  std::string path_;
};

} // namespace xvrrp::dataplane
