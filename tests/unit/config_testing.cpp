// SPDX-License-Identifier: BSD-2-Clause
#include "config_testing.hpp"

#include <utility>

#include <gtest/gtest.h>

namespace xvrrp::config::testing {

std::vector<std::string> texts(const Outcome& outcome) {
  std::vector<std::string> result;
  for (const Diagnostic& diagnostic : outcome.diagnostics)
    result.push_back(diagnostic.text());
  return result;
}

namespace {

std::string instance_at(const std::string& address, const std::string& lines, const std::string& head) {
  return head + "\n interface eth0\n virtual_router_id 1\n virtual_ipaddress { " + address + " }\n" + lines +
         "\n}\n";
}

} // namespace

std::string instance_with(const std::string& lines, const std::string& head) {
  return instance_at("10.0.0.1/24", lines, head);
}

std::string ipv6_instance_with(const std::string& lines, const std::string& head) {
  return instance_at("fe80::1/64", lines, head);
}

std::string instance_of_addresses(const std::string& lines) {
  return "vrrp_instance A { virtual_ipaddress {\n" + lines + "\n}\ninterface eth0\nvirtual_router_id 1\n}\n";
}

Instance only_instance(const std::string& text) {
  Outcome outcome = parse(text, "f");
  EXPECT_TRUE(outcome.ok()) << ::testing::PrintToString(texts(outcome));
  EXPECT_EQ(outcome.configuration.instances.size(), 1U);
  return outcome.configuration.instances.empty() ? Instance{}
                                                 : std::move(outcome.configuration.instances.front());
}

void expect_complaints(const std::vector<Complaint>& table) {
  for (const Complaint& row : table)
    EXPECT_EQ(texts(parse(row.text, "f")), row.expected) << row.text;
}

Complaint in_instance(const std::string& lines, std::vector<std::string> expected) {
  return {instance_with(lines), std::move(expected)};
}

Complaint in_ipv6_instance(const std::string& lines, std::vector<std::string> expected) {
  return {ipv6_instance_with(lines), std::move(expected)};
}

Complaint in_addresses(const std::string& lines, std::vector<std::string> expected) {
  return {instance_of_addresses(lines), std::move(expected)};
}

Complaint in_nat(const std::string& lines, std::vector<std::string> expected) {
  return in_instance("virtual_nat {\n" + lines + "\n}", std::move(expected));
}

std::vector<std::string> addresses_of(const Instance& instance) {
  std::vector<std::string> result;
  for (const VirtualAddress& address : instance.addresses)
    result.push_back(address.prefix.text());
  return result;
}

Complaint in_globals(const std::string& lines, std::vector<std::string> expected) {
  return {"global_defs {\n" + lines + "\n}\n", std::move(expected)};
}

} // namespace xvrrp::config::testing
