// SPDX-License-Identifier: BSD-2-Clause
#include "config/virtual_mac.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "config/values.hpp"

namespace xvrrp::config {
namespace {

using Mac = std::array<std::uint8_t, 6>;
/// What all virtual MACs of RFC 9568 7.3 begin with, whatever the family.
constexpr std::array<std::uint8_t, 4> kPrefix{0x00, 0x00, 0x5e, 0x00};

std::optional<std::vector<std::uint8_t>> octets_of(std::string_view text) {
  std::vector<std::uint8_t> octets;
  while (true) {
    const auto colon = std::min(text.find(':'), text.size());
    const auto word = text.substr(0, colon);
    std::uint8_t octet = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), octet, 16);
    if (word.empty() || word.size() > 2 || error != std::errc{} || end != word.data() + word.size())
      return std::nullopt;
    octets.push_back(octet);
    if (colon == text.size())
      return octets;
    text.remove_prefix(colon + 1);
  }
}

/// Six octets, or five that the VRID completes.
std::optional<Mac> read_mac(Diagnostics& diagnostics, const Token& token, std::uint8_t vrid) {
  auto octets = octets_of(token.text);
  if (octets && octets->size() == 5)
    octets->push_back(vrid);
  if (!octets || octets->size() != 6) {
    diagnostics.error(token.where, quoted(token.text) +
                                       " is not a MAC address: allowed are six octets, as in "
                                       "02:00:00:00:00:33, or five that virtual_router_id completes");
    return std::nullopt;
  }
  Mac mac{};
  std::copy(octets->begin(), octets->end(), mac.begin());
  if ((mac[0] & 1) != 0)
    diagnostics.error(token.where, quoted(token.text) +
                                       " is a multicast MAC address: a virtual router has one "
                                       "of its own");
  else if (std::equal(kPrefix.begin(), kPrefix.end(), mac.begin()))
    diagnostics.error(token.where, quoted(token.text) +
                                       " lies among the MAC addresses that RFC 9568 gives to "
                                       "virtual routers: leave it out to have the right one");
  else
    return mac;
  return std::nullopt;
}

Instance::VirtualMac read_use_vmac(Diagnostics& diagnostics, const Statement& statement, std::uint8_t vrid) {
  Instance::VirtualMac virtual_mac;
  bool named = false;
  const std::size_t count = statement.words.size() - 1;
  for (std::size_t i = 0; i < count; ++i) {
    const Token& word = statement.argument(i);
    const bool has_value = i + 1 < count;
    if (word.text.find(':') != std::string::npos) {
      virtual_mac.mac = read_mac(diagnostics, word, vrid);
      virtual_mac.where = word.where;
    } else if (word.text == "netlink_notify_msg") {
      continue;
    } else if (word.text == "group" && has_value) {
      ++i;
    } else if (!named) {
      named = true;
      read_interface(diagnostics, word.text == "name" && has_value ? statement.argument(++i) : word);
    } else {
      diagnostics.error(word.where, "unexpected " + quoted(word.text) +
                                        " in use_vmac: allowed are [name] NAME, a MAC address, "
                                        "netlink_notify_msg and group GID");
    }
  }
  return virtual_mac;
}

} // namespace

void finish_virtual_mac(InstanceDraft& draft) {
  const auto transmits = draft.given.find("vmac_xmit_base");
  if (draft.use_vmac == nullptr) {
    if (transmits != draft.given.end())
      draft.diagnostics.warning(transmits->second,
                                "vmac_xmit_base has no effect without use_vmac: it is ignored");
    return;
  }
  auto& instance = draft.instance;
  instance.virtual_mac = read_use_vmac(draft.diagnostics, *draft.use_vmac, instance.router.vrid);
  if (instance.virtual_mac->mac && draft.strict.value_or(false)) {
    draft.diagnostics.warning(instance.virtual_mac->where,
                              "this MAC address is ignored in strict mode: adverts "
                              "carry the RFC's");
    instance.virtual_mac->mac.reset();
  }
  instance.virtual_mac->adverts_from_device = transmits != draft.given.end();
}

} // namespace xvrrp::config
