// SPDX-License-Identifier: BSD-2-Clause
#include "testbed.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>

namespace xvrrp::platform::testing {

namespace {

UniqueFd current_namespace() {
  return UniqueFd{::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)};
}

void require(bool success, const std::string& what) {
  if (!success)
    throw std::runtime_error(what);
}

} // namespace

void shell(const std::string& command) {
  ASSERT_EQ(std::system(("exec 2>&1; " + command).c_str()), 0) << command;
}

std::string output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  require(pipe != nullptr, command);
  std::string output;
  std::array<char, 4096> chunk;
  while (const std::size_t length = std::fread(chunk.data(), 1, chunk.size(), pipe))
    output.append(chunk.data(), length);
  ::pclose(pipe);
  return output;
}

IpAddress address(const std::string& text) {
  const auto parsed = IpAddress::parse(text);
  require(parsed.has_value(), text);
  return *parsed;
}

IpPrefix prefix(const std::string& text) {
  const auto slash = text.find('/');
  return {address(text.substr(0, slash)), static_cast<std::uint8_t>(std::stoi(text.substr(slash + 1)))};
}

std::uint32_t index_of(const std::string& interface) {
  const unsigned index = ::if_nametoindex(interface.c_str());
  require(index != 0, interface);
  return index;
}

Namespace::Namespace() {
  require(::unshare(CLONE_NEWNET) == 0, "unshare(CLONE_NEWNET)");
  fd_ = current_namespace();
  shell("ip link set lo up");
}

void Namespace::enter() const {
  require(::setns(fd_.get(), CLONE_NEWNET) == 0, "setns");
}

void NamespaceTest::SetUp() {
  if (::geteuid() != 0)
    GTEST_SKIP() << "network namespaces need root";
  home_ = current_namespace();
  const Namespace fresh;
}

void NamespaceTest::TearDown() {
  if (home_)
    ::setns(home_.get(), CLONE_NEWNET);
}

} // namespace xvrrp::platform::testing
