// SPDX-License-Identifier: BSD-2-Clause
#include "config/nat_line.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "config/entry.hpp"
#include "config/values.hpp"

namespace xvrrp::config {

namespace {

constexpr Range kPorts{1, 65535};

struct KindOfRule {
  std::string_view word;
  NatRule::Kind kind;
  std::string_view allowed; ///< for messages
};
constexpr std::array kKinds{
    KindOfRule{"masquerade", NatRule::Kind::Masquerade, "oif, iif and from"},
    KindOfRule{"snat", NatRule::Kind::Snat, "to, oif, iif and from"},
    KindOfRule{"dnat", NatRule::Kind::Dnat, "tcp, udp, to, address, iif and from"},
};

class NatLineReader {
public:
  NatLineReader(Diagnostics& diagnostics, const Statement& line, std::optional<Family> family)
      : diagnostics_(diagnostics), words_(diagnostics, line), family_(family) {}

  std::optional<NatRule> run() {
    const Token& kind = *words_.next();
    for (const auto& known : kKinds) {
      if (kind.text == known.word)
        return read(kind, known);
    }
    diagnostics_.error(kind.where, "unknown kind of rule " + quoted(kind.text) + " in virtual_nat" +
                                       ": allowed are masquerade, snat and dnat");
    return std::nullopt;
  }

private:
  std::optional<NatRule> read(const Token& kind, const KindOfRule& known) {
    rule_.kind = known.kind;
    rule_.family = family_.value_or(Family::IPv4);
    while (const Token* const word = words_.next()) {
      if (!read_option(*word)) {
        diagnostics_.error(word->where, "unexpected " + quoted(word->text) + ": allowed are " +
                                            std::string{known.allowed});
        return std::nullopt;
      }
    }
    if (!oif_given_ && !is_dnat())
      diagnostics_.error(kind.where, kind.text + " needs \"oif\" with an interface name");
    if (to_ == nullptr && rule_.kind != NatRule::Kind::Masquerade)
      diagnostics_.error(kind.where, kind.text + " needs \"to\" with an address");
    if (rule_.to_port != 0 && rule_.transport == NatRule::Transport::Any)
      diagnostics_.error(to_->where, "the port in " + to_->text +
                                         " needs tcp or udp with the port it is for: "
                                         "\"dnat tcp PORT to " +
                                         to_->text + "\"");
    return std::move(rule_);
  }

  bool is_dnat() const { return rule_.kind == NatRule::Kind::Dnat; }

  /// False if this word is none of this kind of rule: what follows it has no meaning any more.
  bool read_option(const Token& word) {
    if (word.text == "oif" && !is_dnat()) {
      oif_given_ = true;
      if (const Token* const value = words_.value(word, "an interface name"))
        rule_.oif = read_interface(diagnostics_, *value).value_or("");
    } else if (word.text == "iif") {
      if (const Token* const value = words_.value(word, "an interface name"))
        rule_.iif = read_interface(diagnostics_, *value).value_or("");
    } else if (word.text == "from") {
      if (const Token* const value = words_.value(word, "a prefix"))
        read_from(*value);
    } else if (word.text == "to" && rule_.kind != NatRule::Kind::Masquerade) {
      to_ = &word;
      if (const Token* const value = words_.value(word, is_dnat() ? "an address" : "an address or a pool")) {
        to_ = value;
        is_dnat() ? read_target(*value) : read_pool(*value);
      }
    } else if (word.text == "address" && is_dnat()) {
      if (const Token* const value = words_.value(word, "an address")) {
        if (const auto address = read_part(*value, 0, std::string::npos))
          rule_.destinations = {*address};
      }
    } else if ((word.text == "tcp" || word.text == "udp") && is_dnat()) {
      rule_.transport = word.text == "tcp" ? NatRule::Transport::Tcp : NatRule::Transport::Udp;
      if (const Token* const value = words_.value(word, "a port or a range of ports", "transport"))
        read_ports(*value);
    } else {
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

  void read_pool(const Token& value) {
    const auto dash = value.text.find('-');
    rule_.to = read_part(value, 0, dash);
    if (dash == std::string::npos || !rule_.to)
      return;
    rule_.to_last = read_part(value, dash + 1, std::string::npos);
    if (rule_.to_last && *rule_.to_last < *rule_.to)
      diagnostics_.error(value.where,
                         "the pool " + value.text + " ends before it begins: the lower address stands first");
  }

  // ADDRESS, IPV4:PORT or [IPV6]:PORT.
  void read_target(const Token& value) {
    const auto& text = value.text;
    const bool bracketed = text.starts_with('[');
    const auto end = bracketed ? text.find(']') : text.find(':');
    const bool is_plain =
        end == std::string::npos || (!bracketed && text.find(':', end + 1) != std::string::npos);
    if (is_plain) {
      rule_.to = read_part(value, 0, std::string::npos);
      return;
    }
    rule_.to = read_part(value, bracketed ? 1 : 0, bracketed ? end - 1 : end);
    const auto colon = bracketed ? end + 1 : end;
    if (text.substr(colon, 1) != ":") {
      diagnostics_.error(value.where, quoted(text) + " is not [ADDRESS]:PORT");
      return;
    }
    rule_.to_port = read_port(part(value, colon + 1, std::string::npos)).value_or(0);
  }

  void read_ports(const Token& value) {
    const auto dash = value.text.find('-');
    const auto first = read_port(part(value, 0, dash));
    const auto last = dash == std::string::npos ? first : read_port(part(value, dash + 1, std::string::npos));
    if (!first || !last)
      return;
    if (*last < *first)
      diagnostics_.error(value.where,
                         "the range " + value.text + " ends before it begins: the lower port stands first");
    rule_.ports = {*first, *last};
  }

  std::optional<std::uint16_t> read_port(const Token& token) {
    const auto port = read_integer(diagnostics_, "port", token, kPorts);
    return port ? std::optional{static_cast<std::uint16_t>(*port)} : std::nullopt;
  }

  static Token part(const Token& value, std::size_t begin, std::size_t length) {
    Token token = value;
    token.text = value.text.substr(begin, length);
    token.where.column += static_cast<unsigned>(begin);
    return token;
  }

  std::optional<IpAddress> read_part(const Token& value, std::size_t begin, std::size_t length) {
    const Token token = part(value, begin, length);
    const auto address = read_host_address(diagnostics_, token);
    if (!address || !check_family(diagnostics_, token.where, *address, family_))
      return std::nullopt;
    return address;
  }

  Diagnostics& diagnostics_;
  EntryWords words_;
  std::optional<Family> family_;
  NatRule rule_;
  bool oif_given_ = false;
  const Token* to_ = nullptr; ///< the value of "to", or the word itself where that is missing
};

} // namespace

std::optional<NatRule> read_nat_line(Diagnostics& diagnostics, const Statement& line,
                                     std::optional<Family> family) {
  return NatLineReader{diagnostics, line, family}.run();
}

} // namespace xvrrp::config
