// SPDX-License-Identifier: BSD-2-Clause
// A conntrackd.conf for a pair of routers: docs/connections.md says what for.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/terminal.hpp"

namespace xvrrp::cli {
namespace {

constexpr std::string_view kTemplate =
    R"(# Written by vrrpctl conntrackd-config; the peer's has the two addresses exchanged.
Sync {{
    Mode FTFW {{
        # Connections go straight into the Backup's kernel: a takeover has nothing to wait for and runs no script.
        DisableExternalCache On
        StartupResync yes
    }}
    UDP {{
        {0}_address {1}
        {0}_Destination_Address {2}
        Port 3780
        Interface {3}
        SndSocketBuffer 1249280
        RcvSocketBuffer 1249280
        Checksum on
    }}
}}
General {{
    HashSize 32768
    HashLimit 131072
    Syslog on
    LockFile /var/lock/conntrack.lock
    UNIX {{
        Path /run/conntrackd.ctl
    }}
    NetlinkBufferSize 2097152
    NetlinkBufferSizeMaxGrowth 8388608
    NetlinkOverrunResync on
    Filter From Userspace {{
        Protocol Accept {{
            TCP
            UDP
            ICMP
            IPv6-ICMP
            SCTP
            DCCP
        }}
        # Not what the routers say to each other. Virtual addresses must not stand here: they are what connections are
        # translated to.
        Address Ignore {{
            IPv4_address 127.0.0.1
            IPv6_address ::1
            {0}_address {1}
            {0}_address {2}
        }}
    }}
}}
)";

} // namespace

Status run(const ConntrackdConfig& command) {
  const auto& [interface, ours, theirs] = command;
  if (ours.family() != theirs.family())
    return Error{ErrorKind::Usage,
                 "--address and --peer are of different families: " + ours.text() + " and " + theirs.text()};
  if (ours == theirs)
    return Error{ErrorKind::Usage,
                 "--address and --peer are both " + ours.text() +
                     ": the one is this router's on the link between them, the other its peer's"};
  print(fmt::format(kTemplate, ours.family() == Family::IPv4 ? "IPv4" : "IPv6", ours.text(), theirs.text(),
                    interface));
  return Done{};
}

} // namespace xvrrp::cli
