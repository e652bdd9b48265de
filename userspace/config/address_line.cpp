// SPDX-License-Identifier: BSD-2-Clause
#include "config/address_line.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <linux/if_addr.h>

#include "config/entry.hpp"
#include "config/iproute_names.hpp"
#include "config/spelling.hpp"
#include "config/values.hpp"

namespace xvrrp::config {

namespace {

constexpr std::uint8_t kIpv4Bits = 32;
constexpr std::uint8_t kIpv6Bits = 128;
constexpr std::size_t kMaxLabel = 15;            // IFNAMSIZ - 1
constexpr std::uint8_t kMaxBroadcastLength = 30; // longer prefixes have no broadcast address

struct Flag {
  std::string_view word;
  std::uint32_t flag; ///< IFA_F_*
  bool ipv6_only;
};
constexpr Flag kFlags[] = {
    {"home", IFA_F_HOMEADDRESS, true},
    {"mngtmpaddr", IFA_F_MANAGETEMPADDR, true},
    {"noprefixroute", IFA_F_NOPREFIXROUTE, false},
    {"autojoin", IFA_F_MCAUTOJOIN, false},
};

class AddressLineReader {
public:
  AddressLineReader(Diagnostics& diagnostics, const Statement& line, AddressKind kind)
      : diagnostics_(diagnostics), words_(diagnostics, line), kind_(kind) {}

  std::optional<VirtualAddress> run() {
    const Token& first = *words_.next();
    const auto prefix = read_prefix(diagnostics_, first, 1);
    if (!prefix)
      return std::nullopt;
    address_.prefix = *prefix;
    address_.where = first.where;
    while (const Token* const word = words_.next()) {
      if (!read_option(*word))
        break;
    }
    if (!check_kind())
      return std::nullopt;
    finish_peer(first);
    // Of a host, not of a network: never the source that the kernel chooses.
    const bool is_host = is_ipv6() && address_.prefix.length == kIpv6Bits;
    address_.preferred_lifetime = lifetime_.value_or(is_host ? 0 : VirtualAddress::kForever);
    return std::move(address_);
  }

private:
  /// False if what follows on the line has no meaning any more.
  bool read_option(const Token& word) {
    if (word.text == "dev") {
      if (const Token* const value = words_.value(word, "an interface name"))
        address_.device = read_interface(diagnostics_, *value).value_or("");
    } else if (word.text == "brd" || word.text == "broadcast") {
      if (const Token* const value = words_.value(word, "an address, + or -"))
        read_broadcast(*value);
    } else if (word.text == "scope") {
      if (const Token* const value = words_.value(word, "a scope"))
        address_.scope = read_scope(diagnostics_, *value).value_or(address_.scope);
      if (is_ipv6() && address_.scope != 0) {
        diagnostics_.warning_once("scope of IPv6", word.where,
                                  "the scope of an IPv6 address follows from the address: it is ignored here "
                                  "and wherever else it is given");
        address_.scope = 0;
      }
    } else if (word.text == "label") {
      if (const Token* const value = words_.value(word, "a label"))
        read_label(*value);
    } else if (word.text == "peer") {
      if (const Token* const value = words_.value(word, "an address"))
        read_peer(*value);
    } else if (word.text == "preferred_lft") {
      if (const Token* const value = words_.value(word, "a number of seconds or forever");
          value != nullptr && check_ipv6(word))
        read_lifetime(*value);
    } else if (word.text == "no_track") {
      address_.tracked = false;
    } else if (word.text == "-nodad") {
      address_.detects_duplicates = check_ipv6(word);
    } else {
      return read_flag(word) || read_other(word);
    }
    return true;
  }

  bool is_ipv6() const { return address_.prefix.address.family() == Family::IPv6; }

  /// As in keepalived, the others go without.
  bool check_ipv6(const Token& word) {
    if (!is_ipv6())
      diagnostics_.warning(word.where, word.text + " is for IPv6 addresses: it is ignored");
    return is_ipv6();
  }

  /// The kernel joins the group of an address with autojoin, which must be one.
  bool check_kind() {
    const auto& address = address_.prefix.address;
    const bool joins = (address_.flags & IFA_F_MCAUTOJOIN) != 0;
    if (joins ? address.is_multicast() : is_host_address(address))
      return true;
    diagnostics_.error(address_.where,
                       address.text() + (joins ? " is not a multicast address, as autojoin wants"
                                               : " is not a unicast address"));
    return false;
  }

  bool read_flag(const Token& word) {
    const auto* const flag = std::find_if(std::begin(kFlags), std::end(kFlags),
                                          [&](const Flag& known) { return known.word == word.text; });
    if (flag == std::end(kFlags))
      return false;
    if (!flag->ipv6_only || check_ipv6(word))
      address_.flags |= flag->flag;
    return true;
  }

