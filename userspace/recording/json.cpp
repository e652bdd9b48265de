// SPDX-License-Identifier: BSD-2-Clause
#include "recording/json.hpp"

#include <array>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "core/fields.hpp"

namespace xvrrp::recording {
namespace {

/// As the alternatives of the variants.
constexpr std::array<const char*, std::variant_size_v<core::Event>> kEvents{
    "startup", "shutdown", "advert",           "timer",        "fault-raised", "fault-cleared",
    "source",  "priority", "group-takes-over", "group-yields", "reconfigured", "resumed"};
constexpr std::array<const char*, std::variant_size_v<core::Action>> kActions{
    "send-advert", "arm-timer", "stop-timer", "install", "remove", "announce", "enter", "want-master"};

/// Enumerations with names, and how many values each has.
template <typename T>
constexpr std::size_t kNames = 0;
template <>
constexpr std::size_t kNames<core::State> = core::kStateCount;
template <>
constexpr std::size_t kNames<core::TimerId> = core::kTimerCount;
template <>
constexpr std::size_t kNames<core::Reason> = core::kReasonCount;

template <typename T>
constexpr bool kIsOptional = false;
template <typename T>
constexpr bool kIsOptional<std::optional<T>> = true;
template <typename T>
constexpr bool kIsList = std::is_array_v<T>;
template <typename T, std::size_t N>
constexpr bool kIsList<std::array<T, N>> = true;

template <typename T>
Json written(const T& value) {
  if constexpr (std::is_integral_v<T>) {
    return value;
  } else if constexpr (std::is_same_v<T, Nanoseconds>) {
    return value.count();
  } else if constexpr (std::is_same_v<T, Instant>) {
    return value.time_since_epoch().count();
  } else if constexpr (std::is_same_v<T, IpAddress>) {
    return value.text();
  } else if constexpr (kNames<T> > 0) {
    return core::name(value);
  } else if constexpr (std::is_enum_v<T>) {
    return static_cast<int>(value);
  } else if constexpr (kIsOptional<T>) {
    return value ? written(*value) : Json{};
  } else if constexpr (kIsList<T>) {
    Json list = Json::array();
    for (const auto& item : value)
      list.push_back(written(item));
    return list;
  } else {
    Json object = Json::object();
    core::Fields::of(value, [&](const char* name, const auto& field) { object[name] = written(field); });
    return object;
  }
}

template <typename... Kinds>
Json written(const std::variant<Kinds...>& value, const std::array<const char*, sizeof...(Kinds)>& kinds) {
  Json object{{"kind", kinds[value.index()]}};
  object.update(std::visit([](const auto& what) { return written(what); }, value));
  return object;
}

// ---- and back; what is wrong is thrown, and caught in this file ----

struct Wrong : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <typename Integer>
void read_integer(const Json& json, Integer& value) {
  if (!json.is_number_integer())
    throw Wrong{"is no whole number"};
  const bool fits = json.is_number_unsigned() ? std::in_range<Integer>(json.get<std::uint64_t>())
                                              : std::in_range<Integer>(json.get<std::int64_t>());
  if (!fits)
    throw Wrong{"is out of range"};
  value = json.get<Integer>();
}

const std::string& word(const Json& json) {
  if (!json.is_string())
    throw Wrong{"is no text"};
  return json.get_ref<const std::string&>();
}

template <typename Enumeration>
Enumeration named(const std::string& name) {
  for (std::size_t index = 0; index < kNames<Enumeration>; ++index) {
    if (name == core::name(static_cast<Enumeration>(index)))
      return static_cast<Enumeration>(index);
  }
  throw Wrong{"has the unknown value \"" + name + "\""};
}

template <typename Enumeration>
Enumeration numbered(const Json& json, Enumeration one, Enumeration other) {
  int number = 0;
  read_integer(json, number);
  for (const auto value : {one, other}) {
    if (number == static_cast<int>(value))
      return value;
  }
  throw Wrong{"is out of range"};
}

template <typename T>
void read(const Json& json, T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    if (!json.is_boolean())
      throw Wrong{"is neither true nor false"};
    value = json.get<bool>();
  } else if constexpr (std::is_integral_v<T>) {
    read_integer(json, value);
  } else if constexpr (std::is_same_v<T, Nanoseconds> || std::is_same_v<T, Instant>) {
    std::int64_t ns = 0;
    read_integer(json, ns);
    value = T{Nanoseconds{ns}};
  } else if constexpr (std::is_same_v<T, IpAddress>) {
    const auto address = IpAddress::parse(word(json));
    if (!address)
      throw Wrong{"is no IP address"};
    value = *address;
  } else if constexpr (std::is_same_v<T, Family>) {
    value = numbered(json, Family::IPv4, Family::IPv6);
  } else if constexpr (std::is_same_v<T, core::Version>) {
    value = numbered(json, core::Version::V2, core::Version::V3);
  } else if constexpr (std::is_enum_v<T>) {
    value = named<T>(word(json));
  } else if constexpr (kIsOptional<T>) {
    value.reset();
    if (!json.is_null())
      read(json, value.emplace());
  } else if constexpr (kIsList<T>) {
    if (!json.is_array() || json.size() != std::size(value))
      throw Wrong{"is no list of " + std::to_string(std::size(value))};
    for (std::size_t index = 0; index < std::size(value); ++index)
      read(json[index], value[index]);
  } else {
    if (!json.is_object())
      throw Wrong{"is no object"};
    core::Fields::of(value, [&](const char* name, auto& field) {
      try {
        if (!json.contains(name))
          throw Wrong{"is missing"};
        read(json.at(name), field);
      } catch (const Wrong& wrong) {
        throw Wrong{std::string{name} + " " + wrong.what()};
      }
    });
  }
}

template <std::size_t... Index>
void read_alternative(std::index_sequence<Index...>, std::size_t wanted, const Json& json,
                      core::Event& event) {
  ((Index == wanted ? read(json, event.emplace<Index>()) : void()), ...);
}

} // namespace

Json json(const core::Event& event) {
  return written(event, kEvents);
}

Json json(const core::Actions& actions) {
  Json list = Json::array();
  for (const auto& action : actions)
    list.push_back(written(action, kActions));
  return list;
}

Json json(const core::Router& router) {
  return written(router);
}

Result<core::Event> read_event(const Json& json) {
  try {
    if (!json.is_object() || !json.contains("kind"))
      throw Wrong{"kind is missing"};
    core::Event event;
    for (std::size_t index = 0; index < kEvents.size(); ++index) {
      if (word(json.at("kind")) == kEvents[index]) {
        read_alternative(std::make_index_sequence<kEvents.size()>{}, index, json, event);
        return event;
      }
    }
    throw Wrong{"kind is unknown: \"" + word(json.at("kind")) + "\""};
  } catch (const Wrong& wrong) {
    return failed(std::string{"the event's "} + wrong.what());
  }
}

Result<core::Router> read_router(const Json& json) {
  try {
    core::Router router{core::RouterConfig{}};
    read(json, router);
    return router;
  } catch (const Wrong& wrong) {
    return failed(std::string{"the router's "} + wrong.what());
  }
}

} // namespace xvrrp::recording
