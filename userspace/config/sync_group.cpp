// SPDX-License-Identifier: BSD-2-Clause
#include "config/sync_group.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "config/script.hpp"
#include "config/spelling.hpp"
#include "config/values.hpp"

namespace xvrrp::config {

namespace {

void read_track(SyncGroupDraft& draft, const Statement& statement) {
  draft.track_blocks.push_back(&statement);
}

template <std::optional<Script> Notify::*Event>
void read_notify(SyncGroupDraft& draft, const Statement& statement) {
  draft.group.notify.*Event = read_script(draft.diagnostics, statement);
}

constexpr Shape kList{0, 0, true, true, ""};
constexpr Keyword<SyncGroupDraft> kKeywords[] = {
    {"group", kList,
     [](SyncGroupDraft& draft, const Statement& statement) { draft.member_blocks.push_back(&statement); }},
    {"track_interface", kList, read_track},
    {"track_script", kList, read_track},
    {"track_file", kList, read_track},
    {"track_process", kList, read_track},
    {"sync_group_tracking_weight", kFlag,
     [](SyncGroupDraft& draft, const Statement&) { draft.weights = true; }},
    {"notify_master", kScript, read_notify<&Notify::master>},
    {"notify_backup", kScript, read_notify<&Notify::backup>},
    {"notify_fault", kScript, read_notify<&Notify::fault>},
    {"notify_stop", kScript, read_notify<&Notify::stop>},
    {"notify", kScript, read_notify<&Notify::any>},
    {"notify_priority_changes", kOptionalBool,
     [](SyncGroupDraft& draft, const Statement& statement) {
       draft.group.notify.priority_changes = read_bool(draft.diagnostics, statement).value_or(false);
     }},
};

class GroupFinisher {
public:
  GroupFinisher(SyncGroupDraft& draft, const Trackers& trackers, std::vector<Instance>& instances)
      : draft_(draft), diagnostics_(draft.diagnostics), trackers_(trackers), instances_(instances) {}

  SyncGroup run() {
    for (const Statement* const block : draft_.track_blocks) {
      const auto read = read_tracked(diagnostics_, *block, trackers_);
      tracked_.insert(tracked_.end(), read.begin(), read.end());
    }
    for (const Statement* const block : draft_.member_blocks) {
      for (const Statement& line : block->body) {
        for (const Token& word : line.words)
          add_member(word);
      }
    }
    if (draft_.group.members.size() < 2 && !draft_.block.incomplete)
      diagnostics_.warning(draft_.block.keyword().where,
                           "vrrp_sync_group " + quoted(draft_.group.name) + " has " +
                               (draft_.group.members.empty() ? "no members" : "one member only") +
                               ": there is nothing to keep in step");
    return std::move(draft_.group);
  }

private:
  void add_member(const Token& word) {
    const auto instance = std::find_if(instances_.begin(), instances_.end(),
                                       [&](const Instance& other) { return other.name == word.text; });
    if (instance == instances_.end()) {
      std::vector<std::string_view> names;
      for (const auto& other : instances_)
        names.push_back(other.name);
      return diagnostics_.error(word.where, "there is no vrrp_instance " + quoted(word.text) +
                                                did_you_mean(word.text, names));
    }
    if (!instance->sync_group.empty())
      return diagnostics_.error(word.where, "vrrp_instance " + quoted(word.text) +
                                                " is in the vrrp_sync_group " + quoted(instance->sync_group) +
                                                " already: it can be in one");
    instance->sync_group = draft_.group.name;
    instance->router.synchronized = true;
    instance->tracked.insert(instance->tracked.end(), tracked_.begin(), tracked_.end());
    instance->notify.priority_changes |= draft_.group.notify.priority_changes;
    if (!draft_.weights)
      drop_weights(*instance, word);
    draft_.group.members.push_back(word.text);
  }

  /// Priorities that change one by one would pull the group apart.
  void drop_weights(Instance& instance, const Token& word) {
    std::erase_if(instance.tracked, [&](const Tracked& tracked) {
      if (tracked.weight == 0)
        return false;
      diagnostics_.warning(word.where, quoted(tracked.name) +
                                           " is tracked with a weight, which a sync group does not heed: "
                                           "it is ignored; see sync_group_tracking_weight");
      return true;
    });
  }

  SyncGroupDraft& draft_;
  Diagnostics& diagnostics_;
  const Trackers& trackers_;
  std::vector<Instance>& instances_;
  std::vector<Tracked> tracked_;
};

} // namespace

SyncGroupDraft read_sync_group(Diagnostics& diagnostics, const Statement& block) {
  SyncGroupDraft draft{diagnostics, block};
  if (block.has_arguments())
    draft.group.name = block.argument(0).text;
  read_keywords<SyncGroupDraft>(draft, Level::SyncGroup, kKeywords, block);
  return draft;
}

std::vector<SyncGroup> finish_sync_groups(std::vector<SyncGroupDraft> drafts, const Trackers& trackers,
                                          std::vector<Instance>& instances) {
  std::vector<SyncGroup> groups;
  for (auto& draft : drafts) {
    const auto same = std::any_of(groups.begin(), groups.end(),
                                  [&](const SyncGroup& other) { return other.name == draft.group.name; });
    if (same) {
      draft.diagnostics.error(draft.block.keyword().where,
                              "vrrp_sync_group " + quoted(draft.group.name) + " is given twice");
      continue;
    }
    auto group = GroupFinisher{draft, trackers, instances}.run();
    if (!group.members.empty())
      groups.push_back(std::move(group));
  }
  return groups;
}

} // namespace xvrrp::config
