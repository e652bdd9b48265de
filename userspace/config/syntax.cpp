// SPDX-License-Identifier: BSD-2-Clause
#include "config/syntax.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "config/blocks.hpp"

namespace xvrrp::config {

namespace {

/// Builds the tree token by token. The open blocks form a stack; a statement is only appended to the
/// innermost one, so that pointers to the open ones stay valid.
class TreeBuilder {
public:
  explicit TreeBuilder(Diagnostics& diagnostics) : diagnostics_(diagnostics) {
    stack_.push_back({&root_, Level::Root});
  }

  /// `dropped`: the statement that begins on this line is to be dropped, as are those with unresolved words.
  void add_line(std::vector<Token> tokens, bool dropped) {
    for (Token& token : tokens) {
      if (token.kind == TokenKind::Open)
        open(token.where);
      else if (token.kind == TokenKind::Close)
        close(token.where);
      else if (too_deep_ == 0)
        add_word(std::move(token), std::exchange(dropped, false));
    }
    current_ = nullptr;
  }

  /// A line of the innermost block was not read.
  void mark_incomplete() { stack_.back().statement->incomplete = true; }

  Statement finish() {
    if (const BlockWord* const word = pending_block()) {
      report_missing_open(*word);
      pending_->incomplete = true;
    }
    for (; stack_.size() > 1; stack_.pop_back())
      diagnostics_.error(stack_.back().statement->open, "the block opened here is not closed: missing \"}\"");
    return std::move(root_);
  }

private:
  struct OpenBlock {
    Statement* statement;
    Level level;
  };

  void add_word(Token word, bool dropped) {
    if (current_ == nullptr) {
      open_pending_block();
      close_blocks_before(word);
      std::vector<Statement>& body = stack_.back().statement->body;
      current_ = pending_ = &body.emplace_back();
    }
    if (dropped || word.unresolved) {
      current_->dropped = true;
      mark_incomplete();
    }
    current_->words.push_back(std::move(word));
  }

  void open(Position where) {
    if (too_deep_ > 0) {
      ++too_deep_;
      return;
    }
    if (stack_.size() > kMaxDepth) {
      diagnostics_.error(where, "blocks are nested too deeply: allowed are " + std::to_string(kMaxDepth) +
                                    " levels");
      ++too_deep_;
      return;
    }
    if (pending_ == nullptr) {
      diagnostics_.error(where, "unexpected \"{\": no keyword stands before it");
      pending_ = &stack_.back().statement->body.emplace_back();
      pending_->dropped = true;
    }
    push_pending(where);
  }

  void push_pending(Position where) {
    pending_->has_block = true;
    pending_->open = where;
    Level inner = Level::Skipped;
    if (!pending_->words.empty()) {
      if (const BlockWord* const word = find_block_word(stack_.back().level, pending_->keyword().text))
        inner = word->inner;
    }
    stack_.push_back({pending_, inner});
    current_ = pending_ = nullptr;
  }

  void close(Position where) {
    if (too_deep_ > 0) {
      --too_deep_;
      return;
    }
    open_pending_block();
    if (stack_.size() == 1)
      diagnostics_.error(where, "surplus \"}\": no block is open here");
    else
      stack_.pop_back();
    current_ = pending_ = nullptr;
  }

  /// The block word at the end of the innermost block that still lacks its brace, if that is all it lacks.
  const BlockWord* pending_block() const {
    if (pending_ == nullptr)
      return nullptr;
    const BlockWord* const word = find_block_word(stack_.back().level, pending_->keyword().text);
    return word != nullptr && pending_->words.size() == std::size_t{1} + word->arguments ? word : nullptr;
  }

  void report_missing_open(const BlockWord& word) {
    diagnostics_.error(pending_->keyword().where, "missing \"{\" after " + std::string{word.word});
    pending_->has_block = true;
    pending_->open = pending_->keyword().where;
  }

  /// Goes on as if the missing brace were there: what follows is most likely meant for the block.
  void open_pending_block() {
    if (const BlockWord* const word = pending_block()) {
      report_missing_open(*word);
      push_pending(pending_->open);
    }
  }

