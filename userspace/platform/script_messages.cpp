// SPDX-License-Identifier: BSD-2-Clause
#include "platform/script_messages.hpp"

#include <algorithm>
#include <cstring>

namespace xvrrp::platform {
namespace {

/// The words follow, each with a NUL.
struct Header {
  ScriptRequest::Verb verb;
  std::uint32_t id;
  ScriptKind kind;
  std::uint32_t time_limit_ms;
  std::uint32_t user;
  std::uint32_t group;
  std::uint32_t root_only;
};

} // namespace

std::string packed(const ScriptRequest& request) {
  const auto& program = request.program;
  const Header header{request.verb,
                      request.id,
                      request.kind,
                      request.time_limit_ms,
                      program.user,
                      program.group,
                      program.root_only ? 1U : 0U};
  std::string bytes(sizeof header, '\0');
  std::memcpy(bytes.data(), &header, sizeof header);
  for (const auto& word : program.argv)
    bytes += word + '\0';
  return bytes;
}

std::optional<ScriptRequest> unpacked(std::string_view bytes) {
  Header header{};
  if (bytes.size() < sizeof header)
    return std::nullopt;
  std::memcpy(&header, bytes.data(), sizeof header);
  bytes.remove_prefix(sizeof header);
  ScriptRequest request{header.verb,
                        header.id,
                        header.kind,
                        header.time_limit_ms,
                        {{}, header.user, header.group, header.root_only != 0}};
  while (!bytes.empty()) {
    const auto end = std::min(bytes.find('\0'), bytes.size());
    request.program.argv.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  if (request.verb == ScriptRequest::Verb::Run && request.program.argv.empty())
    return std::nullopt;
  return request;
}

} // namespace xvrrp::platform
