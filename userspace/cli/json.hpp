// SPDX-License-Identifier: BSD-2-Clause
// JSON with members in the order they were written, and reading it without exceptions: whatever a member is,
// these answer.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace xvrrp::cli {

using Json = nlohmann::ordered_json;

/// The schema of everything that --json prints.
inline constexpr int kSchema = 1;

/// Null when `object` is none or has no such member.
const Json& member(const Json& object, const char* key);
/// As printable() has it; empty when the member is no string.
std::string text_at(const Json& object, const char* key);
/// 0 when the member is no number.
double number_at(const Json& object, const char* key);
/// The member's number as it is written in JSON; "?" when it is none.
std::string digits_at(const Json& object, const char* key);

/// Two spaces of indentation and a newline, in ASCII: a terminal gets no control character. Bytes that are no
/// UTF-8 become replacement characters.
std::string pretty(const Json& json);
/// One line.
std::string compact(const Json& json);

} // namespace xvrrp::cli
