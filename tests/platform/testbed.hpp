// SPDX-License-Identifier: BSD-2-Clause
// Network namespaces for tests. They have no name on the host and vanish with their last descriptor.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include <xvrrp/base/address.hpp>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform::testing {

/// Runs a shell command in the calling thread's namespaces and fails the test if it fails.
void shell(const std::string& command);

/// The standard output of a command.
std::string output_of(const std::string& command);

/// "192.168.1.13/24"
IpPrefix prefix(const std::string& text);
IpAddress address(const std::string& text);

std::uint32_t index_of(const std::string& interface);

/// A new network namespace, with lo up.
class Namespace {
public:
  Namespace();
  /// Moves the calling thread there; sockets opened before stay where they were.
  void enter() const;
  int fd() const { return fd_.get(); }

private:
  UniqueFd fd_;
};

/// Gives each test a namespace, and takes the thread home afterwards.
class NamespaceTest : public ::testing::Test {
protected:
  void SetUp() override;
  void TearDown() override;

private:
  UniqueFd home_;
};

} // namespace xvrrp::platform::testing
