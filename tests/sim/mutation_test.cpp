// SPDX-License-Identifier: BSD-2-Clause
// A checker that cannot fail is worth nothing: each of them catches a router that is wrong.
#include "judge.hpp"
#include "mutants.hpp"

namespace xvrrp::sim {
namespace {

using namespace std::chrono_literals;

std::string mutant_name(const testing::TestParamInfo<Mutant>& info) {
  return test_name(info.param.name);
}

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

INSTANTIATE_TEST_SUITE_P(, Mutants, testing::ValuesIn(mutants()), mutant_name);

/// Of the election: on nodes with data planes of all kinds.
INSTANTIATE_TEST_SUITE_P(Turn, Mutants, testing::ValuesIn(turn_mutants()), mutant_name);

/// The same run with a mutation that changes nothing: what catches the others is not the run.
TEST(NoMutant, IsCaught) {
  RunOptions options;
  options.seed = 3;
  options.shape = {.routers = 4, .vrs = 40, .segments = 1, .fast_vrs = 1};
  options.duration = 15min;
  Mutation nothing;
  expect_sound(run(options, nullptr, &nothing), options);
}

} // namespace
} // namespace xvrrp::sim
