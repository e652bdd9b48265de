// SPDX-License-Identifier: BSD-2-Clause
#include "config/authentication.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>

#include "config/keyword.hpp"

namespace xvrrp::config {

namespace {

struct AuthenticationDraft {
  Diagnostics& diagnostics;
  Given given{};
  Authentication value{};
};

void read_type(AuthenticationDraft& draft, const Statement& statement) {
  const Token& type = statement.argument(0);
  if (type.text == "PASS")
    draft.value.type = AuthenticationType::Pass;
  else if (type.text == "AH")
    draft.diagnostics.error(type.where,
                            "auth_type AH is not for xvrrp: RFC 3768 withdrew it (allowed is PASS)");
  else
    draft.diagnostics.error(type.where, "unknown auth_type " + quoted(type.text) + ": allowed is PASS");
}

void read_pass(AuthenticationDraft& draft, const Statement& statement) {
  const Token& pass = statement.argument(0);
  const std::size_t size = draft.value.data.size();
  if (pass.text.empty())
    draft.diagnostics.error(pass.where, "auth_pass is empty: allowed are 1 to 8 bytes");
  // The message does not repeat the password: it may end in a log.
  if (pass.text.size() > size)
    draft.diagnostics.warning(pass.where, "auth_pass has " + std::to_string(pass.text.size()) +
                                              " bytes: only the first 8 count");
  std::transform(pass.text.begin(),
                 pass.text.begin() + static_cast<std::ptrdiff_t>(std::min(size, pass.text.size())),
                 draft.value.data.begin(), [](char byte) { return static_cast<std::uint8_t>(byte); });
}

constexpr Keyword<AuthenticationDraft> kKeywords[] = {
    {"auth_type", one_value("a type: PASS"), read_type},
    {"auth_pass", one_value("a password"), read_pass},
};

} // namespace

Authentication read_authentication(Diagnostics& diagnostics, const Statement& block) {
  AuthenticationDraft draft{diagnostics};
  read_keywords<AuthenticationDraft>(draft, Level::Authentication, kKeywords, block);
  for (const std::string_view keyword : {"auth_type", "auth_pass"}) {
    if (!block.incomplete && draft.given.find(keyword) == draft.given.end())
      diagnostics.error(block.keyword().where, "authentication needs the keyword " + std::string{keyword});
  }
  return draft.value;
}

} // namespace xvrrp::config
