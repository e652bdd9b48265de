// SPDX-License-Identifier: BSD-2-Clause
// Ethernet frames out: adverts, gratuitous ARP, neighbour advertisements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <xvrrp/base/result.hpp>

#include "platform/outcome.hpp"
#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

struct OutgoingFrame {
  std::uint32_t ifindex = 0;
  std::span<const std::byte> bytes; ///< from the destination MAC to the end of the payload, without FCS
  int error = 0;                    ///< what send_batch() says of it: 0 or an errno
};

/// An AF_PACKET socket that only sends: protocol 0 registers no receive hook, so received traffic costs
/// nothing. One thread at a time. Never blocks and never allocates after open(). Needs CAP_NET_RAW, and
/// CAP_NET_ADMIN for its priority. Frames pass the qdisc with priority 7 (TC_PRIO_CONTROL), the first band of
/// pfifo_fast, ahead of forwarded traffic; they pass TC egress programs too, but no netfilter hook but
/// `egress`.
class PacketSocket {
public:
  static Result<PacketSocket> open();

  /// 0 or errno: ENETDOWN when the interface is down, ENXIO when it is gone, EMSGSIZE over the MTU, ENOBUFS
  /// when the qdisc dropped it, EAGAIN when the socket's send buffer is full.
  int send(std::uint32_t ifindex, std::span<const std::byte> frame) noexcept;

  /// Sends in order, many frames per system call, and notes each one's error. A frame that fails is skipped;
  /// a full send buffer (EAGAIN) ends the batch, and is the error of all that remain.
  SendOutcome send_batch(std::span<OutgoingFrame> frames) noexcept;

private:
  struct Vectors;
  struct DeleteVectors {
    void operator()(Vectors* vectors) const noexcept;
  };
  using VectorsOwner = std::unique_ptr<Vectors, DeleteVectors>;

  PacketSocket(UniqueFd fd, VectorsOwner vectors) noexcept
      : fd_(std::move(fd)), vectors_(std::move(vectors)) {}

  UniqueFd fd_;
  VectorsOwner vectors_;
};

} // namespace xvrrp::platform
