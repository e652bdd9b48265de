// SPDX-License-Identifier: BSD-2-Clause
#include "sim/simulation.hpp"

#include "sim/checkers/jury.hpp"
#include "sim/digest.hpp"
#include "sim/world.hpp"

namespace xvrrp::sim {
namespace {

using namespace std::chrono_literals;

/// Longer than any election of a random scenario: 2 * (5 * 3 s + 3 s) and the delays (see
/// Roll::settle_time()).
constexpr Nanoseconds kLongestElection = 55s;
constexpr Nanoseconds kPeace = 20s; ///< in which nothing may change
constexpr std::uint32_t kNobody = UINT32_MAX;

/// Tells everybody.
class Audience final : public Observer {
public:
  Audience(Jury& jury, Digest& digest, Observer* watcher) : jury_(jury), digest_(digest), watcher_(watcher) {}

  std::uint64_t takeovers = 0;

  void configured(const Seat& seat, Moment at) override {
    each([&](auto& observer) { observer.configured(seat, at); });
  }
  void gone(const Seat& seat, Moment at) override {
    each([&](auto& observer) { observer.gone(seat, at); });
  }
  void heard(const Seat& seat, const core::Advert& advert, Instant arrival, Moment at) override {
    each([&](auto& observer) { observer.heard(seat, advert, arrival, at); });
  }
  void limited(const Seat& seat, Moment at) override {
    each([&](auto& observer) { observer.limited(seat, at); });
  }
  void stepped(const Step& step) override {
    if (const auto* change = entered(step.actions))
      takeovers += change->to == core::State::Master;
    each([&](auto& observer) { observer.stepped(step); });
  }
  void sent(const Seat& seat, const core::Advert& advert, Moment at) override {
    each([&](auto& observer) { observer.sent(seat, advert, at); });
  }
  void refused(const Seat& seat, Moment at) override {
    each([&](auto& observer) { observer.refused(seat, at); });
  }
  void told(const Seat& seat, xv_role role, Moment at) override {
    each([&](auto& observer) { observer.told(seat, role, at); });
  }
  void leased(const Seat& seat, std::uint64_t until_ns, Instant now, Moment at) override {
    each([&](auto& observer) { observer.leased(seat, until_ns, now, at); });
  }
  void addressed(const Seat& seat, bool installed, Moment at) override {
    each([&](auto& observer) { observer.addressed(seat, installed, at); });
  }
  void announced(const Seat& seat, Moment at) override {
    each([&](auto& observer) { observer.announced(seat, at); });
  }
  void rested(std::uint32_t node, Moment at) override {
    each([&](auto& observer) { observer.rested(node, at); });
  }
  void paused(std::uint32_t node, Moment at) override {
    each([&](auto& observer) { observer.paused(node, at); });
  }
  void resumed(std::uint32_t node, Moment at) override {
    each([&](auto& observer) { observer.resumed(node, at); });
  }
  void broken(Moment at) override {
    each([&](auto& observer) { observer.broken(at); });
  }
  void healed(Moment at) override {
    each([&](auto& observer) { observer.healed(at); });
  }
  void audited(Moment at, const std::vector<LocalClock>& clocks) override { jury_.audited(at, clocks); }

private:
  template <typename Function>
  void each(Function function) {
    if (watcher_)
      function(*watcher_);
    function(digest_);
    function(jury_);
  }

  Jury& jury_;
  Digest& digest_;
  Observer* watcher_;
};

/// The rounds of a run.
class Course {
public:
  Course(World& world, std::uint64_t seed) : world_(world), random_(seed), chaos_(world, random_.next()) {}

  void begin() {
    for (std::uint32_t node = 0; node < world_.node_count(); ++node) {
      world_.boot(node);
      world_.run_for(random_.between(0s, 2s));
    }
    settle();
  }

  void round() {
    ++rounds_;
    chaos_.rage(random_.between(60s, 240s));
    const bool everybody = random_.percent(70);
    chaos_.heal(everybody ? kNobody : any_node());
    settle();
    world_.run_for(random_.between(0s, kPeace));
    audit();
    lose(any_node(), true);
    lose(any_node(), false);
  }

  std::uint64_t rounds() const { return rounds_; }
  std::uint64_t groups_audited() const { return groups_audited_; }
  const Chaos& chaos() const { return chaos_; }

private:
  /// In peace one node stops, with or without a goodbye, and comes back.
  void lose(std::uint32_t node, bool goodbye) {
    if (goodbye)
      world_.shut_down(node);
    else
      world_.crash(node);
    settle();
    for (std::uint32_t off = 0; off < world_.node_count(); ++off)
      world_.boot(off);
    settle();
  }

  void settle() {
    world_.run_for(kLongestElection);
    audit();
  }

  void audit() {
    groups_audited_ += world_.group_count();
    world_.audit();
  }

  std::uint32_t any_node() { return static_cast<std::uint32_t>(random_.below(world_.node_count())); }

  World& world_;
  Random random_;
  Chaos chaos_;
  std::uint64_t rounds_ = 0;
  std::uint64_t groups_audited_ = 0;
};

} // namespace

RunReport run(const RunOptions& options, Observer* watcher, Mutation* mutation) {
  Random seeds(options.seed);
  const Scenario scenario = random_scenario(seeds.next(), options.shape);
  Digest digest;
  Jury jury(scenario.healthy.delay_max);
  Audience audience(jury, digest, watcher);
  World world(scenario, audience, mutation);
  Course course(world, seeds.next());

  const Moment start = world.now();
  course.begin();
  while (world.now() - start < options.duration)
    course.round();

  RunReport report;
  report.seed = options.seed;
  report.events = world.events();
  report.adverts = world.adverts_sent();
  report.takeovers = audience.takeovers;
  report.rounds = course.rounds();
  report.groups_judged = jury.convergence().groups_judged();
  report.groups_audited = course.groups_audited();
  report.successions = jury.succession().successions();
  report.simulated = world.now() - start;
  report.faults = course.chaos().injected();
  report.digest = digest.value();
  report.verdict = jury.verdict();
  return report;
}

} // namespace xvrrp::sim
