// SPDX-License-Identifier: BSD-2-Clause
#include "config/instance_transport.hpp"

#include <set>
#include <string>

#include "config/entry.hpp"
#include "config/values.hpp"

namespace xvrrp::config {

namespace {

class TransportReader {
public:
  explicit TransportReader(InstanceDraft& draft)
      : draft_(draft), diagnostics_(draft.diagnostics), family_(draft.family()) {}

  void run() {
    if (draft_.source != nullptr)
      read_source(draft_.source->argument(0));
    for (const Statement* const block : draft_.peer_blocks)
      read_peers(*block);
    if (unicast_)
      return;
    check_without_peers();
    check_multicast_source();
  }

private:
  void read_source(const Token& token) {
    const auto address = read_host_address(diagnostics_, token);
    if (address && check_family(diagnostics_, token.where, *address, family_))
      draft_.instance.router.primary_address = *address;
  }

  void read_peers(const Statement& block) {
    unicast_ = unicast_ || block.incomplete || !block.body.empty();
    for (const Statement& line : block.body) {
      if (!line.dropped)
        read_peer(line);
    }
  }

  void read_peer(const Statement& line) {
    EntryWords words{diagnostics_, line};
    const Token& token = *words.next();
    const auto address = read_host_address(diagnostics_, token);
    while (const Token* const word = words.next()) {
      if (word->text != "min_ttl" && word->text != "max_ttl") {
        diagnostics_.error(word->where,
                           "unexpected " + quoted(word->text) + " after the address of the peer");
        break;
      }
      const Token* const value = words.value(*word, "a number: 255");
      if (value != nullptr && value->text != "255")
        diagnostics_.error(value->where, word->text +
                                             " can only be 255 in xvrrp: adverts with another TTL are "
                                             "dropped (RFC 9568 7.1)");
    }
    if (!address || !check_family(diagnostics_, token.where, *address, family_))
      return;
    if (*address == draft_.instance.router.primary_address)
      diagnostics_.error(token.where, "peer " + address->text() + " is our own address: " +
                                          draft_.source->keyword().text + " says so");
    else if (!peers_.insert(*address).second)
      diagnostics_.error(token.where, "peer " + address->text() + " is given twice");
    else
      draft_.instance.unicast_peers.push_back(*address);
  }

  void check_without_peers() {
    const auto& given = draft_.given;
    if (const auto fault = given.find("unicast_fault_no_peer"); fault != given.end())
      diagnostics_.error(fault->second, "unicast_fault_no_peer without unicast_peer: the router would be in "
                                        "FAULT for ever");
    else if (!draft_.peer_blocks.empty())
      diagnostics_.warning(given.at("unicast_peer"),
                           "unicast_peer is empty: adverts go to the multicast group");
    else if (draft_.source != nullptr && draft_.source->keyword().text == "unicast_src_ip")
      diagnostics_.warning(draft_.source->keyword().where,
                           "unicast_src_ip without unicast_peer: adverts go to the multicast group "
                           "(mcast_src_ip says so)");
  }

  void check_multicast_source() {
    const IpAddress& source = draft_.instance.router.primary_address;
    if (family_ == Family::IPv6 && !source.is_unspecified() && !source.is_link_local())
      diagnostics_.error(draft_.source->argument(0).where,
                         source.text() + " is not link-local: the source of IPv6 adverts to the multicast "
                                         "group has to be (RFC 9568 5.1.2.1)");
  }

  InstanceDraft& draft_;
  Diagnostics& diagnostics_;
  std::optional<Family> family_; ///< absent: unknown, nothing is checked against it
  std::set<IpAddress> peers_;
  bool unicast_ = false; ///< unicast_peer has lines, right or wrong
};

} // namespace

void finish_transport(InstanceDraft& draft) {
  TransportReader{draft}.run();
}

} // namespace xvrrp::config
