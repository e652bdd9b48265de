// SPDX-License-Identifier: BSD-2-Clause
// Commands of scripts, and who runs them.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xvrrp/base/root_only_path.hpp>

#include "config/script.hpp"
#include "config_testing.hpp"

namespace xvrrp::config {
namespace {

using namespace testing;
using Words = std::vector<std::string>;

TEST(Commands, AreSplitAtBlanks) {
  EXPECT_EQ(split_command(" /bin/x  a\tb "), (Words{"/bin/x", "a", "b"}));
  EXPECT_EQ(split_command(""), std::nullopt);
  EXPECT_EQ(split_command("  "), std::nullopt);
  EXPECT_EQ(split_command("'' a"), std::nullopt);
}

TEST(Commands, QuotesHoldWordsTogether) {
  EXPECT_EQ(split_command(R"(/bin/x "a b" 'c "d' e"f g"h '')"),
            (Words{"/bin/x", "a b", "c \"d", "ef gh", ""}));
  EXPECT_EQ(split_command("/bin/x 'a"), std::nullopt);
}

TEST(Commands, HaveTheEscapesOfC) {
  EXPECT_EQ(split_command(R"(/bin/x a\ b \n\t \x41\x4g \101\60 \cA \\ '\n')"),
            (Words{"/bin/x", "a b", "\n\t", "A\4g", "A0", "\1", "\\", "\\n"}));
  EXPECT_EQ(split_command("/bin/x a\\"), (Words{"/bin/x", "a\\"}));
}

TEST(Scripts, MayBeAnyonesAndHaveAUser) {
  const auto instance = only_instance(instance_with("notify_master \"/bin/echo 'a b'\" root root\n"
                                                    "notify_backup '/bin/echo c'\nnotify /bin/echo\n"
                                                    "notify_master_rx_lower_pri '/bin/echo lower'"));
  const ScriptUser root{0, 0};
  EXPECT_EQ(instance.notify.master->argv, (Words{"/bin/echo", "a b"}));
  EXPECT_EQ(instance.notify.master->user, root);
  EXPECT_EQ(instance.notify.backup->argv, (Words{"/bin/echo", "c"}));
  EXPECT_EQ(instance.notify.backup->user, default_script_user());
  EXPECT_EQ(instance.notify.any->argv, (Words{"/bin/echo"}));
  EXPECT_EQ(instance.notify.losing_advert->argv, (Words{"/bin/echo", "lower"}));
  EXPECT_FALSE(instance.notify.fault || instance.notify.stop || instance.notify.deleted);
}

TEST(Scripts, ReadAPipe) {
  const Outcome outcome = parse("global_defs {\n script_user root\n notify_fifo_script \"/bin/echo 'a b'\"\n"
                                " notify_fifo /run/a\n vrrp_notify_fifo /run/b nobody daemon\n}\n" +
                                    instance_with(""),
                                "f");
  EXPECT_EQ(texts(outcome), std::vector<std::string>{});
  const auto& fifos = outcome.configuration.notify_fifos;
  ASSERT_EQ(fifos.size(), 2U);
  EXPECT_EQ(fifos[0].path, "/run/a");
  EXPECT_EQ(fifos[0].reader->argv, (Words{"/bin/echo", "a b"}));
  EXPECT_EQ(fifos[0].reader->user, (ScriptUser{0, 0}));
  EXPECT_EQ(fifos[0].owner, (ScriptUser{0, 0}));
  EXPECT_EQ(fifos[1].path, "/run/b");
  EXPECT_EQ(fifos[1].owner, (ScriptUser{65534, 1}));
  EXPECT_FALSE(fifos[1].reader);
}

TEST(Scripts, AreNotRunAsRootWhereOthersMayWrite) {
  const auto path = std::filesystem::temp_directory_path() / "xvrrp-script-test";
  std::ofstream{path} << "#!/bin/sh\n";
  ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
  const Script script{{path.string()}, {}, {}, {}};
  EXPECT_EQ(why_not_run(script, {0, 0}), std::nullopt);
  EXPECT_NE(why_not_secure(script, {0, 0}), std::nullopt) << "anybody may write to /tmp";
  EXPECT_EQ(why_not_secure(script, {65534, 65534}), std::nullopt) << "not root";
  EXPECT_EQ(why_not_secure({{"/bin/sh"}, {}, {}, {}}, {0, 0}), std::nullopt);
  ASSERT_EQ(::chmod(path.c_str(), 0700), 0);
  EXPECT_NE(why_not_run(script, {65534, 65534}), std::nullopt) << "not executable by that user";
  std::filesystem::remove(path);
}

TEST(Scripts, AreNotRunAsRootThroughALinkOfOthers) {
  char name[] = "/run/xvrrp-script-test-XXXXXX";
  if (::geteuid() != 0 || ::mkdtemp(name) == nullptr)
    GTEST_SKIP() << "needs root";
  const std::filesystem::path directory{name};
  const auto others = directory / "others";
  std::filesystem::create_directory(others);
  ASSERT_EQ(::chown(others.c_str(), 65534, 65534), 0);
  std::filesystem::create_symlink("/bin/sh", others / "link");
  std::filesystem::create_symlink("others/link", directory / "way");
  std::filesystem::create_symlink("loop", directory / "loop");
  std::filesystem::create_symlink("../../bin/sh", directory / "good");
  const auto why_not = [&](const char* file) {
    return why_not_secure({{(directory / file).string()}, {}, {}, {}}, {0, 0}).value_or("secure");
  };
  EXPECT_EQ(why_not("others/link"), "not only root may write to " + others.string());
  EXPECT_EQ(why_not("way"), "not only root may write to " + others.string()) << "a link through it";
  EXPECT_EQ(why_not("others/../good"), "not only root may write to " + others.string());
  EXPECT_EQ(why_not("good"), "secure");
  EXPECT_NE(why_not("loop"), "secure");
  EXPECT_NE(why_not("missing"), "secure");
  EXPECT_EQ(*root_only_path((directory / "good").string()), std::filesystem::canonical("/bin/sh").string());
  std::filesystem::remove_all(directory);
}

} // namespace
} // namespace xvrrp::config
