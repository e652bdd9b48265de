// SPDX-License-Identifier: BSD-2-Clause
// What the running xvrrpd says of itself and of its virtual routers.
#include <fmt/format.h>

#include "cli/doctor.hpp"
#include "cli/guards.hpp"

namespace xvrrp::cli::doctor {
namespace {

std::string about(const Json& router) {
  return text_at(router, "name") + " on " + text_at(router, "interface");
}

bool says(const Json& object, const char* key) {
  return member(object, key) == Json(true);
}

void examine_process(const Facts& facts, const Json& daemon, Findings& findings) {
  if (!says(daemon, "realtime"))
    findings.push_back({Code::not_realtime, "xvrrpd", text_at(daemon, "realtime_warning"),
                        "start it as root, or with CAP_SYS_NICE and CAP_IPC_LOCK"});
  if (text_at(daemon, "master_down_timer") != "kernel")
    findings.push_back({Code::own_timer, "xvrrpd",
                        "the daemon times the Master itself, for the kernel has no timer for it",
                        command_line(facts.instance, "features")});
  if (number_at(daemon, "send_failures") > 0)
    findings.push_back({Code::send_failures, "xvrrpd",
                        digits_at(daemon, "send_failures") + " packets could not be sent since its start",
                        "see its log for the interface and the reason"});
  if (number_at(daemon, "lost_log_lines") > 0)
    findings.push_back({Code::log_lost, "xvrrpd",
                        digits_at(daemon, "lost_log_lines") +
                            " lines of its log were lost: who reads it stands still, or did",
                        "see what reads its standard error, or what journald or syslogd does"});
  if (number_at(daemon, "lost_transitions") > 0)
    findings.push_back({Code::transitions_lost, "xvrrpd",
                        digits_at(daemon, "lost_transitions") +
                            " transitions were not logged and ran no scripts, only the last ones of a "
                            "sequence did: the manager thread was held up",
                        "find what keeps the processors busy: top -H -p " + digits_at(daemon, "pid")});
  for (const auto& [interface, problem] : member(daemon, "unguarded").items())
    findings.push_back(
        {Code::unguarded, interface,
         "the host takes packets to virtual addresses of other interfaces here, fenced, no_accept "
         "or not: " +
             problem.get<std::string>(),
         "tc filter show dev " + interface + " ingress; xvrrpd tries again every second"});
}

void examine_router(const Facts& facts, const Json& router, Findings& findings) {
  const auto where = about(router);
  const auto& xdp = member(router, "xdp");
  const auto mode = text_at(xdp, "mode");
  const auto name = text_at(router, "name");
  if (mode == "none")
    findings.push_back({Code::xdp_missing, where, "the XDP program is not on " + text_at(xdp, "device"),
                        "ip -d link show " + text_at(xdp, "device")});
  if (mode == "skb") {
    const auto why = text_at(xdp, "fallback");
    findings.push_back({Code::skb_mode, where,
                        "XDP runs in skb mode, after the driver: slower under a flood" +
                            (why.empty() ? "" : " (" + why + ")"),
                        "use an interface whose driver has native XDP, and no --mode skb"});
  }
  if (const auto why = text_at(router, "advert_error"); !why.empty())
    findings.push_back(
        {Code::adverts_refused, where,
         "the kernel refuses its adverts: " + why + "; as Master it is fenced while none leaves",
         "look for what drops them: nft list ruleset, tc filter show, ip route, and the MTU in ip "
         "link show dev " +
             text_at(router, "interface")});
  if (const auto why = text_at(router, "role_error"); !why.empty())
    findings.push_back({Code::role_refused, where, "the data plane has another role than the daemon: " + why,
                        "the daemon tells it again; if this stays, restart xvrrpd"});
  if (says(router, "drained"))
    findings.push_back(
        {Code::drained, where, "drained: it takes no part", command_line(facts.instance, "undrain " + name)});
  else if (text_at(router, "state") == "FAULT") {
    const auto problem = text_at(router, "problem");
    findings.push_back(
        {Code::fault, where, problem.empty() ? text_at(router, "reason_text") : problem,
         command_line(facts.instance, "status") + ": `tracked` and `reason` say what is down"});
  }
}

} // namespace

void examine_daemon(const Facts& facts, Findings& findings) {
  if (!facts.status)
    return;
  examine_process(facts, member(*facts.status, "daemon"), findings);
  for (const auto& router : member(*facts.status, "instances"))
    examine_router(facts, router, findings);
}

} // namespace xvrrp::cli::doctor
