// SPDX-License-Identifier: BSD-2-Clause
#include "platform/runtime_files.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include "platform/whole_file.hpp"

namespace xvrrp::platform {
namespace {

bool is_in_our_network(pid_t pid) {
  struct stat ours {};
  struct stat theirs {};
  return ::stat("/proc/self/ns/net", &ours) == 0 &&
         ::stat(("/proc/" + std::to_string(pid) + "/ns/net").c_str(), &theirs) == 0 &&
         ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
}

} // namespace

bool is_valid_instance_name(std::string_view name) {
  constexpr std::size_t kLongest = 32;
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  };
  return !name.empty() && name.size() <= kLongest && name.front() != '.' && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), allowed);
}

Status require_instance_name(std::string_view name) {
  if (is_valid_instance_name(name))
    return Done{};
  return Error{
      ErrorKind::Usage,
      "instance name \"" + std::string{name} +
          "\": allowed are 1 to 32 characters of A-Z a-z 0-9 _ . - that do not begin with '.' or '-'"};
}

std::string runtime_path(std::string_view instance, std::string_view suffix) {
  return std::string{kRuntimeDirectory} + "/" + std::string{instance} + std::string{suffix};
}

Status make_runtime_directory() {
  if (::mkdir(kRuntimeDirectory, 0755) == 0 || errno == EEXIST)
    return Done{};
  return system_error(std::string{"creating "} + kRuntimeDirectory);
}

std::vector<std::string> instances_here() {
  std::vector<std::string> names;
  std::error_code none;
  std::filesystem::directory_iterator files{kRuntimeDirectory, none};
  for (; !none && files != std::filesystem::directory_iterator{}; files.increment(none)) {
    const auto name = files->path().stem().string();
    pid_t pid = 0;
    if (files->path().extension() == ".pid" && is_valid_instance_name(name) &&
        std::ifstream{files->path()} >> pid && is_in_our_network(pid))
      names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<PidFile> PidFile::create(std::string_view instance) {
  PidFile file{runtime_path(instance, ".pid")};
  if (auto status = file.write(); !status)
    return std::move(status).error();
  return file;
}

Status PidFile::keep() const {
  return ::access(path_.c_str(), F_OK) == 0 ? Done{} : write();
}

Status PidFile::write() const {
  if (auto status = make_runtime_directory(); !status)
    return status;
  return write_whole_file(path_, std::to_string(::getpid()) + "\n", 0644);
}

PidFile::~PidFile() {
  pid_t pid = 0;
  if (!path_.empty() && std::ifstream{path_} >> pid && pid == ::getpid())
    ::unlink(path_.c_str());
}

} // namespace xvrrp::platform
