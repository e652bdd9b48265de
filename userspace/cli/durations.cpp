// SPDX-License-Identifier: BSD-2-Clause
#include "cli/durations.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include <fmt/format.h>

namespace xvrrp::cli {
namespace {

using namespace std::chrono_literals;

/// Three decimals without trailing zeros.
std::string decimal(double number) {
  std::string text = fmt::format("{:.3f}", number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.')
    text.pop_back();
  return text;
}

std::string pair(Nanoseconds duration, Nanoseconds big, const char* big_name, Nanoseconds small,
                 const char* small_name) {
  return fmt::format("{} {} {} {}", duration / big, big_name, duration % big / small, small_name);
}

} // namespace

std::string duration_text(Nanoseconds duration) {
  if (duration < 1s)
    return decimal(to_ms(duration)) + " ms";
  if (duration < 1min)
    return decimal(to_ms(duration) / 1000) + " s";
  if (duration < 1h)
    return pair(duration, 1min, "min", 1s, "s");
  if (duration < 24h)
    return pair(duration, 1h, "h", 1min, "min");
  return pair(duration, 24h, "d", 1h, "h");
}

Nanoseconds from_ms(double milliseconds) {
  constexpr double kMost = 9e12; // a little less than 2^63 ns
  return Nanoseconds{static_cast<Nanoseconds::rep>(std::clamp(milliseconds, 0.0, kMost) * 1e6)};
}

Nanoseconds from_s(double seconds) {
  return from_ms(seconds * 1000);
}

std::string time_of_day_text(Nanoseconds since_1970) {
  const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(since_1970).count();
  std::tm local{};
  std::array<char, 32> text{};
  if (::localtime_r(&seconds, &local) == nullptr ||
      std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local) == 0)
    return std::to_string(since_1970.count());
  return fmt::format("{}.{:09}", text.data(), (since_1970 % std::chrono::seconds{1}).count());
}

} // namespace xvrrp::cli
