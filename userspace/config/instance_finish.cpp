// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include "config/instance.hpp"
#include "config/instance_addresses.hpp"
#include "config/instance_transport.hpp"
#include "config/nat_line.hpp"
#include "config/script.hpp"
#include "config/strict_mode.hpp"
#include "config/values.hpp"
#include "config/virtual_mac.hpp"

namespace xvrrp::config {

namespace {

class InstanceFinisher {
public:
  InstanceFinisher(InstanceDraft draft, const GlobalDefs& globals, const Trackers& trackers)
      : draft_(std::move(draft)), globals_(globals), trackers_(trackers), diagnostics_(draft_.diagnostics),
        instance_(draft_.instance), router_(draft_.instance.router), family_(draft_.family()) {}

  Instance run() {
    check_mandatory();
    finish_addresses(draft_);
    finish_version();
    router_.answer_lower_priority = !draft_.lower_prio_no_advert.value_or(globals_.lower_prio_no_advert);
    router_.advertise_when_yielding =
        draft_.higher_prio_send_advert.value_or(globals_.higher_prio_send_advert);
    router_.startup_delay = globals_.startup_delay;
    finish_announcements();
    finish_priority();
    finish_owner();
    draft_.strict = draft_.strict.value_or(globals_.strict);
    instance_.strict = *draft_.strict;
    if (instance_.strict)
      enforce_rfc(draft_);
    finish_preemption();
    finish_interval();
    finish_lease();
    finish_interop();
    finish_transport(draft_);
    finish_virtual_mac(draft_);
    finish_nat();
    finish_authentication();
    finish_strictness();
    finish_checksum();
    finish_notify();
    finish_tracking();
    return std::move(instance_);
  }

private:
  bool given(std::string_view keyword) const { return draft_.given.find(keyword) != draft_.given.end(); }

  void check_mandatory() {
    if (instance_.interface == "lo")
      diagnostics_.error(draft_.given.at("interface"),
                         "interface lo is the loopback: no other router hears adverts there");
    if (draft_.block.incomplete)
      return;
    const std::string subject = "vrrp_instance " + quoted(instance_.name) + " needs ";
    for (const std::string_view keyword : {"interface", "virtual_router_id"}) {
      if (!given(keyword))
        diagnostics_.error(instance_.where, subject + "the keyword " + std::string{keyword});
    }
    if (draft_.has_address_lines)
      return;
    if (given("no_virtual_ipaddress"))
      diagnostics_.error(
          draft_.given.at("no_virtual_ipaddress"),
          "adverts without an address are ignored by all routers (RFC 9568 5.2.5), also by xvrrp: "
          "give virtual_ipaddress one that nobody needs, for example 169.254.0.1/24");
    else
      diagnostics_.error(instance_.where, subject + "at least one address in virtual_ipaddress");
  }

  bool is_ipv6() const { return family_ == Family::IPv6; }
  bool is_v3() const { return router_.version == core::Version::V3; }

  void finish_version() {
    if (given("native_ipv6") && family_ == Family::IPv4)
      diagnostics_.error(draft_.given.at("native_ipv6"),
                         "native_ipv6 stands beside IPv4 addresses: remove it or give IPv6 addresses");
    if (!is_ipv6()) {
      router_.version = draft_.version.value_or(globals_.version);
      return;
    }
    if (draft_.version == core::Version::V2)
      diagnostics_.error(draft_.given.at("version"),
                         "VRRP version 2 has no IPv6: remove version or use version 3");
    router_.version = core::Version::V3;
  }

  /// keepalived's defaults are those of a takeover.
  void finish_announcements() {
    auto& announce = router_.announce;
    const auto given = [](const auto& own, const auto& global, auto otherwise) {
      return own ? *own : global.value_or(otherwise);
    };
    announce.contested_repeat =
        given(draft_.garp_lower_prio_repeat, globals_.garp_lower_prio_repeat, announce.repeat);
    announce.contested_delay =
        given(draft_.garp_lower_prio_delay, globals_.garp_lower_prio_delay, announce.second_burst_delay);
  }

