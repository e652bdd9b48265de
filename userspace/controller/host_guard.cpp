// SPDX-License-Identifier: BSD-2-Clause
#include "controller/host_guard.hpp"

#include <spdlog/spdlog.h>

#include "platform/interfaces.hpp"

namespace xvrrp::controller {
namespace {

constexpr std::uint32_t kLoopback = 1; // in every network namespace

} // namespace

void HostGuard::use(const PlanList& plans) {
  guarded_ = guarded_interfaces(plans);
  look_around();
}

void HostGuard::look_around() {
  const auto interfaces = platform::interface_names();
  if (interfaces.empty())
    return; // the kernel does not say: what is there stays
  const auto wanted = wanted_of(interfaces);
  data_plane_.retain_guards(wanted);
  std::erase_if(attached_, [&](std::uint32_t ifindex) { return wanted.count(ifindex) == 0; });
  std::erase_if(problems_, [&](const auto& problem) {
    return std::none_of(wanted.begin(), wanted.end(),
                        [&](const auto& interface) { return interface.second == problem.first; });
  });
  for (const auto& [ifindex, name] : wanted) {
    const bool was_attached = attached_.count(ifindex) > 0;
    if (was_attached && data_plane_.has_guard(ifindex))
      continue;
    if (was_attached)
      spdlog::warn("{}: somebody took our TC program off; attaching it again", name);
    attach(ifindex, name);
  }
}

/// All but one that has every guarded address itself.
std::map<std::uint32_t, std::string> HostGuard::wanted_of(std::map<std::uint32_t, std::string> wanted) const {
  if (guarded_.empty())
    return {};
  wanted.erase(kLoopback);
  if (guarded_.size() == 1)
    wanted.erase(*guarded_.begin());
  return wanted;
}

void HostGuard::attach(std::uint32_t ifindex, const std::string& name) {
  const auto status = data_plane_.attach_guard(ifindex, name, allow_tcx_);
  if (status) {
    attached_.insert(ifindex);
    problems_.erase(name);
    return;
  }
  attached_.erase(ifindex);
  auto& problem = problems_[name];
  if (problem == status.error().message)
    return;
  problem = status.error().message;
  spdlog::warn("{}: what comes in there for virtual addresses of other interfaces is neither fenced nor is "
               "no_accept heeded: {}",
               name, problem);
}

} // namespace xvrrp::controller
