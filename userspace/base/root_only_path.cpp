// SPDX-License-Identifier: BSD-2-Clause
#include <xvrrp/base/root_only_path.hpp>

#include <deque>
#include <filesystem>
#include <optional>

#include <sys/stat.h>

namespace xvrrp {
namespace {

namespace fs = std::filesystem;

/// The kernel's own limit.
constexpr int kMostLinks = 40;

bool is_root_only(const struct stat& status) {
  return status.st_uid == 0 && (status.st_mode & S_IWOTH) == 0 &&
         ((status.st_mode & S_IWGRP) == 0 || status.st_gid == 0);
}

void put_before(std::deque<fs::path>& rest, const fs::path& path) {
  rest.insert(rest.begin(), path.begin(), path.end());
}

/// Why `part`, whose directory has passed, may not be gone through.
std::optional<Error> refusal(const fs::path& part, struct stat& status) {
  if (::lstat(part.c_str(), &status) != 0)
    return system_error(part.string());
  if (!S_ISLNK(status.st_mode) && !is_root_only(status))
    return failed("not only root may write to " + part.string());
  return std::nullopt;
}

} // namespace

Result<std::string> root_only_path(const std::string& path) {
  if (!fs::path{path}.is_absolute())
    return failed(path + " is not an absolute path");
  // From the root down: once a directory has passed, others cannot exchange what is in it any more.
  fs::path real;
  std::deque<fs::path> rest;
  put_before(rest, path);
  for (int links = 0; !rest.empty();) {
    const fs::path name = rest.front();
    rest.pop_front();
    if (name.empty() || name == ".")
      continue;
    if (name == "..") {
      real = real.parent_path(); // no link is left in it, and it has passed
      continue;
    }
    const fs::path part = real / name;
    struct stat status {};
    if (auto refused = refusal(part, status))
      return *std::move(refused);
    if (!S_ISLNK(status.st_mode)) {
      real = part;
      continue;
    }
    std::error_code problem;
    const auto target = fs::read_symlink(part, problem);
    if (problem || ++links > kMostLinks)
      return system_error(part.string(), problem ? problem.value() : ELOOP);
    put_before(rest, target);
  }
  return real.string();
}

} // namespace xvrrp
