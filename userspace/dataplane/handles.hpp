// SPDX-License-Identifier: BSD-2-Clause
// Ownership of the file descriptors of BPF objects.
#pragma once

#include <unistd.h>

#include <utility>

namespace xvrrp::dataplane {

/// Owns a descriptor of a map, program or link; closing it does not undo a pin. Move-only.
class BpfFd {
public:
  BpfFd() = default;
  explicit BpfFd(int fd) : fd_(fd) {}
  BpfFd(BpfFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  BpfFd& operator=(BpfFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~BpfFd() {
    if (fd_ >= 0)
      close(fd_);
  }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

private:
  int fd_ = -1;
};

} // namespace xvrrp::dataplane
