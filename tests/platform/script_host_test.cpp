// SPDX-License-Identifier: BSD-2-Clause
// What the daemon has of the process that runs scripts, when the kernel refuses what is said to it. This
// program is that process, too.
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <map>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/clock.hpp"
#include "platform/script_host.hpp"
#include "platform/script_process.hpp"

namespace xvrrp::platform {
namespace {

using namespace std::chrono_literals;

/// sendmsg() of the calling thread fails from now on.
void refuse_sendmsg(int error) {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sendmsg, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{static_cast<unsigned short>(std::size(program)), program};
  ASSERT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  ASSERT_EQ(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), 0);
}

Program shell(const std::string& command) {
  Program program;
  program.argv = {"/bin/sh", "-c", command};
  return program;
}

class Scripts : public ::testing::Test {
protected:
  void start(const std::optional<ScriptHost::Inheritance>& inherited = {}) {
    auto made = ScriptHost::start(
        {true, [this](const std::string&, const std::string& what) { said_ += what + "\n"; }, inherited});
    ASSERT_TRUE(made) << made.error().message;
    host_ = *std::move(made);
    results_.clear();
  }

  bool is_ready(Nanoseconds patience) const {
    pollfd poll{host_->fd(), POLLIN, 0};
    return ::poll(&poll, 1, static_cast<int>(to_ms(patience))) == 1;
  }
  void hear() {
    host_->hear([this](std::uint32_t check, bool success) { results_.emplace(check, success); });
  }
  template <typename Condition>
  [[nodiscard]] bool hear_until(Condition condition) {
    const auto end = monotonic_now() + 10s;
    while (!condition()) {
      if (monotonic_now() > end)
        return false;
      if (is_ready(100ms))
        hear();
    }
    return true;
  }
  bool has_said(const std::string& what) const { return said_.find(what) != std::string::npos; }

  /// In a thread whose requests are refused with this error.
  void meanwhile(int error, const std::function<void()>& what) {
    std::thread{[&] { // the filter lasts as long as its thread
      refuse_sendmsg(error);
      what();
    }}
        .join();
  }

  std::string said_;
  std::map<std::uint32_t, bool> results_;
  std::unique_ptr<ScriptHost> host_;
};

/// And is no reason to try without a pause.
TEST_F(Scripts, WhatTheKernelRefusesForAWhileIsSaidAgain) {
  start();
  for (const int error : {ENOBUFS, ENOSPC, ENOMEM, EAGAIN, EPERM}) {
    SCOPED_TRACE(std::strerror(error));
    std::uint32_t check = 0;
    meanwhile(error, [&] {
      check = host_->check({shell("exit 0"), 60s});
      for (int tries = 0; error != EAGAIN && tries < 3; ++tries) {
        const auto asked = monotonic_now();
        ASSERT_TRUE(is_ready(10s));
        EXPECT_GT(monotonic_now() - asked, 50ms);
        hear();
      }
    });
    EXPECT_EQ(results_.count(check), 0u);
    EXPECT_TRUE(hear_until([&] { return results_.count(check) > 0; }));
    EXPECT_TRUE(results_[check]);
    EXPECT_EQ(has_said(std::strerror(error)), error != EAGAIN) << said_;
  }
}

TEST_F(Scripts, WhatIsTooLongForTheKernelHasFailed) {
  start();
  std::uint32_t check = 0;
  meanwhile(EMSGSIZE, [&] {
    check = host_->check({shell("exit 0"), 60s});
    host_->run({"VI_1", 0, false, false, shell("exit 0")});
  });
  EXPECT_TRUE(hear_until([&] { return results_.count(check) > 0; }));
  EXPECT_FALSE(results_[check]);
  EXPECT_TRUE(has_said("/bin/sh: the command is too long")) << said_;
  host_->run({"VI_1", 0, false, false, shell("exit 7")});
  EXPECT_TRUE(hear_until([&] { return has_said("/bin/sh ended with exit code 7"); }))
      << "its queue goes on: " << said_;
}

TEST_F(Scripts, AProcessWithoutAnEarOrAMouthIsStartedAnew) {
  start();
  for (const int error : {EPIPE, ECONNRESET}) {
    std::uint32_t check = 0;
    meanwhile(error, [&] { check = host_->check({shell("exit 0"), 60s}); });
    EXPECT_TRUE(hear_until([&] { return results_.count(check) > 0; }));
    EXPECT_TRUE(results_[check]);
  }
  EXPECT_TRUE(has_said("was started anew")) << said_;
}

/// The process of a predecessor ends some time after it, and is a child of this one.
TEST_F(Scripts, APredecessorThatIsNotUnderstoodIsNoZombie) {
  constexpr std::uint32_t kAnotherProtocol = 4711;
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const pid_t predecessor = ::fork();
  ASSERT_GE(predecessor, 0);
  if (predecessor == 0) {
    char byte = 0;
    ::close(ends[1]);
    ::_exit(::read(ends[0], &byte, 1) == 0 ? 0 : 1);
  }
  ::close(ends[0]);
  const int memory = ::memfd_create("test", MFD_CLOEXEC);
  const std::array<std::uint32_t, 3> list{kAnotherProtocol, static_cast<std::uint32_t>(predecessor), 1};
  ASSERT_EQ(::write(memory, list.data(), sizeof list), static_cast<ssize_t>(sizeof list));
  start(ScriptHost::Inheritance{-1, memory});
  EXPECT_TRUE(has_said("not understood"));
  ::close(ends[1]);
  EXPECT_TRUE(hear_until([&] { return ::kill(predecessor, 0) != 0; })) << "a zombie";
  EXPECT_EQ(::waitpid(predecessor, nullptr, WNOHANG), -1);
  const auto check = host_->check({shell("exit 0"), 60s});
  EXPECT_TRUE(hear_until([&] { return results_.count(check) > 0; }));
}

/// A number that is somebody else's by now, or nonsense.
TEST_F(Scripts, APredecessorThatIsNoChildIsNotWaitedFor) {
  for (const std::uint32_t number : {1U, 0U, 0xffffffffU}) {
    const int memory = ::memfd_create("test", MFD_CLOEXEC);
    const std::array<std::uint32_t, 2> list{4711, number};
    ASSERT_EQ(::write(memory, list.data(), sizeof list), static_cast<ssize_t>(sizeof list));
    start(ScriptHost::Inheritance{-1, memory});
    const auto check = host_->check({shell("exit 0"), 60s});
    EXPECT_TRUE(hear_until([&] { return results_.count(check) > 0; }));
    EXPECT_FALSE(is_ready(50ms));
  }
}

} // namespace
} // namespace xvrrp::platform

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view{argv[1]} == xvrrp::platform::kScriptProcessOption)
    return xvrrp::platform::run_script_process();
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
