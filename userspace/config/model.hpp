// SPDX-License-Identifier: BSD-2-Clause
// The typed result of reading a keepalived.conf: what the controller runs. Plain data.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <xvrrp/base/address.hpp>
#include <xvrrp/base/nat.hpp>
#include <xvrrp/base/route.hpp>

#include "core/types.hpp"

namespace xvrrp::config {

/// A place in a configuration file; lines and columns count from 1.
struct Location {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
  friend bool operator==(const Location&, const Location&) = default;
};

/// How far apart announcements (gratuitous ARP, unsolicited NA) leave.
struct AnnouncementPace {
  Nanoseconds spacing{}; ///< zero: at once
  unsigned group = 0;    ///< the garp_group, from 1 on, whose interfaces go by turns; 0: each by itself
  friend bool operator==(const AnnouncementPace&, const AnnouncementPace&) = default;
};

/// A line of virtual_ipaddress, virtual_ipaddress_excluded or static_ipaddress.
struct VirtualAddress {
  IpPrefix prefix;
  std::string device; ///< empty: the instance's interface
  std::string label;  ///< empty: none
  std::optional<IpAddress> broadcast;
  std::optional<IpAddress> peer;   ///< the other end of a point-to-point link; the prefix is then the peer's
  std::uint8_t scope = 0;          ///< RT_SCOPE_*
  std::uint32_t flags = 0;         ///< IFA_F_*
  bool detects_duplicates = false; ///< IPv6: `-nodad`
  std::uint32_t preferred_lifetime = kForever; ///< seconds; 0: never chosen as a source
  bool tracked = true;                         ///< put back when somebody deletes it; `no_track`: false
  AnnouncementPace pace;
  Location where;
  static constexpr std::uint32_t kForever = UINT32_MAX;
  friend bool operator==(const VirtualAddress&, const VirtualAddress&) = default;
};

enum class AuthenticationType : std::uint8_t { None, Pass };
struct Authentication {
  AuthenticationType type = AuthenticationType::None;
  std::array<std::uint8_t, 8> data{}; ///< truncated or zero padded, as it stands in the packet
  friend bool operator==(const Authentication&, const Authentication&) = default;
};

/// How the checksum of our VRRPv3 adverts over IPv4 is built; both forms are always accepted.
enum class ChecksumForm : std::uint8_t {
  PseudoHeader, ///< RFC 5798 as keepalived and FRR read it
  MessageOnly,  ///< RFC 9568: v3_checksum_as_v2
  AsHeard,      ///< v3_checksum_as_v2 auto: that of the adverts heard last, PseudoHeader until then
};

/// A line of virtual_routes or static_routes.
struct Route {
  IpRoute route;       ///< devices by their names only
  bool tracked = true; ///< put back when somebody deletes it; `no_track`: false
  Location where;
  friend bool operator==(const Route&, const Route&) = default;
};

/// A line of virtual_rules or static_rules.
struct Rule {
  IpRule rule;
  bool tracked = true; ///< as for a route
  Location where;
  friend bool operator==(const Rule&, const Rule&) = default;
};

/// As whom a script runs.
struct ScriptUser {
  std::uint32_t user = 0;
  std::uint32_t group = 0;
  friend bool operator==(const ScriptUser&, const ScriptUser&) = default;
};

/// A program to be run when something happens.
struct Script {
  std::vector<std::string> argv;  ///< at least the program, an absolute path
  std::optional<ScriptUser> user; ///< present in a configuration that was read to its end
  bool root_only = false; ///< root runs it only while nobody else can exchange it: enable_script_security
  Location where;
  friend bool operator==(const Script&, const Script&) = default;
};

/// A vrrp_script: a program whose exit code says whether something works.
struct TrackScript {
  std::string name;
  Script script;
  Nanoseconds interval{std::chrono::seconds{1}}; ///< from one start to the next
  Nanoseconds timeout{};  ///< after which it is ended, and has failed; zero: the interval
  unsigned rise = 1;      ///< successes in a row that bring it up
  unsigned fall = 1;      ///< failures in a row that bring it down
  bool init_fail = false; ///< down until its first success
  int weight = 0;         ///< where track_script says none
  bool reverse = false;   ///< likewise
};

/// A track_file: a file that holds a number.
struct TrackFile {
  std::string name;
  std::string path;
  int weight = 1;             ///< where track_file in an instance says none
  bool reverse = false;       ///< likewise
  std::optional<int> initial; ///< init_file: what is written to it at the start
  bool overwrite = false;     ///< also if it is there already
};

/// A vrrp_track_process: how many processes run a program.
struct TrackProcess {
  enum class Match : std::uint8_t { Any, Exact, Initial, Partial }; ///< of the parameters
  std::string name;
  std::string program;                 ///< the name, or with full_command what argv[0] is
  std::vector<std::string> parameters; ///< with Match::Any none
  Match match = Match::Any;
  bool full_command = false;
  unsigned quorum = 1;           ///< it is up from so many processes on
  unsigned quorum_max = 0;       ///< and until so many; 0: any number
  Nanoseconds fork_delay{};      ///< until reaching the quorum counts
  Nanoseconds terminate_delay{}; ///< until falling below it counts
  int weight = 0;                ///< where track_process says none
  bool reverse = false;          ///< likewise
};

/// A line of track_interface, track_script, track_file or track_process.
struct Tracked {
  enum class Kind : std::uint8_t { Interface, Script, File, Process };
  Kind kind = Kind::Interface;
  std::string name;     ///< of the interface or of what is defined elsewhere
  int weight = 0;       ///< 0: what is down is a fault; files: what their number is multiplied with
  bool reverse = false; ///< down counts as up, and up as down; files: the number is negated
  friend bool operator==(const Tracked&, const Tracked&) = default;
};

/// A named pipe that gets a line for each change of state.
struct NotifyFifo {
  std::string path;
  ScriptUser owner;             ///< of a pipe that is made, which nobody else may read
  std::optional<Script> reader; ///< runs with the daemon, and gets the path as a further argument
};

/// Whom a vrrp_instance or a vrrp_sync_group tells of its state.
struct Notify {
  std::optional<Script> master;
  std::optional<Script> backup;
  std::optional<Script> fault;
  std::optional<Script> stop;
  std::optional<Script> deleted; ///< absent: that is a fault
  std::optional<Script> any;     ///< gets INSTANCE or GROUP, name, state and priority as further arguments
  std::optional<Script> losing_advert; ///< notify_master_rx_lower_pri; of instances only
  bool priority_changes = false;       ///< notify_priority_changes
  friend bool operator==(const Notify&, const Notify&) = default;
};

/// A vrrp_instance.
struct Instance {
  std::string name;
  std::string interface;
  bool wants_master = false; ///< `state MASTER`
  /// All but primary_address, which stays unspecified unless unicast_src_ip or mcast_src_ip set it.
  core::RouterConfig router;
  /// The first decides the family. In adverts are, of IPv4, up to 255; of IPv6, up to 90, the first one
  /// link-local.
  std::vector<VirtualAddress> addresses;
  std::size_t excluded = 0; ///< so many at their end are not in adverts, and of any family
  std::span<const VirtualAddress> advertised() const {
    return std::span{addresses}.first(addresses.size() - excluded);
  }
  bool promote_secondaries = false;     ///< sets that sysctl of the interface
  std::vector<IpAddress> unicast_peers; ///< empty: multicast
  Authentication authentication;
  ChecksumForm checksum_form = ChecksumForm::PseudoHeader;
  /// v2_strict_addresses: v2 adverts with other addresses are dropped, but an owner's (RFC 3768 7.1)
  bool strict_addresses = false;
  bool strict = false; ///< strict_mode: what the RFC does not have was ignored or refused
  bool accept = true;  ///< Accept_Mode: whether packets to the virtual addresses are ours; `no_accept`: false
  /// lease_ms: how long each advert lets us be Master; zero: for ever; absent: by the interval
  std::optional<Nanoseconds> lease;
  /// use_vmac: adverts and answers carry a virtual MAC.
  struct VirtualMac {
    std::optional<std::array<std::uint8_t, 6>> mac; ///< absent: the RFC's, 00:00:5e:00:0{1,2}:VRID
    bool adverts_from_device = false;               ///< vmac_xmit_base: adverts carry the interface's own MAC
    Location where;                                 ///< of `mac`
    friend bool operator==(const VirtualMac&, const VirtualMac&) = default;
  };
  std::optional<VirtualMac> virtual_mac;
  std::vector<NatRule> nat;
  std::vector<Route> routes; ///< of any family, as are the rules
  std::vector<Rule> rules;
  std::vector<Tracked> tracked; ///< also what its sync group tracks
  bool track_primary = true;    ///< whether its own interface's being down is a fault; `dont_track_primary`
  std::string sync_group;       ///< empty: none
  Notify notify;
  Location where;
  friend bool operator==(const Instance&, const Instance&) = default;
};

/// A vrrp_sync_group: routers that are Master together or not at all.
struct SyncGroup {
  std::string name;
  std::vector<std::string> members; ///< names of instances that there are
  Notify notify;                    ///< priority_changes: that of its members
};

/// Where the daemon leaves its state for others, in keepalived's formats.
struct DumpSettings {
  std::string state_file;    ///< absolute; with a slash at its end a directory; empty: /run/xvrrp/
  std::string stats_file;    ///< likewise
  std::string json_file;     ///< likewise
  bool use_instance = false; ///< data_use_instance: the default instance's files have its name too
  unsigned json_version = 1; ///< 1: an array of routers; 2: an object with that and the tracked processes
};

struct Configuration {
  std::string router_id;           ///< empty: the host name
  bool dynamic_interfaces = false; ///< an interface that is not there yet is waited for
  bool graceful = true; ///< xvrrp's own: a Master that is stopped goes on until its successor is heard
  std::vector<std::uint32_t> processors; ///< that elections run on (vrrp_cpu_affinity); empty: on any
  std::vector<NotifyFifo> notify_fifos;
  Nanoseconds notify_timeout = std::chrono::seconds{60}; ///< xvrrp's own: of a script that is told of a state
  std::string instance;               ///< `instance`: the daemon's name; empty: its own default
  std::optional<std::uint32_t> umask; ///< of the files that the daemon and its scripts make
  DumpSettings dumps;
  std::vector<TrackScript> scripts;
  std::vector<TrackFile> files;
  std::vector<TrackProcess> processes;
  std::vector<SyncGroup> sync_groups;
  std::vector<Instance> instances;
  std::vector<VirtualAddress> static_addresses; ///< there while the daemon runs; each has its device
  std::vector<Route> static_routes;             ///< there while the daemon runs
  std::vector<Rule> static_rules;               ///< likewise
};

enum class Severity : std::uint8_t { Warning, Error };
struct Diagnostic {
  Location where;
  Severity severity = Severity::Error;
  std::string message; ///< what is wrong and what is allowed
  /// "file:line:column: error: message"; about the file as a whole (line 0) "file: message"
  std::string text() const;
};

} // namespace xvrrp::config
