// SPDX-License-Identifier: BSD-2-Clause
// Where spdlog's lines go, and that nobody waits for their reader.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <spdlog/common.h>

#include <xvrrp/base/result.hpp>

#include "platform/journal.hpp"

namespace xvrrp::controller {

/// The lines from now on: to standard error, or the journal where that is it; or to syslog. A thread of its
/// own writes them, for a pipe, a terminal, a disk, journald or syslogd may stall; up to then they wait, 1
/// MiB of them at most. Of more the oldest are lost, which is counted, and said where they would have stood.
void log_to_standard_error();
void log_to_syslog();

/// Begins to write what waits and what comes, by a thread: after the fork()s of the start.
Status begin_writing_log();

/// A line that has fields, too, where it goes to the journal.
void log_with_fields(spdlog::level::level_enum level, const std::string& line,
                     std::vector<platform::JournalField> fields);

/// Lines that were never written, since the start. From any thread.
std::uint64_t lost_log_lines();

/// Returns when all that waits is written; false: `patience` is over, and exit() would wait for who writes.
bool finish_log(std::chrono::milliseconds patience);

} // namespace xvrrp::controller
