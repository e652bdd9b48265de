// SPDX-License-Identifier: BSD-2-Clause
#include "recording/replay.hpp"

#include "recording/lines.hpp"

namespace xvrrp::recording {
namespace {

/// Null where there is none.
const Json& member(const Json& object, const char* key) {
  static const Json kNone;
  const auto found = object.find(key);
  return found == object.end() ? kNone : *found;
}

} // namespace

Status Replay::take(const std::string& line) {
  ++lines_;
  const auto json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  auto status = json.is_object() ? take(json) : failed("is no line of a recording: it may have been cut off");
  if (!status)
    return std::move(status).error().in("line " + std::to_string(lines_));
  return Done{};
}

Status Replay::take(const Json& line) {
  if (!begun_)
    return begin(line);
  if (const auto& end = member(line, "end"); end.is_string()) {
    end_ = end.get<std::string>();
    return Done{};
  }
  const auto& name = member(line, "router");
  const auto& at = member(line, "at");
  if (!name.is_string() || !at.is_number_unsigned())
    return failed("names no router and time");
  if (const auto& memory = member(line, "memory"); !memory.is_null()) {
    auto router = read_router(memory);
    if (!router)
      return std::move(router).error();
    routers_.insert_or_assign(name.get<std::string>(), *std::move(router));
    return Done{};
  }
  const auto router = routers_.find(name.get<std::string>());
  if (router == routers_.end())
    return failed("has a step of \"" + name.get<std::string>() +
                  "\", of which no line says what it remembered");
  return step(router->first, router->second, instant_from_ns(at.get<std::uint64_t>()), line);
}

Status Replay::begin(const Json& head) {
  if (member(head, "schema") != kSchema || !member(head, "monotonic_ns").is_number_integer() ||
      !member(head, "time_ns").is_number_integer())
    return failed("is not the head of a recording of schema " + std::to_string(kSchema) +
                  ": was it written by vrrpctl trace record?");
  begun_ = true;
  clock_offset_ = Nanoseconds{member(head, "time_ns").get<std::int64_t>()} -
                  Nanoseconds{member(head, "monotonic_ns").get<std::int64_t>()};
  return Done{};
}

Status Replay::step(const std::string& name, core::Router& router, Instant at, const Json& line) {
  const auto event = read_event(member(line, "event"));
  if (!event)
    return event.error();
  const auto state = router.state();
  const auto actions = router.step(at, *event);
  ++steps_;
  watcher_({name, at, at.time_since_epoch() + clock_offset_, state, *event, actions});
  if (const auto done = json(actions); done != member(line, "actions"))
    return failed(name + " does " + done.dump() + ", the recording has " + member(line, "actions").dump());
  return Done{};
}

} // namespace xvrrp::recording
