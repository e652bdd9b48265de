// SPDX-License-Identifier: BSD-2-Clause
// Capabilities, real-time priority, the instance lock.
#include <csignal>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/addresses.hpp"
#include "platform/capabilities.hpp"
#include "platform/interfaces.hpp"
#include "platform/nat.hpp"
#include "platform/packet_socket.hpp"
#include "platform/realtime.hpp"
#include "platform/runtime_files.hpp"
#include "platform/whole_file.hpp"
#include "testbed.hpp"

namespace xvrrp::platform {
namespace {

TEST(Capabilities, NamesWhatTheThreadLacks) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "needs root";
  std::thread{[] { // capabilities belong to the thread
    EXPECT_TRUE(missing_capabilities(kRequiredCapabilities).empty());
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> data{};
    data[0].effective = data[0].permitted = 1U << CAP_NET_RAW;
    ASSERT_EQ(::syscall(SYS_capset, &header, data.data()), 0);
    EXPECT_EQ(missing_capabilities(kRequiredCapabilities),
              (std::vector<std::string>{"CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN"}));
    EXPECT_EQ(missing_capabilities(kWantedCapabilities),
              (std::vector<std::string>{"CAP_SYS_NICE", "CAP_IPC_LOCK"}));
    const auto denied = set_fifo_priority(50);
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().kind, ErrorKind::Permission);
  }}
      .join();
}

class Privilege : public testing::NamespaceTest {};

TEST_F(Privilege, ItsLackIsNamed) {
  std::thread{[] {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> none{};
    ASSERT_EQ(::syscall(SYS_capset, &header, none.data()), 0);
    const auto table =
        NatTable::stage("default", {{"VI_1", "lan", {{NatRule::Kind::Masquerade, "wan", {}, {}}}}});
    ASSERT_FALSE(table);
    EXPECT_EQ(table.error().kind, ErrorKind::Permission) << table.error().message;
    EXPECT_NE(table.error().message.find("CAP_NET_ADMIN"), std::string::npos) << table.error().message;
    const auto packets = PacketSocket::open();
    ASSERT_FALSE(packets);
    EXPECT_EQ(packets.error().kind, ErrorKind::Permission) << packets.error().message;

    const AddressSpec spec{1, testing::prefix("192.168.1.13/24"), "", {}, 0};
    const auto batch = AddressBatch::build(std::span{&spec, 1});
    auto routes = RouteSocket::open();
    ASSERT_TRUE(batch && routes);
    EXPECT_EQ(routes->send(batch->installs()), 0);
    int code = 0;
    routes->drain_errors([&](const Refusal& error) { code = error.code; });
    EXPECT_EQ(code, EPERM);
    EXPECT_TRUE(interfaces()) << "reading is free";
  }}.join();
}

TEST(Realtime, ChangesTheCallingThreadAndNotItsChildren) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "needs root";
  const int before = ::sched_getscheduler(0);
  std::thread{[] {
    const auto status = set_fifo_priority(50);
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(::sched_getscheduler(0), SCHED_FIFO | SCHED_RESET_ON_FORK);
    std::thread{[] { EXPECT_EQ(::sched_getscheduler(0), SCHED_OTHER); }}.join();
  }}.join();
  EXPECT_EQ(::sched_getscheduler(0), before);
  EXPECT_FALSE(set_fifo_priority(100)) << "99 is the highest";
}

TEST(Realtime, LocksMemory) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "needs root";
  const auto status = lock_memory();
  EXPECT_TRUE(status) << status.error().message;
  ::munlockall();
}

TEST(InstanceName, IsSafeInAPath) {
  for (const char* good : {"default", "A-1_b.c", "0", "abcdefghijklmnopqrstuvwxyz012345"})
    EXPECT_TRUE(is_valid_instance_name(good)) << good;
  for (const char* bad :
       {"", ".", "..", "-n", ".hidden", "a/b", "a b", "a\n", "\xc3\xa4", "abcdefghijklmnopqrstuvwxyz0123456"})
    EXPECT_FALSE(is_valid_instance_name(bad)) << bad;
  EXPECT_EQ(runtime_path("default", ".sock"), "/run/xvrrp/default.sock");
}

/// Runs the test in a child whose /run is its own, since the directory's place is fixed.
template <typename Test>
void with_private_run(Test test) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "a private /run needs root";
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const bool ready = ::unshare(CLONE_NEWNS) == 0 &&
                       ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                       ::mount("tmpfs", "/run", "tmpfs", 0, nullptr) == 0;
    EXPECT_TRUE(ready);
    if (ready)
      test();
    std::fflush(nullptr);
    ::_exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(PidFile, IsReadableByAllAndComesBack) {
  with_private_run([] {
    const std::string path = runtime_path("default", ".pid");
    {
      const auto file = PidFile::create("default");
      ASSERT_TRUE(file) << file.error().message;
      struct stat found {};
      ASSERT_EQ(::stat(path.c_str(), &found), 0);
      EXPECT_EQ(found.st_mode & 07777U, 0644U);
      ASSERT_EQ(::stat(kRuntimeDirectory, &found), 0);
      EXPECT_EQ(found.st_mode & 07777U, 0755U);
      ::unlink(path.c_str());
      ::rmdir(kRuntimeDirectory);
      EXPECT_TRUE(file->keep());
      EXPECT_EQ(::access(path.c_str(), F_OK), 0);
    }
    EXPECT_NE(::access(path.c_str(), F_OK), 0);
    const auto mine = PidFile::create("default");
    ASSERT_TRUE(mine);
    ASSERT_TRUE(write_whole_file(path, "1\n", 0644));
    EXPECT_TRUE(mine->keep());
  });
}

TEST(InstanceName, IsSaidWhenItIsNotValid) {
  EXPECT_TRUE(require_instance_name("default"));
  EXPECT_EQ(require_instance_name("../x").error().kind, ErrorKind::Usage);
}

} // namespace
} // namespace xvrrp::platform
