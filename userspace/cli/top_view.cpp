// SPDX-License-Identifier: BSD-2-Clause
#include "cli/top_view.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/durations.hpp"
#include "cli/status_view.hpp"
#include "cli/table.hpp"

namespace xvrrp::cli {
namespace {

constexpr std::pair<const char*, const char*> kRates[]{
    {"adverts_sent", "sent_per_s"}, {"adverts_received", "received_per_s"}, {"bad_packets", "bad_per_s"}};

std::map<std::string, const Json*> by_name(const std::optional<TopSample>& sample) {
  std::map<std::string, const Json*> routers;
  if (!sample)
    return routers;
  for (const auto& router : member(sample->status, "instances"))
    routers[text_at(router, "name")] = &router;
  return routers;
}

Json rate(const Json* before, const Json& now, const char* counter, double seconds) {
  if (before == nullptr || seconds <= 0)
    return nullptr;
  const double grown =
      number_at(member(now, "counters"), counter) - number_at(member(*before, "counters"), counter);
  return grown < 0 ? Json{} : Json(grown / seconds);
}

Json row_json(const Json* before, const Json& router, double seconds) {
  Json row;
  for (const char* const key :
       {"name", "interface", "vrid", "family", "state", "since_s", "effective_priority", "master"})
    row[key] = member(router, key);
  row["became_master"] = member(member(router, "counters"), "became_master");
  for (const auto& [counter, name] : kRates)
    row[name] = rate(before, router, counter, seconds);
  return row;
}

/// Trouble first, then Masters; else by name.
int rank(const std::string& state) {
  return state == "FAULT" ? 0 : state == "INIT" ? 1 : state == "MASTER" ? 2 : 3;
}

Cell rate_cell(const Json& row, const char* name) {
  const Json& value = member(row, name);
  if (!value.is_number())
    return {"-"};
  const bool bad = std::string_view{name} == "bad_per_s" && value.get<double>() > 0;
  return {fmt::format("{:.1f}", value.get<double>()), bad ? Style::Bad : Style::Plain};
}

std::vector<Cell> cells(const Json& row) {
  const auto state = text_at(row, "state");
  const auto master = text_at(member(row, "master"), "address");
  return {{text_at(row, "name")},
          {text_at(row, "interface")},
          {digits_at(row, "vrid")},
          {text_at(row, "family") == "ipv6" ? "IPv6" : "IPv4"},
          {state, state_style(state)},
          {duration_text(from_s(number_at(row, "since_s")))},
          {digits_at(row, "effective_priority")},
          {master.empty() ? "-" : master},
          rate_cell(row, "sent_per_s"),
          rate_cell(row, "received_per_s"),
          rate_cell(row, "bad_per_s"),
          {digits_at(row, "became_master")}};
}

double sum(const Json& rows, const char* name) {
  double all = 0;
  for (const auto& row : rows)
    all += number_at(row, name);
  return all;
}

std::string headline(const TopSample& now, const Json& rows) {
  std::map<std::string, int> states;
  for (const auto& row : rows)
    ++states[text_at(row, "state")];
  std::string text =
      fmt::format("instance \"{}\", pid {}:", text_at(member(now.status, "daemon"), "instance"),
                  digits_at(member(now.status, "daemon"), "pid"));
  for (const auto& [state, count] : states)
    text += fmt::format(" {} {},", count, state);
  return text + fmt::format(" {:.0f} adverts/s sent, {:.0f} heard, {:.0f} bad\n", sum(rows, "sent_per_s"),
                            sum(rows, "received_per_s"), sum(rows, "bad_per_s"));
}

} // namespace

Json top_json(const std::optional<TopSample>& before, const TopSample& now) {
  const auto earlier = by_name(before);
  const double seconds = before ? std::chrono::duration<double>(now.at - before->at).count() : 0;
  Json rows = Json::array();
  for (const auto& router : member(now.status, "instances")) {
    const auto found = earlier.find(text_at(router, "name"));
    rows.push_back(row_json(found == earlier.end() ? nullptr : found->second, router, seconds));
  }
  return {{"schema", kSchema},
          {"instance", text_at(member(now.status, "daemon"), "instance")},
          {"seconds", before ? Json(seconds) : Json{}},
          {"virtual_routers", std::move(rows)}};
}

std::string top_text(const std::optional<TopSample>& before, const TopSample& now, std::size_t lines,
                     bool colours) {
  constexpr auto kRight = Column::Align::Right;
  constexpr std::size_t kOtherLines = 3; // the headline, the titles, how many are left out
  const Json json = top_json(before, now);
  const Json& rows = json["virtual_routers"];
  std::vector<const Json*> sorted;
  for (const auto& row : rows)
    sorted.push_back(&row);
  std::sort(sorted.begin(), sorted.end(), [](const Json* a, const Json* b) {
    const auto key = [](const Json& row) {
      return std::pair{rank(text_at(row, "state")), text_at(row, "name")};
    };
    return key(*a) < key(*b);
  });
  const std::size_t shown =
      lines == 0 ? sorted.size() : std::min(sorted.size(), lines > kOtherLines ? lines - kOtherLines : 1);
  Table table{{{"NAME"},
               {"INTERFACE"},
               {"VRID", kRight},
               {"FAMILY"},
               {"STATE"},
               {"FOR", kRight},
               {"PRIORITY", kRight},
               {"MASTER"},
               {"SENT/S", kRight},
               {"HEARD/S", kRight},
               {"BAD/S", kRight},
               {"BECAME MASTER", kRight}}};
  for (std::size_t i = 0; i < shown; ++i)
    table.add(cells(*sorted[i]));
  std::string text = headline(now, rows) + table.text(colours);
  if (shown < sorted.size())
    text += fmt::format("and {} more\n", sorted.size() - shown);
  return text;
}

} // namespace xvrrp::cli
