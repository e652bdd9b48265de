// SPDX-License-Identifier: BSD-2-Clause
// Accepting connections when the process may have no descriptor left.
#pragma once

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

struct Visitor {
  enum class Kind {
    Nobody,    ///< none waits
    Client,    ///< non-blocking, close-on-exec
    Unwelcome, ///< the same, but there is no room for it: tell it so and close it, at once
    Locked,    ///< somebody waits, and cannot be taken in: leave the listener alone for a while
  };
  Kind kind = Kind::Nobody;
  UniqueFd fd;
};

/// accept4() for a listener in an epoll set. Without a descriptor it fails and the listener stays readable,
/// so who waits for that spins: therefore one descriptor is spared, and a connection that it takes in is
/// turned away. One thread; one listener.
class Doorkeeper {
public:
  Doorkeeper();
  Visitor next(int listener) noexcept;

private:
  UniqueFd spare_; ///< none: not even that could be opened, as yet
};

} // namespace xvrrp::platform
