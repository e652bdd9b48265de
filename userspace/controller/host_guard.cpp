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
  are_known_ = false;
  look_around();
}

void HostGuard::look_around() {
  if (!are_known_)
    are_known_ = read_interfaces();
  for (const auto& [ifindex, name] : wanted_) {
    const auto attached = attached_.find(ifindex);
    if (attached != attached_.end() && data_plane_.has_guard(attached->second, ifindex))
      continue;
    if (attached != attached_.end())
      spdlog::warn("{}: somebody took our TC program off; attaching it again", name);
    attach(ifindex, name);
  }
}

/// Takes the program off where it belongs no more. False: the kernel does not say what there is, and what is
/// there stays.
bool HostGuard::read_interfaces() {
  auto wanted = platform::interface_names();
  if (wanted.empty())
    return false;
  wanted.erase(kLoopback);
  if (guarded_.size() == 1)
    wanted.erase(*guarded_.begin()); // it has every guarded address itself
  if (guarded_.empty())
    wanted.clear();
  wanted_ = std::move(wanted);
  std::erase_if(attached_, [&](const auto& attached) { return wanted_.count(attached.first) == 0; });
  data_plane_.retain_guards(wanted_);
  std::erase_if(problems_, [&](const auto& problem) {
    return std::none_of(wanted_.begin(), wanted_.end(),
                        [&](const auto& interface) { return interface.second == problem.first; });
  });
  return true;
}

void HostGuard::attach(std::uint32_t ifindex, const std::string& name) {
  auto link = data_plane_.attach_guard(ifindex, name, allow_tcx_);
  if (link) {
    attached_.insert_or_assign(ifindex, *std::move(link));
    problems_.erase(name);
    return;
  }
  attached_.erase(ifindex);
  auto& problem = problems_[name];
  if (problem == link.error().message)
    return;
  problem = link.error().message;
  spdlog::warn("{}: what comes in there for virtual addresses of other interfaces is neither fenced nor is "
               "no_accept heeded: {}",
               name, problem);
}

} // namespace xvrrp::controller
