// SPDX-License-Identifier: BSD-2-Clause
// Where things are pinned: nobody else may be there, the instance's lock lies there, and what the instance
// installs is noted there.
#include <array>
#include <csignal>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include <xvrrp/abi/names.h>

#include "bpf/sandbox.hpp"
#include "dataplane/instance_lock.hpp"
#include "dataplane/inventory.hpp"
#include "dataplane/pin_directory.hpp"

namespace xvrrp::dataplane {
namespace {

constexpr uid_t kNobody = 65534;
const std::string kVictim = "/sys/fs/bpf/victim";

UniqueFd make_map() {
  return UniqueFd{bpf_map_create(BPF_MAP_TYPE_ARRAY, "pin_test", 4, 4, 1, nullptr)};
}

class Pins : public ::testing::Test {
protected:
  void SetUp() override {
    if (const auto error = test::enter_sandbox(); !error.empty())
      GTEST_SKIP() << error;
    clear();
    ASSERT_TRUE(make_victim());
  }
  void TearDown() override { clear(); }
  static void clear() { (void)test::run_command("rm -rf " XV_PIN_ROOT " " + kVictim); }

  /// What must not be touched: a directory of bpffs with a pin in it.
  static bool make_victim() {
    const auto map = make_map();
    return ::mkdir(kVictim.c_str(), 0700) == 0 && bpf_obj_pin(map.get(), (kVictim + "/info").c_str()) == 0;
  }
  static bool victim_stands() { return ::access((kVictim + "/info").c_str(), F_OK) == 0; }
  static std::string refusal() {
    const auto root = PinDirectory::make_root();
    EXPECT_FALSE(root);
    return root ? "" : root.error().message;
  }
};

TEST_F(Pins, ALinkIsNoRoot) {
  ASSERT_EQ(::symlink(kVictim.c_str(), XV_PIN_ROOT), 0);
  ASSERT_EQ(::lchown(XV_PIN_ROOT, kNobody, kNobody), 0);
  EXPECT_NE(refusal().find("is a symbolic link (made by uid 65534)"), std::string::npos) << refusal();
  EXPECT_NE(refusal().find("chmod 0700 /sys/fs/bpf"), std::string::npos);
}

TEST_F(Pins, AnothersDirectoryIsNoRoot) {
  ASSERT_EQ(::mkdir(XV_PIN_ROOT, 0700), 0);
  ASSERT_EQ(::chown(XV_PIN_ROOT, kNobody, kNobody), 0);
  EXPECT_NE(refusal().find("belongs to uid 65534, not root"), std::string::npos) << refusal();
}

TEST_F(Pins, ADirectoryThatOthersMayWriteToIsNoRoot) {
  for (const mode_t mode : {0720U, 0702U, 01777U}) {
    ASSERT_EQ(::mkdir(XV_PIN_ROOT, 0700), 0);
    ASSERT_EQ(::chmod(XV_PIN_ROOT, mode), 0);
    EXPECT_NE(refusal().find("may be written to by others"), std::string::npos) << refusal();
    ASSERT_EQ(::rmdir(XV_PIN_ROOT), 0);
  }
}

TEST_F(Pins, AMountPointWhereOthersMayRenameIsRefused) {
  ASSERT_EQ(::chmod("/sys/fs/bpf", 0777), 0);
  EXPECT_NE(refusal().find("may be written to by others"), std::string::npos) << refusal();
  ASSERT_EQ(::chmod("/sys/fs/bpf", 01777), 0);
  EXPECT_TRUE(PinDirectory::make_root());
}

TEST_F(Pins, AnotherFileSystemIsRefused) {
  ASSERT_EQ(::mkdir(XV_PIN_ROOT, 0700), 0);
  ASSERT_EQ(::mount("tmpfs", XV_PIN_ROOT, "tmpfs", 0, "mode=0700"), 0);
  EXPECT_NE(refusal().find("mount -t bpf -o mode=0700 bpf /sys/fs/bpf"), std::string::npos) << refusal();
  ASSERT_EQ(::umount(XV_PIN_ROOT), 0);
}

TEST_F(Pins, LinksBelowTheRootAreNotFollowed) {
  const auto root = PinDirectory::make_root();
  ASSERT_TRUE(root) << root.error().message;
  ASSERT_EQ(::symlink(kVictim.c_str(), XV_PIN_ROOT "/default"), 0);
  EXPECT_FALSE(root->open("default"));
  EXPECT_FALSE(root->make("default"));
  EXPECT_FALSE(root->remove("default"));
  EXPECT_TRUE(victim_stands());
  const auto pins = root->make("other");
  ASSERT_TRUE(pins);
  ASSERT_EQ(::symlink((kVictim + "/info").c_str(), XV_PIN_ROOT "/other/info"), 0);
  EXPECT_FALSE(pins->get("info"));
  EXPECT_FALSE(pins->has("info"));
  EXPECT_FALSE(pins->pin(make_map().get(), "info"));
  ASSERT_TRUE(root->remove("other")) << "the link itself goes";
  EXPECT_TRUE(victim_stands());
}

TEST_F(Pins, WhatHappensToThePathLeadsNobodyElsewhere) {
  const auto root = PinDirectory::make_root();
  const auto pins = root->make("default");
  ASSERT_TRUE(pins);
  ASSERT_EQ(::rename(XV_PIN_ROOT "/default", XV_PIN_ROOT "/moved"), 0);
  ASSERT_EQ(::symlink(kVictim.c_str(), XV_PIN_ROOT "/default"), 0);
  EXPECT_FALSE(pins->is_at_its_path());
  EXPECT_TRUE(pins->pin(make_map().get(), "map"));
  EXPECT_TRUE(pins->get("map"));
  EXPECT_EQ(::access(XV_PIN_ROOT "/moved/map", F_OK), 0);
  EXPECT_TRUE(pins->unpin("map"));
  EXPECT_TRUE(pins->unpin("map")) << "none is no error";
  EXPECT_EQ(pins->get("map").error().kind, ErrorKind::NotRunning);
}

TEST_F(Pins, ADirectoryIsRemovedLevelByLevel) {
  const auto root = PinDirectory::make_root();
  const auto pins = root->make("default");
  const auto inner = pins->make("inner");
  ASSERT_TRUE(inner);
  ASSERT_TRUE(pins->pin(make_map().get(), "map"));
  ASSERT_TRUE(inner->pin(make_map().get(), "map"));
  ASSERT_EQ(::symlink(kVictim.c_str(), XV_PIN_ROOT "/default/inner/link"), 0);
  EXPECT_EQ(pins->names(), (std::vector<std::string>{"inner", "map"}));
  const auto status = root->remove("default");
  EXPECT_TRUE(status) << status.error().message;
  EXPECT_TRUE(root->names().empty());
  EXPECT_TRUE(victim_stands());
  EXPECT_TRUE(root->remove("default")) << "twice is no error";
}

TEST_F(Pins, ASecondProcessLearnsThePidOfTheFirst) {
  {
    const auto first = InstanceLock::acquire("de.fault");
    ASSERT_TRUE(first) << first.error().message;
    const auto second = InstanceLock::acquire("de.fault");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::Conflict);
    EXPECT_EQ(second.error().message,
              "instance \"de.fault\" is already run by xvrrpd (pid " + std::to_string(::getpid()) + ")");
    EXPECT_TRUE(InstanceLock::acquire("other"));
    struct stat lock {};
    ASSERT_EQ(::stat(XV_PIN_ROOT "/de:fault+lock", &lock), 0);
    EXPECT_EQ(lock.st_mode & 07777U, 0700U) << "nobody else may open it, for a lock of any kind would do";
  }
  EXPECT_TRUE(PinDirectory::root()->names().empty());
}

TEST_F(Pins, AKilledProcessesLockIsNoObstacle) {
  const pid_t daemon = ::fork();
  if (daemon == 0) {
    const auto lock = InstanceLock::acquire("default");
    for (;;)
      ::pause();
  }
  const auto is_held = [] { return !InstanceLock::acquire("default"); };
  while (!is_held())
    ::usleep(1000);
  ::kill(daemon, SIGKILL);
  ::waitpid(daemon, nullptr, 0);
  const auto lock = InstanceLock::acquire("default");
  EXPECT_TRUE(lock) << lock.error().message;
}

TEST_F(Pins, AHeldLockWithoutALivingOwnerNamesNone) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const pid_t dead = ::fork();
  if (dead == 0) {
    const auto lock = InstanceLock::acquire("default");
    pid_t heir = ::fork();
    while (heir == 0)
      ::pause(); // holds what it inherited
    (void)!::write(pipe[1], &heir, sizeof heir);
    ::_exit(0);
  }
  pid_t heir = 0;
  ASSERT_EQ(::read(pipe[0], &heir, sizeof heir), static_cast<ssize_t>(sizeof heir));
  ::waitpid(dead, nullptr, 0);
  const auto lock = InstanceLock::acquire("default");
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().message,
            "instance \"default\" is already run by xvrrpd (a process that cannot be seen from here)");
  ::kill(heir, SIGKILL);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST_F(Pins, ALockIsInheritedByItsDescriptorOnly) {
  const auto first = InstanceLock::acquire("default");
  ASSERT_TRUE(first);
  const int passed = ::dup(first->pass_on());
  {
    const auto successor = InstanceLock::inherit("default", passed);
    ASSERT_TRUE(successor) << successor.error().message;
    EXPECT_NE(::fcntl(passed, F_GETFD) & FD_CLOEXEC, 0);
  }
  const auto held = InstanceLock::acquire("other");
  EXPECT_FALSE(InstanceLock::inherit("other", ::open("/dev/null", O_RDONLY | O_CLOEXEC)))
      << "another file is no lock, and the lock is held";
}

TEST_F(Pins, AnInventoryIsReadAsItWasWritten) {
  const auto root = PinDirectory::make_root();
  const auto pins = root->make("default");
  ASSERT_TRUE(pins);
  auto empty = read_inventory(*pins);
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->messages.empty());
  for (const std::size_t size : {0UL, 1UL, 32768UL, 32769UL, 3000000UL}) {
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i)
      bytes[i] = static_cast<std::byte>(i * 7);
    const auto written = write_inventory(*pins, {42, bytes});
    ASSERT_TRUE(written) << written.error().message;
    const auto read = inventory_of("default");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->network, 42U);
    EXPECT_EQ(read->messages, bytes);
  }
  EXPECT_EQ(inventory_of_others("other", 42).size(), 3000000U);
  EXPECT_TRUE(inventory_of_others("default", 42).empty());
  EXPECT_TRUE(inventory_of_others("other", 43).empty()) << "of another network namespace";
}

} // namespace
} // namespace xvrrp::dataplane
