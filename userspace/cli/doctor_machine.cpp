// SPDX-License-Identifier: BSD-2-Clause
// What the kernel and the other programs on this machine have to do with it.
#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "cli/doctor.hpp"
#include "cli/guards.hpp"
#include "dataplane/features.hpp"
#include "platform/capabilities.hpp"
#include "platform/processes.hpp"

namespace xvrrp::cli::doctor {
namespace {

void find_no_daemon(const Facts& facts, Findings& findings) {
  if (!facts.no_answer.empty())
    findings.push_back({Code::not_answering, "xvrrpd", facts.no_answer,
                        "cat /run/xvrrp/" + facts.instance +
                            ".pid: see what that process does; if it hangs, kill it and start it again"});
  else if (!facts.status)
    findings.push_back({Code::not_running,
                        {},
                        "no xvrrpd is running as instance \"" + facts.instance + "\"",
                        "xvrrpd --instance " + facts.instance + " -f " + facts.file});
}

/// A running daemon has what it needs, and says itself what it lacks.
void find_missing_capabilities(const Facts& facts, Findings& findings) {
  const auto missing = platform::missing_capabilities(platform::kRequiredCapabilities);
  if (!missing.empty() && !facts.status)
    findings.push_back({Code::capability_missing,
                        {},
                        fmt::format("this user has no {}, and xvrrpd needs it", fmt::join(missing, ", ")),
                        "sudo " + command_line(facts.instance, "doctor")});
}

void find_missing_bpffs(const Facts& /*facts*/, Findings& findings) {
  struct statfs about {};
  if (::statfs("/sys/fs/bpf", &about) != 0 || about.f_type != BPF_FS_MAGIC)
    findings.push_back({Code::bpffs_missing, "/sys/fs/bpf", "no bpffs is mounted: nothing can be pinned",
                        "mount -t bpf -o mode=0700 bpf /sys/fs/bpf"});
}

/// Only those that xvrrpd cannot do without: for the others it has a way of its own.
void find_missing_features(const Facts& /*facts*/, Findings& findings) {
  if (!require_bpf())
    return;
  const auto features = dataplane::probe_features({});
  if (!features)
    return;
  for (const auto& feature : *features) {
    if (!feature.present && feature.info.is_required())
      findings.push_back({Code::feature_missing,
                          {},
                          fmt::format("the kernel lacks {}: {}", feature.info.name, feature.info.needed_for),
                          fmt::format("run Linux {} or later", feature.info.since)});
  }
}

bool same_network(pid_t pid) {
  struct stat ours {};
  struct stat theirs {};
  return ::stat("/proc/self/ns/net", &ours) == 0 &&
         ::stat(fmt::format("/proc/{}/ns/net", pid).c_str(), &theirs) == 0 && ours.st_ino == theirs.st_ino;
}

/// keepalived's processes share their name, so of each name one is told.
void find_other_daemons(const Facts& /*facts*/, Findings& findings) {
  std::vector<std::string> told;
  platform::for_each_process([&](const platform::Process& process) {
    constexpr std::array kNames{"keepalived", "keepalived_vrrp", "vrrpd"};
    if (std::find(kNames.begin(), kNames.end(), process.name) == kNames.end() || !same_network(process.pid) ||
        std::find(told.begin(), told.end(), process.name) != told.end())
      return;
    told.push_back(process.name);
    findings.push_back({Code::other_daemon, fmt::format("{} (pid {})", process.name, process.pid),
                        "another VRRP daemon runs here: where both have a virtual router, both become Master",
                        "docs/migrate-from-keepalived.md, or: kill " + std::to_string(process.pid)});
  });
}

} // namespace

void examine_machine(const Facts& facts, Findings& findings) {
  for (const auto find : {find_no_daemon, find_missing_capabilities, find_missing_bpffs,
                          find_missing_features, find_other_daemons})
    find(facts, findings);
}

} // namespace xvrrp::cli::doctor
