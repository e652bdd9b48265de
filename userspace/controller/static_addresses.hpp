// SPDX-License-Identifier: BSD-2-Clause
// static_ipaddress: there while the daemon runs, whatever the state of its routers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <xvrrp/base/result.hpp>

#include "config/model.hpp"
#include "controller/interface_watch.hpp"
#include "controller/inventory.hpp"
#include "controller/plan.hpp"
#include "controller/put_back_pace.hpp"
#include "platform/addresses.hpp"

namespace xvrrp::controller {

/// The destructor removes them; a daemon that hands over does not destroy it. Manager thread.
class StaticAddresses {
public:
  StaticAddresses() = default;
  StaticAddresses(const StaticAddresses&) = delete;
  StaticAddresses& operator=(const StaticAddresses&) = delete;
  ~StaticAddresses();

  /// Those of the configuration that have their interfaces. An error where one has not, unless
  /// `wait_for_interfaces` lets it come later.
  static Result<std::vector<platform::AddressSpec>> resolve(const config::Configuration& configuration,
                                                            bool wait_for_interfaces);
  /// Before use(). The inventory outlives every other call but the destructor.
  void note_in(Inventory& inventory) { inventory_ = &inventory; }
  /// Installs those of the configuration and removes the others. One that the operator has configured is left
  /// alone.
  void use(const config::Configuration& configuration);
  /// What somebody deleted is put back at once.
  void on_changes(const InterfaceWatch::AddressChanges& changes);
  /// Every second: those whose interface has come, or that could not be put back at once.
  void look_around();

private:
  struct Entry {
    config::VirtualAddress address;
    platform::AddressSpec spec{}; ///< of interface 0 while there is none of that name
    bool is_ours = true;          ///< the operator has not configured it himself
    bool was_there = false;       ///< since its interface is there
    std::string problem{};        ///< as the log was told
  };
  static void find_interface(Entry& entry, const InterfaceMap& interfaces);
  void note() const;
  void install_missing(const InterfaceMap& interfaces, bool at_once);
  void install(Entry& entry);

  Inventory* inventory_ = nullptr;
  std::vector<Entry> entries_;
  PutBackPace pace_;
  bool pending_ = false; ///< something is not there
  Instant next_look_{};
};

} // namespace xvrrp::controller
