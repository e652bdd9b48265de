// SPDX-License-Identifier: BSD-2-Clause
#include "config/tokenizer.hpp"

#include <utility>

namespace xvrrp::config {

namespace {

constexpr std::string_view kBlanks = " \t\r\f\v";

bool is_blank(char character) {
  return kBlanks.find(character) != std::string_view::npos;
}
bool begins_comment(char character) {
  return character == '#' || character == '!';
}

class LineTokenizer {
public:
  LineTokenizer(const Line& line, Diagnostics& diagnostics)
      : whole_(line), line_(line.text), diagnostics_(diagnostics) {}

  std::vector<Token> run() {
    while (skip_blanks()) {
      // The rest of an overlong line is dropped; what a comment adds to the length does no harm.
      if (next_ >= kMaxLineLength) {
        diagnostics_.error(at(kMaxLineLength),
                           "the line is longer than " + std::to_string(kMaxLineLength) + " bytes");
        break;
      }
      read_token();
    }
    return std::move(tokens_);
  }

private:
  /// False at the end of what counts: the end of the line or a comment.
  bool skip_blanks() {
    while (next_ < line_.size() && is_blank(line_[next_]))
      ++next_;
    return next_ < line_.size() && !begins_comment(line_[next_]);
  }

  void read_token() {
    const char character = line_[next_];
    if (character == '{' || character == '}') {
      const TokenKind kind = character == '{' ? TokenKind::Open : TokenKind::Close;
      tokens_.push_back({kind, false, false, std::string{character}, here()});
      ++next_;
    } else if (character == '"') {
      read_quoted();
    } else {
      read_word();
    }
  }

  void read_quoted() {
    const Position where = here();
    const std::size_t begin = ++next_;
    const std::size_t end = line_.find('"', begin);
    const std::string_view text = line_.substr(begin, end == std::string_view::npos ? end : end - begin);
    if (end == std::string_view::npos)
      diagnostics_.error(where, "the double quote opened here is not closed on this line");
    const std::size_t reference = text.find("${");
    const bool unresolved = reference != std::string_view::npos;
    if (unresolved)
      report_reference(begin + reference);
    tokens_.push_back({TokenKind::Word, true, unresolved, std::string{text}, where});
    next_ = end == std::string_view::npos ? line_.size() : end + 1;
  }

  void read_word() {
    const Position where = here();
    std::string text;
    bool unresolved = false;
    for (; next_ < line_.size(); ++next_) {
      const char character = line_[next_];
      if (is_blank(character) || begins_comment(character) || character == '{' || character == '}' ||
          character == '"')
        break;
      if (character == '\\' && next_ + 1 < line_.size() && begins_comment(line_[next_ + 1])) {
        text += line_[++next_];
      } else if (line_.compare(next_, 2, "${") == 0) {
        // The braces of a reference are no block: taking it as a part of the word avoids errors that mislead.
        const std::size_t end = line_.find('}', next_);
        report_reference(next_);
        next_ = end == std::string_view::npos ? line_.size() - 1 : end;
        text += "$";
        unresolved = true;
      } else {
        text += character;
      }
    }
    tokens_.push_back({TokenKind::Word, false, unresolved, std::move(text), where});
  }

  void report_reference(std::size_t offset) {
    const auto reference = line_.substr(offset, line_.substr(offset).find('}') + 1);
    diagnostics_.error(at(offset), quoted(reference.empty() ? line_.substr(offset) : reference) +
                                       " is not defined above");
  }

  Position at(std::size_t offset) const { return whole_.at(offset); }
  Position here() const { return at(next_); }

  const Line& whole_;
  std::string_view line_;
  Diagnostics& diagnostics_;
  std::size_t next_ = 0;
  std::vector<Token> tokens_;
};

} // namespace

std::vector<Token> tokenize(const Line& line, Diagnostics& diagnostics) {
  return LineTokenizer{line, diagnostics}.run();
}

} // namespace xvrrp::config
