// SPDX-License-Identifier: BSD-2-Clause
// A checker that cannot fail is worth nothing: each of them catches a router that is wrong.
#include <algorithm>
#include <cctype>

#include "judge.hpp"
#include "mutants.hpp"

namespace xvrrp::sim {
namespace {

using namespace std::chrono_literals;

class Mutants : public testing::TestWithParam<Mutant> {};

TEST_P(Mutants, IsCaught) {
  const auto& mutant = GetParam();
  RunOptions options;
  options.seed = 3;
  options.shape = {.routers = 4, .vrs = 40, .segments = 1, .fast_vrs = 1};
  options.duration = 15min;
  const auto mutation = mutant.make();
  const auto report = run(options, nullptr, mutation.get());
  EXPECT_TRUE(report.verdict.blames(mutant.caught_by)) << report.verdict.text();
}

std::string test_name(const testing::TestParamInfo<Mutant>& info) {
  std::string text = info.param.name;
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
  return text;
}

INSTANTIATE_TEST_SUITE_P(, Mutants, testing::ValuesIn(mutants()), test_name);

/// The same run with a mutation that changes nothing: what catches the others is not the run.
TEST(NoMutant, IsCaught) {
  class Nothing final : public Mutation {
  public:
    core::Actions step(core::Router& router, const Seat&, Instant now, const core::Event& event) override {
      return router.step(now, event);
    }
  };
  RunOptions options;
  options.seed = 3;
  options.shape = {.routers = 4, .vrs = 40, .segments = 1, .fast_vrs = 1};
  options.duration = 15min;
  Nothing nothing;
  expect_sound(run(options, nullptr, &nothing), options);
}

} // namespace
} // namespace xvrrp::sim
