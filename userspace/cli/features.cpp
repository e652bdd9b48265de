// SPDX-License-Identifier: BSD-2-Clause
#include "dataplane/features.hpp"
#include "cli/commands.hpp"
#include "cli/guards.hpp"
#include "cli/json.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"

namespace xvrrp::cli {
namespace {

using Features = std::vector<dataplane::FeatureState>;

std::string features_json(const Features& features) {
  Json list = Json::array();
  for (const auto& feature : features)
    list.push_back({{"name", feature.info.name},
                    {"present", feature.present},
                    {"required", feature.info.is_required()},
                    {"since", feature.info.since},
                    {"needed_for", feature.info.needed_for},
                    {"without", feature.info.without}});
  return pretty({{"schema", kSchema}, {"features", list}});
}

std::string features_text(const Features& features) {
  Table table{{{"FEATURE"}, {"HERE"}, {"SINCE"}, {"WHAT XVRRP DOES WITH IT"}, {"AND WITHOUT IT"}}};
  for (const auto& feature : features) {
    const auto& info = feature.info;
    const Cell here = feature.present ? Cell{"yes", Style::Good} : Cell{"no", Style::Bad};
    table.add({{info.name},
               here,
               {info.since},
               {info.needed_for},
               {info.is_required() ? "refuses to run" : info.without}});
  }
  return table.text(wants_colours());
}

} // namespace

Status run(const ShowFeatures& command) {
  if (auto status = require_bpf(); !status)
    return status;
  const auto features = dataplane::probe_features(command.disabled_features);
  if (!features)
    return features.error();
  print(command.json ? features_json(*features) : features_text(*features));
  return dataplane::require_features(*features);
}

} // namespace xvrrp::cli
