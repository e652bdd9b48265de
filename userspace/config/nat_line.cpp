// SPDX-License-Identifier: BSD-2-Clause
#include "config/nat_line.hpp"

#include <string>
#include <utility>

#include "config/entry.hpp"
#include "config/values.hpp"

namespace xvrrp::config {

namespace {

class NatLineReader {
public:
  NatLineReader(Diagnostics& diagnostics, const Statement& line, std::optional<Family> family)
      : diagnostics_(diagnostics), words_(diagnostics, line), family_(family) {}

  std::optional<NatRule> run() {
    const Token& kind = *words_.next();
    if (kind.text != "masquerade" && kind.text != "snat") {
      diagnostics_.error(kind.where, "unknown kind of rule " + quoted(kind.text) + " in virtual_nat" +
                                         ": allowed are masquerade and snat");
      return std::nullopt;
    }
    rule_.kind = kind.text == "snat" ? NatRule::Kind::Snat : NatRule::Kind::Masquerade;
    rule_.where = kind.where;
    while (const Token* const word = words_.next()) {
      if (!read_option(*word))
        return std::nullopt;
    }
    if (!oif_given_)
      diagnostics_.error(kind.where, kind.text + " needs \"oif\" with an interface name");
    if (rule_.kind == NatRule::Kind::Snat && !to_given_)
      diagnostics_.error(kind.where, "snat needs \"to\" with an address");
    return std::move(rule_);
  }

private:
  /// False if what follows on the line has no meaning any more.
  bool read_option(const Token& word) {
    const bool snat = rule_.kind == NatRule::Kind::Snat;
    if (word.text == "oif") {
      oif_given_ = true;
      if (const Token* const value = words_.value(word, "an interface name"))
        rule_.oif = read_interface(diagnostics_, *value).value_or("");
    } else if (word.text == "from") {
      if (const Token* const value = words_.value(word, "a prefix"))
        read_from(*value);
    } else if (word.text == "to" && snat) {
      to_given_ = true;
      if (const Token* const value = words_.value(word, "an address"))
        read_to(*value);
    } else {
      const std::string allowed = snat ? "to, oif and from" : "oif and from";
      diagnostics_.error(word.where, "unexpected " + quoted(word.text) + ": allowed are " + allowed);
      return false;
    }
    return true;
  }

  void read_from(const Token& value) {
    const auto prefix = read_prefix(diagnostics_, value, 0);
    if (!prefix || !check_family(diagnostics_, value.where, prefix->address, family_))
      return;
    // Most likely a typing error in the length or in the address; guessing would translate the wrong hosts.
    if (const IpPrefix network{with_host_bits(*prefix, false), prefix->length}; network != *prefix) {
      diagnostics_.error(value.where, prefix->text() + " has bits set behind its length: the network is " +
                                          network.text());
      return;
    }
    rule_.from = prefix;
  }

  void read_to(const Token& value) {
    const auto address = read_host_address(diagnostics_, value);
    if (address && check_family(diagnostics_, value.where, *address, family_))
      rule_.source = address;
  }

  Diagnostics& diagnostics_;
  EntryWords words_;
  std::optional<Family> family_;
  NatRule rule_;
  bool oif_given_ = false;
  bool to_given_ = false;
};

} // namespace

std::optional<NatRule> read_nat_line(Diagnostics& diagnostics, const Statement& line,
                                     std::optional<Family> family) {
  return NatLineReader{diagnostics, line, family}.run();
}

} // namespace xvrrp::config
