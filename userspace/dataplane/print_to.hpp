// SPDX-License-Identifier: BSD-2-Clause
// Where a library that prints by itself prints.
#pragma once

namespace xvrrp::dataplane {

/// While it lives, what the library prints goes to `function`; null: nowhere. `SetPrint` is libbpf_set_print
/// or libxdp_set_print.
template <auto SetPrint>
class PrintTo {
public:
  using Function = decltype(SetPrint(nullptr));
  explicit PrintTo(Function function = nullptr) : previous_(SetPrint(function)) {}
  ~PrintTo() { SetPrint(previous_); }
  PrintTo(const PrintTo&) = delete;
  PrintTo& operator=(const PrintTo&) = delete;

private:
  Function previous_;
};

} // namespace xvrrp::dataplane
