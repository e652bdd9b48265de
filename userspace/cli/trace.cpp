// SPDX-License-Identifier: BSD-2-Clause
// trace: what virtual routers were told and what they did, to a file; and the same made again from the file.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>

#include <fmt/format.h>

#include <xvrrp/base/printable.hpp>

#include "cli/ask.hpp"
#include "cli/commands.hpp"
#include "cli/durations.hpp"
#include "cli/pause.hpp"
#include "cli/terminal.hpp"
#include "platform/clock.hpp"
#include "recording/lines.hpp"
#include "recording/replay.hpp"
#include "recording/text.hpp"

namespace xvrrp::cli {
namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds kBetweenAnswers = 50ms;

/// The file that a recording goes to, a line at a time.
class Lines {
public:
  static Result<Lines> open(const std::string& name) {
    Lines lines;
    lines.name_ = name == "-" ? "standard output" : name;
    if (name != "-") {
      lines.owned_.reset(std::fopen(name.c_str(), "wbe"));
      if (!lines.owned_)
        return system_error("writing " + name);
      lines.file_ = lines.owned_.get();
    }
    return lines;
  }

  /// All that an answer of the daemon has.
  Status write(const Json& answer) {
    for (const auto& line : member(answer, "lines")) {
      if (auto status = write_line(line); !status)
        return status;
    }
    return std::fflush(file_) == 0 ? Status{Done{}} : system_error("writing " + name_);
  }
  Status write_line(const Json& line) {
    steps_ += line.contains("event") ? 1 : 0;
    const std::string text = compact(line);
    if (std::fwrite(text.data(), 1, text.size(), file_) != text.size())
      return system_error("writing " + name_);
    return Done{};
  }

  std::uint64_t steps() const { return steps_; }
  const std::string& name() const { return name_; }

private:
  struct Close {
    void operator()(std::FILE* file) const { (void)std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> owned_;
  std::FILE* file_ = stdout;
  std::string name_;
  std::uint64_t steps_ = 0;
};

/// Until a signal, the end of the time, of the daemon, or of the room for what is not read yet; says which.
Result<std::string> follow(const RecordTrace& command, const Json& recording, Lines& lines, Pause& pause) {
  const auto start = platform::monotonic_now();
  for (bool is_over = false;;) {
    is_over = is_over || (command.duration && platform::monotonic_now() - start >= *command.duration);
    const auto answer =
        ask(command.instance,
            {{"command", "trace"}, {"action", is_over ? "stop" : "read"}, {"recording", recording}});
    if (!answer && answer.error().kind == ErrorKind::NotRunning)
      return std::string{"xvrrpd has ended"};
    if (!answer)
      return answer.error();
    if (auto status = lines.write(*answer); !status)
      return std::move(status).error();
    if (is_over)
      return std::string{"as wanted"};
    if (member(*answer, "overrun") == true)
      return std::string{"overrun"};
    if (member(*answer, "more") != true)
      is_over = !pause.until(platform::monotonic_now() + kBetweenAnswers);
  }
}

void print_step(const recording::ReplayedStep& step) {
  std::string line = fmt::format("{} {} {}: {}:", time_of_day_text(step.time_of_day), printable(step.router),
                                 core::name(step.state), recording::text(step.event));
  for (const auto& action : step.actions)
    line +=
        fmt::format("{} {}", &action == step.actions.begin() ? "" : ",", recording::text(action, step.at));
  print(line + (step.actions.empty() ? " nothing\n" : "\n"));
}

} // namespace

Status run(const RecordTrace& command) {
  auto pause = Pause::create();
  if (!pause)
    return std::move(pause).error();
  const auto begun =
      ask(command.instance, {{"command", "trace"}, {"action", "start"}, {"routers", command.routers}});
  if (!begun)
    return begun.error();
  auto lines = Lines::open(command.file);
  if (!lines)
    return std::move(lines).error();
  const auto count = member(*begun, "routers").size();
  fmt::print(stderr, "recording {} virtual router{}{}\n", count, count == 1 ? "" : "s",
             command.duration ? "" : "; Ctrl-C ends");
  if (auto status = lines->write(*begun); !status)
    return status;
  const auto why = follow(command, member(*begun, "recording"), *lines, *pause);
  if (!why)
    return why.error();
  if (auto status = lines->write({{"lines", {recording::end_line(*why)}}}); !status)
    return status;
  fmt::print(stderr, "{} steps\n", lines->steps());
  if (*why == "overrun")
    return failed("there were more steps than could be written, so the recording ended; what is in " +
                  lines->name() + " is whole: record fewer virtual routers at a time");
  return Done{};
}

Status run(const ReplayTrace& command) {
  std::ifstream file;
  if (command.file != "-") {
    file.open(command.file);
    if (!file)
      return system_error("reading " + command.file);
  }
  std::istream& input = command.file == "-" ? std::cin : file;
  recording::Replay replay{[&](const recording::ReplayedStep& step) {
    if (!command.quiet)
      print_step(step);
  }};
  for (std::string line; std::getline(input, line);) {
    if (auto status = replay.take(line); !status)
      return std::move(status).error().in(command.file);
  }
  if (input.bad())
    return system_error("reading " + command.file);
  if (replay.routers() == 0)
    return failed(command.file + ": there is no virtual router in it");
  print(fmt::format("{} steps of {} virtual router{}: each as recorded{}\n", replay.steps(), replay.routers(),
                    replay.routers() == 1 ? "" : "s",
                    replay.end().empty() ? "; the recording has no end, it was cut off" : ""));
  return Done{};
}

} // namespace xvrrp::cli
