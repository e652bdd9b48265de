// SPDX-License-Identifier: BSD-2-Clause
// Errors are values: an operation that can fail returns Result<T>, and the caller must look at it.
#pragma once

#include <cassert>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <variant>

namespace xvrrp {

/// Why an operation failed, as an operator distinguishes it. The values are the exit codes of xvrrpd and
/// vrrpctl.
enum class ErrorKind : int {
  Failed = 1,      ///< the operation failed; the message says what and what to do
  Usage = 2,       ///< wrong command line or wrong configuration
  NotRunning = 3,  ///< no daemon, or nothing loaded, where one was asked for
  Permission = 4,  ///< a capability is missing; the message names it
  Unsupported = 5, ///< this kernel lacks a feature; the message names it and since when it exists
  Conflict = 6,    ///< something else owns the resource: another XDP program, another daemon
  // Where a configuration is only checked, as keepalived's -t has them.
  WouldNotRun = 3,     ///< it has errors
  InsecureScripts = 5, ///< root would run scripts that others may change
};

struct [[nodiscard]] Error {
  ErrorKind kind = ErrorKind::Failed;
  std::string message; ///< one sentence: what, where, what to do; no trailing newline

  /// The same error seen from one level up: "context: message".
  Error in(const std::string& context) && { return {kind, context + ": " + message}; }
};

inline Error failed(std::string message) {
  return {ErrorKind::Failed, std::move(message)};
}

/// An error of a system call: "what: strerror(code)". EPERM and EACCES become Permission.
inline Error system_error(const std::string& what, int code = errno) {
  const bool denied = code == EPERM || code == EACCES;
  return {denied ? ErrorKind::Permission : ErrorKind::Failed, what + ": " + std::strerror(code)};
}

/// A value or an Error. Thread-compatible, like the value it holds; never throws by itself.
template <typename T>
class [[nodiscard]] Result {
public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  /// Only after the result was seen to be false.
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

private:
  T& value() {
    assert(state_.index() == 0);
    return std::get<0>(state_);
  }
  const T& value() const {
    assert(state_.index() == 0);
    return std::get<0>(state_);
  }
  std::variant<T, Error> state_;
};

/// Success without a value.
struct Done {};
using Status = Result<Done>;

} // namespace xvrrp
