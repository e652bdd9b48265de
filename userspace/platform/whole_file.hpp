// SPDX-License-Identifier: BSD-2-Clause
// Files that others read while they are written.
#pragma once

#include <string>

#include <sys/types.h>

#include <xvrrp/base/result.hpp>

namespace xvrrp::platform {

/// Puts a file with this text at `path`, or leaves what is there: a reader never finds half of it. Whatever
/// was there is replaced and never followed, so a link that somebody put there does no harm, in /tmp either.
/// `mode` counts whatever the umask. Errors name the path. Allocates and may wait for a disk: never on the
/// election thread.
Status write_whole_file(const std::string& path, const std::string& text, mode_t mode);

} // namespace xvrrp::platform
