// SPDX-License-Identifier: BSD-2-Clause
// No two Masters that may be believed, as far as a lease can see to that.
#pragma once

#include <optional>
#include <vector>

#include "sim/checkers/seats.hpp"
#include "sim/checkers/verdict.hpp"

namespace xvrrp::sim {

/// A Backup that heard the last advert that left a Master takes over from it, whose silence it is then, when
/// that Master's lease has run out, whatever became of its daemon: docs/decisions/0009, 0039.
class Lease final : public Observer {
public:
  explicit Lease(Verdict& verdict) : verdict_(verdict) {}

  void stepped(const Step& step) override;
  void heard(const Seat& seat, const core::Advert& advert, Instant arrival, Moment at) override;
  void sent(const Seat& seat, const core::Advert& advert, Moment at) override;
  void told(const Seat& seat, xv_role role, Moment at) override;
  void leased(const Seat& seat, std::uint64_t until_ns, Instant now, Moment at) override;
  void paused(std::uint32_t node, Moment at) override;
  void resumed(std::uint32_t node, Moment at) override;

  std::uint64_t judged() const { return judged_; } ///< takeovers beside a Master that was not told of them

private:
  struct Note {
    const Seat* seat = nullptr;
    // Of a Master, as its data plane has it.
    bool master = false;
    std::optional<Moment> left;   ///< its last advert, since it is Master
    std::optional<Moment> leased; ///< when its lease was written last, ...
    Nanoseconds term{};           ///< ... and for how long
    // Of a Backup.
    std::optional<IpAddress> heard_from; ///< the last advert that it obeyed, ...
    Moment heard_at{};                   ///< ... and when
  };

  Note& note_of(const Seat& seat);
  void judge(const Step& step, const Note& backup, const Note& master);

  Verdict& verdict_;
  std::vector<std::vector<Note>> groups_; ///< by group and node
  PausedNodes paused_;
  std::uint64_t judged_ = 0;
};

} // namespace xvrrp::sim
