// SPDX-License-Identifier: BSD-2-Clause
#include "support/vectors.hpp"

#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>

#include <gtest/gtest.h>

namespace xvrrp::test {
namespace {

std::string trim(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::map<std::string, unsigned> parse_fields(const std::string& text) {
  std::map<std::string, unsigned> fields;
  std::istringstream words{text};
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    fields[word.substr(0, equals)] = static_cast<unsigned>(std::stoul(word.substr(equals + 1)));
  }
  return fields;
}

} // namespace

std::vector<Vector> load_vectors(const std::string& file) {
  std::ifstream input{std::string{XVRRP_SOURCE_DIR "/tests/wire/vectors/"} + file};
  EXPECT_TRUE(input.good()) << file;
  std::vector<Vector> vectors;
  for (std::string line; std::getline(input, line);) {
    if (line.empty() || line[0] == '#')
      continue;
    std::istringstream columns{line};
    std::string name, reason, fields, frame;
    std::getline(columns, name, '|');
    std::getline(columns, reason, '|');
    std::getline(columns, fields, '|');
    std::getline(columns, frame, '|');
    vectors.push_back({trim(name), trim(reason), parse_fields(fields), from_hex(trim(frame))});
  }
  EXPECT_FALSE(vectors.empty()) << file;
  return vectors;
}

Bytes from_hex(const std::string& hex) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

std::string to_hex(const Bytes& bytes) {
  constexpr auto kDigits = "0123456789abcdef";
  std::string hex;
  for (const auto byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

Parsed parse_on_host(const Bytes& frame) {
  const auto copy = std::make_unique<std::uint8_t[]>(frame.size());
  if (!frame.empty())
    std::memcpy(copy.get(), frame.data(), frame.size());
  Parsed parsed{};
  parsed.reason = xv_parse_advert({copy.get(), copy.get() + frame.size()}, &parsed.advert);
  return parsed;
}

} // namespace xvrrp::test
