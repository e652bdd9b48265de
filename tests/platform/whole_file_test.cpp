// SPDX-License-Identifier: BSD-2-Clause
#include "platform/whole_file.hpp"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace xvrrp::platform {
namespace {

class OwnFile : public testing::Test {
protected:
  OwnFile() {
    std::string name = testing::TempDir() + "own.XXXXXX";
    directory_ = ::mkdtemp(name.data());
    path_ = directory_ / "file";
    EXPECT_TRUE(write_whole_file(path_, "text", 0600));
  }
  ~OwnFile() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path directory_;
  std::filesystem::path path_;
};

TEST_F(OwnFile, IsReadAsItWasWritten) {
  const auto text = read_own_file(path_, 4);
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "text");
  const auto none = read_own_file(path_.string() + "2", 4);
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
}

TEST_F(OwnFile, ThatIsTooLongIsRefused) {
  EXPECT_FALSE(read_own_file(path_, 3));
}

TEST_F(OwnFile, ThatOthersMayWriteIsRefused) {
  for (const auto mode : {0602, 0620}) {
    ASSERT_EQ(::chmod(path_.c_str(), static_cast<mode_t>(mode)), 0);
    EXPECT_FALSE(read_own_file(path_, 4)) << mode;
  }
  ASSERT_EQ(::chmod(path_.c_str(), 0644), 0);
  EXPECT_TRUE(read_own_file(path_, 4));
}

TEST_F(OwnFile, OfAnotherUserIsRefused) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "only root gives files away";
  ASSERT_EQ(::chown(path_.c_str(), 65534, 65534), 0);
  EXPECT_FALSE(read_own_file(path_, 4));
}

TEST_F(OwnFile, IsNeitherALinkNorAPipeNorADirectory) {
  const auto link = directory_ / "link";
  std::filesystem::create_symlink(path_, link);
  EXPECT_FALSE(read_own_file(link, 4));
  const auto pipe = directory_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_FALSE(read_own_file(pipe, 4));
  EXPECT_FALSE(read_own_file(directory_, 4));
}

} // namespace
} // namespace xvrrp::platform
