// SPDX-License-Identifier: BSD-2-Clause
// A program runs over a frame, by BPF_PROG_TEST_RUN.
#pragma once

#include <cstdint>
#include <cstring>

#include <bpf/bpf.h>
#include <gtest/gtest.h>

#include "support/packet.hpp"

namespace xvrrp::test {

struct TestRun {
  std::uint32_t verdict = 0;
  Bytes frame; ///< as the program leaves it
};

/// `context` is an xdp_md or an __sk_buff. The test fails if the kernel does not take the frame.
template <typename Context>
TestRun test_run(int program, const Bytes& frame, Context context, std::uint32_t times = 1) {
  Bytes after(frame.size());
  bpf_test_run_opts options{};
  options.sz = sizeof(options);
  options.data_in = frame.data();
  options.data_size_in = static_cast<__u32>(frame.size());
  options.data_out = after.data();
  options.data_size_out = static_cast<__u32>(after.size());
  options.ctx_in = &context;
  options.ctx_size_in = sizeof(context);
  options.repeat = static_cast<int>(times);
  const int error = bpf_prog_test_run_opts(program, &options);
  EXPECT_EQ(error, 0) << std::strerror(-error);
  EXPECT_EQ(options.data_size_out, frame.size());
  return {options.retval, after};
}

} // namespace xvrrp::test
