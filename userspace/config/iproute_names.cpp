// SPDX-License-Identifier: BSD-2-Clause
#include "config/iproute_names.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <linux/rtnetlink.h>
#include <netdb.h>

#include "config/values.hpp"

namespace xvrrp::config {

namespace {

struct NamedNumbers {
  std::string_view what; ///< for messages
  std::string_view file; ///< of iproute2
  Range allowed;
};
constexpr NamedNumbers kTables{"routing table", "rt_tables", {1, UINT32_MAX}};
constexpr NamedNumbers kScopes{"scope", "rt_scopes", {0, 255}};
constexpr NamedNumbers kProtocols{"protocol", "rt_protos", {0, 255}};
constexpr NamedNumbers kTypesOfService{"tos", "rt_dsfield", {0, 255}};
constexpr NamedNumbers kGroups{"group", "group", {0, INT32_MAX}};
constexpr NamedNumbers kRealms{"realm", "rt_realms", {0, 255}};

/// Known where iproute2 is not installed, too.
struct Builtin {
  std::string_view file;
  std::string_view name;
  std::uint32_t number;
};
constexpr Builtin kBuiltins[] = {
    {"rt_tables", "default", RT_TABLE_DEFAULT},
    {"rt_tables", "main", RT_TABLE_MAIN},
    {"rt_tables", "local", RT_TABLE_LOCAL},
    {"rt_scopes", "global", RT_SCOPE_UNIVERSE},
    {"rt_scopes", "site", RT_SCOPE_SITE},
    {"rt_scopes", "link", RT_SCOPE_LINK},
    {"rt_scopes", "host", RT_SCOPE_HOST},
    {"rt_scopes", "nowhere", RT_SCOPE_NOWHERE},
    {"rt_protos", "kernel", RTPROT_KERNEL},
    {"rt_protos", "boot", RTPROT_BOOT},
    {"rt_protos", "static", RTPROT_STATIC},
    {"rt_protos", "keepalived", RTPROT_KEEPALIVED},
    {"group", "default", 0},
};

/// The files that name such numbers; what the operator says comes before what the package brought.
std::vector<std::filesystem::path> files_of(std::string_view file) {
  std::vector<std::filesystem::path> files;
  for (const std::string_view directory : {"/etc/iproute2", "/usr/share/iproute2", "/usr/lib/iproute2"}) {
    const auto path = std::filesystem::path{directory} / file;
    files.push_back(path);
    std::error_code none;
    std::filesystem::directory_iterator more{path.string() + ".d", none};
    std::vector<std::filesystem::path> found;
    for (; !none && more != std::filesystem::directory_iterator{}; more.increment(none)) {
      if (more->path().extension() == ".conf")
        found.push_back(more->path());
    }
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

/// Lines of such a file are "NUMBER NAME", the number decimal or hexadecimal.
std::optional<std::uint32_t> find_in(const std::filesystem::path& path, std::string_view name) {
  std::ifstream file{path};
  for (std::string line; std::getline(file, line);) {
    std::istringstream words{line.substr(0, line.find('#'))};
    std::int64_t number = 0;
    std::string known;
    words.unsetf(std::ios::basefield); // 0x is hexadecimal
    words >> number >> known;
    if (words && known == name && number >= 0 && number <= UINT32_MAX)
      return static_cast<std::uint32_t>(number);
  }
  return std::nullopt;
}

std::optional<std::uint32_t> find(const NamedNumbers& numbers, std::string_view name) {
  for (const auto& path : files_of(numbers.file)) {
    if (const auto found = find_in(path, name))
      return found;
  }
  for (const auto& builtin : kBuiltins) {
    if (builtin.file == numbers.file && builtin.name == name)
      return builtin.number;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> read(Diagnostics& diagnostics, const NamedNumbers& numbers, const Token& token) {
  if (is_number(token.text))
    return read_number(diagnostics, numbers.what, token, numbers.allowed);
  const auto found = find(numbers, token.text);
  if (found && *found >= numbers.allowed.min && *found <= numbers.allowed.max)
    return found;
  diagnostics.error(token.where, "unknown " + std::string{numbers.what} + " " + config::quoted(token.text) +
                                     ": allowed are " + std::to_string(numbers.allowed.min) + " to " +
                                     std::to_string(numbers.allowed.max) +
                                     " and the names in /etc/iproute2/" + std::string{numbers.file});
  return std::nullopt;
}

std::optional<std::uint8_t> read_byte(Diagnostics& diagnostics, const NamedNumbers& numbers,
                                      const Token& token) {
  const auto value = read(diagnostics, numbers, token);
  return value ? std::optional{static_cast<std::uint8_t>(*value)} : std::nullopt;
}

} // namespace

std::optional<std::uint32_t> read_table(Diagnostics& diagnostics, const Token& token) {
  return read(diagnostics, kTables, token);
}

std::optional<std::uint8_t> read_scope(Diagnostics& diagnostics, const Token& token) {
  return read_byte(diagnostics, kScopes, token);
}

std::optional<std::uint8_t> read_route_protocol(Diagnostics& diagnostics, const Token& token) {
  return read_byte(diagnostics, kProtocols, token);
}

std::optional<std::uint8_t> read_tos(Diagnostics& diagnostics, const Token& token) {
  return read_byte(diagnostics, kTypesOfService, token);
}

std::optional<std::uint32_t> read_device_group(Diagnostics& diagnostics, const Token& token) {
  return read(diagnostics, kGroups, token);
}

std::optional<std::uint32_t> read_realms(Diagnostics& diagnostics, const Token& token) {
  const auto slash = token.text.find('/');
  Token part = token;
  std::uint32_t from = 0;
  if (slash != std::string::npos) {
    part.text = token.text.substr(0, slash);
    const auto value = read(diagnostics, kRealms, part);
    if (!value)
      return std::nullopt;
    from = *value;
    part.text = token.text.substr(slash + 1);
    part.where.column += static_cast<unsigned>(slash) + 1;
  }
  const auto to = read(diagnostics, kRealms, part);
  return to ? std::optional{from << 16 | *to} : std::nullopt;
}

std::optional<std::uint8_t> read_ip_protocol(Diagnostics& diagnostics, const Token& token) {
  if (is_number(token.text)) {
    const auto value = read_number(diagnostics, "IP protocol", token, {1, 255});
    return value ? std::optional{static_cast<std::uint8_t>(*value)} : std::nullopt;
  }
  constexpr std::pair<std::string_view, std::uint8_t> kKnown[] = {
      {"icmp", 1}, {"tcp", 6}, {"udp", 17}, {"ipv6-icmp", 58}, {"sctp", 132}};
  for (const auto& [name, number] : kKnown) {
    if (name == token.text)
      return number;
  }
  protoent entry{};
  protoent* found = nullptr;
  std::array<char, 4096> room{};
  if (::getprotobyname_r(token.text.c_str(), &entry, room.data(), room.size(), &found) == 0 &&
      found != nullptr && found->p_proto > 0 && found->p_proto <= 255)
    return static_cast<std::uint8_t>(found->p_proto);
  diagnostics.error(token.where, "unknown IP protocol " + config::quoted(token.text) +
                                     ": allowed are 1 to 255 and the names in /etc/protocols");
  return std::nullopt;
}

} // namespace xvrrp::config
