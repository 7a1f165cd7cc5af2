#include "policy/hujson.h"

#include <algorithm>

#include <fmt/format.h>

namespace phantom::policy {

namespace {

constexpr std::string_view kLiteral =
    "+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";

// Reads straight down; the first problem ends it: `at_` then stands at the end of the text.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    OrProblem<Value> document() {
        Value value = read_value(0);
        skip_space();
        if (!problem_ && at_ < text_.size()) {
            fail(position_, "the text ends before this; one { ... } is all there may be");
        }
        if (problem_) {
            return std::unexpected(*problem_);
        }
        return value;
    }

  private:
    [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
    [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
    [[nodiscard]] bool sees(std::string_view what) const {
        return text_.substr(std::min(at_, text_.size())).starts_with(what);
    }

    void advance() {
        const auto byte = static_cast<unsigned char>(text_[at_++]);
        if (byte == '\n') {
            position_ = {position_.line + 1, 1};
        } else if ((byte & 0xc0U) != 0x80U) {  // not the rest of a UTF-8 character
            ++position_.column;
        }
    }

    void fail(Position at, std::string text) {
        if (!problem_) {
            problem_ = Problem{at, std::move(text)};
        }
        at_ = text_.size();
    }

    void skip_space() {
        while (!at_end()) {
            if (sees("//")) {
                while (!at_end() && peek() != '\n') {
                    advance();
                }
            } else if (sees("/*")) {
                skip_block_comment();
            } else if (std::string_view(" \t\r\n").contains(peek())) {
                advance();
            } else {
                return;
            }
        }
    }

    void skip_block_comment() {
        const Position begin = position_;
        advance();
        advance();  // past its own star: "/*/" is only a beginning
        while (!at_end() && !sees("*/")) {
            advance();
        }
        if (at_end()) {
            fail(begin, "this comment has no end; write */");
            return;
        }
        advance();
        advance();
    }

    std::string read_string() {
        const Position begin = position_;
        advance();
        const std::size_t first = at_;
        while (!at_end() && peek() != '"') {
            if (peek() == '\\') {
                fail(position_, "a backslash means nothing here: no name, address or port has one");
                return {};
            }
            if (static_cast<unsigned char>(peek()) < 0x20) {
                fail(begin, "this text has no end on its line; write \"");
                return {};
            }
            advance();
        }
        if (at_end()) {
            fail(begin, "this text has no end; write \"");
            return {};
        }
        const std::string_view text = text_.substr(first, at_ - first);
        advance();
        return std::string(text);
    }

    Value read_value(unsigned depth) {
        skip_space();
        Value value;
        value.at = position_;
        if (depth > kNestingMax) {
            fail(position_, fmt::format("nested deeper than {}", kNestingMax));
        } else if (peek() == '"') {
            value.kind = Value::Kind::kString;
            value.text = read_string();
        } else if (peek() == '[') {
            value.kind = Value::Kind::kArray;
            read_items(value, ']', depth);
        } else if (peek() == '{') {
            value.kind = Value::Kind::kObject;
            read_items(value, '}', depth);
        } else if (at_end()) {
            fail(position_, "the text ends here, and a value is missing");
        } else if (kLiteral.contains(peek())) {
            const std::size_t first = at_;
            while (!at_end() && kLiteral.contains(peek())) {
                advance();
            }
            value.text = text_.substr(first, at_ - first);
        } else {
            fail(position_, "not a value; a text in \"...\", a list [...] or {...} is needed");
        }
        return value;
    }

    void read_items(Value& into, char end, unsigned depth) {
        const Position begin = position_;
        const bool keyed = end == '}';
        advance();
        while (true) {
            skip_space();
            if (at_end()) {
                fail(begin, fmt::format("this has no end; write {}", end));
                return;
            }
            if (peek() == end) {
                advance();
                return;
            }
            read_item(into, keyed, depth);
            skip_space();
            if (peek() == ',') {
                advance();
            } else if (!at_end() && peek() != end) {
                fail(position_, fmt::format("a comma or {} is needed before this", end));
                return;
            }
        }
    }

    void read_item(Value& into, bool keyed, unsigned depth) {
        std::string key;
        const Position key_at = position_;
        if (keyed) {
            if (peek() != '"') {
                fail(position_, "a key in \"...\" is needed here");
                return;
            }
            key = read_string();
            skip_space();
            if (!at_end() && peek() != ':') {
                fail(position_, "a colon is needed before this");
                return;
            }
            if (std::ranges::find(into.items, key, &Value::key) != into.items.end()) {
                fail(key_at, fmt::format("\"{}\" stands here a second time", key));
                return;
            }
            if (!at_end()) {
                advance();
            }
        }
        Value item = read_value(depth + 1);
        item.key = std::move(key);
        item.key_at = key_at;
        into.items.push_back(std::move(item));
    }

    std::string_view text_;
    std::size_t at_ = 0;
    Position position_;
    std::optional<Problem> problem_;
};

}  // namespace

OrProblem<Value> parse_hujson(std::string_view text) {
    return Scanner(text).document();
}

}  // namespace phantom::policy
