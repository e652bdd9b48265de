// SPDX-License-Identifier: BSD-2-Clause
// The command line of xvrrpd.
#pragma once

#include <string>
#include <vector>

#include "dataplane/xdp_link.hpp"

namespace xvrrp::controller {

struct Options {
  std::string file;               ///< -f; the default is chosen by what exists
  std::string instance;           ///< --instance; empty: what the configuration says, else "default"
  bool foreground = false;        ///< -n
  bool test_only = false;         ///< -t
  std::string config_id;          ///< -i; the default is the host's name
  bool replace = false;           ///< --replace
  bool pass_unknown_vrid = false; ///< --unknown-vrid pass
  dataplane::WantedMode mode = dataplane::WantedMode::Auto;
  std::vector<std::string> disabled_features; ///< --no-feature
  std::string control_group;                  ///< --control-group; empty: root's
  std::string metrics;                        ///< --metrics; empty: none
};

/// Either the options, or the exit code of a run that is over (help, version, a usage error; text is
/// printed).
struct ParsedOptions {
  Options options;
  int exit_code = -1; ///< -1: go on
};
ParsedOptions parse_options(int argc, char** argv);

} // namespace xvrrp::controller
