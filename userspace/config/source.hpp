// SPDX-License-Identifier: BSD-2-Clause
// The text of a configuration file, and places in it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "config/model.hpp"

namespace xvrrp::config {

/// A larger file is not a configuration; the bound keeps a wrong path from eating the memory.
inline constexpr std::size_t kMaxFileSize = std::size_t{16} << 20;

struct Source {
  std::string name;
  std::string text;
};

/// A place in a Source, which must outlive it. Lines and columns count from 1, columns in bytes.
struct Position {
  const Source* source = nullptr;
  unsigned line = 0;
  unsigned column = 0;

  operator Location() const { return {source->name, line, column}; }
};

/// Reads the whole file, which must be a regular one: what else there is may never end, or never begin. Waits
/// for as long as its file system does. On failure returns nothing and sets `problem` to a clause such as
/// "cannot read: Is a directory".
std::optional<Source> read_source(const std::string& path, std::string& problem);

} // namespace xvrrp::config
