// SPDX-License-Identifier: BSD-2-Clause
// Lines of systemd's journal with fields of their own: journalctl XVRRP_ROUTER=VI_1.
#pragma once

#include <string>
#include <vector>

namespace xvrrp::platform {

struct JournalField {
  const char* name;
  std::string value; ///< any bytes
};

/// `priority` is syslog's. Only where ServiceManager::has_journal(); false if the line could not be written.
/// May wait a little: a datagram to the journal.
bool write_journal(int priority, const std::string& message, const std::vector<JournalField>& fields);

} // namespace xvrrp::platform
