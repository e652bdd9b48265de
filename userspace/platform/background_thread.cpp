// SPDX-License-Identifier: BSD-2-Clause
#include "platform/background_thread.hpp"

#include <csignal>
#include <cstddef>
#include <memory>

#include <pthread.h>

namespace xvrrp::platform {
namespace {

/// The reading of a configuration, and name services' libraries, fit well.
constexpr std::size_t kStack = std::size_t{1} << 20;

void* run(void* work) {
  const std::unique_ptr<std::function<void()>> owned{static_cast<std::function<void()>*>(work)};
  (*owned)();
  return nullptr;
}

} // namespace

Status start_thread(std::function<void()> work) {
  auto owned = std::make_unique<std::function<void()>>(std::move(work));
  pthread_attr_t attributes{};
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, kStack);
  ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  sigset_t all{};
  sigset_t before{};
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread{};
  const int error = ::pthread_create(&thread, &attributes, run, owned.get());
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::pthread_attr_destroy(&attributes);
  if (error != 0)
    return system_error("starting a thread", error);
  (void)owned.release(); // the thread's now
  return Done{};
}

} // namespace xvrrp::platform
