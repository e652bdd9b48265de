// SPDX-License-Identifier: BSD-2-Clause
#include "config/address_line.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "config/entry.hpp"
#include "config/spelling.hpp"
#include "config/values.hpp"

namespace xvrrp::config {

namespace {

constexpr std::size_t kMaxLabel = 15;            // IFNAMSIZ - 1
constexpr std::uint8_t kMaxBroadcastLength = 30; // longer prefixes have no broadcast address

struct ForeignOption {
  std::string_view word;
  bool has_value;
};
constexpr ForeignOption kForeignOptions[] = {
    {"peer", true},          {"home", false},       {"mngtmpaddr", false}, {"noprefixroute", false},
    {"autojoin", false},     {"-nodad", false},     {"no_track", false},   {"use_vmac", false},
    {"preferred_lft", true}, {"track_group", true},
};

/// The scopes that iproute2 names without a table of its own (RT_SCOPE_*).
constexpr std::pair<std::string_view, std::uint8_t> kScopes[] = {
    {"global", 0}, {"site", 200}, {"link", 253}, {"host", 254}, {"nowhere", 255}};

class AddressLineReader {
public:
  AddressLineReader(Diagnostics& diagnostics, const Statement& line)
      : diagnostics_(diagnostics), words_(diagnostics, line) {}

  std::optional<VirtualAddress> run() {
    const Token& first = *words_.next();
    const auto prefix = read_prefix(diagnostics_, first, 1);
    if (!prefix)
      return std::nullopt;
    if (!is_host_address(prefix->address)) {
      diagnostics_.error(first.where, prefix->address.text() + " is not a unicast address");
      return std::nullopt;
    }
    address_.prefix = *prefix;
    address_.where = first.where;
    while (const Token* const word = words_.next()) {
      if (!read_option(*word))
        break;
    }
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
        read_scope(*value);
    } else if (word.text == "label") {
      if (const Token* const value = words_.value(word, "a label"))
        read_label(*value);
    } else {
      return read_foreign_option(word);
    }
    return true;
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

  void read_scope(const Token& value) {
    const auto* const named = std::find_if(std::begin(kScopes), std::end(kScopes),
                                           [&](const auto& scope) { return scope.first == value.text; });
    if (named != std::end(kScopes)) {
      address_.scope = named->second;
      return;
    }
    if (value.text.find_first_not_of("0123456789") != std::string::npos) {
      diagnostics_.error(value.where, "unknown scope " + quoted(value.text) +
                                          ": allowed are global, site, link, host, nowhere and 0 to 255");
      return;
    }
    if (const auto number = read_integer(diagnostics_, "scope", value, {0, 255}))
      address_.scope = static_cast<std::uint8_t>(*number);
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

  bool read_foreign_option(const Token& word) {
    const auto* const foreign =
        std::find_if(std::begin(kForeignOptions), std::end(kForeignOptions),
                     [&](const ForeignOption& option) { return option.word == word.text; });
    if (foreign != std::end(kForeignOptions)) {
      diagnostics_.error(word.where,
                         quoted(word.text) + " is a keepalived keyword that xvrrp does not support yet");
      if (foreign->has_value)
        words_.next();
      return true;
    }
    diagnostics_.error(word.where,
                       "unexpected " + quoted(word.text) + " after the address" +
                           did_you_mean(word.text, {"dev", "brd", "broadcast", "scope", "label"}));
    return false;
  }

  Diagnostics& diagnostics_;
  EntryWords words_;
  VirtualAddress address_;
};

} // namespace

std::optional<VirtualAddress> read_address_line(Diagnostics& diagnostics, const Statement& line) {
  return AddressLineReader{diagnostics, line}.run();
}

} // namespace xvrrp::config
