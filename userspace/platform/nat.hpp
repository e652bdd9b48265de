// SPDX-License-Identifier: BSD-2-Clause
// virtual_nat: source NAT that only the Master applies, switched by one small nftables transaction per
// transition.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <xvrrp/base/nat.hpp>
#include <xvrrp/base/result.hpp>

struct nft_ctx;

namespace xvrrp::platform {

/// A virtual router with NAT rules.
struct NatVr {
  std::string name;      ///< only for comments that a person reads in `nft list ruleset`
  std::string interface; ///< the `iif` of rules that name none
  std::vector<NatRule> rules;
  friend bool operator==(const NatVr&, const NatVr&) = default;
};

/// A VR becomes Master (active), or is no longer.
struct NatSwitch {
  std::size_t router = 0;
  bool active = false;
};

/// The table `inet xvrrp_INSTANCE`. Traffic that a rule selects is NATed by the Master, or it goes nowhere:
/// no packet leaves un-NATed before, during or after a takeover, and no host of ours answers in the place of
/// the one behind.
///
///   - vrN_nat is empty, or, while Master, masquerades the selected traffic or sets its source;
///   - vrN_pass is empty, or, while Master, accepts that traffic;
///   - vrN_dnat is empty, or, while Master, sets the destination of what a Dnat rule selects;
///   - postrouting (nat, srcnat) jumps to every vrN_nat, prerouting (nat, dstnat) to every vrN_dnat;
///   - forward (filter, filter) jumps to every vrN_pass, then drops and counts what any VR selects;
///   - guard (filter, after srcnat) drops selected packets without source NAT: those that connection tracking
///     does not take, and those of connections tracked before the table existed, for which the kernel asks no
///     nat chain again. What answers a connection with destination NAT has its source set by that;
///   - input and forward drop likewise what a Dnat rule selects and nobody has translated: a takeover must
///   not
///     have a connection refused, nor tracked as one without NAT.
///
/// Where two VRs select the same traffic and one of them is Master, it passes: accepts come before all drops.
/// A drop rule of another table still applies: an accept ends only this table's chain.
///
/// Manager thread only: libnftables is not thread safe, allocates, and waits for the kernel. Needs
/// CAP_NET_ADMIN and a kernel with nf_tables and nft NAT (the postrouting chain matches the input interface:
/// since 5.7). The destructor removes the table. After a crash it stays and keeps dropping; stage() replaces
/// it in one transaction.
class NatTable {
public:
  /// Builds the table with the VRs of `active` switched on and every other one inactive; one that a
  /// predecessor left is replaced in the same transaction, so that no packet finds neither. The instance's
  /// name has passed is_valid_instance_name(). Conflict when another process owns a table of this name
  /// (`flags owner`), which nobody else may change. Usage error for a rule that nftables could not express (a
  /// prefix of another family, an interface name with a quote or an asterisk).
  static Result<NatTable> stage(std::string_view instance, std::vector<NatVr> routers,
                                std::span<const NatSwitch> active = {});

  /// All switches in one transaction: they take effect together, or none does. Idempotent. The indices are
  /// those of stage()'s vector. A good part of the time is libnftables reading the chains of all tables back,
  /// so switch together what changes together: 250 VRs take 13 ms at once, 180 ms one by one.
  /// After an error repair() brings about what was asked for.
  Status apply(std::span<const NatSwitch> switches);
  /// As they were staged.
  const std::vector<NatVr>& routers() const { return routers_; }
  bool is_active(std::size_t router) const { return active_[router]; } ///< as asked for last
  Status activate(std::size_t router);
  Status deactivate(std::size_t router);
  /// Whether the table is as we left it. False too if the kernel does not say.
  bool is_intact();
  /// Stages the table again as it should be now, in one transaction, whatever somebody has made of it.
  Status repair();
  /// Deletes the table, and with it the fence. Established connections keep their NAT until the kernel
  /// forgets them.
  Status remove();

  /// Deletes what a killed predecessor with this instance name left; success if there is nothing.
  static Status remove_leftover(std::string_view instance);

  NatTable(NatTable&&) noexcept = default;
  NatTable& operator=(NatTable&&) noexcept;
  ~NatTable();

private:
  struct FreeContext {
    void operator()(nft_ctx* context) const noexcept;
  };
  using Context = std::unique_ptr<nft_ctx, FreeContext>;

  NatTable(Context context, std::string table, std::vector<NatVr> routers);
  static Result<Context> make_context();
  static Status run(nft_ctx& context, const std::string& table, const std::string& commands);
  static std::string listing(nft_ctx& context, const std::string& table);

  Context context_; ///< empty: moved from or removed
  std::string table_;
  std::vector<NatVr> routers_;
  std::vector<bool> active_; ///< by router: as asked for
  std::string left_as_;      ///< the listing after our last transaction; empty: it could not be read
};

} // namespace xvrrp::platform
