// SPDX-License-Identifier: BSD-2-Clause
// What the verifier thinks of the programs. Kernels differ in how far they walk, so the budget leaves room.
#include <bpf/bpf.h>
#include <unistd.h>

#include <xvrrp/abi/names.h>

#include "bpf/bpf_test.hpp"
#include "dataplane/loader.hpp"

namespace xvrrp::test {
namespace {

/// The kernel gives up after 1,000,000; what is far below it today stays below it on another kernel.
constexpr std::uint32_t kBudget = 50'000;

class Verifier : public BpfTest {
protected:
  static std::uint32_t verified_instructions(const char* program) {
    const auto directory = dataplane::pin_directory("t" + std::to_string(getpid()));
    const dataplane::BpfFd fd{bpf_obj_get((directory + "/" + program).c_str())};
    bpf_prog_info info{};
    __u32 size = sizeof(info);
    EXPECT_EQ(bpf_obj_get_info_by_fd(fd.get(), &info, &size), 0) << program;
    return info.verified_insns;
  }
};

TEST_F(Verifier, WalksNoMoreThanTheBudget) {
  for (const char* program : {XV_PROG_RX, XV_PROG_GUARD, XV_PROG_CONTROL}) {
    const auto verified = verified_instructions(program);
    RecordProperty(program, std::to_string(verified));
    EXPECT_GT(verified, 0u) << program;
    EXPECT_LE(verified, kBudget) << program;
  }
}

} // namespace
} // namespace xvrrp::test
