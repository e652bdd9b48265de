// SPDX-License-Identifier: BSD-2-Clause
// What stands between a file and its statements: includes, conditions, definitions, repetitions.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config_testing.hpp"

namespace xvrrp::config {
namespace {

using namespace testing;

/// The addresses of the one instance of which `lines` are the virtual_ipaddress block; what is above it is
/// `head`.
std::vector<std::string> addresses(const std::string& lines, const std::string& head = "") {
  const auto outcome =
      parse(head + "vrrp_instance A {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {\n" +
                lines + "\n}\n}\n",
            "f", "me");
  EXPECT_EQ(texts(outcome), std::vector<std::string>{});
  if (outcome.configuration.instances.size() != 1)
    return {};
  return addresses_of(outcome.configuration.instances.front());
}
using Texts = std::vector<std::string>;

TEST(Conditions, ALineIsForOneRouterOrForAllOthers) {
  EXPECT_EQ(addresses("@me 10.0.0.1/24\n@you 10.0.0.2/24\n@^me 10.0.0.3/24\n@^you 10.0.0.4/24"),
            (Texts{"10.0.0.1/24", "10.0.0.4/24"}));
}

TEST(Conditions, StandBeforeWhateverALineHolds) {
  EXPECT_EQ(
      addresses("${A}",
                "@you vrrp_instance B {\n@you nonsense\n@you }\n@me $A=10.0.0.1/24\n@you $A=10.0.0.2/24\n"),
      (Texts{"10.0.0.1/24"}));
  EXPECT_EQ(addresses("${A}", "$A=10.0.0.1/24\n@you $A=\\\n 10.0.0.2/24 \\\n 10.0.0.3/24\n"),
            (Texts{"10.0.0.1/24"}));
  EXPECT_EQ(addresses("@me ~SEQ(i, 2) 10.0.0.$i\n@you ~SEQ(i, 3, 4) 10.0.0.$i"),
            (Texts{"10.0.0.1/32", "10.0.0.2/32"}));
}

TEST(Conditions, TheHostsNameIsTheIdUnlessAnotherIsGiven) {
  const auto id = default_config_id();
  EXPECT_EQ(id.find('.'), std::string::npos);
  EXPECT_FALSE(parse("@" + id + " nonsense\n", "f").diagnostics.empty());
  EXPECT_TRUE(parse("@^" + id + " nonsense\n", "f").diagnostics.empty());
}

TEST(Definitions, AreReplacedWhereverTheyStand) {
  EXPECT_EQ(addresses("${NET}.1/${LEN}\n${NET}.2 dev $DEV # ${NOT}\n\"${NET}.3\"",
                      "$NET=10.0.0\n$LEN=24 ! bits\n$DEV=eth0\n"),
            (Texts{"10.0.0.1/24", "10.0.0.2/32", "10.0.0.3/32"}));
}

TEST(Definitions, AreLookedUpWhereTheyAreUsed) {
  EXPECT_EQ(addresses("${A}", "$A=${NET}.1\n$NET=10.0.0\n"), (Texts{"10.0.0.1/32"}));
  EXPECT_EQ(addresses("${A}", "$A=10.0.0.1\n$A=10.0.0.2\n"), (Texts{"10.0.0.2/32"}));
}

TEST(Definitions, MayHaveSeveralLines) {
  EXPECT_EQ(addresses("${ALL}", "$ALL=\\\n  10.0.0.1 \\\n\\\n  @you 10.0.0.2 \\\n ~SEQ(i, 3, 4) 10.0.0.$i\n"),
            (Texts{"10.0.0.1/32", "10.0.0.3/32", "10.0.0.4/32"}));
}

TEST(Definitions, AWordWithADollarIsAWord) {
  const auto outcome = parse(instance_with("authentication {\n auth_type PASS\n auth_pass pa$word\n}"), "f");
  EXPECT_EQ(texts(outcome), Texts{});
}

TEST(Definitions, SomeAreThereAlready) {
  ::setenv("XVRRP_TEST_NET", "10.0.0", 1);
  EXPECT_EQ(addresses("${_ENV XVRRP_TEST_NET}.1\n${_ENV XVRRP_TEST_NET}.${_RANDOM 2 2}"),
            (Texts{"10.0.0.1/32", "10.0.0.2/32"}));
  const auto named =
      parse("global_defs {\n router_id ${_INSTANCE}${_HASH}${_BANG}\n}\n" + instance_with(""), "f", "me");
  EXPECT_EQ(named.configuration.router_id, "me#!");
  const auto quoted =
      parse("global_defs {\n router_id \"${_HASH} ${_PWD}\"\n}\n" + instance_with(""), "/etc/x/f");
  EXPECT_EQ(quoted.configuration.router_id, "# /etc/x");
}

TEST(Definitions, WhatIsWrongIsWhereTheReferenceStands) {
  EXPECT_EQ(texts(parse("$P=300\n" + instance_with("  priority ${P}"), "f")),
            (Texts{"f:6:12: error: priority 300 is out of range: allowed are 1 to 255"}));
  EXPECT_EQ(texts(parse("$P=1\n" + instance_with("priority ${P} surplus"), "f")).front().substr(0, 7),
            "f:6:15:");
}

TEST(Repetitions, CountUpAndDown) {
  EXPECT_EQ(addresses("~SEQ(i, 3) 10.0.0.$i"), (Texts{"10.0.0.1/32", "10.0.0.2/32", "10.0.0.3/32"}));
  EXPECT_EQ(addresses("~SEQ(i, 5, 6) 10.0.0.${i}/24"), (Texts{"10.0.0.5/24", "10.0.0.6/24"}));
  EXPECT_EQ(addresses("~SEQ(i, 9, -4, 1) 10.0.0.$i"), (Texts{"10.0.0.9/32", "10.0.0.5/32", "10.0.0.1/32"}));
  EXPECT_EQ(addresses("fe80::1\n~SEQx(i, 15, 16) 2001:db8::$i"),
            (Texts{"fe80::1/128", "2001:db8::f/128", "2001:db8::10/128"}));
}

TEST(Repetitions, Nest) {
  EXPECT_EQ(addresses("~SEQ(a, 1, 2) ~LST(b, 7, 9) 10.0.${a}.$b", ""),
            (Texts{"10.0.1.7/32", "10.0.1.9/32", "10.0.2.7/32", "10.0.2.9/32"}));
  EXPECT_EQ(addresses("~SEQ(a, ${N}) 10.0.0.$a", "$N=2\n$a=9\n"), (Texts{"10.0.0.1/32", "10.0.0.2/32"}));
}

TEST(Repetitions, TuplesGoTogether) {
  EXPECT_EQ(addresses("~LST({a, b}, {1, 24}, {2, 25}) 10.0.0.${a}/${b}"),
            (Texts{"10.0.0.1/24", "10.0.0.2/25"}));
}

class Includes : public ::testing::Test {
protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "xvrrp-include-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((directory_ / name).parent_path());
    std::ofstream{directory_ / name} << text;
  }
  Outcome load(const std::string& text) const {
    write("main.conf", text);
    return load_file((directory_ / "main.conf").string(), "me");
  }
  std::string path(const std::string& name) const { return (directory_ / name).string(); }

