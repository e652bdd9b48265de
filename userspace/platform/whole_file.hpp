// SPDX-License-Identifier: BSD-2-Clause
// Files that others write while they are read, or read while they are written.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <sys/types.h>

#include <xvrrp/base/result.hpp>

namespace xvrrp::platform {

/// What is in a regular file, as much as `most` bytes of it. Absent when it cannot be read, to the end or up
/// to there: it is missing or something else (a FIFO, a device: never opened), or went meanwhile, as what
/// /proc tells of a process does. Waits for as long as the file system does: never on the election thread.
std::optional<std::string> read_whole_file(const std::string& path, std::size_t most);

/// Puts a file with this text at `path`, or leaves what is there: a reader never finds half of it. Whatever
/// was there is replaced and never followed, so a link that somebody put there does no harm, in /tmp either.
/// `mode` counts whatever the umask. Errors name the path. Allocates and may wait for a disk: never on the
/// election thread.
Status write_whole_file(const std::string& path, const std::string& text, mode_t mode);

/// The text of a file that only this user can have written; absent: there is none. A link, what is no file,
/// what another user owns or may write, and what is longer than `most` bytes are errors, which name the path.
Result<std::optional<std::string>> read_own_file(const std::string& path, std::size_t most);

} // namespace xvrrp::platform
