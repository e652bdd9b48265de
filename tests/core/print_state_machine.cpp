// SPDX-License-Identifier: BSD-2-Clause
// Prints docs/state-machine.md from the table that the core is tested against.
#include <cstdio>
#include <cstring>

#include "core/transitions.hpp"

using xvrrp::core::kTransitions;
using xvrrp::core::State;

namespace {

constexpr const char* kPreface = R"(# The state machine

Printed from `userspace/core/transitions.hpp` by `print_state_machine`; a test compares this file with it
(`core.state_machine_is_documented`), and `tests/core/transitions_test.cpp` drives a router through every row.

It is RFC 9568 section 6.4 (RFC 3768 section 6.4 for VRRPv2), with FAULT for a router that lacks its interface or
source address, `preempt_delay`, `startup_delay`, and the schedule of announcements. MASTER is the RFC's Active.
Resumed stands for Startup where a daemon takes over from an earlier one of its instance.
An event without a row in a state is ignored there. Actions happen in the order given; those in brackets depend
on the configuration. Timers: MasterDown (Master_Down_Timer, RFC 9568: Active_Down_Timer; kept by the kernel),
Advertisement (Adver_Timer), PreemptDelay, StartupDelay, Announce (repeats of gratuitous ARP or unsolicited NA).
"advert 0" is an advert of priority 0; "install" and "remove" are the virtual addresses'; "announce" is one
gratuitous ARP or unsolicited NA per address; "enter" is the transition itself.
)";

void print_rows(State from) {
  std::printf("\n## In %s\n\n| event | if | then | next state |\n|---|---|---|---|\n", name(from));
  for (const auto& row : kTransitions) {
    if (row.from != from)
      continue;
    std::printf("| %s | %s | %s | %s |\n", row.event, row.guard,
                std::strlen(row.actions) == 0 ? "-" : row.actions, name(row.to));
  }
}

} // namespace

int main() {
  std::fputs(kPreface, stdout);
  for (const auto state : {State::Init, State::Backup, State::Master, State::Fault})
    print_rows(state);
}
