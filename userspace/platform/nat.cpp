// SPDX-License-Identifier: BSD-2-Clause
#include "platform/nat.hpp"

#include <linux/netlink.h>
#include <nftables/libnftables.h>
#include <sys/socket.h>

#include "platform/nat_ruleset.hpp"
#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

namespace {

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
  return {ErrorKind::Failed, "nftables: " + line};
}

} // namespace

void NatTable::FreeContext::operator()(nft_ctx* context) const noexcept {
  nft_ctx_free(context);
}

// libnftables ends the process (NFT_EXIT_NONL) when it cannot open its socket.
Result<NatTable::Context> NatTable::make_context() {
  UniqueFd probe{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER)};
  if (!probe)
    return system_error("nftables: opening a netlink socket");
  probe.reset();
  Context context{nft_ctx_new(NFT_CTX_DEFAULT)};
  // Without the buffers libnftables would write to stdout and stderr.
  if (!context || nft_ctx_buffer_error(context.get()) != 0 || nft_ctx_buffer_output(context.get()) != 0)
    return failed("nftables: libnftables does not start");
  return context;
}

Status NatTable::run(nft_ctx& context, const std::string& table, const std::string& commands) {
  if (nft_run_cmd_from_buffer(&context, commands.c_str()) == 0)
    return Done{};
  auto error = nft_error(nft_ctx_get_error_buffer(&context));
  if (!contains(error.message, "not permitted"))
    return error;
  // Without the capability there is no listing either.
  if (contains(listing(context, table), "flags owner"))
    return Error{ErrorKind::Conflict, "nftables: table " + table +
                                          " is owned by another process, which \"nft list table " + table +
                                          "\" names: end it, or give one of the two another name"};
  return Error{ErrorKind::Permission, error.message + ": CAP_NET_ADMIN is missing"};
}

// Without the numbers of counters, which change by themselves.
std::string NatTable::listing(nft_ctx& context, const std::string& table) {
  nft_ctx_output_set_flags(&context, NFT_CTX_OUTPUT_STATELESS);
  if (nft_run_cmd_from_buffer(&context, ("list table " + table).c_str()) != 0)
    return "";
  return nft_ctx_get_output_buffer(&context);
}

NatTable::NatTable(Context context, std::string table, std::vector<NatVr> routers)
    : context_(std::move(context)), table_(std::move(table)), routers_(std::move(routers)),
      active_(routers_.size()), left_as_(listing(*context_, table_)) {}

Result<NatTable> NatTable::stage(std::string_view instance, std::vector<NatVr> routers,
                                 std::span<const NatSwitch> active) {
  for (const auto& router : routers) {
    if (auto status = nat_ruleset::check(router); !status)
      return std::move(status).error();
  }
  auto context = make_context();
  if (!context)
    return std::move(context).error();
  std::string table = nat_ruleset::table_of(instance);
  if (auto status =
          run(**context, table,
              nat_ruleset::staging(table, routers) + nat_ruleset::switching(table, routers, active));
      !status) {
    Error error = std::move(status).error();
    // Nothing in this transaction refers to what could be missing but the kernel's own parts.
    if (contains(error.message, "No such file") || contains(error.message, "not supported"))
      return Error{ErrorKind::Unsupported,
                   error.message +
                       ": virtual_nat needs a kernel >= 5.7 with nf_tables, nft_chain_nat, nft_masq, "
                       "nft_nat and nft_ct"};
    return error;
  }
  NatTable staged{std::move(*context), std::move(table), std::move(routers)};
  for (const auto& [router, is_on] : active)
    staged.active_[router] = is_on;
  return staged;
}

Status NatTable::apply(std::span<const NatSwitch> switches) {
  const std::string commands = nat_ruleset::switching(table_, routers_, switches);
  if (commands.empty())
    return Done{};
  for (const auto& [router, is_on] : switches)
    active_[router] = is_on;
  auto status = run(*context_, table_, commands);
  if (status) {
    left_as_ = listing(*context_, table_);
    return status;
  }
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

bool NatTable::is_intact() {
  return !left_as_.empty() && listing(*context_, table_) == left_as_;
}

Status NatTable::repair() {
  std::vector<NatSwitch> active;
  for (std::size_t router = 0; router < routers_.size(); ++router) {
    if (active_[router])
      active.push_back({router, true});
  }
  if (auto status =
          run(*context_, table_,
              nat_ruleset::staging(table_, routers_) + nat_ruleset::switching(table_, routers_, active));
      !status)
    return std::move(status).error().in("repairing the table " + table_);
  left_as_ = listing(*context_, table_);
  return Done{};
}

Status NatTable::remove() {
  if (!context_)
    return Done{};
  const Context context = std::move(context_);
  return run(*context, table_, nat_ruleset::deletion(table_));
}

Status NatTable::remove_leftover(std::string_view instance) {
  auto context = make_context();
  if (!context)
    return std::move(context).error();
  const auto table = nat_ruleset::table_of(instance);
  return run(**context, table, nat_ruleset::deletion(table));
}

NatTable& NatTable::operator=(NatTable&& other) noexcept {
  if (this != &other) {
    // Without deleting a table that the new object has just staged under the same name.
    if (table_ != other.table_)
      static_cast<void>(remove());
    context_ = std::move(other.context_);
    table_ = std::move(other.table_);
    routers_ = std::move(other.routers_);
    active_ = std::move(other.active_);
    left_as_ = std::move(other.left_as_);
  }
  return *this;
}

NatTable::~NatTable() {
  static_cast<void>(remove());
}

} // namespace xvrrp::platform
