// SPDX-License-Identifier: BSD-2-Clause
#include "controller/log.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>

#include <spdlog/details/log_msg_buffer.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <spdlog/sinks/systemd_sink.h>
#include <spdlog/spdlog.h>
#include <syslog.h>

#include <xvrrp/base/printable.hpp>

#include "platform/background_thread.hpp"
#include "platform/service_manager.hpp"

namespace xvrrp::controller {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr const char* kName = "xvrrpd";

using Target = std::shared_ptr<spdlog::sinks::sink>;
using Fields = std::vector<platform::JournalField>;

struct Line {
  Target target;
  spdlog::details::log_msg_buffer message;
  Fields fields;

  std::size_t size() const { return sizeof(Line) + message.payload.size(); }
};

class Queue {
public:
  void push(Line line) {
    const std::lock_guard lock{mutex_};
    bytes_ += line.size();
    lines_.push_back(std::move(line));
    for (; bytes_ > kMostBytes && lines_.size() > 1; ++lost_) {
      bytes_ -= lines_.front().size();
      lines_.pop_front();
    }
    changed_.notify_all();
  }

  /// Never returns.
  [[noreturn]] void write_all() {
    std::uint64_t told = 0;
    for (std::unique_lock lock{mutex_};;) {
      changed_.wait(lock, [&] { return !lines_.empty(); });
      const auto line = std::move(lines_.front());
      lines_.pop_front();
      bytes_ -= line.size();
      const auto untold = lost_ - std::exchange(told, lost_);
      is_writing_ = true;
      lock.unlock();
      if (untold > 0)
        write({line.target, own(std::to_string(untold) + " lines of the log are lost: nobody read it"), {}});
      write(line);
      lock.lock();
      is_writing_ = false;
      changed_.notify_all();
    }
  }

  bool wait_until_written(std::chrono::milliseconds patience) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, [&] { return lines_.empty() && !is_writing_; });
  }

  std::uint64_t lost() const {
    const std::lock_guard lock{mutex_};
    return lost_;
  }

private:
  static spdlog::details::log_msg_buffer own(const std::string& text) {
    return spdlog::details::log_msg_buffer{{kName, spdlog::level::warn, text}};
  }

  static void write(const Line& line) {
    const int priority = line.message.level >= spdlog::level::warn ? LOG_WARNING : LOG_INFO;
    const std::string text{line.message.payload.data(), line.message.payload.size()};
    if (!line.fields.empty() && platform::write_journal(priority, text, line.fields))
      return;
    try {
      line.target->log(line.message);
    } catch (const spdlog::spdlog_ex&) { // there is nobody to tell
    }
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Line> lines_;
  std::size_t bytes_ = 0;
  std::uint64_t lost_ = 0;
  bool is_writing_ = false;
};

/// Never destroyed: its thread may wait in a write() when the process ends.
Queue& queue() {
  static auto* const all = new Queue; // NOLINT(cppcoreguidelines-owning-memory)
  return *all;
}

/// Hands everything on to the queue, as printable() has it: a line of the log stays one, whatever names are
/// in it.
class QueueSink : public spdlog::sinks::sink {
public:
  explicit QueueSink(Target target) : target_(std::move(target)) {}
  const Target& target() const { return target_; }

  void log(const spdlog::details::log_msg& message) override {
    const auto text = printable({message.payload.data(), message.payload.size()});
    auto shown = message;
    shown.payload = text;
    queue().push({target_, spdlog::details::log_msg_buffer{shown}, {}});
  }
  void flush() override {}
  void set_pattern(const std::string& pattern) override { target_->set_pattern(pattern); }
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override {
    target_->set_formatter(std::move(formatter));
  }

private:
  Target target_;
};

/// Of the default logger.
Target& current() {
  static Target target;
  return target;
}

void log_to(Target target, const std::string& pattern) {
  current() = target;
  auto logger = std::make_shared<spdlog::logger>(kName, std::make_shared<QueueSink>(std::move(target)));
  logger->set_pattern(pattern);
  spdlog::set_default_logger(std::move(logger));
}

} // namespace

void log_to_standard_error() {
  if (platform::ServiceManager::has_journal()) // with levels, and its own times
    log_to(std::make_shared<spdlog::sinks::systemd_sink_mt>(), "%v");
  else
    log_to(std::make_shared<spdlog::sinks::stderr_color_sink_mt>(), "%Y-%m-%dT%H:%M:%S.%f %^%l%$ %v");
}

void log_to_syslog() {
  log_to(std::make_shared<spdlog::sinks::syslog_sink_mt>(kName, LOG_PID, LOG_DAEMON, false), "%v");
}

Status begin_writing_log() {
  static bool begun = false;
  return std::exchange(begun, true) ? Status{Done{}} : platform::start_thread([] { queue().write_all(); });
}

void log_with_fields(spdlog::level::level_enum level, const std::string& line, Fields fields) {
  if (!platform::ServiceManager::has_journal())
    return spdlog::log(level, "{}", line);
  queue().push({current(), spdlog::details::log_msg_buffer{{kName, level, line}}, std::move(fields)});
}

std::uint64_t lost_log_lines() {
  return queue().lost();
}

bool finish_log(std::chrono::milliseconds patience) {
  return begin_writing_log() && queue().wait_until_written(patience);
}

} // namespace xvrrp::controller
