// SPDX-License-Identifier: BSD-2-Clause
// What the data plane has counted and heard: other routers that do not agree with ours.
#include <array>
#include <map>

#include <fmt/format.h>

#include "cli/doctor.hpp"
#include "cli/durations.hpp"
#include "cli/guards.hpp"
#include "cli/vlans.hpp"
#include "cli/watch_sample.hpp"
#include "dataplane/reasons.hpp"
#include "platform/clock.hpp"

namespace xvrrp::cli::doctor {
namespace {

struct Told {
  xv_reason reason;
  Code code;
  const char* remedy;
};

/// Counters that say how the network, or the other router, is configured.
constexpr std::array kOfRouters{
    Told{XV_address_list, Code::address_list, "make virtual_ipaddress the same on all routers of the VRID"},
    Told{XV_strict_addresses, Code::address_list,
         "make virtual_ipaddress the same on all routers of the VRID"},
    Told{XV_auth_type, Code::auth, "make auth_type the same on all routers of the VRID"},
    Told{XV_auth_data, Code::auth, "make auth_pass the same on all routers of the VRID"},
    Told{XV_destination, Code::destination,
         "make unicast_peer the same on all routers: all have it, or none"},
    Told{XV_group, Code::destination, "find who sends VRRP to another group than 224.0.0.18 or ff02::12"},
    Told{XV_frame, Code::destination,
         "find who sends it, or why the network floods what is for another host"},
    Told{XV_other_resigned, Code::other_resigned, "capture shows who sends priority 0 and is not Master"},
    Told{XV_not_a_peer, Code::not_a_peer, "add the sender to unicast_peer, or find out who it is"},
    Told{XV_own_source, Code::own_source, "find the host that has our address, or the loop in the network"},
    Told{XV_ttl, Code::ttl, "find the router or the host that forwards or forges it"},
    Told{XV_v2_interval, Code::v2_interval, "make advert_int the same on all routers of the VRID"},
    Told{XV_version, Code::version, "make `version` the same on all routers of the VRID"},
    Told{XV_event_lost, Code::event_lost, "none needed: each is made again; it takes a flood"},
    Told{XV_lease_expired, Code::lease_expired, "find what stopped xvrrpd; docs/fence.md"},
};

using Names = std::map<std::uint32_t, std::string>;

Names names_of(const dataplane::DataPlane& plane) {
  Names names;
  for (const auto& interface : plane.attached()) {
    if (interface.ifindex != 0)
      names[interface.ifindex] = interface.name;
  }
  return names;
}

std::string times(std::uint64_t count) {
  return fmt::format("{} {} since the start", count, count == 1 ? "time" : "times");
}

/// A veth does not compute what the host leaves to the network card: the checksum is wrong on arrival.
void examine_checksums(std::uint64_t count, const std::string& where, const platform::Interface* interface,
                       Findings& findings) {
  if (count == 0)
    return;
  const std::string what = "the VRRP checksum was wrong, " + times(count);
  if (interface != nullptr && interface->kind == "veth")
    findings.push_back({Code::checksum_offload, where,
                        what + ": a veth's peer leaves it to hardware that is not there",
                        "in the peer's namespace: ethtool -K PEER tx off"});
  else
    findings.push_back(
        {Code::checksum, where, what,
         "vrrpctl capture shows the sender; it may need v3_checksum_as_v2 or ethtool -K IF tx off"});
}

/// The daemon's words about a virtual router; null where it has none.
const Json& status_of(const Facts& facts, const std::string& device, const xv_vr_key& key) {
  static const Json none;
  if (!facts.status)
    return none;
  for (const auto& router : member(*facts.status, "instances")) {
    const auto& xdp = member(router, "xdp");
    if (text_at(xdp, "device") == device && number_at(xdp, "vlan") == key.vlan &&
        number_at(xdp, "inner_vlan") == key.inner_vlan && number_at(router, "vrid") == key.vrid &&
        text_at(router, "family") == (key.family == 4 ? "ipv4" : "ipv6"))
      return router;
  }
  return none;
}

/// Who is to be Master hears nobody while all is well; who waited as Backup in silence may be cut off, and is
/// where another answers for what it is Master of.
void examine_silence(const Facts& facts, const std::string& where, const xv_vr_live& live, const Json& router,
                     Findings& findings) {
  if (text_at(router, "new_master_reason") != "master-no-response")
    return;
  const bool multicast = member(router, "peers").empty();
  const auto capture = command_line(facts.instance, "capture " + text_at(router, "interface")) + " on both";
  if (const auto other = holder_of_all(facts, text_at(router, "name")); !other.empty()) {
    findings.push_back(
        {Code::unheard_master, where,
         fmt::format(
             "we became Master in silence, and {} answers for all of our addresses: another Master whose "
             "adverts do not get here, or a host with our addresses",
             other),
         capture + (multicast
                        ? "; then the switch's IGMP or MLD snooping, or unicast_peer"
                        : "; then unicast_peer on both, and what filters IP protocol 112 between them")});
    return;
  }
  if (live.heard.adverts > 0 || !multicast)
    return;
  for (const auto& instance : facts.configuration.configuration.instances) {
    if (instance.name == text_at(router, "name") && !instance.wants_master)
      findings.push_back({Code::hears_nobody, where,
                          "Master, and no other router was ever heard: it is alone, or the switch keeps its "
                          "multicast from us (IGMP or MLD snooping)",
                          capture + "; or unicast_peer"});
  }
}

void examine_master(const Facts& facts, const std::string& where, const xv_vr_key& key,
                    const xv_vr_live& live, const Json& router, Findings& findings) {
  const HeardRouter other{key, {}, live.heard, true};
  const auto now = platform::monotonic_now();
  const auto since = from_s(number_at(router, "since_s"));
  // An advert or two of the router that it took over from were under way.
  const bool after_takeover = other.silence(now) + 2 * other.interval() < since;
  if (live.heard.adverts > 0 && !other.is_silent(now) && after_takeover)
    findings.push_back({Code::second_master, where,
                        fmt::format("we are Master, and so says {} with priority {}: either does not hear or "
                                    "heed the other",
                                    other.master().text(), live.heard.priority),
                        command_line(facts.instance, "watch " + text_at(router, "interface")) +
                            "; give one of them another VRID, or make their configurations the same"});
  else
    examine_silence(facts, where, live, router, findings);
}

/// For how long a claim is told of after it was heard last.
constexpr Nanoseconds kClaimIsFresh = std::chrono::hours{1};

void examine_claim(const std::string& where, const xv_vr_key& key, const xv_claim& claim,
                   Findings& findings) {
  const auto age = platform::monotonic_now() - instant_from_ns(claim.last_ns);
  if (claim.last_ns == 0 || age > kClaimIsFresh)
    return;
  findings.push_back(
      {Code::address_claimed, where,
       fmt::format("{:02x} said {} ago that it has the virtual address {}", fmt::join(claim.mac, ":"),
                   duration_text(age),
                   IpAddress::from_bytes(static_cast<Family>(key.family), claim.address).text()),
       "find that MAC in the switch's table, and take the address from its host"});
}

void examine_router(const Facts& facts, const Names& names, const xv_vr_key& key, Findings& findings) {
  const auto device = names.find(key.ifindex);
  if (device == names.end())
    return;
  const auto& router = status_of(facts, device->second, key);
  const auto name = text_at(router, "name");
  const auto where = fmt::format("{}VRID {} on {}", name.empty() ? "" : name + ", ", key.vrid,
                                 device->second + tags_text(key.vlan, key.inner_vlan));
  const auto stats = facts.plane->router_stats().find(key).value_or(xv_stats{});
  const auto counters = dataplane::counters_of(stats);
  for (const auto& told : kOfRouters) {
    if (counters[told.reason] > 0)
      findings.push_back(
          {told.code, where,
           fmt::format("{}, {}", dataplane::reason_description(told.reason), times(counters[told.reason])),
           told.remedy});
  }
  const auto interface = facts.interfaces.find(device->second);
  examine_checksums(counters[XV_checksum], where,
                    interface == facts.interfaces.end() ? nullptr : &interface->second, findings);
  const auto live = facts.plane->liveness().find(key).value_or(xv_vr_live{});
  if (live.role == XV_ROLE_MASTER && live.fenced != 0)
    findings.push_back(
        {Code::fenced, where,
         "the daemon does not renew its lease: the data plane answers for the addresses no more",
         "find what keeps xvrrpd from running; docs/fence.md"});
  examine_claim(where, key, live.claim, findings);
  if (facts.status && live.role == XV_ROLE_MASTER)
    examine_master(facts, where, key, live, router, findings);
}

/// Other people's virtual routers may share the network; a VRID that was mistyped looks the same.
void examine_unknown(const Facts& facts, const Names& names, const xv_if_key& place, Findings& findings) {
  const auto device = names.find(place.ifindex);
  const auto stats = facts.plane->interface_stats().find(place).value_or(xv_stats{});
  if (device != names.end() && stats.unknown_vrid > 0)
    findings.push_back({Code::unknown_vrid, device->second + tags_text(place.vlan, place.inner_vlan),
                        "adverts of a VRID that is not configured here, " + times(stats.unknown_vrid),
                        command_line(facts.instance, "capture " + device->second) + " shows whose"});
}

} // namespace

void examine_wire(const Facts& facts, Findings& findings) {
  if (!facts.plane)
    return;
  const auto names = names_of(*facts.plane);
  for (const auto& key : facts.plane->routers().keys())
    examine_router(facts, names, key, findings);
  for (const auto& place : facts.plane->policies().keys())
    examine_unknown(facts, names, place, findings);
}

} // namespace xvrrp::cli::doctor
