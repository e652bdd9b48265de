// SPDX-License-Identifier: BSD-2-Clause
#include "config/surroundings.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <string>

#include <ifaddrs.h>
#include <netinet/in.h>

#include "config/diagnostics.hpp"

namespace xvrrp::config {

namespace {

std::optional<IpAddress> address_of(const sockaddr* from) {
  if (from == nullptr || (from->sa_family != AF_INET && from->sa_family != AF_INET6))
    return std::nullopt;
  IpAddress::Bytes bytes{};
  if (from->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, from, sizeof(v4));
    std::memcpy(bytes.data(), &v4.sin_addr, sizeof(v4.sin_addr));
    return IpAddress{Family::IPv4, bytes};
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, from, sizeof(v6));
  std::memcpy(bytes.data(), &v6.sin6_addr, sizeof(v6.sin6_addr));
  return IpAddress{Family::IPv6, bytes};
}

/// Every address of every interface here, with its length.
using Interfaces = std::map<std::string, std::vector<IpPrefix>>;
Interfaces read_interfaces() {
  Interfaces found;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0)
    return found; // then there is nothing to compare with
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    const auto address = address_of(entry->ifa_addr);
    const auto mask = address_of(entry->ifa_netmask);
    if (!address || !mask)
      continue;
    std::uint8_t length = 0;
    for (const auto byte : mask->bytes())
      length = static_cast<std::uint8_t>(length + __builtin_popcount(byte));
    found[entry->ifa_name].push_back({*address, length});
  }
  ::freeifaddrs(list);
  return found;
}

bool contains(const IpPrefix& network, const IpAddress& address) {
  if (network.address.family() != address.family())
    return false;
  for (std::size_t bit = 0; bit < network.length; ++bit) {
    if (((network.address.bytes()[bit / 8] ^ address.bytes()[bit / 8]) & (0x80U >> (bit % 8))) != 0)
      return false;
  }
  return true;
}

class Comparison {
public:
  explicit Comparison(const Instance& instance) : instance_(instance) {}

  std::vector<Diagnostic> run(const Interfaces& interfaces) {
    for (const VirtualAddress& address : instance_.addresses) {
      if (const auto networks = own_networks(interfaces, device_of(address), address.prefix.address.family());
          !networks.empty())
        check_address(address, networks);
    }
    check_source(own_networks(interfaces, instance_.interface, instance_.router.family));
    return std::move(found_);
  }

private:
  std::string device_of(const VirtualAddress& address) const {
    return address.device.empty() ? instance_.interface : address.device;
  }

  bool is_virtual(const IpAddress& address) const {
    return std::any_of(instance_.addresses.begin(), instance_.addresses.end(),
                       [&](const VirtualAddress& candidate) { return candidate.prefix.address == address; });
  }

  /// The interface's own, of the family; link-local ones are on every interface.
  std::vector<IpPrefix> own_networks(const Interfaces& interfaces, const std::string& interface,
                                     Family family) const {
    std::vector<IpPrefix> own;
    const auto found = interfaces.find(interface);
    if (found == interfaces.end())
      return own;
    std::copy_if(found->second.begin(), found->second.end(), std::back_inserter(own),
                 [&](const IpPrefix& prefix) {
                   return prefix.address.family() == family && !prefix.address.is_link_local() &&
                          !is_virtual(prefix.address);
                 });
    return own;
  }

  /// A longer prefix of the virtual address's own brings its network with it; a single host has no other.
  void check_address(const VirtualAddress& address, const std::vector<IpPrefix>& networks) {
    const IpAddress& ip = address.prefix.address;
    if (ip.is_link_local() || device_of(address) == "lo" || address.prefix.length < ip.size() * 8 ||
        std::any_of(networks.begin(), networks.end(),
                    [&](const IpPrefix& network) { return contains(network, ip); }))
      return;
    warn(address.where, ip.text() + " is in no network of " + device_of(address) + " (" + listed(networks) +
                            "): hosts there find it only by a route of their own");
  }

  void check_source(const std::vector<IpPrefix>& networks) {
    const IpAddress& source = instance_.router.primary_address;
    if (instance_.router.family != Family::IPv4 || networks.empty())
      return;
    if (source.is_unspecified()) {
      if (!instance_.unicast_peers.empty() && networks.size() > 1)
        warn(instance_.where, instance_.interface + " has several addresses (" + listed(networks) +
                                  "), and peers heed only the one that they know: say which with "
                                  "unicast_src_ip");
    } else if (std::none_of(networks.begin(), networks.end(),
                            [&](const IpPrefix& network) { return network.address == source; })) {
      warn(instance_.where, source.text() + ", from which vrrp_instance " + quoted(instance_.name) +
                                " is to send, is no address of " + instance_.interface + " (" +
                                listed(networks) + ")");
    }
  }

  static std::string listed(const std::vector<IpPrefix>& networks) {
    constexpr std::size_t kShown = 4;
    std::string text;
    for (std::size_t i = 0; i < std::min(networks.size(), kShown); ++i)
      text += (i == 0 ? "" : ", ") + networks[i].text();
    return text + (networks.size() > kShown ? ", ..." : "");
  }

  void warn(const Location& where, std::string message) {
    found_.push_back({where, Severity::Warning, std::move(message)});
  }

  const Instance& instance_;
  std::vector<Diagnostic> found_;
};

} // namespace

std::vector<Diagnostic> check_surroundings(const Configuration& configuration) {
  const auto interfaces = read_interfaces();
  std::vector<Diagnostic> all;
  for (const Instance& instance : configuration.instances) {
    auto found = Comparison{instance}.run(interfaces);
    std::move(found.begin(), found.end(), std::back_inserter(all));
  }
  return all;
}

} // namespace xvrrp::config
