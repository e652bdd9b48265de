// SPDX-License-Identifier: BSD-2-Clause
// Files that others change, and processes that end, while they are looked at.
#include <string>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/control_socket.hpp"
#include "platform/file_watch.hpp"
#include "platform/nat.hpp"
#include "platform/processes.hpp"
#include "platform/whole_file.hpp"

namespace xvrrp::platform {
namespace {

class Files : public ::testing::Test {
protected:
  void SetUp() override { ASSERT_NE(::mkdtemp(directory_.data()), nullptr); }
  void TearDown() override {
    for (const auto* file : {"fifo", "number"})
      ::unlink(at(file).c_str());
    ::rmdir(directory_.c_str());
  }
  std::string at(const std::string& name) const { return directory_ + "/" + name; }

  std::string directory_ = ::testing::TempDir() + "xvrrp_files_XXXXXX";
};

TEST_F(Files, OnlyRegularOnesAreRead) {
  ASSERT_EQ(::mkfifo(at("fifo").c_str(), 0600), 0);
  for (const auto& path : {at("fifo"), at("missing"), directory_, std::string{"/dev/zero"}}) {
    EXPECT_FALSE(read_whole_file(path, 100)) << path;
    EXPECT_EQ(read_number(path), 0) << path;
  }
}

TEST_F(Files, AreReadUpToABound) {
  ASSERT_TRUE(write_whole_file(at("number"), "12 monkeys", 0600));
  EXPECT_EQ(read_whole_file(at("number"), 100), "12 monkeys");
  EXPECT_EQ(read_whole_file(at("number"), 4), "12 m");
  EXPECT_EQ(read_number(at("number")), 12);
}

// It can be opened, and there is nothing at the address 0 to be read.
TEST_F(Files, WhoseReadingFailsIsAbsent) {
  EXPECT_FALSE(read_whole_file("/proc/self/mem", 100));
}

// Between the opening of /proc/PID/comm and its reading, too: a read of that fails.
TEST(Processes, MayEndWhileTheyAreLookedAt) {
  const pid_t parent = ::fork();
  if (parent == 0) {
    for (;;) {
      if (const pid_t child = ::fork(); child == 0)
        ::_exit(0);
      else
        ::waitpid(child, nullptr, 0);
    }
  }
  ASSERT_GT(parent, 0);
  int seen = 0;
  for (int round = 0; round < 200; ++round)
    for_each_process([&](const Process& process) { seen += process.pid == ::getpid() ? 1 : 0; });
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  EXPECT_EQ(seen, 200);
}

TEST_F(Files, OfOthersInTheDirectoryAreNotHeeded) {
  auto watch = FileWatch::create();
  ASSERT_TRUE(watch);
  ASSERT_TRUE(watch->watch({at("number")}));
  EXPECT_FALSE(watch->drain());
  ASSERT_EQ(::mkfifo(at("fifo").c_str(), 0600), 0);
  EXPECT_FALSE(watch->drain());
  ASSERT_TRUE(write_number(at("number"), 7, false));
  EXPECT_TRUE(watch->drain());
  EXPECT_FALSE(watch->drain());
  ::unlink(at("fifo").c_str());
  EXPECT_FALSE(watch->drain());
  ::unlink(at("number").c_str());
  EXPECT_TRUE(watch->drain());
  ::rmdir(directory_.c_str());
  EXPECT_TRUE(watch->drain()) << "nothing is heard of it any more";
}

/// No descriptor can be opened while it lives.
class NoDescriptors {
public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
  rlimit before_{};
};

TEST(Descriptors, ThatAreUsedUpEndNoProcess) {
  const NoDescriptors none;
  const auto table = NatTable::stage("descriptors", {});
  ASSERT_FALSE(table);
  EXPECT_NE(table.error().message.find("Too many open files"), std::string::npos) << table.error().message;
}

TEST_F(Files, ASocketTurnsAwayForWhomThereIsNoDescriptor) {
  using Kind = Visitor::Kind;
  auto listener = ControlListener::open(at("fifo"));
  ASSERT_TRUE(listener);
  const auto first = connect_control(at("fifo"));
  const auto second = connect_control(at("fifo"));
  ASSERT_TRUE(first && second);
  {
    const NoDescriptors none;
    EXPECT_EQ(listener->accept().kind, Kind::Locked)
        << "a bound below what is open leaves not even the spare one";
  }
  EXPECT_EQ(listener->accept().kind, Kind::Client);
  EXPECT_EQ(listener->accept().kind, Kind::Client);
  EXPECT_EQ(listener->accept().kind, Kind::Nobody);
}

} // namespace
} // namespace xvrrp::platform