  void finish_priority() {
    constexpr std::uint8_t kDefaultPriority = 100;
    const bool owner = draft_.priority == core::kPriorityOwner;
    if (owner && draft_.wants_master == false)
      diagnostics_.warning(draft_.given.at("state"), "state BACKUP has no effect with priority 255: that is "
                                                     "the address owner, which begins as Master");
    if (!draft_.priority && !given("priority") && draft_.wants_master.value_or(false))
      diagnostics_.warning(draft_.given.at("state"),
                           "state MASTER without priority makes this router the address owner, priority 255, "
                           "which nothing lowers: give a priority");
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

  void finish_owner() {
    const bool owner = router_.priority == core::kPriorityOwner;
    router_.owner_ignores_adverts =
        owner && draft_.owner_ignores_adverts.value_or(globals_.owner_ignores_adverts);
    if (!owner && draft_.owner_ignores_adverts.value_or(false))
      warn_no_effect("owner_ignore_adverts", "priority " + std::to_string(router_.priority));
  }

  void warn_no_effect(std::string_view keyword, const std::string& beside) {
    diagnostics_.warning(draft_.given.at(keyword),
                         std::string{keyword} + " has no effect with " + beside + ": it is ignored");
  }

  void finish_interval() {
    if (draft_.advert_int == nullptr)
      return;
    const bool v3 = is_v3();
    const Nanoseconds max = v3 ? Nanoseconds{Centiseconds{4095}} : Nanoseconds{std::chrono::seconds{255}};
    const Token& value = draft_.advert_int->argument(0);
    const auto asked = read_seconds(diagnostics_, "advert_int", value);
    if (!asked)
      return;
    const bool below_the_wire = v3 && *asked < Centiseconds{1};
    const Nanoseconds unit = below_the_wire ? std::chrono::milliseconds{1}
                             : v3           ? Nanoseconds{Centiseconds{1}}
                                            : std::chrono::seconds{1};
    // keepalived takes fractions of a second for version 2 and rounds them; below its own smallest value it
    // does not.
    if (*asked < (below_the_wire ? unit : Centiseconds{1}) || *asked > max) {
      diagnostics_.error(value.where, "advert_int " + value.text + " is out of range: VRRP version " +
                                          (v3 ? "3 allows 0.001" : "2 allows 1") + " to " +
                                          seconds_text(max) + " seconds");
      return;
    }
    router_.advertisement_interval = std::max(unit, unit * ((*asked + unit / 2) / unit));
    if (router_.advertisement_interval != *asked)
      diagnostics_.warning(value.where, "advert_int " + value.text + " is rounded to " +
                                            seconds_text(router_.advertisement_interval) + ": VRRP version " +
                                            (v3 ? "3 has steps of " + seconds_text(unit) + " seconds"
                                                : "2 has whole seconds"));
  }

  /// Shorter than an interval it would run out between two adverts; longer than a Backup waits it is no
  /// fence.
  void finish_lease() {
    if (!instance_.lease || *instance_.lease == Nanoseconds::zero())
      return;
    const auto interval = router_.advertisement_interval;
    const auto& where = draft_.given.at("lease_ms");
    if (*instance_.lease <= interval)
      diagnostics_.error(where, "lease_ms must be longer than advert_int (" + milliseconds_text(interval) +
                                    " ms), for each advert renews the lease; 0 switches it off");
    else if (*instance_.lease > interval * router_.down_adverts)
      diagnostics_.warning(
          where, "lease_ms is longer than the " + milliseconds_text(interval * router_.down_adverts) +
                     " ms after which a Backup may take over: until it ends, two routers may "
                     "answer for the addresses");
  }

  static std::string milliseconds_text(Nanoseconds duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
  }

  void finish_interop() {
    if (!router_.v2_interop)
      return;
    if (is_ipv6() || !is_v3()) {
      diagnostics_.error(draft_.given.at("v2_interop"),
                         is_ipv6() ? "v2_interop is for IPv4: VRRP version 2 has no IPv6"
                                   : "v2_interop makes version 3 speak version 2 too: add version 3 or "
                                     "remove v2_interop");
      router_.v2_interop = false;
    } else if (router_.advertisement_interval < Centiseconds{1}) {
      const Token& value = draft_.advert_int->argument(0);
      diagnostics_.error(value.where, "advert_int " + value.text +
                                          " is below 0.01, which is not for v2_interop: remove one of them");
    } else if (router_.advertisement_interval % std::chrono::seconds{1} != Nanoseconds{0}) {
      const Token& value = draft_.advert_int->argument(0);
      diagnostics_.warning(value.where, "advert_int " + value.text +
                                            " is not whole seconds, as version 2 adverts announce them: "
                                            "version 2 routers that require their own interval ignore us");
    }
  }

  void finish_nat() {
    for (const Statement* const block : draft_.nat_blocks) {
      for (const Statement& line : block->body) {
        if (line.dropped)
          continue;
        if (auto rule = read_nat_line(diagnostics_, line, family_)) {
          if (rule->kind == NatRule::Kind::Dnat && rule->destinations.empty())
            forward_virtual_addresses(*rule, line);
          instance_.nat.push_back(std::move(*rule));
        }
      }
    }
  }

  void forward_virtual_addresses(NatRule& rule, const Statement& line) {
    for (const auto& virtual_address : instance_.addresses) {
      const auto& address = virtual_address.prefix.address;
      if (address.family() == rule.family && !address.is_link_local())
        rule.destinations.push_back(address);
    }
    if (rule.destinations.empty() && !instance_.addresses.empty())
      diagnostics_.error(
          line.keyword().where,
          "dnat has no virtual address to forward from but link-local ones: give it \"address\"");
    // XDP drops what is sent to them, before netfilter sees it.
    if (!instance_.accept && router_.priority != core::kPriorityOwner)
      diagnostics_.error(
          line.keyword().where,
          "dnat forwards what is sent to the virtual addresses, and no_accept drops that: remove "
          "no_accept, or give dnat another \"address\"");
  }

  void finish_authentication() {
    if (!is_v3() || !given("authentication"))
      return;
    // What is of use depends on whether version 2 with authentication would do.
    std::string remedy = ": remove it or use version 2";
    if (is_ipv6())
      remedy = ": remove it";
    else if (router_.v2_interop)
      remedy = ", and the version 2 adverts of v2_interop carry none: remove it";
    diagnostics_.error(draft_.given.at("authentication"), "VRRP version 3 has no authentication" + remedy);
  }

  void finish_strictness() {
    if (!instance_.strict_addresses || !is_v3())
      return;
    warn_no_effect("v2_strict_addresses", "version 3");
    instance_.strict_addresses = false;
  }

  void finish_checksum() {
    if (!is_ipv6() || instance_.checksum_form == ChecksumForm::PseudoHeader)
      return;
    if (given("v3_checksum_as_v2"))
      warn_no_effect("v3_checksum_as_v2", "IPv6 addresses");
    instance_.checksum_form = ChecksumForm::PseudoHeader;
  }

  void finish_tracking() {
    for (const Statement* const block : draft_.track_blocks) {
      for (auto& tracked : read_tracked(diagnostics_, *block, trackers_)) {
        const bool is_own = tracked.kind == Tracked::Kind::Interface && tracked.name == instance_.interface;
        const bool is_owner = router_.priority == core::kPriorityOwner && tracked.weight != 0;
        const std::string what = quoted(tracked.name) + " is ignored in " + block->keyword().text + ": ";
        if (is_own)
          diagnostics_.warning(block->keyword().where, what + "the own interface is always tracked");
        else if (is_owner)
          diagnostics_.warning(block->keyword().where, what + "a weight does not change priority 255");
        else
          instance_.tracked.push_back(std::move(tracked));
      }
    }
  }

  void finish_notify() {
    config::finish_notify(diagnostics_, instance_.notify, globals_);
    instance_.notify.priority_changes =
        draft_.notify_priority_changes.value_or(globals_.notify_priority_changes);
  }

  InstanceDraft draft_;
  const GlobalDefs& globals_;
  const Trackers& trackers_;
  Diagnostics& diagnostics_;
  Instance& instance_;
  core::RouterConfig& router_;
  std::optional<Family> family_;
};

} // namespace

Instance finish_instance(InstanceDraft draft, const GlobalDefs& globals, const Trackers& trackers) {
  return InstanceFinisher{std::move(draft), globals, trackers}.run();
}

} // namespace xvrrp::config