  std::filesystem::path directory_;
};

TEST_F(Includes, AreRelativeToTheFileTheyStandIn) {
  write("sub/one.conf", "include two.inc\n$NET=10.0.9\n");
  write("sub/two.inc", instance_with("priority 7"));
  const auto outcome = load(
      "include sub/*.conf\n" +
      std::string{
          "vrrp_instance B {\n interface eth1\n virtual_router_id 1\n virtual_ipaddress { ${NET}.1 }\n}\n"});
  EXPECT_EQ(texts(outcome), Texts{});
  ASSERT_EQ(outcome.configuration.instances.size(), 2U);
  EXPECT_EQ(outcome.configuration.instances[0].router.priority, 7);
  EXPECT_EQ(outcome.configuration.instances[0].where.file, path("sub/two.inc"));
  EXPECT_EQ(addresses_of(outcome.configuration.instances[1]), (Texts{"10.0.9.1/32"}));
}

TEST_F(Includes, MayStandInABlock) {
  write("addresses", "10.0.0.1\n10.0.0.2\n");
  const auto outcome = load("vrrp_instance A {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress "
                            "{\n include addresses\n }\n}\n");
  EXPECT_EQ(texts(outcome), Texts{});
  EXPECT_EQ(addresses_of(outcome.configuration.instances.front()), (Texts{"10.0.0.1/32", "10.0.0.2/32"}));
}

TEST_F(Includes, MistakesAreReportedFileByFile) {
  write("a.conf", "nonsense\n");
  write("b.conf", "nonsense\nnonsense\n");
  const auto said = texts(load("include {a,b}.conf\nnonsense\n"));
  ASSERT_EQ(said.size(), 4U);
  EXPECT_EQ(said[0].substr(0, path("main.conf").size() + 5), path("main.conf") + ":2:1:");
  EXPECT_EQ(said[1].substr(0, path("a.conf").size() + 5), path("a.conf") + ":1:1:");
  EXPECT_EQ(said[3].substr(0, path("b.conf").size() + 5), path("b.conf") + ":2:1:");
}

TEST_F(Includes, WhatCannotBeReadIsReported) {
  write("program", "nonsense\n");
  ASSERT_EQ(::chmod(path("program").c_str(), 0755), 0);
  write("dir/file", "");
  const std::string good = instance_with("");
  EXPECT_EQ(texts(load("include program\ninclude dir\ninclude none\ninclude n*\n" + good)),
            (Texts{path("main.conf") + ":1:9: warning: \"" + path("program") +
                       "\" is executable: it is not read, as by keepalived",
                   path("main.conf") + ":2:9: warning: \"" + path("dir") +
                       "\" is not a regular file: it is not read",
                   path("main.conf") + ":3:9: warning: no file matches \"" + path("none") + "\""}));
  EXPECT_EQ(
      texts(load("includem none\nincludew n*\nincludeb {dir/file,none}\nincludea n*\nincludem n*\n" + good)),
      (Texts{path("main.conf") + ":1:10: error: no file matches \"" + path("none") + "\"",
             path("main.conf") + ":2:10: error: no file matches \"" + path("n*") + "\"",
             path("main.conf") + ":3:10: error: no file matches \"" + path("none") + "\"",
             path("main.conf") + ":4:10: error: no file matches \"" + path("n*") + "\""}));
}

TEST_F(Includes, AFileThatIncludesItselfIsRefused) {
  write("other.conf", "include main.conf\n");
  EXPECT_EQ(texts(load("include other.conf\n" + instance_with(""))),
            (Texts{path("other.conf") + ":1:9: error: \"" + path("main.conf") + "\" includes itself"}));
}

TEST_F(Includes, WhatWasGivenFirstIsNamedWithItsFile) {
  write("priority", "priority 7\n");
  EXPECT_EQ(texts(load(instance_with("include priority\n priority 8"))),
            (Texts{path("main.conf") + ":6:2: error: priority is given twice: first at " + path("priority") +
                   ":1"}));
}

TEST(Repetitions, OfRepetitionsComeToAnEnd) {
  const auto said = texts(parse("~SEQ(a, 1, 9999) ~SEQ(b, 1, 9999) ~SEQ(c, 1, 9999) $d=$a\n", "f"));
  EXPECT_EQ(said, (Texts{"f:1:35: error: repetitions make more than 100000 lines"}));
}

TEST_F(Includes, AlternativesOfAlternativesComeToAnEnd) {
  std::string many;
  for (int i = 0; i < 40; ++i)
    many += "{a,b}";
  EXPECT_EQ(texts(load("include " + many + "\n")).size(), 1000U);
}

} // namespace
} // namespace xvrrp::config
