// SPDX-License-Identifier: BSD-2-Clause
#include "config/syntax.hpp"

#include <string>
#include <utility>

#include <xvrrp/base/printable.hpp>

#include "config/blocks.hpp"
#include "config/tokenizer.hpp"

namespace xvrrp::config {

namespace {

/// Builds the tree token by token. The open blocks form a stack; a statement is only appended to the
/// innermost one, so that pointers to the open ones stay valid.
class TreeBuilder {
public:
  explicit TreeBuilder(Diagnostics& diagnostics) : diagnostics_(diagnostics) {
    stack_.push_back({&root_, Level::Root});
  }

  /// A statement with unresolved words is dropped.
  void add_line(std::vector<Token> tokens) {
    for (Token& token : tokens) {
      if (token.kind == TokenKind::Open)
        open(token.where);
      else if (token.kind == TokenKind::Close)
        close(token.where);
      else if (too_deep_ == 0)
        add_word(std::move(token));
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

  void add_word(Token word) {
    if (current_ == nullptr) {
      open_pending_block();
      close_blocks_before(word);
      std::vector<Statement>& body = stack_.back().statement->body;
      current_ = pending_ = &body.emplace_back();
    }
    check_printable(word);
    if (word.unresolved) {
      current_->dropped = true;
      mark_incomplete();
    }
    current_->words.push_back(std::move(word));
  }

  /// Names and paths reach terminals, logs, metrics and the pipes of others. A password reaches none of them,
  /// and what is skipped is read by nobody.
  void check_printable(const Token& word) {
    const bool is_password = !current_->words.empty() && current_->keyword().text == "auth_pass";
    if (is_printable(word.text) || is_password || stack_.back().level == Level::Skipped)
      return;
    diagnostics_.error(word.where, quoted(word.text) + " has a control character or is not UTF-8: write the "
                                                       "file in UTF-8, and names of characters that show");
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

} // namespace

Statement parse_syntax(Sources& sources, const std::string& config_id, Diagnostics& diagnostics) {
  TreeBuilder builder{diagnostics};
  read_lines(sources, config_id, diagnostics,
             {[&](const Line& line) { builder.add_line(tokenize(line, diagnostics)); },
              [&] { builder.mark_incomplete(); }});
  return builder.finish();
}

} // namespace xvrrp::config
