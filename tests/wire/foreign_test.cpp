// SPDX-License-Identifier: BSD-2-Clause
// Bytes of other implementations. They belong to those projects and are not in this repository: where the
// folder
// ../shared/vectors exists they are read from there, elsewhere the test is skipped with that reason.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "support/vectors.hpp"

namespace xvrrp::test {
namespace {

namespace fs = std::filesystem;
const fs::path kFolder{XVRRP_SOURCE_DIR "/../shared/vectors"};

struct Foreign {
  std::string name, kind, hex, expected;
};

std::vector<Foreign> load() {
  std::vector<Foreign> all;
  for (const auto& entry : fs::directory_iterator{kFolder}) {
    std::ifstream file{entry.path()};
    for (std::string line; std::getline(file, line);) {
      if (line.empty() || line[0] == '#')
        continue;
      std::istringstream columns{line};
      Foreign foreign;
      for (auto* column : {&foreign.name, &foreign.kind, &foreign.hex, &foreign.expected}) {
        std::getline(columns, *column, '|');
        const auto first = column->find_first_not_of(' ');
        *column = first == std::string::npos
                      ? ""
                      : column->substr(first, column->find_last_not_of(' ') - first + 1);
      }
      all.push_back(foreign);
    }
  }
  return all;
}

Bytes ethernet(std::uint16_t ethertype) {
  Bytes frame(14);
  frame[12] = static_cast<std::uint8_t>(ethertype >> 8);
  frame[13] = static_cast<std::uint8_t>(ethertype);
  return frame;
}

TEST(Foreign, WholeFramesGetTheVerdictTheirAuthorsExpect) {
  if (!fs::exists(kFolder))
    GTEST_SKIP() << "foreign vectors are not on this machine (" << kFolder << ")";
  int frames = 0;
  for (const auto& foreign : load()) {
    SCOPED_TRACE(foreign.name);
    Bytes frame;
    if (foreign.kind == "frame") {
      frame = from_hex(foreign.hex);
    } else if (foreign.kind == "ip") {
      frame = ethernet(foreign.hex[0] == '6' ? XV_ETHERTYPE_IPV6 : XV_ETHERTYPE_IPV4);
      const auto packet = from_hex(foreign.hex);
      frame.insert(frame.end(), packet.begin(), packet.end());
    } else {
      continue;
    }
    ++frames;
    const bool accepted = parse_on_host(frame).reason == XV_observed;
    const bool must_be_dropped =
        foreign.expected.rfind("drop", 0) == 0 || foreign.name.rfind("scapy-v", 0) == 0;
    EXPECT_EQ(accepted, !must_be_dropped);
  }
  EXPECT_GE(frames, 8);
}

} // namespace
} // namespace xvrrp::test
