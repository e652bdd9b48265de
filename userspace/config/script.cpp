// SPDX-License-Identifier: BSD-2-Clause
#include "config/script.hpp"

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xvrrp/base/root_only_path.hpp>

namespace xvrrp::config {

namespace {

constexpr std::string_view kBlanks = " \t\r\n\f\v";
constexpr std::string_view kDefaultUser = "keepalived_script";

/// The character that a backslash and what follows it stand for; `at` is moved to the last one of them.
char escaped(std::string_view text, std::size_t& at) {
  constexpr std::string_view kLetters = "abEfnrtv";
  constexpr std::string_view kMeanings = "\a\b\033\f\n\r\t\v";
  const auto digits = [&](int base, std::size_t most) {
    const std::string number{text.substr(at, most)};
    char* end = nullptr;
    const auto value = std::strtoul(number.c_str(), &end, base);
    at += static_cast<std::size_t>(end - number.c_str()) - 1;
    return static_cast<char>(value);
  };
  const char letter = text[at];
  if (const auto found = kLetters.find(letter); found != std::string_view::npos)
    return kMeanings[found];
  if (letter >= '0' && letter <= '7')
    return digits(8, 3);
  if (letter == 'x' && at + 1 < text.size() && std::isxdigit(static_cast<unsigned char>(text[at + 1])) != 0) {
    ++at;
    return digits(16, 2);
  }
  if (letter == 'c' && at + 1 < text.size())
    return static_cast<char>(text[++at] & 0x1f);
  return letter;
}

bool is_word_of(std::string_view blanks, char character) {
  return blanks.find(character) == std::string_view::npos;
}

std::string text_of(const std::filesystem::path& path) {
  return config::quoted(path.string());
}

} // namespace

std::optional<std::vector<std::string>> split_command(std::string_view command) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = 0;
  for (std::size_t at = 0; at < command.size(); ++at) {
    const char character = command[at];
    if (quote == 0 && !is_word_of(kBlanks, character)) {
      in_word = false;
      continue;
    }
    if (!std::exchange(in_word, true))
      words.emplace_back();
    if (character == quote)
      quote = 0;
    else if (quote == 0 && (character == '\'' || character == '"'))
      quote = character;
    else if (character == '\\' && quote != '\'' && at + 1 < command.size())
      words.back() += escaped(command, ++at);
    else
      words.back() += character;
  }
  if (quote != 0 || words.empty() || words.front().empty())
    return std::nullopt;
  return words;
}

std::optional<ScriptUser> read_script_user(Diagnostics& diagnostics, const Statement& statement,
                                           std::size_t first) {
  const Token& user = statement.argument(first);
  const passwd* known = ::getpwnam(user.text.c_str());
  if (known == nullptr) {
    diagnostics.error(user.where, "there is no user " + config::quoted(user.text) + " on this machine");
    return std::nullopt;
  }
  ScriptUser found{known->pw_uid, known->pw_gid};
  if (statement.words.size() - 1 <= first + 1)
    return found;
  const Token& group = statement.argument(first + 1);
  const std::string name = group.text.substr(group.text.substr(0, 1) == ":" ? 1 : 0);
  const auto* entry = ::getgrnam(name.c_str());
  if (entry == nullptr) {
    diagnostics.error(group.where, "there is no group " + config::quoted(name) + " on this machine");
    return std::nullopt;
  }
  found.group = entry->gr_gid;
  return found;
}

std::optional<Script> read_script(Diagnostics& diagnostics, const Statement& statement) {
  // To the tokenizer single quotes are characters; here they hold a command together, as double quotes do.
  const Token& first = statement.argument(0);
  std::string command = first.text;
  std::size_t next = 1;
  const auto count = statement.words.size() - 1;
  if (!first.quoted && command.substr(0, 1) == "'") {
    while (next < count && (command.size() < 2 || command.back() != '\''))
      command += " " + statement.argument(next++).text;
    if (command.size() > 1 && command.back() == '\'')
      command = command.substr(1, command.size() - 2);
  }
  auto words = split_command(command);
  if (!words) {
    diagnostics.error(first.where,
                      config::quoted(command) + " is no command: a quote is not closed, or it is empty");
    return std::nullopt;
  }
  Script script{*std::move(words), std::nullopt, false, first.where};
  if (count > next + 2) {
    diagnostics.error(statement.argument(next + 2).where,
                      "unexpected " + config::quoted(statement.argument(next + 2).text) +
                          ": after the command stand a user and a group; quote a command that has arguments");
    return std::nullopt;
  }
  if (count > next) {
    script.user = read_script_user(diagnostics, statement, next);
    if (!script.user)
      return std::nullopt;
  }
  return script;
}

ScriptUser default_script_user() {
  if (const passwd* known = ::getpwnam(std::string{kDefaultUser}.c_str()))
    return {known->pw_uid, known->pw_gid};
  return {::geteuid(), ::getegid()};
}

std::optional<std::string> why_not_run(const Script& script, const ScriptUser& user) {
  const std::filesystem::path path{script.argv.front()};
  if (!path.is_absolute())
    return text_of(path) + " is not an absolute path";
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return "there is no " + text_of(path);
  if (!S_ISREG(status.st_mode))
    return text_of(path) + " is no file";
  const auto mode = user.user == status.st_uid ? S_IXUSR : user.group == status.st_gid ? S_IXGRP : S_IXOTH;
  if ((status.st_mode & (user.user == 0 ? S_IXUSR | S_IXGRP | S_IXOTH : mode)) == 0)
    return text_of(path) + " is not executable by its user";
  return std::nullopt;
}

std::optional<std::string> why_not_secure(const Script& script, const ScriptUser& user) {
  if (user.user != 0)
    return std::nullopt;
  auto real = root_only_path(script.argv.front());
  return real ? std::nullopt : std::optional{std::move(real).error().message};
}

bool check_script(Diagnostics& diagnostics, Script& script, bool secure, const std::string& consequence) {
  script.root_only = secure;
  if (const auto why = why_not_run(script, *script.user)) {
    diagnostics.warning(script.where, *why + ": " + consequence);
    return false;
  }
  const auto risk = why_not_secure(script, *script.user);
  if (risk && secure)
    diagnostics.warning(script.where, *risk + ", and enable_script_security is set: " + consequence);
  else if (risk)
    diagnostics.insecure_script(script.where,
                                *risk + ", which root runs: enable_script_security would not run it");
  return !risk || !secure;
}

} // namespace xvrrp::config
