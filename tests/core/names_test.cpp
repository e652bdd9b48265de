// SPDX-License-Identifier: BSD-2-Clause
// The names that people and JSON see: all there, all different.
#include <set>
#include <string>

#include "lab.hpp"

namespace xvrrp::core {
namespace {

TEST(Names, StatesAreKeepalivedsWords) {
  EXPECT_STREQ(name(State::Init), "INIT");
  EXPECT_STREQ(name(State::Backup), "BACKUP");
  EXPECT_STREQ(name(State::Master), "MASTER");
  EXPECT_STREQ(name(State::Fault), "FAULT");
}

TEST(Names, ReasonsAreDistinctAndDashed) {
  std::set<std::string> names, descriptions;
  for (int i = 0; i <= static_cast<int>(Reason::Resumed); ++i) {
    const auto reason = static_cast<Reason>(i);
    const std::string text = name(reason);
    EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string::npos) << text;
    EXPECT_TRUE(names.insert(text).second) << text;
    EXPECT_TRUE(descriptions.insert(describe(reason)).second) << text;
  }
}

} // namespace
} // namespace xvrrp::core
