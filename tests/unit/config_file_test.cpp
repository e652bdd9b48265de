// SPDX-License-Identifier: BSD-2-Clause
// Files that can be read, and things that are none.
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config_testing.hpp"

namespace xvrrp::config {
namespace {

using namespace testing;

class ConfigFile : public ::testing::Test {
protected:
  void write(std::string_view text) {
    std::FILE* const file = std::fopen(path_.c_str(), "wb");
    ASSERT_NE(file, nullptr);
    ASSERT_EQ(std::fwrite(text.data(), 1, text.size(), file), text.size());
    ASSERT_EQ(std::fclose(file), 0);
  }
  void TearDown() override { std::remove(path_.c_str()); }

  /// Tests of one program run as processes of their own, at the same time.
  const std::string path_ = ::testing::TempDir() + "xvrrp_config_test_" +
                            ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".conf";
};

TEST_F(ConfigFile, IsReadAsItStands) {
  write(kDent2);
  const Outcome outcome = load_file(path_);
  EXPECT_TRUE(outcome.ok());
  ASSERT_EQ(outcome.configuration.instances.size(), 1U);
  EXPECT_EQ(outcome.configuration.instances.front().where.file, path_);
}

TEST_F(ConfigFile, MayBeMissing) {
  const Outcome outcome = load_file(path_);
  EXPECT_FALSE(outcome.ok());
  EXPECT_EQ(texts(outcome), std::vector<std::string>{path_ + ": cannot read: No such file or directory"});
}

TEST_F(ConfigFile, MayBeADirectory) {
  EXPECT_EQ(texts(load_file("/")), std::vector<std::string>{"/: cannot read: Is a directory"});
}

TEST_F(ConfigFile, MayBeADevice) {
  EXPECT_EQ(texts(load_file("/dev/zero")),
            std::vector<std::string>{"/dev/zero: cannot read: it is no regular file"});
}

TEST_F(ConfigFile, MayBeAFifo) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(texts(load_file(path_)),
            std::vector<std::string>{path_ + ": cannot read: it is no regular file"});
}

TEST_F(ConfigFile, MayBeEndless) {
  write("");
  ASSERT_EQ(::truncate(path_.c_str(), off_t{1} << 40), 0);
  EXPECT_EQ(texts(load_file(path_)), std::vector<std::string>{path_ + ": cannot read: larger than 16 MiB"});
}

} // namespace
} // namespace xvrrp::config
