// SPDX-License-Identifier: BSD-2-Clause
// Elections that are wrong, each in one way: in what they do, or in what they take for the truth.
#include <functional>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "mutants.hpp"

namespace xvrrp::sim {
namespace {

using election::AddressChange;
using election::Announcement;
using election::Effects;
using election::PendingAdvert;
using election::SendError;

/// Does as it is told.
class Obedient : public Effects {
public:
  explicit Obedient(Effects& obeyed) : real(obeyed) {}

  Instant now() noexcept override { return real.now(); }
  void take_events() noexcept override { real.take_events(); }
  std::optional<xv_vr_live> live(const xv_vr_key& key) const noexcept override { return real.live(key); }
  std::uint64_t lease_end(std::uint32_t slot) const noexcept override { return real.lease_end(slot); }
  void renew_lease(std::uint32_t slot, std::uint64_t until_ns) noexcept override {
    real.renew_lease(slot, until_ns);
  }
  int run(xv_command& command) noexcept override { return real.run(command); }
  int configure(const election::Participant& router) noexcept override { return real.configure(router); }
  void send_adverts(std::span<PendingAdvert> adverts) noexcept override { real.send_adverts(adverts); }
  std::size_t change_addresses(const AddressChange& change, SendError& error) noexcept override {
    return real.change_addresses(change, error);
  }
  bool announce(const Announcement& what, Announcement::When when, SendError& error) noexcept override {
    return real.announce(what, when, error);
  }
  void send_announcements(SendError& error) noexcept override { real.send_announcements(error); }
  void settled(const election::Fleet& fleet) noexcept override { real.settled(fleet); }
  void wake_manager() noexcept override { real.wake_manager(); }

protected:
  Effects& real;
};

template <typename Wrong>
Mutant mutant(std::string name, std::string caught_by) {
  class OfElection final : public Mutation {
  public:
    std::unique_ptr<Effects> replace(Effects& real) override { return std::make_unique<Wrong>(real); }
    bool is_of_protocol() const override { return false; }
  };
  return {std::move(name), std::move(caught_by), [] { return std::make_unique<OfElection>(); }};
}

// ---- leases ----

struct NeverRenews final : Obedient {
  using Obedient::Obedient;
  void renew_lease(std::uint32_t, std::uint64_t) noexcept override {}
};

struct RenewsForTooLong final : Obedient {
  using Obedient::Obedient;
  void renew_lease(std::uint32_t slot, std::uint64_t until_ns) noexcept override {
    const auto now_ns = to_ns(real.now());
    real.renew_lease(slot, until_ns > now_ns ? until_ns + (until_ns - now_ns) : until_ns);
  }
};

struct RenewsWithoutAnAdvert final : Obedient {
  using Obedient::Obedient;
  void send_adverts(std::span<PendingAdvert> adverts) noexcept override {
    real.send_adverts(adverts);
    for (const auto& advert : adverts) {
      if (!advert.left && advert.lease > Nanoseconds::zero())
        real.renew_lease(advert.router->plan().lease_slot, to_ns(real.now() + advert.lease));
    }
  }
};

struct TakesRefusalsForSent final : Obedient {
  using Obedient::Obedient;
  void send_adverts(std::span<PendingAdvert> adverts) noexcept override {
    real.send_adverts(adverts);
    for (auto& advert : adverts) {
      advert.left = true;
      advert.error = 0;
    }
  }
};

struct BelievesAnyLease final : Obedient {
  using Obedient::Obedient;
  std::uint64_t lease_end(std::uint32_t) const noexcept override { return UINT64_MAX; }
};

// ---- what the data plane is told, and says ----

struct DoesNotTellThatItIsMaster final : Obedient {
  using Obedient::Obedient;
  int run(xv_command& command) noexcept override {
    return command.role == XV_ROLE_MASTER ? 0 : real.run(command);
  }
};

struct TellsAnotherGeneration final : Obedient {
  using Obedient::Obedient;
  int run(xv_command& command) noexcept override {
    --command.generation;
    return real.run(command);
  }
};

struct ConfiguresOnce final : Obedient {
  using Obedient::Obedient;
  int configure(const election::Participant& router) noexcept override {
    return configured_.insert(&router).second ? real.configure(router) : 0;
  }

private:
  std::set<const election::Participant*> configured_;
};

struct AsksNobody final : Obedient {
  using Obedient::Obedient;
  std::optional<xv_vr_live> live(const xv_vr_key&) const noexcept override { return std::nullopt; }
};

// ---- addresses, announcements, and what comes first ----

struct KeepsAddresses final : Obedient {
  using Obedient::Obedient;
  std::size_t change_addresses(const AddressChange& change, SendError& error) noexcept override {
    return change.kind == AddressChange::Kind::Remove ? 1 : real.change_addresses(change, error);
  }
};

struct InstallsAfterAnnouncing final : Obedient {
  using Obedient::Obedient;
  std::size_t change_addresses(const AddressChange& change, SendError& error) noexcept override {
    if (change.kind != AddressChange::Kind::Install)
      return real.change_addresses(change, error);
    late_.push_back(change);
    return 1;
  }
  void send_announcements(SendError& error) noexcept override {
    for (const auto& change : std::exchange(late_, {}))
      real.change_addresses(change, error);
    real.send_announcements(error);
  }

private:
  std::vector<AddressChange> late_;
};

struct AnnouncesBeforeAdvertising final : Obedient {
  using Obedient::Obedient;
  void send_adverts(std::span<PendingAdvert> adverts) noexcept override {
    for (auto& advert : adverts) {
      late_.push_back(advert);
      advert.left = true;
    }
  }
  bool announce(const Announcement& what, Announcement::When when, SendError& error) noexcept override {
    const bool paced = real.announce(what, when, error);
    if (when == Announcement::When::AfterAddresses) {
      real.send_adverts(late_);
      late_.clear();
    }
    return paced;
  }

private:
  std::vector<PendingAdvert> late_;
};

} // namespace

const std::vector<Mutant>& turn_mutants() {
  static const std::vector<Mutant> all{
      mutant<NeverRenews>("no lease is renewed", "effects"),
      mutant<RenewsForTooLong>("leases last twice as long", "lease"),
      mutant<RenewsWithoutAnAdvert>("an advert that was refused renews the lease", "effects"),
      mutant<TakesRefusalsForSent>("an advert that was refused is thought to have left", "lease"),
      mutant<BelievesAnyLease>("a killed Master goes on when its lease is over", "effects"),
      mutant<DoesNotTellThatItIsMaster>("the data plane is not told of a Master", "effects"),
      mutant<TellsAnotherGeneration>("the data plane is told another generation", "takeover-time"),
      mutant<ConfiguresOnce>("the data plane is not told of another configuration", "takeover-time"),
      mutant<AsksNobody>("the data plane is not asked when a timer is due", "takeover-time"),
      mutant<KeepsAddresses>("addresses stay on the interface", "effects"),
      mutant<InstallsAfterAnnouncing>("addresses are installed after their announcement", "effects"),
      mutant<AnnouncesBeforeAdvertising>("the first advert comes after the announcement", "effects"),
  };
  return all;
}

} // namespace xvrrp::sim
