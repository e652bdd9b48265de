// SPDX-License-Identifier: BSD-2-Clause
// From the object inside the binary to pins on bpffs: /sys/fs/bpf/xvrrp/INSTANCE/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <xvrrp/abi/types.h>
#include <xvrrp/base/result.hpp>

#include "dataplane/features.hpp"
#include "dataplane/pin_directory.hpp"

namespace xvrrp::dataplane {

/// bpffs refuses dots in names, so those of "eth0.5" become colons, which no instance or interface has.
std::string pin_name(std::string name);
std::string name_of_pin(std::string pin);

/// "/sys/fs/bpf/xvrrp/INSTANCE", for messages.
std::string pin_directory(const std::string& instance);
/// It opened; NotRunning when nothing is loaded.
Result<PinDirectory> open_pins(const std::string& instance);

/// What the names of attachments' pins begin with.
inline constexpr const char* kLinkPrefix = "link_";
inline constexpr const char* kInLinkPrefix = "in_";
inline constexpr const char* kTxLinkPrefix = "tx_";
inline constexpr const char* kComponentPrefix = "component_";
inline constexpr const char* kGuardLinkPrefix = "guard_";
inline constexpr const char* kGuardFilterPrefix = "filter_";
/// The pin of an interface's link.
std::string link_pin(const std::string& interface);
/// Where libxdp's dispatcher runs xvrrp_rx there is no link of ours to pin: instead a second pin of
/// if_policy, by whose map our component is known, tells that we are there.
std::string component_pin(std::uint32_t ifindex, const std::string& interface);
/// Number and name of the interface from the name of such a pin; absent: it is another one.
std::optional<std::pair<std::uint32_t, std::string>> interface_of_component(const std::string& pin);

/// The pin of xvrrp_guard on an interface, by its number, for interfaces are renamed: with kGuardLinkPrefix
/// the tcx link, with kGuardFilterPrefix the program where it is a filter, of the handle guard_handle().
std::string guard_pin(const char* prefix, std::uint32_t ifindex);
/// The interface from the name of either; absent: it is another one.
std::optional<std::uint32_t> interface_of_guard(const std::string& pin);
/// By the name of the instance's pin directory: the filters of several instances are on one interface.
std::uint32_t guard_handle(const std::string& directory);

/// Loads the programs and pins them with their maps. Everything is built in a directory beside and renamed,
/// so that the instance's directory is whole or not there. The caller holds the instance's lock and has
/// removed an older one. DownTimer::Controller: without the map down_timer and every call of a bpf_timer
/// helper, so that kernels load it that refuse them.
Status load_and_pin(const std::string& instance, const xv_info& info, DownTimer timer);

/// Loads the programs on the maps that the instance has pinned (of the same ABI version), puts them into its
/// links and dispatchers without a gap, and then into the places of the pinned programs. The caller holds the
/// instance's lock. After an error some links may have the new programs and others the old ones: both work on
/// the same maps.
Status replace_programs(const std::string& instance, const PinDirectory& pins, DownTimer timer);

/// Loads xvrrp_rx on the instance's maps as a component of the interface's dispatcher, in the place of those
/// there that are ours.
Status add_component(const PinDirectory& pins, DownTimer timer, std::uint32_t ifindex,
                     const std::string& interface);

/// Takes the program off the interface that an attachment's pin stands for; the pin stays. At once:
/// without this a link whose last pin goes is detached some time later, from a work queue.
void release(const PinDirectory& pins, const std::string& pin);

/// Detaches the links and removes every pin of the instance. No error when there is none.
Status remove_pins(const std::string& instance);

} // namespace xvrrp::dataplane
