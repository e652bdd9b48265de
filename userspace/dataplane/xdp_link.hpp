// SPDX-License-Identifier: BSD-2-Clause
// The XDP program on an interface, held by a bpf_link: nobody else can replace it, and it goes when the link
// goes.
#pragma once

#include <cstdint>
#include <string>

#include <xvrrp/base/result.hpp>

#include "dataplane/handles.hpp"

namespace xvrrp::dataplane {

enum class AttachMode : std::uint8_t { Native, Skb };
enum class WantedMode : std::uint8_t { Auto, Native, Skb };
const char* name(AttachMode mode); ///< "native" or "skb"
/// Whether a program in the mode `is` is what was asked for.
bool is_as_wanted(AttachMode is, WantedMode wanted);

struct XdpLink {
  BpfFd fd; ///< none where libxdp's dispatcher runs the program
  AttachMode mode = AttachMode::Native;
  std::string fallback; ///< auto that ended in skb: why native was refused; else empty
};

/// Attaches `program_fd` to an interface of this network namespace. An XDP program that is there already is a
/// Conflict that names it and says how to make room.
Result<XdpLink> attach_xdp(int program_fd, std::uint32_t ifindex, const std::string& interface,
                           WantedMode wanted);

/// The Conflict itself: who is there, and how to make room.
Error occupied(std::uint32_t ifindex, const std::string& interface);

/// The id of the XDP program on an interface of this network namespace; 0: none.
std::uint32_t attached_program(std::uint32_t ifindex);

/// How the program on the interface is attached now.
Result<AttachMode> query_mode(std::uint32_t ifindex, const std::string& interface);

} // namespace xvrrp::dataplane
