// SPDX-License-Identifier: BSD-2-Clause
#include "platform/script_legacy.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

namespace xvrrp::platform {
namespace {

class Writer {
public:
  void number(std::uint32_t value) {
    std::array<char, sizeof value> bytes{};
    std::memcpy(bytes.data(), &value, sizeof value);
    bytes_.append(bytes.data(), bytes.size());
  }
  void text(const std::string& value) {
    number(static_cast<std::uint32_t>(value.size()));
    bytes_ += value;
  }
  const std::string& bytes() const { return bytes_; }

private:
  std::string bytes_;
};

class Reader {
public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  std::uint32_t number() {
    std::uint32_t value = 0;
    const auto taken = take(sizeof value);
    if (taken.size() == sizeof value)
      std::memcpy(&value, taken.data(), sizeof value);
    return value;
  }
  std::string text() { return std::string{take(number())}; }
  ScriptRequest request() {
    auto request = unpacked(text());
    good_ &= request.has_value();
    return request ? *std::move(request) : ScriptRequest{};
  }
  bool good() const { return good_; }
  bool at_end() const { return bytes_.empty() || !good_; }

private:
  std::string_view take(std::size_t length) {
    good_ &= length <= bytes_.size();
    const auto taken = bytes_.substr(0, good_ ? length : 0);
    bytes_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view bytes_;
  bool good_ = true;
};

enum class Part : std::uint32_t { Task, ToSend, Waiting };

} // namespace

Result<UniqueFd> write_legacy(const ScriptLegacy& legacy) {
  Writer out;
  out.number(kScriptProtocol);
  out.number(static_cast<std::uint32_t>(legacy.process));
  out.number(legacy.next);
  for (const auto& task : legacy.tasks) {
    out.number(static_cast<std::uint32_t>(Part::Task));
    out.text(packed(task.request));
    out.text(task.queue);
    out.number(task.at_end ? 1 : 0);
    out.number(task.is_over ? 1 : 0);
    out.number(static_cast<std::uint32_t>(task.group));
  }
  for (const auto& request : legacy.to_send) {
    out.number(static_cast<std::uint32_t>(Part::ToSend));
    out.text(packed(request));
  }
  for (const auto& errand : legacy.waiting) {
    out.number(static_cast<std::uint32_t>(Part::Waiting));
    out.text(packed({ScriptRequest::Verb::Run, 0, ScriptKind::Errand, 0, errand.program}));
    out.text(errand.queue);
    out.number(errand.kind);
    out.number(errand.once ? 1 : 0);
    out.number(errand.at_end ? 1 : 0);
  }
  UniqueFd memory{::memfd_create("xvrrpd-scripts", MFD_CLOEXEC)};
  if (!memory)
    return system_error("memfd_create");
  const auto& bytes = out.bytes();
  if (::pwrite(memory.get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return system_error("writing what scripts are to be run");
  return memory;
}

pid_t process_of(int memory) {
  std::array<std::uint32_t, 2> head{}; // protocol and process
  return ::pread(memory, head.data(), sizeof head, 0) == sizeof head ? static_cast<pid_t>(head[1]) : 0;
}

std::optional<ScriptLegacy> read_legacy(int memory) {
  const auto size = ::lseek(memory, 0, SEEK_END);
  std::string bytes(static_cast<std::size_t>(std::max<off_t>(size, 0)), '\0');
  if (::pread(memory, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return std::nullopt;
  Reader in{bytes};
  if (in.number() != kScriptProtocol)
    return std::nullopt;
  ScriptLegacy legacy;
  legacy.process = static_cast<pid_t>(in.number());
  legacy.next = in.number();
  while (!in.at_end()) {
    const auto part = static_cast<Part>(in.number());
    auto request = in.request();
    if (part == Part::ToSend) {
      legacy.to_send.push_back(std::move(request));
    } else if (part == Part::Task) {
      ScriptLegacy::Task task{std::move(request), in.text()};
      task.at_end = in.number() != 0;
      task.is_over = in.number() != 0;
      task.group = static_cast<pid_t>(in.number());
      legacy.tasks.push_back(std::move(task));
    } else {
      Errand errand;
      errand.program = std::move(request.program);
      errand.queue = in.text();
      errand.kind = static_cast<std::uint8_t>(in.number());
      errand.once = in.number() != 0;
      errand.at_end = in.number() != 0;
      legacy.waiting.push_back(std::move(errand));
    }
  }
  return in.good() && legacy.process > 0 ? std::optional{std::move(legacy)} : std::nullopt;
}

} // namespace xvrrp::platform
