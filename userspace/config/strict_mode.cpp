// SPDX-License-Identifier: BSD-2-Clause
#include "config/strict_mode.hpp"

#include <string>

namespace xvrrp::config {

namespace {

class Enforcer {
public:
  explicit Enforcer(InstanceDraft& draft)
      : draft_(draft), router_(draft.instance.router), owner_(router_.priority == core::kPriorityOwner) {}

  void run() {
    check_unicast();
    enforce_authentication();
    enforce_accept();
    enforce_preemption();
    if (router_.down_adverts != kDownAdverts)
      ignore("down_timer_adverts", "3 adverts are what the RFC waits for");
    router_.down_adverts = kDownAdverts;
    if (draft_.higher_prio_send_advert.value_or(false))
      ignore("higher_prio_send_advert", "a Master that yields is silent");
    router_.advertise_when_yielding = false;
    if (draft_.lower_prio_no_advert == false)
      ignore("lower_prio_no_advert", "an advert of a lower priority is not answered");
    router_.answer_lower_priority = false;
    if (draft_.garp_lower_prio_repeat.value_or(0) != 0)
      ignore("garp_lower_prio_repeat", "an advert of a lower priority is not answered");
    router_.announce.contested_repeat = 0;
    if (given("vmac_xmit_base"))
      ignore("vmac_xmit_base", "adverts carry the virtual MAC");
    draft_.given.erase("vmac_xmit_base");
    router_.owner_ignores_adverts = owner_;
  }

private:
  static constexpr std::uint8_t kDownAdverts = 3;

  bool given(std::string_view keyword) const { return draft_.given.find(keyword) != draft_.given.end(); }

  /// What global_defs set has no place of its own.
  void ignore(std::string_view keyword, const std::string& why) {
    if (const auto found = draft_.given.find(keyword); found != draft_.given.end())
      draft_.diagnostics.warning(found->second, std::string{keyword} + " is ignored in strict mode: " + why);
  }

  void check_unicast() {
    if (given("unicast_peer"))
      draft_.diagnostics.error(draft_.given.at("unicast_peer"),
                               "strict mode has no unicast_peer: adverts go to the multicast group "
                               "(remove it, or add strict_mode off)");
  }

  void enforce_authentication() {
    if (!given("authentication"))
      return;
    ignore("authentication", "RFC 3768 withdrew it, and adverts carry none");
    draft_.instance.authentication = {};
    draft_.given.erase("authentication");
  }

  void enforce_accept() {
    if (owner_)
      return;
    const bool v2 = router_.version == core::Version::V2;
    if (given("accept") && v2)
      ignore("accept", "in version 2 only the address owner accepts what is sent to the virtual addresses");
    else if (given("accept"))
      return;
    else if (!given("no_accept"))
      draft_.diagnostics.warning(draft_.instance.where,
                                 "strict mode makes vrrp_instance " + quoted(draft_.instance.name) +
                                     " no_accept: its addresses answer no ping and carry no service "
                                     "(without vrrp_strict they do" +
                                     (v2 ? ")" : ", or with accept)"));
    draft_.instance.accept = false;
  }

  void enforce_preemption() {
    if (draft_.instance.wants_master != owner_ && given("state"))
      ignore("state", owner_ ? "priority 255 begins as Master" : "only priority 255 begins as Master");
    draft_.instance.wants_master = owner_;
    if (router_.preempt_delay == Nanoseconds{0})
      return;
    ignore("preempt_delay", "a Backup preempts at once or not at all");
    router_.preempt_delay = Nanoseconds{0};
  }

  InstanceDraft& draft_;
  core::RouterConfig& router_;
  bool owner_;
};

} // namespace

void enforce_rfc(InstanceDraft& draft) {
  Enforcer{draft}.run();
}

} // namespace xvrrp::config