  /// A word that opens a block further out but not here means that this block's closing brace was forgotten.
  void close_blocks_before(const Token& word) {
    if (word.quoted)
      return;
    std::size_t depth = stack_.size();
    while (depth > 0 && find_block_word(stack_[depth - 1].level, word.text) == nullptr) {
      if (stack_[depth - 1].level == Level::Skipped)
        return;
      --depth;
    }
    if (depth == 0)
      return;
    for (; stack_.size() > depth; stack_.pop_back()) {
      const Position open = stack_.back().statement->open;
      diagnostics_.error(word.where, "missing \"}\" before " + word.text + ": the block opened at line " +
                                         std::to_string(open.line) + ", column " +
                                         std::to_string(open.column) + " is not closed");
      pending_ = nullptr;
    }
  }

  Diagnostics& diagnostics_;
  Statement root_;
  std::vector<OpenBlock> stack_;
  Statement* current_ = nullptr; ///< the statement of this line; null: the next word begins one
  Statement* pending_ = nullptr; ///< the last statement of the innermost block, while a brace may follow it
  std::size_t too_deep_ = 0;     ///< open braces beyond kMaxDepth
};

/// What a line asks of the reader itself, before it is a statement. None of it is supported yet.
enum class Directive { None, Include, Condition, Definition, Repetition };

Directive directive_of(const Token& word) {
  constexpr std::array<std::string_view, 6> kIncludes{"include",  "includer", "includem",
                                                      "includew", "includeb", "includea"};
  const std::string_view text = word.text;
  if (word.kind != TokenKind::Word || word.quoted)
    return Directive::None;
  if (std::find(kIncludes.begin(), kIncludes.end(), text) != kIncludes.end())
    return Directive::Include;
  if (text.front() == '@')
    return Directive::Condition;
  if (text.front() == '$' && text.find('=') != std::string_view::npos)
    return Directive::Definition;
  if (text.substr(0, 4) == "~SEQ" || text.substr(0, 4) == "~LST")
    return Directive::Repetition;
  return Directive::None;
}

/// The line of a definition that goes on in the next line.
bool continues(std::string_view line) {
  const std::size_t last = line.find_last_not_of(" \t\r\f\v");
  return last != std::string_view::npos && line[last] == '\\';
}

class SyntaxParser {
public:
  SyntaxParser(const Source& source, Diagnostics& diagnostics)
      : source_(source), diagnostics_(diagnostics), builder_(diagnostics) {}

  Statement run() {
    std::string_view rest = source_.text;
    for (unsigned number = 1; !rest.empty() && !diagnostics_.full(); ++number) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      read_line(rest.substr(0, end), Position{&source_, number, 1});
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return builder_.finish();
  }

private:
  void read_line(std::string_view line, Position start) {
    if (const std::size_t nul = line.find('\0'); nul != std::string_view::npos) {
      diagnostics_.error({source_.name, start.line, static_cast<unsigned>(nul) + 1},
                         "the line contains a NUL byte");
      builder_.mark_incomplete();
      return;
    }
    if (in_definition_) {
      in_definition_ = continues(line);
      return;
    }
    std::vector<Token> tokens = tokenize(line, start, diagnostics_);
    if (tokens.empty())
      return;
    const Token& first = tokens.front();
    switch (directive_of(first)) {
    case Directive::None:
      builder_.add_line(std::move(tokens), false);
      return;
    case Directive::Include:
      diagnostics_.error(first.where,
                         quoted(first.text) + " is a keepalived keyword that xvrrp does not support yet");
      break;
    case Directive::Condition:
      diagnostics_.error(first.where, "conditional lines (\"@ID ...\") are not supported yet");
      // The braces of the line still count: only its statement is dropped.
      tokens.erase(tokens.begin());
      builder_.add_line(std::move(tokens), true);
      return;
    case Directive::Definition:
      diagnostics_.error(first.where, "definitions (\"$NAME=...\") are not supported yet");
      in_definition_ = continues(line);
      break;
    case Directive::Repetition:
      diagnostics_.error(first.where, "repetitions (\"~SEQ\", \"~LST\") are not supported yet");
      break;
    }
    builder_.mark_incomplete();
  }

  const Source& source_;
  Diagnostics& diagnostics_;
  TreeBuilder builder_;
  bool in_definition_ = false; ///< within the lines of a definition that spans several
};

} // namespace

Statement parse_syntax(const Source& source, Diagnostics& diagnostics) {
  return SyntaxParser{source, diagnostics}.run();
}

} // namespace xvrrp::config