  void read_peer(const Token& value) {
    const auto peer = read_host_address(diagnostics_, value);
    if (peer && check_family(diagnostics_, value.where, *peer, address_.prefix.address.family()))
      address_.peer = *peer;
  }

  /// The length would be the peer's. As in keepalived, that is all of it.
  void finish_peer(const Token& first) {
    if (!address_.peer)
      return;
    if (first.text.find('/') != std::string::npos)
      diagnostics_.warning(first.where, "an address with a peer has no prefix length: it is ignored");
    address_.prefix.length = is_ipv6() ? kIpv6Bits : kIpv4Bits;
    if (!address_.broadcast)
      return;
    diagnostics_.error(address_.where, "an address with a peer has no broadcast address: remove brd or peer");
    address_.broadcast.reset();
  }

  void read_lifetime(const Token& value) {
    if (value.text == "forever")
      lifetime_ = VirtualAddress::kForever;
    else
      lifetime_ = read_integer(diagnostics_, "preferred_lft", value, {0, INT32_MAX});
  }

  void read_broadcast(const Token& value) {
    if (address_.prefix.address.family() != Family::IPv4) {
      diagnostics_.error(value.where, "IPv6 has no broadcast address");
      return;
    }
    if (value.text != "+" && value.text != "-") {
      const auto address = read_address(diagnostics_, value);
      if (address && check_family(diagnostics_, value.where, *address, Family::IPv4))
        address_.broadcast = *address;
      return;
    }
    if (address_.prefix.length > kMaxBroadcastLength) {
      diagnostics_.error(value.where, "a prefix of length " + std::to_string(address_.prefix.length) +
                                          " has no broadcast address: allowed are lengths up to " +
                                          std::to_string(kMaxBroadcastLength));
      return;
    }
    address_.broadcast = with_host_bits(address_.prefix, value.text == "+");
  }

  void read_label(const Token& value) {
    if (address_.prefix.address.family() != Family::IPv4) {
      diagnostics_.error(value.where, "IPv6 addresses have no label");
      return;
    }
    if (value.text.empty() || value.text.size() > kMaxLabel) {
      diagnostics_.error(value.where, "label " + quoted(value.text) + " has " +
                                          std::to_string(value.text.size()) +
                                          " characters: allowed are 1 to " + std::to_string(kMaxLabel));
      return;
    }
    address_.label = value.text;
  }

  bool read_other(const Token& word) {
    if (word.text == "track_group" && kind_ == AddressKind::Static) {
      (void)words_.value(word,
                         "the name of a track_group"); // what is deleted is put back, and nobody suffers
      return true;
    }
    if (word.text == "use_vmac") {
      diagnostics_.error(word.where,
                         "\"use_vmac\" in a line of addresses is a keepalived keyword that xvrrp "
                         "does not support: use_vmac of the instance gives its virtual MAC to the "
                         "addresses on its interface");
      return true;
    }
    diagnostics_.error(word.where,
                       "unexpected " + quoted(word.text) + " after the address" +
                           did_you_mean(word.text, {"dev", "brd", "broadcast", "scope", "label", "peer",
                                                    "home", "mngtmpaddr", "noprefixroute", "autojoin",
                                                    "-nodad", "no_track", "preferred_lft"}));
    return false;
  }

  Diagnostics& diagnostics_;
  EntryWords words_;
  AddressKind kind_;
  std::optional<std::uint32_t> lifetime_;
  VirtualAddress address_;
};

} // namespace

std::optional<VirtualAddress> read_address_line(Diagnostics& diagnostics, const Statement& line,
                                                AddressKind kind) {
  return AddressLineReader{diagnostics, line, kind}.run();
}

bool read_address_lines(Diagnostics& diagnostics, const Statement& block, AddressKind kind,
                        std::vector<VirtualAddress>& to) {
  bool complete = !block.incomplete;
  for (const Statement& line : block.body) {
    auto address =
        line.dropped || diagnostics.full() ? std::nullopt : read_address_line(diagnostics, line, kind);
    complete = complete && address;
    if (address)
      to.push_back(*std::move(address));
  }
  return complete;
}

void check_given_once(Diagnostics& diagnostics, const std::vector<VirtualAddress>& addresses,
                      const std::string& device, std::string_view what) {
  std::map<std::pair<std::string_view, IpAddress>, const VirtualAddress*> known;
  for (const VirtualAddress& address : addresses) {
    const auto& on = address.device.empty() ? device : address.device;
    const auto [first, inserted] =
        known.emplace(std::pair{std::string_view{on}, address.prefix.address}, &address);
    if (!inserted)
      diagnostics.error(address.where, std::string{what} + " " + address.prefix.address.text() +
                                           " is given twice: first " +
                                           place_text(first->second->where, address.where));
  }
}

} // namespace xvrrp::config
