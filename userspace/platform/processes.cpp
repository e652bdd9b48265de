// SPDX-License-Identifier: BSD-2-Clause
#include "platform/processes.hpp"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <dirent.h>

#include "platform/whole_file.hpp"

namespace xvrrp::platform {

namespace {

/// Of a command line; what comes after it no configuration has.
constexpr std::size_t kMostBytes = std::size_t{128} << 10;

/// Empty: the process has ended.
std::string content(const std::string& path) {
  return read_whole_file(path, kMostBytes).value_or("");
}

std::vector<std::string> words(const std::string& bytes) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at < bytes.size(); at += all.back().size() + 1)
    all.emplace_back(bytes.c_str() + at);
  return all;
}

} // namespace

void for_each_process(const std::function<void(const Process&)>& visit) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory{::opendir("/proc"), ::closedir};
  while (const auto* entry = directory ? ::readdir(directory.get()) : nullptr) {
    Process process;
    const char* const end = entry->d_name + std::strlen(entry->d_name);
    if (std::from_chars(entry->d_name, end, process.pid).ptr != end)
      continue;
    const std::string path = std::string{"/proc/"} + entry->d_name;
    process.name = content(path + "/comm");
    if (process.name.empty())
      continue; // it has ended meanwhile
    process.name.pop_back();
    process.command = words(content(path + "/cmdline"));
    visit(process);
  }
}

} // namespace xvrrp::platform
