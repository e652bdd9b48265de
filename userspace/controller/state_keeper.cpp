// SPDX-License-Identifier: BSD-2-Clause
#include "controller/state_keeper.hpp"

#include <algorithm>
#include <fstream>
#include <utility>

#include <spdlog/spdlog.h>
#include <unistd.h>

#include "platform/runtime_files.hpp"
#include "platform/whole_file.hpp"

namespace xvrrp::controller {
namespace {

/// Far more than the routers that there can be need.
constexpr std::size_t kLongest = 64U << 20U;
/// Of each router, in a handover: many routers must not make it late.
constexpr std::size_t kTransitionsInAHandover = 8;

std::string path_of(std::string_view instance) {
  return platform::runtime_path(instance, ".state");
}

/// Of the machine; empty if the kernel does not tell, which then is each boot's.
std::string boot_id() {
  std::ifstream file{"/proc/sys/kernel/random/boot_id"};
  std::string id;
  std::getline(file, id);
  return id;
}

CarriedState::Router collect_router(const VirtualRouter& router, bool drained, std::size_t transitions) {
  const auto& instance = router.newest_plan().instance;
  CarriedState::Router carried;
  carried.interface = instance.interface;
  carried.family = instance.router.family;
  carried.vrid = instance.router.vrid;
  carried.drained = drained;
  carried.wished_priority = router.wished_priority;
  carried.told = router.notified;
  if (transitions > 0) {
    const auto& latest = router.history.latest();
    const auto count = std::min(transitions, latest.size());
    carried.latest.assign(latest.end() - static_cast<std::ptrdiff_t>(count), latest.end());
    carried.transitions = router.history.count();
  }
  return carried;
}

} // namespace

CarriedState StateKeeper::read(const std::string& instance) {
  const auto path = path_of(instance);
  const auto text = platform::read_own_file(path, kLongest);
  if (text && !*text)
    return {};
  auto carried = text ? CarriedState::read(**text, boot_id()) : Result<CarriedState>{text.error()};
  if (carried)
    return *std::move(carried);
  spdlog::warn(
      "what an earlier xvrrpd left in {} is ignored, so routers that were drained are in service and "
      "vrrpctl priority counts no more: {}",
      path, carried.error().message);
  return {};
}

StateKeeper::StateKeeper(std::string_view instance, Election& election, InterfaceWatch& watch,
                         const Tracking& tracking, const SyncGroups& groups)
    : path_(path_of(instance)), boot_(boot_id()), election_(election), watch_(watch), tracking_(tracking),
      groups_(groups) {}

void StateKeeper::restore(const CarriedState& carried) {
  for (const auto& known : carried.routers) {
    const auto& routers = election_.routers();
    const auto found = std::find_if(routers.begin(), routers.end(), [&](const auto& router) {
      return known.is(router->newest_plan().instance);
    });
    if (found == routers.end())
      continue;
    auto& router = **found;
    const auto& name = router.newest_plan().instance.name;
    router.notified = known.told;
    router.history = History{known.latest, known.transitions};
    if (known.drained) {
      watch_.resume_drained(static_cast<std::size_t>(found - routers.begin()));
      spdlog::info("{}: still drained by the operator", name);
    }
    // An owner's is not to be changed: it may have become one since.
    if (known.wished_priority && router.newest_plan().instance.router.priority != core::kPriorityOwner) {
      router.wished_priority = known.wished_priority;
      spdlog::info("{}: still priority {} by the operator (configured: {})", name, *known.wished_priority,
                   router.newest_plan().instance.router.priority);
    }
  }
}

CarriedState StateKeeper::collect(std::size_t transitions) const {
  CarriedState carried;
  const auto& routers = election_.routers();
  for (std::size_t index = 0; index < routers.size(); ++index)
    carried.routers.push_back(collect_router(*routers[index], watch_.is_drained(index), transitions));
  carried.groups = groups_.told();
  carried.tracking = tracking_.carried();
  return carried;
}

Status StateKeeper::keep() {
  return write(0);
}

Status StateKeeper::keep_for_successor() {
  return write(kTransitionsInAHandover);
}

Status StateKeeper::write(std::size_t transitions) {
  auto text = collect(transitions).text(boot_);
  if (text == written_)
    return Done{};
  const auto status = platform::write_whole_file(path_, text, 0600);
  const auto complaint = status ? std::string{} : status.error().message;
  if (std::exchange(complaint_, complaint) != complaint && !complaint.empty())
    spdlog::error("what the operator set (drain, priority) would be forgotten if xvrrpd was killed: {}",
                  complaint);
  if (status)
    written_ = std::move(text);
  return status;
}

void StateKeeper::forget() {
  ::unlink(path_.c_str());
}

} // namespace xvrrp::controller
