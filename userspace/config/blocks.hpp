// SPDX-License-Identifier: BSD-2-Clause
// The block structure of the language: which words open a block at which level. It is all that the syntax
// needs to know of keywords, and it needs it to say where a brace is missing instead of stumbling over the
// rest of the file.
#pragma once

#include <cstdint>
#include <string_view>

namespace xvrrp::config {

/// What the statements of a block are.
enum class Level : std::uint8_t {
  Root,           ///< keywords of the file itself
  GlobalDefs,     ///< keywords of global_defs
  Instance,       ///< keywords of vrrp_instance
  Authentication, ///< keywords of authentication
  SyncGroup,      ///< keywords of vrrp_sync_group
  Script,         ///< keywords of vrrp_script
  File,           ///< keywords of track_file
  Process,        ///< keywords of vrrp_track_process
  GarpGroup,      ///< keywords of garp_group
  Entries,        ///< one entry per line
  Skipped,        ///< whatever: the block is not read
};

/// The name for messages: "vrrp_instance"; empty for Root, Entries and Skipped.
std::string_view name(Level level);

struct BlockWord {
  std::string_view word;
  Level outer;            ///< the level at which it is a keyword
  std::uint8_t arguments; ///< words between it and its brace
  Level inner;            ///< the level of what it encloses
};

/// Null: `word` opens no block at this level.
const BlockWord* find_block_word(Level outer, std::string_view word);

} // namespace xvrrp::config
