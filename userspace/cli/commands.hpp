// SPDX-License-Identifier: BSD-2-Clause
// What vrrpctl can be asked to do: one type per command, made by options.hpp, each run by a file of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <xvrrp/base/address.hpp>
#include <xvrrp/base/result.hpp>
#include <xvrrp/base/time.hpp>

#include "dataplane/xdp_link.hpp"

namespace xvrrp::cli {

struct Load {
  std::string instance;
  std::string interface;
  dataplane::WantedMode mode = dataplane::WantedMode::Auto;
  std::vector<std::uint8_t> vrids; ///< rising; empty: observe only
  std::vector<std::string> disabled_features;
  bool replace = false; ///< removes what a dead xvrrpd or another version of xvrrp left
};
struct Unload {
  std::string instance;
  std::string interface;
};
struct ShowStatus {
  std::string instance;
  bool json = false;
  bool names = false; ///< only the names of the instances, a line each
};
struct HandOver {
  std::string instance;
};
struct Reload {
  std::string instance;
  bool json = false;
};
/// drain, undrain
struct Drain {
  std::string instance;
  std::string router; ///< name or VRID
  bool drained = true;
};
/// explain
struct ExplainState {
  std::string instance;
  std::string router; ///< name or VRID
  bool json = false;
};
/// priority
struct SetPriority {
  std::string instance;
  std::string router;                   ///< name or VRID
  std::optional<std::uint8_t> priority; ///< 1..254; absent: the configured one
};
struct ShowStats {
  std::string instance;
  bool json = false;
  bool rfc6527 = false; ///< the MIB's counters instead of ours; in JSON both
};
struct Top {
  std::string instance;
  Nanoseconds interval{};
  std::optional<std::uint32_t> count; ///< absent: until a signal
  bool json = false;
};
struct Watch {
  std::optional<std::string> instance; ///< absent: whichever is loaded on the interface
  std::string interface;
  Nanoseconds interval{};
  std::optional<std::uint32_t> count; ///< absent: until a signal
  bool json = false;
};
/// capture
struct CaptureTraffic {
  std::optional<std::string> instance; ///< absent: whichever is loaded on the interface
  std::string interface;
  std::optional<std::string> file; ///< "-": standard output; absent: the same, as lines if it is a terminal
  bool lines = false;              ///< lines also where standard output is no terminal
  std::optional<std::uint32_t> count;
  std::optional<Nanoseconds> duration;
};
/// trace record
struct RecordTrace {
  std::string instance;
  std::string file;                    ///< "-": standard output
  std::vector<std::string> routers;    ///< names or VRIDs; empty: all
  std::optional<Nanoseconds> duration; ///< absent: until a signal
};
/// trace replay
struct ReplayTrace {
  std::string file; ///< "-": standard input
  bool quiet = false;
};
struct ShowFeatures {
  std::vector<std::string> disabled_features;
  bool json = false;
};
struct Check {
  std::string file;
  std::string config_id; ///< of the "@ID" lines that are read
  bool json = false;
  bool explain = false; ///< print what the file says, with every default
  bool strict = false;  ///< warnings count as errors
};
/// conntrackd-config
struct ConntrackdConfig {
  std::string interface; ///< of the link between the two routers
  IpAddress address;     ///< ours on it
  IpAddress peer;
};
/// doctor
struct Examine {
  std::string instance;
  std::optional<std::string> file; ///< absent: the running daemon's, else the one it would read
  bool json = false;
  bool probe = true; ///< ask the network who else has the virtual addresses
};
/// completion
struct ShowCompletion {
  std::string script;
};
using Command = std::variant<Load, Unload, ShowStatus, ShowStats, Watch, CaptureTraffic, ShowFeatures, Check,
                             HandOver, Drain, Reload, ExplainState, SetPriority, ConntrackdConfig, Examine,
                             ShowCompletion, Top, RecordTrace, ReplayTrace>;

// Each prints its answer to standard output; the error's kind is the exit code.
Status run(const Load& command);
Status run(const Unload& command);
Status run(const ShowStatus& command);
Status run(const HandOver& command);
Status run(const Drain& command);
Status run(const Reload& command);
Status run(const ExplainState& command);
Status run(const SetPriority& command);
Status run(const ShowStats& command);
Status run(const Watch& command);
Status run(const Top& command);
Status run(const CaptureTraffic& command);
Status run(const RecordTrace& command);
Status run(const ReplayTrace& command);
Status run(const ShowFeatures& command);
Status run(const Check& command);
Status run(const ConntrackdConfig& command);
Status run(const Examine& command);
Status run(const ShowCompletion& command);

} // namespace xvrrp::cli
