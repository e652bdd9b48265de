// SPDX-License-Identifier: BSD-2-Clause
#include "platform/nat.hpp"

#include <algorithm>

#include <nftables/libnftables.h>

namespace xvrrp::platform {

namespace {

std::string table_of(std::string_view instance) {
  return "inet xvrrp_" + std::string{instance};
}

// A deletion that succeeds whether or not the table is there (`destroy` needs kernel 6.3).
std::string delete_if_there(const std::string& table) {
  return "add table " + table + "\ndelete table " + table + "\n";
}

std::string nat_chain(std::size_t router) {
  return "vr" + std::to_string(router) + "_nat";
}
std::string pass_chain(std::size_t router) {
  return "vr" + std::to_string(router) + "_pass";
}

// What the kernel allows in a name is more than what nft's quoted strings take; an asterisk would match other
// names too.
bool is_expressible(const std::string& interface) {
  return !interface.empty() && std::all_of(interface.begin(), interface.end(), [](char c) {
    return c > ' ' && c < 127 && c != '"' && c != '\\' && c != '*';
  });
}

std::string comment(const std::string& name) {
  constexpr std::size_t kLongest = 64; // nftables stores 128 bytes
  std::string text = name.substr(0, kLongest);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~' || c == '"' || c == '\\'; }, '?');
  return "comment \"" + text + "\"";
}

std::string selector(const NatVr& router, const NatRuleSpec& rule) {
  std::string text =
      R"(meta nfproto ipv4 iifname ")" + router.interface + R"(" oifname ")" + rule.oif + "\" ";
  if (rule.from)
    text += "ip saddr " + rule.from->text() + " ";
  return text;
}

std::string translation(const NatRuleSpec& rule) {
  return rule.kind == NatRuleSpec::Kind::Snat ? "snat ip to " + rule.source->text() : "masquerade";
}

Status check(const NatVr& router) {
  for (const auto& rule : router.rules) {
    const auto wrong = [&](const std::string& why) {
      return Error{ErrorKind::Usage, "virtual_nat of " + router.name + ": " + why};
    };
    for (const auto& interface : {router.interface, rule.oif}) {
      if (!is_expressible(interface))
        return wrong("nftables cannot name the interface \"" + interface + "\"");
    }
    if (rule.from && rule.from->address.family() != Family::IPv4)
      return wrong("from " + rule.from->text() + " is not IPv4");
    const bool snat = rule.kind == NatRuleSpec::Kind::Snat;
    if (snat && (!rule.source || rule.source->family() != Family::IPv4))
      return wrong("snat needs an IPv4 source address");
  }
  return Done{};
}

std::string staging(const std::string& table, const std::vector<NatVr>& routers) {
  std::string chains;
  std::string nat_jumps;
  std::string pass_jumps;
  std::string drops;
  std::string guards;
  for (std::size_t i = 0; i < routers.size(); ++i) {
    const auto& router = routers[i];
    const std::string named = comment(router.name);
    chains += "chain " + nat_chain(i) + " { " + named + "; }\n";
    chains += "chain " + pass_chain(i) + " { " + named + "; }\n";
    nat_jumps += "jump " + nat_chain(i) + "\n";
    pass_jumps += "jump " + pass_chain(i) + "\n";
    for (const auto& rule : router.rules) {
      drops += selector(router, rule) + "counter drop " + named + "\n";
      guards += selector(router, rule) + "ct status & snat == 0 counter drop " + named + "\n";
    }
  }
  return delete_if_there(table) + "table " + table + " {\n" + chains +
         "chain postrouting { type nat hook postrouting priority srcnat; policy accept;\n" + nat_jumps +
         "}\n" + "chain forward { type filter hook forward priority filter; policy accept;\n" + pass_jumps +
         drops + "}\n" + "chain guard { type filter hook postrouting priority srcnat + 10; policy accept;\n" +
         guards + "}\n}\n";
}

std::string switching(const std::string& table, const std::vector<NatVr>& routers,
                      std::span<const NatSwitch> switches) {
  std::string commands;
  for (const auto& [index, active] : switches) {
    const auto& router = routers[index];
    const std::string nat = table + " " + nat_chain(index);
    const std::string pass = table + " " + pass_chain(index);
    commands.append("flush chain ").append(nat).append("\nflush chain ").append(pass).append("\n");
    if (!active)
      continue;
    for (const auto& rule : router.rules) {
      const std::string selected = " " + selector(router, rule);
      commands.append("add rule ").append(nat).append(selected).append(translation(rule)).append("\n");
      commands.append("add rule ").append(pass).append(selected).append("accept\n");
    }
  }
  return commands;
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

// libnftables answers "<cmdline>:1:1-9: Error: Could not process rule: Operation not permitted" and the
// command, underlined.
Error nft_error(const std::string& output) {
  std::string line = output.substr(0, output.find('\n'));
  for (const std::string_view ballast : {"Error: ", "Could not process rule: "}) {
    if (const auto at = line.find(ballast); at != std::string::npos)
      line.erase(0, at + ballast.size());
  }
  if (contains(line, "not permitted"))
    return {ErrorKind::Permission, "nftables: " + line + ": CAP_NET_ADMIN is missing"};
  return {ErrorKind::Failed, "nftables: " + line};
}

} // namespace

void NatTable::FreeContext::operator()(nft_ctx* context) const noexcept {
  nft_ctx_free(context);
}

Result<NatTable::Context> NatTable::make_context() {
  Context context{nft_ctx_new(NFT_CTX_DEFAULT)};
  // Without the buffers libnftables would write to stdout and stderr.
  if (!context || nft_ctx_buffer_error(context.get()) != 0 || nft_ctx_buffer_output(context.get()) != 0)
    return failed("nftables: libnftables does not start");
  return context;
}

Status NatTable::run(nft_ctx& context, const std::string& commands) {
  if (nft_run_cmd_from_buffer(&context, commands.c_str()) == 0)
    return Done{};
  return nft_error(nft_ctx_get_error_buffer(&context));
}

NatTable::NatTable(Context context, std::string table, std::vector<NatVr> routers) noexcept
    : context_(std::move(context)), table_(std::move(table)), routers_(std::move(routers)) {}

Result<NatTable> NatTable::stage(std::string_view instance, std::vector<NatVr> routers,
                                 std::span<const NatSwitch> active) {
  for (const auto& router : routers) {
    if (auto status = check(router); !status)
      return std::move(status).error();
  }
  auto context = make_context();
  if (!context)
    return std::move(context).error();
  std::string table = table_of(instance);
  if (auto status = run(**context, staging(table, routers) + switching(table, routers, active)); !status) {
    Error error = std::move(status).error();
    // Nothing in this transaction refers to what could be missing but the kernel's own parts.
    if (contains(error.message, "No such file") || contains(error.message, "not supported"))
      return Error{ErrorKind::Unsupported,
                   error.message +
                       ": virtual_nat needs a kernel >= 5.7 with nf_tables, nft_chain_nat, nft_masq, "
                       "nft_nat and nft_ct"};
    return error;
  }
  return NatTable{std::move(*context), std::move(table), std::move(routers)};
}

Status NatTable::apply(std::span<const NatSwitch> switches) {
  const std::string commands = switching(table_, routers_, switches);
  if (commands.empty())
    return Done{};
  auto status = run(*context_, commands);
  if (status)
    return status;
  const auto& first = switches.front();
  std::string what = first.active ? "switching on the NAT of " : "switching off the NAT of ";
  what += routers_[first.router].name;
  if (switches.size() > 1)
    what += " and " + std::to_string(switches.size() - 1) + " more";
  return std::move(status).error().in(what);
}

Status NatTable::activate(std::size_t router) {
  const NatSwitch on{router, true};
  return apply(std::span{&on, 1});
}

Status NatTable::deactivate(std::size_t router) {
  const NatSwitch off{router, false};
  return apply(std::span{&off, 1});
}

Status NatTable::remove() {
  if (!context_)
    return Done{};
  const Context context = std::move(context_);
  return run(*context, delete_if_there(table_));
}

Status NatTable::remove_leftover(std::string_view instance) {
  auto context = make_context();
  if (!context)
    return std::move(context).error();
  return run(**context, delete_if_there(table_of(instance)));
}

NatTable& NatTable::operator=(NatTable&& other) noexcept {
  if (this != &other) {
    // Without deleting a table that the new object has just staged under the same name.
    if (table_ != other.table_)
      static_cast<void>(remove());
    context_ = std::move(other.context_);
    table_ = std::move(other.table_);
    routers_ = std::move(other.routers_);
  }
  return *this;
}

NatTable::~NatTable() {
  static_cast<void>(remove());
}

} // namespace xvrrp::platform
