// SPDX-License-Identifier: BSD-2-Clause
#include "config/route_line.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <linux/icmpv6.h>
#include <linux/rtnetlink.h>

#include "config/entry.hpp"
#include "config/iproute_names.hpp"
#include "config/spelling.hpp"
#include "config/values.hpp"

namespace xvrrp::config {

namespace {

constexpr std::uint32_t kMaxWeight = 256;
constexpr std::uint32_t kMinRoundTrip = 200; // ms, as keepalived has it

constexpr std::pair<std::string_view, std::uint8_t> kTypes[] = {
    {"unicast", RTN_UNICAST},         {"local", RTN_LOCAL},
    {"broadcast", RTN_BROADCAST},     {"anycast", RTN_ANYCAST},
    {"multicast", RTN_MULTICAST},     {"throw", RTN_THROW},
    {"blackhole", RTN_BLACKHOLE},     {"prohibit", RTN_PROHIBIT},
    {"unreachable", RTN_UNREACHABLE}, {"nat", RTN_NAT},
};

/// What connections over the route heed.
struct Metric {
  std::string_view word;
  std::uint16_t number; ///< RTAX_*
  bool lockable;        ///< "lock" may stand before the value: it is not to be adapted to what the path does
  Range allowed;
  std::uint32_t unit; ///< of a time: so many in a millisecond; 0: it is a number
};
constexpr Metric kMetrics[] = {
    {"mtu", RTAX_MTU, true, {0, UINT32_MAX}, 0},
    {"advmss", RTAX_ADVMSS, true, {0, UINT32_MAX}, 0},
    {"rtt", RTAX_RTT, true, {}, 8},
    {"rttvar", RTAX_RTTVAR, true, {}, 4},
    {"rto_min", RTAX_RTO_MIN, true, {}, 1},
    {"reordering", RTAX_REORDERING, true, {0, UINT32_MAX}, 0},
    {"cwnd", RTAX_CWND, true, {0, UINT32_MAX}, 0},
    {"ssthresh", RTAX_SSTHRESH, true, {0, UINT32_MAX}, 0},
    {"window", RTAX_WINDOW, false, {0, UINT32_MAX}, 0},
    {"hoplimit", RTAX_HOPLIMIT, false, {0, 255}, 0},
    {"initcwnd", RTAX_INITCWND, false, {0, UINT32_MAX}, 0},
    {"initrwnd", RTAX_INITRWND, false, {0, UINT32_MAX}, 0},
    {"quickack", RTAX_QUICKACK, false, {0, 1}, 0},
    {"fastopen_no_cookie", RTAX_FASTOPEN_NO_COOKIE, false, {0, 1}, 0},
};

/// What follows each of them on its line is theirs.
constexpr std::string_view kForeignWords[] = {"encap", "as", "ttl-propagate", "track_group"};

bool goes_nowhere(std::uint8_t type) {
  return type == RTN_BLACKHOLE || type == RTN_UNREACHABLE || type == RTN_PROHIBIT || type == RTN_THROW;
}

/// keepalived's, but where the kernel would refuse it.
std::uint8_t default_scope(std::uint8_t type) {
  if (type == RTN_LOCAL || type == RTN_NAT)
    return RT_SCOPE_HOST;
  return type == RTN_BROADCAST || type == RTN_ANYCAST ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

class RouteLineReader {
public:
  RouteLineReader(Diagnostics& diagnostics, const Statement& line)
      : diagnostics_(diagnostics), words_(diagnostics, line) {
    route_.where = line.keyword().where;
  }

  std::optional<Route> run() {
    while (const Token* const word = words_.next()) {
      if (!read_word(*word))
        return std::nullopt;
    }
    finish();
    return faulty_ ? std::nullopt : std::optional{std::move(route_)};
  }

private:
  struct Option {
    std::string_view word;
    std::string_view name; ///< of several words that mean the same
    std::string_view needs;
    void (RouteLineReader::*read)(const Token& value);
  };
  static std::span<const Option> options();
  static const Option* find_option(std::string_view word) {
    for (const auto& option : options()) {
      if (option.word == word)
        return &option;
    }
    return nullptr;
  }

  /// What a hop was given, for what can be said of it only when the family is known.
  struct HopNote {
    Location where;        ///< of the gateway
    bool is_named = false; ///< by inet or inet6
  };

  void complain(const Location& where, const std::string& what) {
    diagnostics_.error(where, what);
    faulty_ = true;
  }
  /// Keeps what was read, or notes that it could not be.
  template <typename Value, typename Target>
  void take(const std::optional<Value>& value, Target& target) {
    if (value)
      target = static_cast<Target>(*value);
    faulty_ = faulty_ || !value;
  }

  /// False if what follows on the line has no meaning any more.
  bool read_word(const Token& word) {
    const auto& text = word.text;
    const Option* const option = find_option(text);
    const auto* const metric = std::find_if(std::begin(kMetrics), std::end(kMetrics),
                                            [&](const Metric& m) { return m.word == text; });
    const auto* const type = std::find_if(std::begin(kTypes), std::end(kTypes),
                                          [&](const auto& known) { return known.first == text; });
    if (option != nullptr)
      read_option(word, *option);
    else if (metric != std::end(kMetrics))
      read_metric(word, *metric);
    else if (text == "congctl")
      read_congestion_control(word);
    else if (text == "onlink")
      hop().onlink = true;
    else if (text == "nexthop")
      return begin_hop(word);
    else if (text == "add" || text == "append" || text == "prepend")
      route_.route.position = text == "add"      ? IpRoute::Position::Only
                              : text == "append" ? IpRoute::Position::Last
                                                 : IpRoute::Position::First;
    else if (text == "no_track")
      route_.tracked = false;
    else if (text == "inet" || text == "inet6")
      family_ = text == "inet" ? Family::IPv4 : Family::IPv6;
    else if (type != std::end(kTypes) && destination_ == nullptr)
      route_.route.type = type->second;
    else if (text == "or")
      return refuse(word, "\"or\" is not supported: write nexthop via ADDRESS for each gateway");
    else if (std::find(std::begin(kForeignWords), std::end(kForeignWords), text) != std::end(kForeignWords))
      return refuse(word, quoted(text) + " is a keepalived keyword that xvrrp does not support yet");
    else
      return read_destination(text == "to" ? words_.value(word, "a destination") : &word);
    return true;
  }

  bool refuse(const Token& word, const std::string& what) {
    complain(word.where, what);
    return false;
  }

  bool read_destination(const Token* word) {
    if (word == nullptr) {
      faulty_ = true;
      return true;
    }
    if (destination_ != nullptr) {
      std::vector<std::string_view> known{"nexthop", "onlink", "congctl", "no_track"};
      for (const auto& option : options())
        known.push_back(option.word);
      for (const auto& metric : kMetrics)
        known.push_back(metric.word);
      return refuse(*word,
                    "unexpected " + quoted(word->text) + " in a route" + did_you_mean(word->text, known));
    }
    destination_ = word;
    is_default_ = word->text == "default" || word->text == "any" || word->text == "all";
    if (word->text == "default6") {
      is_default_ = true;
      family_ = Family::IPv6;
    }
    if (!is_default_)
      take(read_prefix(diagnostics_, *word, 0), route_.route.destination);
    return true;
  }

  void read_option(const Token& word, const Option& option) {
    const Token* const value = words_.value(word, option.needs, option.name);
    if (value != nullptr)
      (this->*option.read)(*value);
    else
      faulty_ = true;
  }

  // ---- where to ----

  NextHop& hop() {
    if (route_.route.hops.empty())
      add_hop();
    return route_.route.hops.back();
  }
  void add_hop() {
    route_.route.hops.emplace_back();
    notes_.emplace_back();
  }

  bool begin_hop(const Token& word) {
    if (!is_multipath_ && !route_.route.hops.empty())
      return refuse(word, "via, dev, onlink and realms stand beside nexthop: write them behind it");
    is_multipath_ = true;
    add_hop();
    words_.begin_group();
    return true;
  }

  void read_gateway(const Token& first) {
    const Token* value = &first;
    auto& gateway = hop().gateway;
    std::optional<Family> said;
    if (first.text == "inet" || first.text == "inet6") {
      said = first.text == "inet" ? Family::IPv4 : Family::IPv6;
      value = words_.next();
      if (value == nullptr)
        return complain(first.where, "via " + first.text + " needs an address");
    }
    const auto address = read_host_address(diagnostics_, *value);
    if (address && said && address->family() != *said)
      complain(value->where, address->text() + " is not an address of " + first.text);
    take(address, gateway);
    notes_.back() = {value->where, said.has_value()};
  }
  void read_device(const Token& value) { take(read_interface(diagnostics_, value), hop().device.name); }
  void read_hop_realms(const Token& value) {
    take(read_realms(diagnostics_, value), hop().realms);
    realms_where_ = value.where;
  }
  void read_weight(const Token& value) {
    if (!is_multipath_)
      return complain(value.where, "a weight belongs to a nexthop");
    take(read_integer(diagnostics_, "weight", value, {1, kMaxWeight}), hop().weight);
  }

  // ---- which packets, and how it is kept ----

  void read_source(const Token& value) {
    take(read_host_address(diagnostics_, value), route_.route.preferred_source);
    source_where_ = value.where;
  }
  void read_from(const Token& value) {
    if (value.text != "default" && value.text != "any" && value.text != "all")
      take(read_prefix(diagnostics_, value, 0), route_.route.from);
    from_where_ = value.where;
  }
  void read_table_name(const Token& value) { take(read_table(diagnostics_, value), route_.route.table); }
  void read_vrf(const Token& value) { take(read_interface(diagnostics_, value), route_.route.vrf); }
  void read_protocol(const Token& value) {
    take(read_route_protocol(diagnostics_, value), route_.route.protocol);
  }
  void read_scope_name(const Token& value) {
    std::optional<std::uint8_t> scope = read_scope(diagnostics_, value);
    faulty_ = faulty_ || !scope;
    scope_ = scope;
  }
  void read_tos_name(const Token& value) {
    take(read_tos(diagnostics_, value), route_.route.tos);
    tos_where_ = value.where;
  }
  void read_priority(const Token& value) {
    take(read_number(diagnostics_, "metric", value, {0, UINT32_MAX}), route_.route.metric);
  }
  void read_expires(const Token& value) {
    take(read_number(diagnostics_, "expires", value, {0, UINT32_MAX}), route_.route.expires);
    six_only_ = value.where;
  }
  void read_preference(const Token& value) {
    constexpr std::pair<std::string_view, std::uint8_t> kPreferences[] = {
        {"low", ICMPV6_ROUTER_PREF_LOW},
        {"medium", ICMPV6_ROUTER_PREF_MEDIUM},
        {"high", ICMPV6_ROUTER_PREF_HIGH},
    };
    six_only_ = value.where;
    for (const auto& [word, number] : kPreferences) {
      if (value.text == word) {
        route_.route.preference = number;
        return;
      }
    }
    complain(value.where, "unknown pref " + quoted(value.text) + ": allowed are low, medium and high");
  }

  // ---- metrics ----

  void read_metric(const Token& word, const Metric& metric) {
    const bool locked = metric.lockable && words_.skip("lock");
    const Token* const value = words_.value(
        word, metric.unit == 0 ? "a number" : "a time in milliseconds, or with s or ms behind it");
    if (value == nullptr) {
      faulty_ = true;
      return;
    }
    const auto number = metric.unit == 0 ? read_number(diagnostics_, metric.word, *value, metric.allowed)
                                         : read_time(*value, metric);
    take(number, route_.route.metrics[metric.number]);
    if (locked)
      lock(metric.number);
  }
  void lock(std::uint16_t metric) { route_.route.metrics[RTAX_LOCK] |= 1U << metric; }

  /// As iproute2: with a unit it is a time; without one it is what the kernel counts.
  std::optional<std::uint32_t> read_time(const Token& value, const Metric& metric) {
    const auto digits = std::min(value.text.find_first_not_of("0123456789."), value.text.size());
    const std::string_view unit = std::string_view{value.text}.substr(digits);
    const bool seconds = unit == "s" || unit == "sec" || unit == "secs";
    if (!seconds && !unit.empty() && unit != "ms" && unit != "msec" && unit != "msecs") {
      diagnostics_.error(value.where, std::string{metric.word} + " " + quoted(value.text) +
                                          " has an unknown unit: allowed are s and ms");
      return std::nullopt;
    }
    Token number = value;
    number.text.resize(digits);
    if (unit.empty()) {
      const auto raw = read_integer(diagnostics_, metric.word, number, {0, UINT32_MAX});
      return raw ? std::optional{at_least(value, metric, *raw)} : std::nullopt;
    }
    // A thousandth of the number where it stands for milliseconds.
    const auto time = read_seconds(diagnostics_, metric.word, number);
    if (!time)
      return std::nullopt;
    const auto milliseconds = seconds ? std::chrono::duration_cast<std::chrono::milliseconds>(*time).count()
                                      : std::chrono::duration_cast<std::chrono::seconds>(*time).count();
    constexpr std::int64_t kMax = UINT32_MAX / 8;
    return at_least(value, metric, static_cast<std::uint32_t>(std::min(milliseconds, kMax)) * metric.unit);
  }

  std::uint32_t at_least(const Token& value, const Metric& metric, std::uint32_t number) {
    const std::uint32_t least = kMinRoundTrip * metric.unit;
    if (number < least)
      diagnostics_.warning(value.where, std::string{metric.word} + " " + value.text + " is below " +
                                            std::to_string(kMinRoundTrip) + " ms: it is raised to that" +
                                            (metric.unit == 1 ? ""
                                                              : " (a number without a unit counts 1/" +
                                                                    std::to_string(metric.unit) + " ms)"));
    return std::max(number, least);
  }

  void read_congestion_control(const Token& word) {
    const bool locked = words_.skip("lock");
    const Token* const value = words_.value(word, "the name of a congestion control");
    if (value == nullptr || value->text.empty() || value->text.size() >= 16) {
      if (value != nullptr)
        diagnostics_.error(value->where, quoted(value->text) + " cannot be a congestion control");
      faulty_ = true;
      return;
    }
    route_.route.congestion_control = value->text;
    if (locked)
      lock(RTAX_CC_ALGO);
  }
  void read_features(const Token& value) {
    if (value.text != "ecn")
      return complain(value.where, "unknown feature " + quoted(value.text) + ": allowed is ecn");
    route_.route.metrics[RTAX_FEATURES] = RTAX_FEATURE_ECN;
  }

  // ---- when all of the line was read ----

  void finish() {
    auto& route = route_.route;
    if (destination_ == nullptr)
      return complain(route_.where, "a route needs a destination: a prefix or default");
    if (is_default_)
      route.destination = {IpAddress{default_family(), {}}, 0};
    route.scope = scope_.value_or(default_scope(route.type));
    if (faulty_)
      return;
    check_destination();
    check_families();
    if (route.hops.empty() && !goes_nowhere(route.type))
      complain(destination_->where, "a route needs via, dev or nexthop, or a type such as blackhole");
    for (std::size_t i = 0; is_multipath_ && i < route.hops.size(); ++i) {
      if (!route.hops[i].gateway && route.hops[i].device.name.empty())
        complain(route_.where, "a nexthop needs via or dev");
    }
  }

  /// A default route's is that of whatever else the line says.
  Family default_family() const {
    if (family_)
      return *family_;
    if (route_.route.preferred_source)
      return route_.route.preferred_source->family();
    if (route_.route.from)
      return route_.route.from->address.family();
    for (std::size_t i = 0; i < notes_.size(); ++i) {
      if (const auto& gateway = route_.route.hops[i].gateway; gateway && !notes_[i].is_named)
        return gateway->family();
    }
    return Family::IPv4;
  }

  void check_destination() {
    auto& destination = route_.route.destination;
    if (family_ && *family_ != destination.address.family())
      return complain(destination_->where, destination.text() + " is an " +
                                               name(destination.address.family()) +
                                               " prefix, but the line says " + name(*family_));
    const IpPrefix network{with_host_bits(destination, false), destination.length};
    if (network == destination)
      return;
    const std::string text =
        destination.text() + " has bits set behind its length: the network is " + network.text();
    if (destination.address.family() == Family::IPv4)
      return complain(destination_->where, text); // the kernel would
    diagnostics_.warning(destination_->where, text);
    destination = network;
  }

  void check_families() {
    auto& route = route_.route;
    const auto family = route.family();
    const auto must_be = [&](const IpAddress& address, const Location& where) {
      if (address.family() != family)
        complain(where, address.text() + " is an " + name(address.family()) + " address, but the route is " +
                            name(family));
    };
    if (route.preferred_source)
      must_be(*route.preferred_source, source_where_);
    if (route.from)
      must_be(route.from->address, from_where_);
    if (route.from && family == Family::IPv4)
      complain(from_where_, "from is for IPv6 routes: virtual_rules tell IPv4 packets apart by their source");
    for (std::size_t i = 0; i < notes_.size(); ++i) {
      const auto& gateway = route.hops[i].gateway;
      if (!gateway || gateway->family() == family)
        continue;
      if (family == Family::IPv6)
        must_be(*gateway, notes_[i].where);
      else if (!notes_[i].is_named)
        complain(notes_[i].where, gateway->text() +
                                      " is an IPv6 address, but the route is IPv4: write via inet6 " +
                                      gateway->text());
    }
    if (six_only_ && family == Family::IPv4)
      complain(*six_only_, "expires and pref are for IPv6 routes");
    if (family == Family::IPv4)
      return;
    if (realms_where_)
      complain(*realms_where_, "realms are for IPv4 routes");
    if (route.tos != 0)
      diagnostics_.warning(tos_where_, "tos has no effect in an IPv6 route: it is left out");
    route.tos = 0;
    route.scope = RT_SCOPE_UNIVERSE; // an IPv6 route has no other
  }

  Diagnostics& diagnostics_;
  EntryWords words_;
  Route route_;
  bool faulty_ = false;
  bool is_default_ = false;
  bool is_multipath_ = false;
  std::vector<HopNote> notes_; ///< for each hop
  const Token* destination_ = nullptr;
  std::optional<Family> family_; ///< as inet or inet6 says
  std::optional<std::uint8_t> scope_;
  Location source_where_;
  Location from_where_;
  Location tos_where_;
  std::optional<Location> realms_where_;
  std::optional<Location> six_only_; ///< of what IPv4 routes do not have
};

std::span<const RouteLineReader::Option> RouteLineReader::options() {
  static constexpr Option kOptions[] = {
      {"via", "via", "an address", &RouteLineReader::read_gateway},
      {"gw", "via", "an address", &RouteLineReader::read_gateway},
      {"dev", "dev", "an interface name", &RouteLineReader::read_device},
      {"oif", "dev", "an interface name", &RouteLineReader::read_device},
      {"weight", "weight", "a number", &RouteLineReader::read_weight},
      {"realms", "realms", "a realm", &RouteLineReader::read_hop_realms},
      {"src", "src", "an address", &RouteLineReader::read_source},
      {"from", "from", "a prefix", &RouteLineReader::read_from},
      {"table", "table", "a routing table", &RouteLineReader::read_table_name},
      {"vrf", "vrf", "an interface name", &RouteLineReader::read_vrf},
      {"protocol", "protocol", "a routing protocol", &RouteLineReader::read_protocol},
      {"scope", "scope", "a scope", &RouteLineReader::read_scope_name},
      {"tos", "tos", "a number or name", &RouteLineReader::read_tos_name},
      {"dsfield", "tos", "a number or name", &RouteLineReader::read_tos_name},
      {"metric", "metric", "a number", &RouteLineReader::read_priority},
      {"priority", "metric", "a number", &RouteLineReader::read_priority},
      {"preference", "metric", "a number", &RouteLineReader::read_priority},
      {"expires", "expires", "a number of seconds", &RouteLineReader::read_expires},
      {"pref", "pref", "low, medium or high", &RouteLineReader::read_preference},
      {"features", "features", "ecn", &RouteLineReader::read_features},
  };
  return kOptions;
}

} // namespace

std::optional<Route> read_route_line(Diagnostics& diagnostics, const Statement& line) {
  return RouteLineReader{diagnostics, line}.run();
}

void read_routes(Diagnostics& diagnostics, const Statement& block, std::vector<Route>& routes) {
  for (const Statement& line : block.body) {
    if (line.dropped || diagnostics.full())
      continue;
    if (auto route = read_route_line(diagnostics, line))
      routes.push_back(*std::move(route));
  }
}

} // namespace xvrrp::config
