// SPDX-License-Identifier: BSD-2-Clause
#include "cli/ask.hpp"

#include "platform/control_socket.hpp"
#include "platform/runtime_files.hpp"

namespace xvrrp::cli {
namespace {

/// Far more than the 4096 virtual routers that a daemon can have take.
constexpr std::size_t kLongestAnswer = std::size_t{64} << 20;

} // namespace

Result<Json> ask(const std::string& instance, const Json& question, std::chrono::milliseconds patience) {
  const auto socket = platform::connect_control(platform::runtime_path(instance, ".sock"));
  if (!socket && socket.error().kind == ErrorKind::NotRunning)
    return Error{ErrorKind::NotRunning, "no xvrrpd is running as instance \"" + instance + "\""};
  if (!socket)
    return socket.error();
  // One that turns us away may do so, and close, before it has read the question.
  auto asked = platform::write_all(socket->get(), compact(question), patience);
  auto answer = platform::LineReader{socket->get(), kLongestAnswer}.next(patience);
  if (!asked && !(answer && *answer))
    return std::move(asked).error().in("asking xvrrpd");
  if (!answer)
    return std::move(answer).error().in("xvrrpd's answer");
  Json json = Json::parse(answer->value_or(""), nullptr, false);
  if (const std::string error = text_at(json, "error"); !error.empty())
    return failed("xvrrpd refused: " + error);
  if (number_at(json, "schema") != kSchema)
    return failed("xvrrpd's answer is not understood: is it of another version than this vrrpctl?");
  return json;
}

} // namespace xvrrp::cli
