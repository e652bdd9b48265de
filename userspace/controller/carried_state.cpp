// SPDX-License-Identifier: BSD-2-Clause
#include "controller/carried_state.hpp"

#include <limits>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

namespace xvrrp::controller {
namespace {

using Json = nlohmann::ordered_json;

/// Changes with the meaning of any field: another version is not read.
constexpr int kVersion = 1;

// ---- to JSON ----

Json written(const PastTransition& past) {
  const auto& transition = past.transition;
  const auto& cause = transition.cause;
  return {{"from", core::name(transition.from)},
          {"to", core::name(transition.to)},
          {"reason", core::name(transition.reason)},
          {"at", to_ns(transition.at)},
          {"priority", past.priority},
          {"problem", past.problem},
          {"cause", static_cast<int>(cause.kind)},
          {"source", cause.advert.source.text()},
          {"advertised", cause.advert.priority},
          {"advert_interval", to_ns(cause.advert.interval)},
          {"due", to_ns(cause.due)},
          {"interval", to_ns(cause.interval)}};
}

Json written(const CarriedState::Router& router) {
  Json json = {{"interface", router.interface},
               {"family", static_cast<int>(router.family)},
               {"vrid", router.vrid},
               {"drained", router.drained},
               {"priority", router.wished_priority ? Json(*router.wished_priority) : Json{}},
               {"told", router.told ? Json(core::name(*router.told)) : Json{}},
               {"transitions", router.transitions},
               {"latest", Json::array()}};
  for (const auto& past : router.latest)
    json["latest"].push_back(written(past));
  return json;
}

// ---- and back; what is wrong is thrown, by nlohmann too, and caught in this file ----

struct Wrong : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <typename Integer>
Integer integer(const Json& json, Integer least = std::numeric_limits<Integer>::min(),
                Integer most = std::numeric_limits<Integer>::max()) {
  if (!json.is_number_integer())
    throw Wrong{"a number is missing"};
  const auto within = [&](auto value) {
    return std::cmp_greater_equal(value, least) && std::cmp_less_equal(value, most);
  };
  if (json.is_number_unsigned() ? !within(json.get<std::uint64_t>()) : !within(json.get<std::int64_t>()))
    throw Wrong{"a number is out of range"};
  return json.get<Integer>();
}

Nanoseconds duration(const Json& json) {
  return Nanoseconds{integer<std::int64_t>(json)};
}

template <typename Enumeration>
Enumeration named(const Json& json, std::size_t count) {
  const auto& word = json.get_ref<const std::string&>();
  for (std::size_t index = 0; index < count; ++index) {
    if (word == core::name(static_cast<Enumeration>(index)))
      return static_cast<Enumeration>(index);
  }
  throw Wrong{"the unknown value \"" + word + "\""};
}

core::State state(const Json& json) {
  return named<core::State>(json, core::kStateCount);
}

template <typename Value, typename Read>
std::optional<Value> optional(const Json& json, const Read& read) {
  return json.is_null() ? std::nullopt : std::optional<Value>{read(json)};
}

PastTransition past_transition(const Json& json) {
  const auto source = IpAddress::parse(json.at("source").get_ref<const std::string&>());
  if (!source)
    throw Wrong{"an address is none"};
  PastTransition past;
  past.transition.router = 0; // nobody asks: it is that of the router whose history it is
  past.transition.from = state(json.at("from"));
  past.transition.to = state(json.at("to"));
  past.transition.reason = named<core::Reason>(json.at("reason"), core::kReasonCount);
  past.transition.at = Instant{duration(json.at("at"))};
  past.priority = integer<std::uint8_t>(json.at("priority"));
  past.problem = json.at("problem").get<std::string>();
  auto& cause = past.transition.cause;
  cause.kind =
      static_cast<Cause::Kind>(integer(json.at("cause"), 0, static_cast<int>(Cause::Kind::MasterDown)));
  cause.advert.source = *source;
  cause.advert.priority = integer<std::uint8_t>(json.at("advertised"));
  cause.advert.interval = duration(json.at("advert_interval"));
  cause.due = Instant{duration(json.at("due"))};
  cause.interval = duration(json.at("interval"));
  return past;
}

Family family(const Json& json) {
  for (const auto value : {Family::IPv4, Family::IPv6}) {
    if (json == static_cast<int>(value))
      return value;
  }
  throw Wrong{"a family is none"};
}

CarriedState::Router router(const Json& json) {
  CarriedState::Router router;
  router.interface = json.at("interface").get<std::string>();
  router.family = family(json.at("family"));
  router.vrid = integer<std::uint8_t>(json.at("vrid"), 1);
  router.drained = json.at("drained").get<bool>();
  router.wished_priority = optional<std::uint8_t>(json.at("priority"), [](const Json& priority) {
    return integer<std::uint8_t>(priority, 1, core::kPriorityOwner - 1);
  });
  router.told = optional<core::State>(json.at("told"), state);
  router.transitions = integer<std::uint64_t>(json.at("transitions"));
  for (const auto& past : json.at("latest"))
    router.latest.push_back(past_transition(past));
  if (router.transitions < router.latest.size())
    throw Wrong{"a number is out of range"};
  return router;
}

CarriedTracking::Check check(const Json& json) {
  return {json.at("command").get<std::vector<std::string>>(), json.at("up").get<bool>(),
          integer<unsigned>(json.at("against"))};
}

CarriedState carried(const Json& json) {
  CarriedState carried;
  for (const auto& item : json.at("routers"))
    carried.routers.push_back(router(item));
  for (const auto& [name, value] : json.at("groups").items())
    carried.groups.emplace(name, state(value));
  for (const auto& [name, value] : json.at("scripts").items())
    carried.tracking.scripts.emplace(name, check(value));
  carried.tracking.processes = json.at("processes").get<std::map<std::string, bool>>();
  carried.tracking.files = json.at("files").get<std::set<std::string>>();
  return carried;
}

} // namespace

std::string CarriedState::text(const std::string& boot) const {
  Json json = {{"xvrrp_state", kVersion},   {"boot", boot},
               {"routers", Json::array()},  {"groups", Json::object()},
               {"scripts", Json::object()}, {"processes", tracking.processes},
               {"files", tracking.files}};
  for (const auto& router : routers)
    json["routers"].push_back(written(router));
  for (const auto& [name, state] : groups)
    json["groups"][name] = core::name(state);
  for (const auto& [name, check] : tracking.scripts)
    json["scripts"][name] = {{"command", check.command}, {"up", check.up}, {"against", check.against}};
  // Names hold any bytes; of one that is no UTF-8 the successor knows nothing.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<CarriedState> CarriedState::read(std::string_view text, const std::string& boot) {
  try {
    const auto json = Json::parse(text);
    if (const auto version = integer<int>(json.at("xvrrp_state")); version != kVersion)
      return failed("its version is " + std::to_string(version) + ", this xvrrpd reads version " +
                    std::to_string(kVersion));
    if (json.at("boot").get_ref<const std::string&>() != boot)
      return failed("it is from before the machine was started");
    return carried(json);
  } catch (const std::exception& wrong) {
    return failed(std::string{"it is not what an xvrrpd wrote: "} + wrong.what());
  }
}

} // namespace xvrrp::controller
