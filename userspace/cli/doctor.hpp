// SPDX-License-Identifier: BSD-2-Clause
// What can be wrong with a router, and how it is found. docs/troubleshoot.md explains each code.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/json.hpp"
#include "config/reader.hpp"
#include "dataplane/data_plane.hpp"
#include "platform/interfaces.hpp"
#include "platform/who_has.hpp"

namespace xvrrp::cli::doctor {

/// Errors and warnings make the exit code 1. A note is what may be wrong, and may as well be meant.
enum class Severity : std::uint8_t { Note, Warning, Error };

// X(code, severity): the codes of --json; they stay what they are.
#define XVRRP_DOCTOR_CODES(X)                                                                                \
  X(configuration, Error)                                                                                    \
  X(not_running, Note)                                                                                       \
  X(not_answering, Error)                                                                                    \
  X(capability_missing, Error)                                                                               \
  X(bpffs_missing, Error)                                                                                    \
  X(feature_missing, Error)                                                                                  \
  X(other_daemon, Warning)                                                                                   \
  X(interface_missing, Error)                                                                                \
  X(interface_down, Error)                                                                                   \
  X(no_carrier, Error)                                                                                       \
  X(no_address, Error)                                                                                       \
  X(mtu_small, Error)                                                                                        \
  X(forwarding_off, Error)                                                                                   \
  X(rp_filter_strict, Warning)                                                                               \
  X(vlan_tags_off, Warning)                                                                                  \
  X(not_realtime, Warning)                                                                                   \
  X(own_timer, Note)                                                                                         \
  X(send_failures, Warning)                                                                                  \
  X(log_lost, Warning)                                                                                       \
  X(transitions_lost, Warning)                                                                               \
  X(skb_mode, Warning)                                                                                       \
  X(xdp_missing, Error)                                                                                      \
  X(adverts_refused, Error)                                                                                  \
  X(role_refused, Error)                                                                                     \
  X(unguarded, Warning)                                                                                      \
  X(fault, Error)                                                                                            \
  X(drained, Note)                                                                                           \
  X(second_master, Error)                                                                                    \
  X(unheard_master, Error)                                                                                   \
  X(duplicate_address, Error)                                                                                \
  X(address_claimed, Error)                                                                                  \
  X(hears_nobody, Note)                                                                                      \
  X(fenced, Error)                                                                                           \
  X(lease_expired, Warning)                                                                                  \
  X(event_lost, Note)                                                                                        \
  X(other_resigned, Warning)                                                                                 \
  X(address_list, Warning)                                                                                   \
  X(auth, Warning)                                                                                           \
  X(checksum, Warning)                                                                                       \
  X(checksum_offload, Warning)                                                                               \
  X(destination, Warning)                                                                                    \
  X(not_a_peer, Warning)                                                                                     \
  X(own_source, Warning)                                                                                     \
  X(ttl, Warning)                                                                                            \
  X(v2_interval, Warning)                                                                                    \
  X(version, Warning)                                                                                        \
  X(unknown_vrid, Note)

enum class Code : std::uint8_t {
#define XVRRP_X(code, severity) code,
  XVRRP_DOCTOR_CODES(XVRRP_X)
#undef XVRRP_X
};
const char* name(Code code);
Severity severity(Code code);
const char* name(Severity severity); ///< "note", "warning", "error"

struct Finding {
  Code code;
  std::string where;  ///< an interface, a virtual router, a file; empty: the machine
  std::string what;   ///< a clause
  std::string remedy; ///< a command to paste, or what to do
};
using Findings = std::vector<Finding>;

/// What is known of this network namespace's router. What cannot be known is absent.
struct Facts {
  std::string instance;
  std::string file; ///< of the configuration
  config::Outcome configuration;
  std::optional<Json> status; ///< what the running xvrrpd says
  std::string no_answer;      ///< why a running one says nothing; empty: it answers, or none runs
  std::optional<dataplane::DataPlane> plane;
  std::map<std::string, platform::Interface> interfaces; ///< by name
  std::set<platform::Holder> holders; ///< other hosts that answer for addresses of the configuration
};

/// Each virtual address that can be asked for, on the interface that it is to be on.
std::vector<platform::WhoHas> addresses_to_ask_for(const Facts& facts);
/// The daemon's words about an instance; null where it has none.
const Json& status_of(const Facts& facts, const std::string& instance);
/// Whoever answers for every address of the instance, as MAC addresses; empty: nobody does.
std::string holder_of_all(const Facts& facts, const std::string& instance);

/// Of an instance on `device` itself: adverts from the VLANs above it count as well, when the device takes
/// their tags off before XDP can see them.
std::optional<Finding> other_vlans(const std::string& where, const platform::Interface& device,
                                   const std::map<std::string, platform::Interface>& interfaces,
                                   bool takes_tags_off);

// Each adds what it finds; they ask the kernel, change nothing, and say nothing of what they may not ask.
void examine_machine(const Facts& facts, Findings& findings);
void examine_interfaces(const Facts& facts, Findings& findings);
void examine_daemon(const Facts& facts, Findings& findings);
void examine_wire(const Facts& facts, Findings& findings);
void examine_addresses(const Facts& facts, Findings& findings);

} // namespace xvrrp::cli::doctor
