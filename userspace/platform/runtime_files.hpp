// SPDX-License-Identifier: BSD-2-Clause
// What a daemon has in /run/xvrrp.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xvrrp/base/result.hpp>

namespace xvrrp::platform {

/// Where daemons keep their pid files and control sockets; shared by all network namespaces of a mount
/// namespace, which is why several daemons on one machine have instance names.
inline constexpr const char* kRuntimeDirectory = "/run/xvrrp";

/// [A-Za-z0-9_.-]{1,32}, not starting with '.' or '-': safe as part of a path, a table name and an option's
/// value.
bool is_valid_instance_name(std::string_view name);
/// Usage when it is not; the message says what is allowed.
Status require_instance_name(std::string_view name);

/// "/run/xvrrp/INSTANCE" + suffix, such as ".pid" or ".sock".
std::string runtime_path(std::string_view instance, std::string_view suffix);

/// Creates the directory (0755) if need be.
Status make_runtime_directory();

/// Of the daemons that run in the caller's network namespace, by name.
std::vector<std::string> instances_here();

/// /run/xvrrp/INSTANCE.pid with this process' pid, for people and service managers; it locks nothing.
/// Destruction removes the file, unless it is another process' by then.
class PidFile {
public:
  /// Creates the directory if need be; replaces a file that is there.
  static Result<PidFile> create(std::string_view instance);
  /// Writes it again if it is gone. Once a second or so.
  Status keep() const;

  PidFile(PidFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  PidFile& operator=(PidFile&&) = delete;
  ~PidFile();

private:
  explicit PidFile(std::string path) : path_(std::move(path)) {}
  Status write() const;

  std::string path_; ///< empty: moved from
};

} // namespace xvrrp::platform
