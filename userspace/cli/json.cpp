// SPDX-License-Identifier: BSD-2-Clause
#include "cli/json.hpp"

#include <xvrrp/base/printable.hpp>

namespace xvrrp::cli {
namespace {

constexpr auto kReplace = Json::error_handler_t::replace;

} // namespace

const Json& member(const Json& object, const char* key) {
  static const Json null;
  if (!object.is_object())
    return null;
  const auto found = object.find(key);
  return found == object.end() ? null : *found;
}

std::string text_at(const Json& object, const char* key) {
  const Json& value = member(object, key);
  return value.is_string() ? printable(value.get_ref<const std::string&>()) : std::string{};
}

double number_at(const Json& object, const char* key) {
  const Json& value = member(object, key);
  return value.is_number() ? value.get<double>() : 0;
}

std::string digits_at(const Json& object, const char* key) {
  const Json& value = member(object, key);
  return value.is_number() ? value.dump() : "?";
}

std::string pretty(const Json& json) {
  return json.dump(2, ' ', true, kReplace) + "\n";
}

std::string compact(const Json& json) {
  return json.dump(-1, ' ', true, kReplace) + "\n";
}

} // namespace xvrrp::cli
