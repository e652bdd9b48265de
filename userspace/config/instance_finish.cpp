// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <initializer_list>
#include <set>
#include <string>
#include <utility>

#include "config/entry.hpp"
#include "config/instance.hpp"
#include "config/nat_line.hpp"
#include "config/values.hpp"

namespace xvrrp::config {

namespace {

class InstanceFinisher {
public:
  InstanceFinisher(InstanceDraft draft, const GlobalDefs& globals)
      : draft_(std::move(draft)), globals_(globals), diagnostics_(draft_.diagnostics),
        instance_(draft_.instance), router_(draft_.instance.router) {
    // Of an IPv6 router, which is refused as such, nothing else is said about families.
    if (!instance_.addresses.empty() && router_.family == Family::IPv4)
      family_ = Family::IPv4;
  }

  Instance run() {
    check_mandatory();
    router_.version = draft_.version.value_or(globals_.version);
    router_.answer_lower_priority = !draft_.lower_prio_no_advert.value_or(globals_.lower_prio_no_advert);
    router_.advertise_when_yielding =
        draft_.higher_prio_send_advert.value_or(globals_.higher_prio_send_advert);
    finish_priority();
    finish_preemption();
    finish_interval();
    finish_source();
    finish_peers();
    finish_nat();
    if (router_.version == core::Version::V3 && given("authentication"))
      diagnostics_.error(draft_.given.at("authentication"),
                         "VRRP version 3 has no authentication: remove it or use version 2");
    return std::move(instance_);
  }

private:
  bool given(std::string_view keyword) const { return draft_.given.find(keyword) != draft_.given.end(); }

  void check_mandatory() {
    if (draft_.block.incomplete)
      return;
    const std::string subject = "vrrp_instance " + quoted(instance_.name) + " needs ";
    for (const std::string_view keyword : {"interface", "virtual_router_id"}) {
      if (!given(keyword))
        diagnostics_.error(instance_.where, subject + "the keyword " + std::string{keyword});
    }
    if (!draft_.has_address_lines)
      diagnostics_.error(instance_.where, subject + "at least one address in virtual_ipaddress");
  }

  void finish_priority() {
    constexpr std::uint8_t kDefaultPriority = 100;
    const bool owner = draft_.priority == core::kPriorityOwner;
    instance_.wants_master = draft_.wants_master.value_or(owner);
    router_.priority =
        draft_.priority.value_or(instance_.wants_master ? core::kPriorityOwner : kDefaultPriority);
  }

  void finish_preemption() {
    const bool owner = router_.priority == core::kPriorityOwner;
    const std::string always = instance_.wants_master ? "state MASTER" : "priority 255";
    if ((instance_.wants_master || owner) && !router_.preempt) {
      warn_no_effect("nopreempt", always);
      router_.preempt = true;
    }
    if (router_.preempt_delay == Nanoseconds{0})
      return;
    if (instance_.wants_master || owner || !router_.preempt) {
      warn_no_effect("preempt_delay", router_.preempt ? always : "nopreempt");
      router_.preempt_delay = Nanoseconds{0};
    }
  }

  void warn_no_effect(std::string_view keyword, const std::string& beside) {
    diagnostics_.warning(draft_.given.at(keyword),
                         std::string{keyword} + " has no effect with " + beside + ": it is ignored");
  }

  void finish_interval() {
    if (draft_.advert_int == nullptr)
      return;
    const bool v3 = router_.version == core::Version::V3;
    const Nanoseconds unit = v3 ? Nanoseconds{Centiseconds{1}} : Nanoseconds{std::chrono::seconds{1}};
    const Nanoseconds max = unit * (v3 ? 4095 : 255);
    const Token& value = draft_.advert_int->argument(0);
    const auto asked = read_seconds(diagnostics_, "advert_int", value);
    if (!asked)
      return;
    // keepalived takes fractions of a second for version 2 and rounds them; below its own smallest value it
    // does not.
    if (*asked < Centiseconds{1} || *asked > max) {
      diagnostics_.error(value.where, "advert_int " + value.text + " is out of range: VRRP version " +
                                          (v3 ? "3" : "2") + " allows " + seconds_text(unit) + " to " +
                                          seconds_text(max) + " seconds");
      return;
    }
    router_.advertisement_interval = std::max(unit, unit * ((*asked + unit / 2) / unit));
    if (router_.advertisement_interval != *asked)
      diagnostics_.warning(value.where, "advert_int " + value.text + " is rounded to " +
                                            seconds_text(router_.advertisement_interval) + ": VRRP version " +
                                            (v3 ? "3 has steps of 0.01 seconds" : "2 has whole seconds"));
  }

  void finish_source() {
    if (draft_.source == nullptr)
      return;
    const Token& token = draft_.source->argument(0);
    const auto address = read_host_address(diagnostics_, token);
    if (address && check_family(diagnostics_, token.where, *address, family_))
      router_.primary_address = *address;
  }

  void finish_peers() {
    bool has_lines = false;
    for (const Statement* const block : draft_.peer_blocks) {
      has_lines = has_lines || block->incomplete || !block->body.empty();
      for (const Statement& line : block->body) {
        if (!line.dropped)
          read_peer(line);
      }
    }
    if (!draft_.peer_blocks.empty() && !has_lines)
      diagnostics_.warning(draft_.given.at("unicast_peer"),
                           "unicast_peer is empty: adverts go to the multicast group");
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
      diagnostics_.error(word->where,
                         quoted(word->text) + " is a keepalived keyword that xvrrp does not support yet");
      words.next();
    }
    if (!address || !check_family(diagnostics_, token.where, *address, family_))
      return;
    if (*address == router_.primary_address)
      diagnostics_.error(token.where, "peer " + address->text() + " is our own address: " +
                                          draft_.source->keyword().text + " says so");
    else if (!peers_.insert(*address).second)
      diagnostics_.error(token.where, "peer " + address->text() + " is given twice");
    else
      instance_.unicast_peers.push_back(*address);
  }

  void finish_nat() {
    for (const Statement* const block : draft_.nat_blocks) {
      for (const Statement& line : block->body) {
        if (line.dropped)
          continue;
        if (auto rule = read_nat_line(diagnostics_, line, family_))
          instance_.nat.push_back(std::move(*rule));
      }
    }
  }

  InstanceDraft draft_;
  const GlobalDefs& globals_;
  Diagnostics& diagnostics_;
  Instance& instance_;
  core::RouterConfig& router_;
  std::optional<Family> family_; ///< absent: unknown, nothing is checked against it
  std::set<IpAddress> peers_;
};

} // namespace

Instance finish_instance(InstanceDraft draft, const GlobalDefs& globals) {
  return InstanceFinisher{std::move(draft), globals}.run();
}

} // namespace xvrrp::config
