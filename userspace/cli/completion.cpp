// SPDX-License-Identifier: BSD-2-Clause
#include "cli/completion.hpp"

#include <vector>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/terminal.hpp"

namespace xvrrp::cli {
namespace {

using Words = std::vector<std::string>;

/// All spellings, with their dashes.
Words spellings(const CLI::Option& option) {
  Words words;
  for (const auto& name : option.get_snames())
    words.push_back("-" + name);
  for (const auto& name : option.get_lnames())
    words.push_back("--" + name);
  return words;
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

Words options(const CLI::App& app) {
  Words words;
  for (const auto* option : app.get_options({})) {
    for (auto& word : spellings(*option))
      words.push_back(std::move(word));
  }
  return words;
}

/// Of the app and of all its commands: their values are no commands.
Words options_with_value(const CLI::App& app) {
  Words words;
  for (const auto* option : app.get_options({})) {
    for (auto& word : takes_value(*option) ? spellings(*option) : Words{})
      words.push_back(std::move(word));
  }
  for (const auto* command : app.get_subcommands({})) {
    for (auto& word : options_with_value(*command))
      words.push_back(std::move(word));
  }
  return words;
}

/// Its options, its commands and their options.
Words offers(const CLI::App& command) {
  Words words = options(command);
  for (const auto* below : command.get_subcommands({})) {
    words.push_back(below->get_name());
    for (auto& word : offers(*below))
      words.push_back(std::move(word));
  }
  return words;
}

/// What stands for it in --help; empty: none.
std::string positional(const CLI::App& command) {
  for (const auto* option : command.get_options({})) {
    if (option->get_positional())
      return option->get_name();
  }
  return {};
}

/// A shell command that lists what a positional word may be.
std::string listing(const std::string& positional) {
  if (positional == "IF")
    return "ls /sys/class/net";
  if (positional == "VR")
    return R"sh(vrrpctl status --json 2>/dev/null | sed -n 's/^      "name": "\(.*\)",$/\1/p')sh";
  if (positional == "SHELL")
    return "echo bash zsh fish";
  return {};
}

/// zsh runs it too, in its emulation.
std::string for_bash(const CLI::App& app) {
  std::string cases;
  Words names;
  for (const auto* command : app.get_subcommands({})) {
    names.push_back(command->get_name());
    const auto list = listing(positional(*command));
    cases += fmt::format("  {}) words=\"{}{}\" ;;\n", command->get_name(), fmt::join(offers(*command), " "),
                         list.empty() ? "" : " $(" + list + ")");
  }
  return fmt::format(R"(_vrrpctl() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" command="" value="" words="" word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    if [[ -n $value ]]; then value=""; continue; fi
    case $word in
    {}) value=$word ;;
    -*) ;;
    *) command=${{command:-$word}} ;;
    esac
  done
  COMPREPLY=()
  [[ -n $value ]] && return
  case $command in
  "") words="{} {}" ;;
{}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _vrrpctl vrrpctl
)",
                     fmt::join(options_with_value(app), "|"), fmt::join(names, " "),
                     fmt::join(options(app), " "), cases);
}

/// Within single quotes.
std::string fish_quoted(const std::string& text) {
  std::string quoted;
  for (const char each : text)
    quoted += each == '\'' || each == '\\' ? std::string{'\\', each} : std::string{each};
  return "'" + quoted + "'";
}

std::string fish_options(const CLI::App& app, const std::string& condition) {
  std::string lines;
  for (const auto* option : app.get_options({})) {
    std::string words;
    for (const auto& name : option->get_snames())
      words += " -s " + name;
    for (const auto& name : option->get_lnames())
      words += " -l " + name;
    if (!words.empty())
      lines += fmt::format("complete -c vrrpctl{}{}{} -d {}\n", condition, words,
                           takes_value(*option) ? " -r" : "", fish_quoted(option->get_description()));
  }
  return lines;
}

std::string for_fish(const CLI::App& app) {
  std::string lines = fish_options(app, "");
  for (const auto* command : app.get_subcommands({})) {
    const auto condition = fmt::format(" -n '__fish_seen_subcommand_from {}'", command->get_name());
    lines += fmt::format("complete -c vrrpctl -n __fish_use_subcommand -f -a {} -d {}\n", command->get_name(),
                         fish_quoted(command->get_description()));
    lines += fish_options(*command, condition);
    for (const auto* below : command->get_subcommands({})) {
      lines += fmt::format("complete -c vrrpctl{} -f -a {} -d {}\n", condition, below->get_name(),
                           fish_quoted(below->get_description()));
      lines += fish_options(*below, condition);
    }
    if (const auto list = listing(positional(*command)); !list.empty())
      lines += fmt::format("complete -c vrrpctl{} -f -a {}\n", condition, fish_quoted("(" + list + ")"));
  }
  return lines;
}

} // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
  if (shell == "fish")
    return for_fish(app);
  return (shell == "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "") + for_bash(app);
}

Status run(const ShowCompletion& command) {
  print(command.script);
  return Done{};
}

} // namespace xvrrp::cli
