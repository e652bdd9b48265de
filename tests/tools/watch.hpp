// SPDX-License-Identifier: BSD-2-Clause
// What comes in through ports of a switch, with the kernel's times of arrival.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace xvrrp::masters {

struct Seen {
  enum class Kind { Advert, Announcement } kind;
  std::int64_t time_ns;  ///< CLOCK_REALTIME
  std::uint8_t vrid;     ///< of an advert
  std::uint8_t priority; ///< of an advert
  std::uint32_t address; ///< of a gratuitous ARP, host byte order
};

/// The calling thread goes on in a namespace of ip netns; what it opened before stays where it was.
void enter_namespace(const std::string& name);

/// A packet socket in the thread's namespace that hears VRRP over IPv4 and ARP broadcasts entering at `port`,
/// and not what leaves there.
class Watch {
public:
  explicit Watch(const std::string& port);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  Watch(Watch&& other) noexcept;

  /// All that waits.
  void drain(const std::function<void(const Seen&)>& tell) const;

private:
  int descriptor_;
};

} // namespace xvrrp::masters
