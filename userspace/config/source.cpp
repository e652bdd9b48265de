// SPDX-License-Identifier: BSD-2-Clause
#include "config/source.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace xvrrp::config {

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

} // namespace

std::optional<Source> read_source(const std::string& path, std::string& problem) {
  const std::unique_ptr<std::FILE, CloseFile> file{std::fopen(path.c_str(), "rbe")};
  if (!file) {
    problem = std::string{"cannot read: "} + std::strerror(errno);
    return std::nullopt;
  }
  Source source{path, {}};
  std::array<char, 65536> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    if (source.text.size() + count > kMaxFileSize) {
      problem = "cannot read: larger than 16 MiB";
      return std::nullopt;
    }
    source.text.append(buffer.data(), count);
  }
  if (std::ferror(file.get()) != 0) {
    problem = std::string{"cannot read: "} + std::strerror(errno);
    return std::nullopt;
  }
  return source;
}

} // namespace xvrrp::config
