// SPDX-License-Identifier: BSD-2-Clause
#include "dataplane/dispatcher.hpp"

#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <xdp/libxdp.h>

#include <xvrrp/abi/names.h>

#include "dataplane/maps.hpp"
#include "dataplane/print_to.hpp"

namespace xvrrp::dataplane {
namespace {

/// Before those that firewall (xdp-filter: 10) and those that say nothing (50). Behind us the chain goes on
/// with what we pass, which is libxdp's default.
constexpr unsigned kRunPriority = 1;

/// What goes wrong is ours to say.
using Silence = PrintTo<libxdp_set_print>;

struct Close {
  void operator()(xdp_multiprog* dispatcher) const { xdp_multiprog__close(dispatcher); }
  void operator()(xdp_program* program) const { xdp_program__close(program); }
};
using Dispatcher = std::unique_ptr<xdp_multiprog, Close>;
using Program = std::unique_ptr<xdp_program, Close>;

/// Null when there is none.
Dispatcher dispatcher_on(std::uint32_t ifindex) {
  xdp_multiprog* found = xdp_multiprog__get_from_ifindex(static_cast<int>(ifindex));
  if (libxdp_get_error(found) != 0)
    return nullptr;
  Dispatcher dispatcher{found};
  return xdp_multiprog__is_legacy(found) ? nullptr : std::move(dispatcher);
}

AttachMode mode_of(const Dispatcher& dispatcher) {
  return xdp_multiprog__attach_mode(dispatcher.get()) == XDP_MODE_SKB ? AttachMode::Skb : AttachMode::Native;
}

/// They live as long as the dispatcher's handle.
std::vector<xdp_program*> components(const Dispatcher& dispatcher, int map_fd) {
  std::vector<xdp_program*> found;
  if (!dispatcher)
    return found;
  xdp_program* program = nullptr;
  while ((program = xdp_multiprog__next_prog(program, dispatcher.get())) != nullptr) {
    if (uses(xdp_program__fd(program), map_fd))
      found.push_back(program);
  }
  return found;
}

Status remove(const Dispatcher& dispatcher, std::vector<xdp_program*> programs, std::uint32_t ifindex) {
  if (programs.empty())
    return Done{};
  const int error = xdp_program__detach_multi(programs.data(), programs.size(), static_cast<int>(ifindex),
                                              xdp_multiprog__attach_mode(dispatcher.get()), 0);
  return error == 0 ? Status{Done{}} : system_error("leaving libxdp's dispatcher", -error);
}

} // namespace

std::optional<AttachMode> dispatcher_mode(std::uint32_t ifindex) {
  const Silence silence;
  const auto dispatcher = dispatcher_on(ifindex);
  return dispatcher ? std::optional{mode_of(dispatcher)} : std::nullopt;
}

std::optional<AttachMode> component_mode(int map_fd, std::uint32_t ifindex) {
  const Silence silence;
  const auto dispatcher = dispatcher_on(ifindex);
  return components(dispatcher, map_fd).empty() ? std::nullopt : std::optional{mode_of(dispatcher)};
}

Status join_dispatcher(bpf_object* object, int map_fd, std::uint32_t ifindex) {
  const Silence silence;
  const auto dispatcher = dispatcher_on(ifindex);
  if (!dispatcher)
    return failed("libxdp's dispatcher is gone");
  xdp_program_opts options{};
  options.sz = sizeof(options);
  options.obj = object;
  options.prog_name = XV_PROG_RX;
  xdp_program* created = xdp_program__create(&options);
  if (const auto error = libxdp_get_error(created); error != 0)
    return system_error("preparing a component", static_cast<int>(-error));
  const Program program{created};
  int error = xdp_program__set_run_prio(created, kRunPriority);
  if (error == 0)
    error = xdp_program__attach(created, static_cast<int>(ifindex),
                                xdp_multiprog__attach_mode(dispatcher.get()), 0);
  if (error != 0)
    return system_error("joining libxdp's dispatcher", -error);
  return remove(dispatcher, components(dispatcher, map_fd), ifindex);
}

Status leave_dispatcher(int map_fd, std::uint32_t ifindex) {
  const Silence silence;
  const auto dispatcher = dispatcher_on(ifindex);
  return remove(dispatcher, components(dispatcher, map_fd), ifindex);
}

} // namespace xvrrp::dataplane
