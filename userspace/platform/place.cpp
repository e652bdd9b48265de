// SPDX-License-Identifier: BSD-2-Clause
#include "platform/place.hpp"

#include <cstring>
#include <string_view>
#include <vector>

#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {
namespace {

/// Tags that the receive program reads.
constexpr std::size_t kTags = 2;

/// The feature of a device that takes 802.1Q tags off.
constexpr const char* kTagsOff = "rx-vlan-hw-parse";

/// Asks one device's driver; 0 or an errno.
class Ethtool {
public:
  static Result<Ethtool> open(const std::string& device) {
    UniqueFd fd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    if (!fd)
      return system_error("opening a socket to ask for the features of " + device);
    return Ethtool{std::move(fd), device};
  }

  int ask(void* command) const {
    ifreq request{};
    device_.copy(request.ifr_name, IF_NAMESIZE - 1);
    request.ifr_data = static_cast<char*>(command);
    return ::ioctl(fd_.get(), SIOCETHTOOL, &request) == 0 ? 0 : errno;
  }

private:
  Ethtool(UniqueFd fd, std::string device) : fd_(std::move(fd)), device_(std::move(device)) {}
  UniqueFd fd_;
  std::string device_;
};

/// Of the structs that end in an array; of words, so that they are aligned.
template <typename Header>
Header* make(std::vector<std::uint32_t>& memory, std::size_t array_bytes, std::uint32_t command) {
  memory.assign((sizeof(Header) + array_bytes + 3) / 4, 0);
  memory[0] = command; // every one of them begins with it
  return reinterpret_cast<Header*>(memory.data());
}

/// Whether a feature, by its name in `ethtool -k`'s long form, is switched on. One that the kernel does not
/// know is off.
Result<bool> has_feature(const std::string& device, std::string_view name) {
  const auto ethtool = Ethtool::open(device);
  if (!ethtool)
    return ethtool.error();
  const auto refused = [&](int error) { return system_error("asking for the features of " + device, error); };

  std::vector<std::uint32_t> memory;
  auto* set = make<ethtool_sset_info>(memory, sizeof(__u32), ETHTOOL_GSSET_INFO);
  set->sset_mask = 1ULL << ETH_SS_FEATURES;
  if (const int error = ethtool->ask(set); error != 0)
    return refused(error);
  const std::size_t count = set->data[0];

  auto* strings = make<ethtool_gstrings>(memory, count * ETH_GSTRING_LEN, ETHTOOL_GSTRINGS);
  strings->string_set = ETH_SS_FEATURES;
  strings->len = static_cast<__u32>(count);
  if (const int error = ethtool->ask(strings); error != 0)
    return refused(error);
  std::size_t index = 0;
  const auto is_wanted = [&](std::size_t at) {
    const auto* text = reinterpret_cast<const char*>(strings->data) + at * ETH_GSTRING_LEN;
    return name == std::string_view{text, ::strnlen(text, ETH_GSTRING_LEN)};
  };
  while (index < count && !is_wanted(index))
    ++index;
  if (index == count)
    return false;

  const std::size_t blocks = (count + 31) / 32;
  auto* features =
      make<ethtool_gfeatures>(memory, blocks * sizeof(ethtool_get_features_block), ETHTOOL_GFEATURES);
  features->size = static_cast<__u32>(blocks);
  if (const int error = ethtool->ask(features); error != 0)
    return refused(error);
  return (features->features[index / 32].active >> (index % 32) & 1U) != 0;
}

/// The interface carries the program itself.
Place on_itself(const Interface& interface, std::string detour) {
  return {interface.index, interface.name, 0, 0, std::move(detour)};
}

/// Whether frames reach the device's XDP program as they were on the wire. A bridge, a bond or a tunnel hands
/// them on after the stack has taken the tag off.
bool sees_the_wire(const Interface& device) {
  return device.kind.empty() || device.kind == "veth";
}

/// VLAN devices, and the device below all of them.
struct Stack {
  std::vector<Interface> vlans; ///< from the top down
  Interface device;
  std::string detour; ///< why the data plane cannot meet their tags on the device; else empty
};

Result<Stack> find_stack(const Interface& interface) {
  Stack stack{{}, interface, {}};
  while (stack.device.is_vlan()) {
    if (stack.device.lower_elsewhere) {
      stack.detour = "the device below " + stack.device.name + " is in another network namespace";
      return stack;
    }
    auto lower = find_interface(stack.device.lower);
    if (!lower)
      return std::move(lower).error();
    if (!*lower)
      return failed("the device below " + stack.device.name + " is gone");
    stack.vlans.push_back(std::move(stack.device));
    stack.device = **std::move(lower);
  }
  const auto& [vlans, device, detour] = stack;
  // Of a second tag the program reads 802.1Q only.
  if (vlans.size() > kTags || (vlans.size() == kTags && vlans.front().vlan_protocol != ETH_P_8021Q))
    stack.detour = "the data plane reads two tags at most, the second 802.1Q";
  else if (!vlans.empty() && !sees_the_wire(device))
    stack.detour = device.name + " (" + device.kind + ") hands frames on without their VLAN tag";
  return stack;
}

/// Of a stack of VLAN devices without a detour.
Place on_device(const Stack& stack) {
  const auto& [vlans, device, detour] = stack;
  return {device.index,
          device.name,
          vlans.back().vlan_id,
          vlans.size() == kTags ? vlans.front().vlan_id : std::uint16_t{0},
          {}};
}

} // namespace

Result<Place> find_place(const Interface& interface) {
  const auto stack = find_stack(interface);
  if (!stack)
    return stack.error();
  const auto& [vlans, device, detour] = *stack;
  if (!detour.empty())
    return on_itself(interface, detour + ", so XDP runs on " + interface.name);
  if (vlans.empty())
    return on_itself(interface, {});
  const bool service = vlans.back().vlan_protocol == ETH_P_8021AD;
  const auto strips = has_feature(device.name, service ? "rx-vlan-stag-hw-parse" : kTagsOff);
  if (!strips)
    return strips.error();
  if (*strips)
    return on_itself(interface, device.name + " takes VLAN tags off before XDP sees them, so XDP runs on " +
                                    interface.name + "; ethtool -K " + device.name +
                                    (service ? " rx-vlan-stag-hw-parse" : " rxvlan") +
                                    " off would let it run on " + device.name);
  return on_device(*stack);
}

Result<bool> takes_tags_off(const std::string& device) {
  return has_feature(device, kTagsOff);
}

Result<std::optional<Place>> tagged_place(const Interface& interface) {
  const auto stack = find_stack(interface);
  if (!stack)
    return stack.error();
  if (stack->vlans.empty() || !stack->detour.empty())
    return std::optional<Place>{};
  return std::optional{on_device(*stack)};
}

} // namespace xvrrp::platform
