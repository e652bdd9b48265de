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

Words names_below(const CLI::App& command) {
  Words words;
  for (const auto* below : command.get_subcommands({}))
    words.push_back(below->get_name());
  return words;
}

/// With those of its commands.
Words all_options(const CLI::App& command) {
  Words words = options(command);
  for (const auto* below : command.get_subcommands({})) {
    for (auto& word : all_options(*below))
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

/// The shell's function that lists what a positional word may be; empty: files, or nothing.
std::string listing(const std::string& positional) {
  if (positional == "IF")
    return "_vrrpctl_interfaces";
  if (positional == "VR")
    return "_vrrpctl_routers";
  if (positional == "SHELL")
    return "_vrrpctl_shells";
  return {};
}

// Names are data: no part of these scripts hands one to the shell to be read again. So there is no `compgen
// -W`, whose words are expanded, and no word is offered but as `printf %q` writes it.

/// zsh runs it too, in its emulation.
std::string for_bash(const CLI::App& app) {
  std::string cases;
  for (const auto* command : app.get_subcommands({})) {
    std::string names;
    if (const auto below = names_below(*command); !below.empty())
      names = fmt::format("; [[ -n $next ]] || offers=({})", fmt::join(below, " "));
    if (const auto list = listing(positional(*command)); !list.empty())
      names = fmt::format("; [[ -n $next ]] || {}", list);
    cases += fmt::format("  {}) options=({}){} ;;\n", command->get_name(),
                         fmt::join(all_options(*command), " "), names);
  }
  return fmt::format(R"sh(_vrrpctl_interfaces() {{
  local path
  for path in /sys/class/net/*; do
    [[ -d $path ]] && offers+=("${{path##*/}}")
  done
}}
_vrrpctl_routers() {{
  local name
  while IFS= read -r name; do
    [[ -n $name ]] && offers+=("$name")
  done <<< "$(vrrpctl --instance "$instance" status --names 2>/dev/null)"
}}
_vrrpctl_shells() {{
  offers=(bash zsh fish)
}}
_vrrpctl() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" command="" next="" value="" instance=default word quoted
  local -a options offers
  options=() offers=()
  for word in "${{COMP_WORDS[@]:1:$((COMP_CWORD-1))}}"; do
    if [[ $value == --instance ]]; then instance=$word; fi
    if [[ -n $value ]]; then value=""; continue; fi
    case $word in
    {}) value=$word ;;
    -*) ;;
    *) if [[ -n $command ]]; then next=$word; else command=$word; fi ;;
    esac
  done
  COMPREPLY=()
  [[ -n $value ]] && return
  case $command in
  "") options=({}) offers=({}) ;;
{}  esac
  [[ $current == -* ]] && offers+=("${{options[@]}}")
  for word in "${{offers[@]}}"; do
    printf -v quoted %q "$word"
    [[ $word == "$current"* || $quoted == "$current"* ]] && COMPREPLY+=("$quoted")
  done
}}
complete -o default -F _vrrpctl vrrpctl
)sh",
                     fmt::join(options_with_value(app), "|"), fmt::join(options(app), " "),
                     fmt::join(names_below(app), " "), cases);
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

/// What a command substitution writes is offered a line each, up to a tab; fish itself escapes it.
constexpr const char* kFishLists = R"sh(function _vrrpctl_interfaces
  for path in /sys/class/net/*
    test -d $path; and string replace -r '.*/' '' -- $path
  end
end
function _vrrpctl_routers
  set -l words (commandline -opc)
  set -l instance default
  if set -l at (contains -i -- --instance $words)
    set instance $words[(math $at + 1)]
  end
  vrrpctl --instance $instance status --names 2>/dev/null
end
function _vrrpctl_shells
  printf '%s\n' bash zsh fish
end
)sh";

std::string for_fish(const CLI::App& app) {
  std::string lines = kFishLists + fish_options(app, "");
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
      lines += fmt::format("complete -c vrrpctl{} -f -a '({})'\n", condition, list);
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
