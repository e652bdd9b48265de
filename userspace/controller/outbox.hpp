// SPDX-License-Identifier: BSD-2-Clause
// What the routers want sent, in the order that a takeover needs: all adverts, announcements of virtual MACs,
// then addresses, and each router's other announcements once its addresses are there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <xvrrp/base/result.hpp>

#include "controller/virtual_router.hpp"
#include "platform/addresses.hpp"
#include "platform/packet_socket.hpp"
#include "platform/raw_ip_socket.hpp"

namespace xvrrp::controller {

/// An advert that is to leave, and what became of it.
struct PendingAdvert {
  VirtualRouter* router;
  std::size_t index;
  std::uint8_t priority;
  Nanoseconds lease; ///< for how long it lets us be Master; zero: it says nothing of that
  bool left = false; ///< for one of its destinations at least
  int error = 0;     ///< why not for the first that it did not leave for
};

/// What could not be sent.
struct SendError {
  int error = 0;             ///< errno; 0: nothing
  std::uint32_t ifindex = 0; ///< where; 0: it is of no interface

  void add(const SendError& other) noexcept {
    if (error == 0)
      *this = other;
  }
};

/// Election thread; opened elsewhere. Nothing here allocates after use(): what does not fit is flushed first.
class Outbox {
public:
  /// The memory of an outbox.
  class Room {
  public:
    Room() = default; ///< none
    /// For `routers` with `frames` adverts and announcements between them.
    Room(std::size_t routers, std::size_t frames);

  private:
    friend class Outbox;
    struct AddressChange {
      const platform::AddressBatch* batch;
      bool install;
      std::optional<std::size_t> only; ///< the one to be installed
    };
    struct Waiting {
      VirtualRouter* router;
      std::span<const Announcement> announcements;
      std::uint64_t after; ///< so many address changes
    };
    std::vector<platform::OutgoingFrame> multicast_adverts;
    std::vector<PendingAdvert*> senders; ///< of each of them
    std::vector<AddressChange> address_changes;
    std::vector<Waiting> waiting;
    std::vector<platform::OutgoingFrame> announcements;
  };

  /// Without room. Needs CAP_NET_RAW.
  static Result<Outbox> open(platform::RouteSocket& route);
  /// Exchanges the room with the one given, when there is nothing in it.
  void use(Room& room) noexcept { std::swap(room_, room); }
  bool is_empty() const noexcept;

  /// Sends them, in order but for unicast ones, which come last, and notes what became of each.
  void send_adverts(std::span<PendingAdvert> adverts) noexcept;
  /// The addresses of the router's plan, with the routes and rules that go with them.
  void install(const VirtualRouter& router) noexcept { install(router.plan().batch); }
  void remove(const VirtualRouter& router) noexcept { remove(router.plan().batch); }
  /// These. They stay where they are until they are flushed.
  void install(const platform::AddressBatch& batch) noexcept { change_addresses({&batch, true, {}}); }
  void remove(const platform::AddressBatch& batch) noexcept { change_addresses({&batch, false, {}}); }
  /// The address of this index alone.
  void install_one(const platform::AddressBatch& batch, std::size_t address) noexcept {
    change_addresses({&batch, true, address});
  }
  void announce(VirtualRouter& router) noexcept { announce(router, router.frames().announcements); }
  /// These alone; likewise.
  void announce(VirtualRouter& router, std::span<const Announcement> announcements) noexcept;

  /// The kernel takes some 45 us for each address: meanwhile another router's advert may be due. So this
  /// changes those of as many routers as have a few addresses together, in the order of install() and
  /// remove(). Returns the first error.
  SendError change_some_addresses() noexcept { return change_addresses(kAddressesAtOnce); }
  SendError change_all_addresses() noexcept { return change_addresses(SIZE_MAX); }
  bool has_address_changes() const noexcept { return !room_.address_changes.empty(); }
  /// Sends what Masters announce with their adverts. Returns the first error.
  SendError flush_virtual_macs() noexcept;
  /// Sends what Masters announce whose addresses are there, and notes what is for the manager thread to send
  /// (VirtualRouter::ask_for_paced_announcements()). Returns the first error.
  SendError flush_announcements() noexcept;
  /// Whether it has noted some since it was asked last.
  bool take_paced() noexcept { return std::exchange(paced_, false); }

private:
  static constexpr std::size_t kAddressesAtOnce = 4;

  Outbox(platform::PacketSocket packets, platform::RawIpSocket unicast, platform::RouteSocket& route)
      : packets_(std::move(packets)), unicast_(std::move(unicast)), route_(&route) {}
  void change_addresses(const Room::AddressChange& change) noexcept;
  SendError change_addresses(std::size_t most) noexcept;
  void send_multicast() noexcept;
  SendError send(const Room::Waiting& waiting, Announcement::When when) noexcept;
  SendError send_announcements() noexcept;

  platform::PacketSocket packets_;
  platform::RawIpSocket unicast_;
  platform::RouteSocket* route_;
  Room room_;
  std::size_t next_change_ = 0;     ///< those before are done
  std::uint64_t changes_asked_ = 0; ///< since open()
  std::uint64_t changes_done_ = 0;
  std::size_t next_waiting_ = 0;
  std::size_t next_virtual_mac_ = 0; ///< in the same list
  bool paced_ = false;
};

} // namespace xvrrp::controller
