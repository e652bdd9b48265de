// SPDX-License-Identifier: BSD-2-Clause
#include "controller/put_back_pace.hpp"

#include <spdlog/spdlog.h>

namespace xvrrp::controller {

bool PutBackPace::allows(const AddressKey& address, Instant now, bool at_once, const std::string& what) {
  auto& window = windows_[address];
  if (window.count == 0 || now - window.began >= kWindow) {
    const bool is_next = window.count > 0 && now - window.began < 2 * kWindow;
    window = {now, 0, is_next ? window.count : 0};
    spdlog::warn(
        "{} was deleted by another program{}; it is put back. Let that program leave it alone, or give "
        "the address no_track (docs/keepalived.md: Addresses that others delete)",
        what, window.before > 0 ? ", " + std::to_string(window.before) + " times in the minute before" : "");
  }
  if (at_once && window.count >= kAtOnce)
    return false;
  if (++window.count == kAtOnce)
    spdlog::warn("{} was deleted {} times within a minute: it is put back once a second from now on", what,
                 kAtOnce);
  return true;
}

} // namespace xvrrp::controller
