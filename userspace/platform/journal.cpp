// SPDX-License-Identifier: BSD-2-Clause
#define SD_JOURNAL_SUPPRESS_LOCATION
#include "platform/journal.hpp"

#include <sys/uio.h>
#include <systemd/sd-journal.h>

#include <xvrrp/base/printable.hpp>

namespace xvrrp::platform {

bool write_journal(int priority, const std::string& message, const std::vector<JournalField>& fields) {
  std::vector<std::string> entries{"MESSAGE=" + printable(message), "PRIORITY=" + std::to_string(priority),
                                   "SYSLOG_IDENTIFIER=xvrrpd"};
  for (const auto& field : fields)
    entries.push_back(std::string{field.name} + "=" + printable(field.value));
  std::vector<iovec> parts;
  for (auto& entry : entries)
    parts.push_back({entry.data(), entry.size()});
  return ::sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) == 0;
}

} // namespace xvrrp::platform
