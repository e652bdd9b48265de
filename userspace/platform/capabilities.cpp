// SPDX-License-Identifier: BSD-2-Clause
#include "platform/capabilities.hpp"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace xvrrp::platform {

namespace {

const char* name_of(Capability capability) {
  switch (capability) {
  case Capability::NetAdmin:
    return "CAP_NET_ADMIN";
  case Capability::NetRaw:
    return "CAP_NET_RAW";
  case Capability::IpcLock:
    return "CAP_IPC_LOCK";
  case Capability::SysNice:
    return "CAP_SYS_NICE";
  case Capability::PerfMon:
    return "CAP_PERFMON";
  case Capability::Bpf:
    return "CAP_BPF";
  }
  return "CAP_?";
}

struct Effective {
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> words{};

  bool has(int number) const {
    const auto bit = static_cast<unsigned>(number);
    return (words[bit / 32].effective >> (bit % 32) & 1U) != 0;
  }
};

bool holds(const Effective& effective, Capability capability) {
  const bool part_of_admin = capability == Capability::Bpf || capability == Capability::PerfMon;
  return effective.has(static_cast<int>(capability)) || (part_of_admin && effective.has(CAP_SYS_ADMIN));
}

} // namespace

std::vector<std::string> missing_capabilities(std::span<const Capability> asked) {
  // glibc has no wrapper. A failure is impossible with this version number; it would leave the set empty.
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  Effective effective;
  ::syscall(SYS_capget, &header, effective.words.data());
  std::vector<std::string> missing;
  for (const auto capability : asked) {
    if (!holds(effective, capability))
      missing.emplace_back(name_of(capability));
  }
  return missing;
}

} // namespace xvrrp::platform
