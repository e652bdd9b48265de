// SPDX-License-Identifier: BSD-2-Clause
#include "controller/dump_text.hpp"

#include <ctime>
#include <span>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "config/values.hpp"
#include "controller/dump_lines.hpp"

namespace xvrrp::controller {
namespace {

using Kind = config::Tracked::Kind;

/// Grows line by line; how far a line is indented tells readers what it belongs to.
class Text {
public:
  void section(const std::string& name) { text_ += "------< " + name + " >------\n"; }
  void item(const char* what, const std::string& name) { text_ += fmt::format(" {} = {}\n", what, name); }
  template <typename Value>
  void value(const char* key, const Value& value) {
    text_ += fmt::format("   {} = {}\n", key, value);
  }
  void line(const std::string& words) { text_ += "   " + words + "\n"; }
  void entry(const std::string& words) { text_ += "     " + words + "\n"; }
  std::string take() { return std::move(text_); }

private:
  std::string text_;
};

const char* true_or_false(bool value) {
  return value ? "true" : "false";
}
const char* enabled(bool value) {
  return value ? "enabled" : "disabled";
}

auto microseconds(Nanoseconds duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

/// "1795478030.703406 (Mon Nov 23 23:53:50.703406 2026)", in local time.
std::string moment(Nanoseconds since_epoch) {
  const auto whole = static_cast<std::time_t>(microseconds(since_epoch) / 1'000'000);
  const auto fraction = microseconds(since_epoch) % 1'000'000;
  std::tm local{};
  ::localtime_r(&whole, &local);
  return fmt::format("{0}.{1:06} ({2:%a %b} {3:2} {2:%H:%M:%S}.{1:06} {2:%Y})", whole, fraction, local,
                     local.tm_mday);
}

/// Version 2 counts in seconds.
std::string interval(core::Version version, Nanoseconds duration) {
  if (version == core::Version::V2)
    return config::seconds_text(duration) + " sec";
  return fmt::format("{} milli-sec", duration / std::chrono::milliseconds{1});
}

std::string microseconds_as_seconds(Nanoseconds duration) {
  return fmt::format("{:.6f}s", std::chrono::duration<double>(duration).count());
}

std::string weight(const config::Tracked& tracked) {
  return fmt::format("weight {}{}", tracked.weight, tracked.reverse ? " reverse" : "");
}

// ---- a virtual router ----

void write_state(Text& text, const DumpedRouter& router) {
  const auto& [instance, status, stats, priority, ifindex, source, since, tracked] = router;
  const bool is_ipv6 = instance.router.family == Family::IPv6;
  text.item("VRRP Instance", instance.name);
  text.value("VRRP Version", static_cast<int>(instance.router.version));
  if (!instance.sync_group.empty())
    text.value("Sync group", instance.sync_group);
  if (is_ipv6)
    text.line("Using Native IPv6");
  text.value("State", core::name(status.state));
  if (status.state == core::State::Backup && status.master_known) {
    text.value("Master router", status.master_address.text());
    text.value("Master priority", status.master_priority);
    if (instance.router.version == core::Version::V3)
      text.value(
          "Master advert int",
          fmt::format("{:.2f} sec", std::chrono::duration<double>(status.master_adver_interval).count()));
  }
  const bool has_flags = !instance.unicast_peers.empty() || !instance.router.preempt;
  text.line(has_flags ? "Flags:" : "Flags: none");
  if (!instance.unicast_peers.empty())
    text.entry("Using unicast");
  text.value("Wantstate", core::name(status.state));
  text.value("Number of config faults", 0);
  text.value("Number of interface and track script faults", status.state == core::State::Fault ? 1 : 0);
  text.value("Last transition", moment(since));
  text.value("Master down timer", fmt::format("{} usecs", microseconds(status.master_down_interval)));
}

void write_transport(Text& text, const DumpedRouter& router) {
  const auto& instance = router.instance;
  text.value("Interface", instance.interface);
  if (!instance.track_primary)
    text.line("VRRP interface tracking disabled");
  const bool is_configured = !instance.router.primary_address.is_unspecified();
  text.value("Using src_ip", router.source.is_unspecified()
                                 ? "(none)"
                                 : router.source.text() + (is_configured ? " (from configuration)" : ""));
  if (!instance.unicast_peers.empty())
    return;
  if (instance.router.family == Family::IPv4)
    text.line("Multicast address 224.0.0.18");
  else
    text.line(fmt::format("Multicast address ff02::12, ifindex {}", router.ifindex));
}

void write_settings(Text& text, const DumpedRouter& router) {
  const auto& instance = router.instance;
  const auto& config = instance.router;
  const auto& announce = config.announce;
  text.value("Gratuitous ARP delay", config::seconds_text(announce.second_burst_delay));
  text.value("Gratuitous ARP repeat", announce.repeat);
  text.value("Gratuitous ARP refresh", config::seconds_text(announce.refresh_interval));
  text.value("Gratuitous ARP refresh repeat", announce.refresh_repeat);
  text.value("Gratuitous ARP lower priority delay", config::seconds_text(announce.contested_delay));
  text.value("Gratuitous ARP lower priority repeat", announce.contested_repeat);
  text.value("Down timer adverts", config.down_adverts);
  text.value("Send advert after receive lower priority advert", true_or_false(config.answer_lower_priority));
  text.value("Send advert after receive higher priority advert",
             true_or_false(config.advertise_when_yielding));
  text.value("Virtual Router ID", config.vrid);
  text.value("Priority", config.priority);
  text.value("Effective priority", router.effective_priority);
  text.value("Total priority", router.effective_priority);
  text.value("Advert interval", interval(config.version, config.advertisement_interval));
  if (router.status.state == core::State::Backup && config.version == core::Version::V3)
    text.value("Master advert interval", interval(config.version, router.status.master_adver_interval));
  text.value("Accept", enabled(instance.accept));
  text.value("Preempt", enabled(config.preempt));
  if (config.preempt_delay != Nanoseconds{0})
    text.value("Preempt delay", config::seconds_text(config.preempt_delay) + " secs");
  text.value("Promote_secondaries", enabled(instance.promote_secondaries));
  if (config.version != core::Version::V2)
    return;
  const bool has_password = instance.authentication.type == config::AuthenticationType::Pass;
  text.value("Authentication type", has_password ? "SIMPLE_PASSWORD" : "none");
  if (has_password)
    text.value("Password", kHidden);
}

void write_addresses(Text& text, const DumpedRouter& router) {
  const auto& instance = router.instance;
  const auto write = [&](std::span<const config::VirtualAddress> addresses) {
    for (const auto& address : addresses)
      text.entry(dump_line(address, instance.interface, router.is_master()));
  };
  text.line(fmt::format("Virtual IP ({}):", instance.advertised().size()));
  write(instance.advertised());
  if (instance.excluded > 0) {
    text.line("Virtual IP Excluded :");
    write(std::span{instance.addresses}.last(instance.excluded));
  }
  if (!instance.unicast_peers.empty()) {
    text.value("Unicast TTL", 255);
    text.line("Check unicast src : yes");
    text.line("Unicast Peer :");
    for (const auto& peer : instance.unicast_peers)
      text.entry(peer.text() + " min_ttl 255 max_ttl 255");
  }
  if (!instance.routes.empty()) {
    text.line("Virtual Routes :");
    for (const auto& route : instance.routes)
      text.entry(dump_line(route));
  }
  if (!instance.rules.empty()) {
    text.line("Virtual Rules :");
    for (const auto& rule : instance.rules)
      text.entry(dump_line(rule));
  }
}

void write_tracked(Text& text, const DumpedRouter& router) {
  struct List {
    Kind kind;
    const char* title;
    const char* separator;
  };
  constexpr List kLists[] = {{Kind::Interface, "Tracked interfaces :", " "},
                             {Kind::Script, "Tracked scripts :", " "},
                             {Kind::File, "Tracked files :", ", "},
                             {Kind::Process, "Tracked processes :", ", "}};
  for (const auto& [kind, title, separator] : kLists) {
    bool is_first = true;
    for (const auto& thing : router.tracked) {
      if (thing.tracked.kind != kind)
        continue;
      if (std::exchange(is_first, false))
        text.line(title);
      text.entry(thing.tracked.name + separator + weight(thing.tracked));
    }
  }
}

void write_notify(Text& text, const config::Notify& notify) {
  text.line("Using smtp notification = no");
  text.value("Notify deleted", notify.deleted ? "Deleted" : "Fault");
  const std::pair<const char*, const std::optional<config::Script>*> scripts[] = {
      {"Backup", &notify.backup},
      {"Master", &notify.master},
      {"Fault", &notify.fault},
      {"Stop", &notify.stop},
      {"Deleted", &notify.deleted},
      {"Generic", &notify.any},
      {"Master rx lower pri", &notify.losing_advert}};
  for (const auto& [what, script] : scripts) {
    if (*script)
      text.line(fmt::format("{} state transition script = {}, uid:gid {}:{}", what, dump_line(**script),
                            (*script)->user->user, (*script)->user->group));
  }
  text.value("Notify priority changes", true_or_false(notify.priority_changes));
}

// ---- what routers share ----

void write_tracking_routers(Text& text, const DumpedState& state, Kind kind, const std::string& name) {
  text.line("Tracking instances :");
  for (const auto& router : state.routers) {
    for (const auto& thing : router.tracked) {
      if (thing.tracked.kind == kind && thing.tracked.name == name)
        text.entry(router.instance.name + ", " + weight(thing.tracked));
    }
  }
}

void write_groups(Text& text, const DumpedState& state) {
  if (state.groups.empty())
    return;
  text.section("VRRP Sync groups");
  for (const auto& [group, group_state] : state.groups) {
    text.item("VRRP Sync Group", group.name + ", " + core::name(group_state));
    text.line("VRRP member instances :");
    for (const auto& member : group.members)
      text.entry(member);
  }
}

void write_scripts(Text& text, const DumpedState& state) {
  if (state.scripts.empty())
    return;
  text.section("VRRP Scripts");
  for (const auto& [script, up, is_running] : state.scripts) {
    text.item("VRRP Script", script.name);
    text.value("Command", dump_line(script.script));
    text.value("Interval", config::seconds_text(script.interval) + " sec");
    text.value("Timeout", config::seconds_text(script.timeout) + " sec");
    text.value("Weight", script.weight);
    text.value("Rise", script.rise);
    text.value("Fall", script.fall);
    text.value("Status", up ? "GOOD" : "BAD");
    text.value("Script uid:gid", fmt::format("{}:{}", script.script.user->user, script.script.user->group));
    write_tracking_routers(text, state, Kind::Script, script.name);
    text.value("State", is_running ? "running" : "idle");
  }
}

void write_files(Text& text, const DumpedState& state) {
  bool is_first = true;
  for (const auto& file : state.configuration.files) {
    const auto* thing = find_tracked(state, Kind::File, file.name);
    if (thing == nullptr)
      continue;
    if (std::exchange(is_first, false))
      text.section("VRRP Track files");
    text.item("Track file", file.name);
    text.value("File", file.path);
    text.value("Status", thing->number);
    text.value("Weight", file.weight);
    write_tracking_routers(text, state, Kind::File, file.name);
  }
}

void write_processes(Text& text, const DumpedState& state) {
  bool is_first = true;
  for (const auto& process : state.configuration.processes) {
    const auto* thing = find_tracked(state, Kind::Process, process.name);
    if (thing == nullptr)
      continue;
    if (std::exchange(is_first, false))
      text.section("VRRP Track processes");
    text.item("VRRP Track process", process.name);
    text.value("Process", process.program);
    text.value("Min processes", process.quorum);
    text.value("Current processes", thing->number);
    text.value("Have quorum", true_or_false(thing->up.value_or(false)));
    text.value("Weight", process.weight);
    text.value("Terminate delay", microseconds_as_seconds(process.terminate_delay));
    text.value("Fork delay", microseconds_as_seconds(process.fork_delay));
    text.value("Full command", true_or_false(process.full_command));
    write_tracking_routers(text, state, Kind::Process, process.name);
  }
}

/// Always there: some readers take the last router only when another section follows.
void write_interfaces(Text& text, const DumpedState& state) {
  text.section("Interfaces");
  for (const auto& [index, interface] : state.interfaces) {
    text.item("Name", interface.name);
    text.value("index", index);
    if (!interface.loopback)
      text.value("MAC", fmt::format("{:02x}", fmt::join(interface.mac, ":")));
    text.value("State", fmt::format("{}UP, {}RUNNING{}", interface.admin_up ? "" : "not ",
                                    interface.carrier ? "" : "not ", interface.loopback ? ", loopback" : ""));
    text.value("MTU", interface.mtu);
  }
}

} // namespace

std::string dump_data(const DumpedState& state) {
  const auto& configuration = state.configuration;
  Text text;
  text.section("Global definitions");
  text.item("Router ID", configuration.router_id);
  text.item("Dynamic interfaces", true_or_false(configuration.dynamic_interfaces));
  if (!configuration.static_addresses.empty()) {
    text.section("Static Addresses");
    for (const auto& address : configuration.static_addresses)
      text.entry(dump_line(address, "", /*set=*/true));
  }
  if (!configuration.static_routes.empty()) {
    text.section("Static Routes");
    for (const auto& route : configuration.static_routes)
      text.entry(dump_line(route));
  }
  if (!configuration.static_rules.empty()) {
    text.section("Static Rules");
    for (const auto& rule : configuration.static_rules)
      text.entry(dump_line(rule));
  }
  text.section("VRRP Topology");
  for (const auto& router : state.routers) {
    write_state(text, router);
    write_transport(text, router);
    write_settings(text, router);
    write_addresses(text, router);
    write_tracked(text, router);
    write_notify(text, router.instance.notify);
  }
  write_groups(text, state);
  write_scripts(text, state);
  write_files(text, state);
  write_processes(text, state);
  write_interfaces(text, state);
  return text.take();
}

std::string dump_stats(const DumpedState& state) {
  std::string text;
  for (const auto& router : state.routers) {
    const auto counters = counters_of(router);
    text += fmt::format(
        "VRRP Instance: {}\n"
        "  Advertisements:\n    Received: {}\n    Sent: {}\n"
        "  Became master: {}\n  Released master: {}\n"
        "  Packet Errors:\n    Length: {}\n    TTL: {}\n    Invalid Type: {}\n"
        "    Advertisement Interval: {}\n    Address List: {}\n"
        "  Authentication Errors:\n    Invalid Type: 0\n    Type Mismatch: {}\n    Failure: {}\n"
        "  Priority Zero:\n    Received: {}\n    Sent: {}\n",
        router.instance.name, counters.advert_rcvd, counters.advert_sent, counters.become_master,
        counters.release_master, counters.packet_len_err, counters.ip_ttl_err, counters.invalid_type_rcvd,
        counters.advert_interval_err, counters.addr_list_err, counters.authtype_mismatch,
        counters.auth_failure, counters.pri_zero_rcvd, counters.pri_zero_sent);
  }
  return text;
}

} // namespace xvrrp::controller
