// SPDX-License-Identifier: BSD-2-Clause
#include "sim/checkers/convergence.hpp"

#include <algorithm>
#include <string>

#include "sim/checkers/rfc.hpp"
#include "sim/checkers/seats.hpp"
#include "sim/scenario.hpp"

namespace xvrrp::sim {
namespace {

constexpr const char* kName = "convergence";

} // namespace

void Convergence::stepped(const Step& step) {
  if (const auto* change = entered(step.actions);
      change && !comes_from_outside(step.event) && roll_.settled(roll_.group(step.seat), step.at))
    verdict_.blame(kName, step.seat, step.at,
                   std::string("enters ") + core::name(change->to) +
                       " though the election was over and nothing happened");
  roll_.stepped(step);
}

void Convergence::sent(const Seat& seat, const core::Advert& advert, Moment at) {
  roll_.sent(seat, advert, at);
  if (roll_.is_broken() || advert.priority == 0)
    return;
  const auto& group = roll_.group(seat);
  // Adverts from before the change may still be under way and make a Master yield to one that is gone.
  const Moment clear = roll_.clear_since(group);
  if (at <= clear)
    return;
  if (seat.group >= claims_.size())
    claims_.resize(seat.group + 1);
  Claim& claim = claims_[seat.group];
  if (claim.of_election != clear)
    claim = {clear, 0, {}};
  if (rfc::outranks(advert.priority, advert.source, claim.priority, claim.address)) {
    claim.priority = advert.priority;
    claim.address = advert.source;
  }
}

void Convergence::audited(Moment at, const std::vector<LocalClock>&) {
  for (std::size_t i = 0; i < roll_.groups().size(); ++i) {
    const auto& group = roll_.groups()[i];
    if (!roll_.settled(group, at))
      continue;
    ++judged_;
    judge(group, i < claims_.size() ? claims_[i] : Claim{}, at);
  }
}

void Convergence::judge(const Roll::Group& group, const Claim& claim, Moment at) {
  const auto is_alive = [](const Roll::Member& member) {
    return member.state == core::State::Backup || member.state == core::State::Master;
  };
  const auto alive = std::find_if(group.members.begin(), group.members.end(), is_alive);
  if (alive == group.members.end())
    return;
  const auto* master = Roll::only_master(group);
  if (!master) {
    verdict_.blame(kName, *alive->seat, at, "not exactly one Master among those that are up");
    return;
  }
  const auto& config = master->seat->config;
  for (const auto& member : group.members) {
    if (member.state == core::State::Backup && rfc::preempts(member.seat->config) &&
        member.seat->config.priority > config.priority)
      verdict_.blame(
          kName, *member.seat, at,
          "is Backup though it preempts and has a higher priority than the Master (RFC 9568 6.4.2)");
  }
  const Moment elected = roll_.clear_since(group);
  if (claim.of_election == elected &&
      rfc::outranks(claim.priority, claim.address, config.priority, config.primary_address))
    verdict_.blame(kName, *master->seat, at,
                   "is Master though one that outranks it was Master, too (RFC 9568 6.4.3)");
}

} // namespace xvrrp::sim
