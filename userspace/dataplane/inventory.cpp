// SPDX-License-Identifier: BSD-2-Clause
#include "dataplane/inventory.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <bpf/bpf.h>

#include "dataplane/loader.hpp"

namespace xvrrp::dataplane {
namespace {

constexpr const char* kPin = "inventory";
constexpr const char* kStaging = "inventory+new";

/// An array map's element; the messages begin in the second one. The kernel limits one element's size.
using Block = std::array<std::byte, 32768>;
struct Header {
  std::uint64_t network;
  std::uint64_t size;
};

std::uint32_t blocks_for(std::size_t size) {
  return 1 + static_cast<std::uint32_t>((size + sizeof(Block) - 1) / sizeof(Block));
}

Status write(int map_fd, const Inventory& inventory) {
  const auto& bytes = inventory.messages;
  const Header header{inventory.network, bytes.size()};
  for (std::uint32_t index = 0; index < blocks_for(bytes.size()); ++index) {
    Block block{};
    if (index == 0) {
      std::memcpy(block.data(), &header, sizeof(header));
    } else {
      const std::size_t begin = (index - 1) * sizeof(Block);
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                  std::min(sizeof(Block), bytes.size() - begin), block.begin());
    }
    if (bpf_map_update_elem(map_fd, &index, block.data(), BPF_ANY) != 0)
      return system_error("writing the inventory");
  }
  return Done{};
}

} // namespace

Status write_inventory(const PinDirectory& pins, const Inventory& inventory) {
  const UniqueFd map{bpf_map_create(BPF_MAP_TYPE_ARRAY, kPin, sizeof(std::uint32_t), sizeof(Block),
                                    blocks_for(inventory.messages.size()), nullptr)};
  if (!map)
    return system_error("creating the inventory");
  auto status = write(map.get(), inventory);
  if (status)
    status = pins.unpin(kStaging); // of a process that was killed here
  if (status)
    status = pins.pin(map.get(), kStaging);
  if (status)
    status = pins.move(kStaging, pins, kPin);
  return status;
}

Result<Inventory> read_inventory(const PinDirectory& pins) {
  Inventory inventory;
  const auto map = pins.get(kPin);
  if (!map && map.error().kind == ErrorKind::NotRunning)
    return inventory;
  if (!map)
    return map.error();
  Header header{};
  Block block{};
  std::uint32_t index = 0;
  if (bpf_map_lookup_elem(map->get(), &index, block.data()) != 0)
    return system_error("reading " + pins.path_of(kPin));
  std::memcpy(&header, block.data(), sizeof(header));
  inventory.network = header.network;
  while (inventory.messages.size() < header.size) {
    ++index;
    if (bpf_map_lookup_elem(map->get(), &index, block.data()) != 0)
      return system_error("reading " + pins.path_of(kPin));
    const auto rest = std::min<std::size_t>(sizeof(Block), header.size - inventory.messages.size());
    inventory.messages.insert(inventory.messages.end(), block.begin(),
                              block.begin() + static_cast<std::ptrdiff_t>(rest));
  }
  return inventory;
}

Result<Inventory> inventory_of(const std::string& instance) {
  const auto pins = open_pins(instance);
  if (!pins && pins.error().kind == ErrorKind::NotRunning)
    return Inventory{};
  return pins ? read_inventory(*pins) : Result<Inventory>{pins.error()};
}

std::vector<std::byte> inventory_of_others(const std::string& instance, std::uint64_t network) {
  std::vector<std::byte> all;
  const auto root = PinDirectory::root();
  for (const auto& name : root ? root->names() : std::vector<std::string>{}) {
    if (name == pin_name(instance) || name.find('+') != std::string::npos)
      continue;
    const auto other = inventory_of(name_of_pin(name));
    if (other && other->network == network)
      all.insert(all.end(), other->messages.begin(), other->messages.end());
  }
  return all;
}

} // namespace xvrrp::dataplane
