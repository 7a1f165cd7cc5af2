#include "scenario/expression_lexer.h"

#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace phantom::scenario {

namespace {

constexpr auto kTwoCharacterSigns =
    std::to_array<std::string_view>({"==", "!=", "<=", ">=", "&&", "||", "??", "?.", "**", ".."});
constexpr std::string_view kOneCharacterSigns = "+-*/%<>!?:.,;()[]{}#|=";

bool begins_name(char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || each == '_' ||
           each == '$';
}

bool is_digit(char each) {
    return each >= '0' && each <= '9';
}

std::optional<char> plain_escape(char each) {
    constexpr std::string_view kLetters = "abfnrtv\\'\"`/";
    constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\'\"`/";
    const std::size_t found = kLetters.find(each);
    return found == std::string_view::npos ? std::nullopt : std::optional(kMeanings[found]);
}

// UTF-8, RFC 3629 section 3.
void append_code_point(std::string& to, std::uint32_t code) {
    const auto tail = [&](unsigned shift) {
        to += static_cast<char>(0x80U | ((code >> shift) & 0x3FU));
    };
    if (code < 0x80) {
        to += static_cast<char>(code);
    } else if (code < 0x800) {
        to += static_cast<char>(0xC0U | (code >> 6U));
        tail(0);
    } else {
        to += static_cast<char>(0xE0U | (code >> 12U));
        tail(6);
        tail(0);
    }
}

class ExpressionLexer {
  public:
    explicit ExpressionLexer(std::string_view text) : text_(text) {}

    OrFlaw<std::vector<Token>> run() {
        while (true) {
            PM_TRY_FLAW(skip_blanks());
            tokens_.push_back({.text = {}, .literal = {}, .at = at_});
            if (at_ == text_.size()) {
                return std::move(tokens_);
            }
            PM_TRY_FLAW(next(tokens_.back()));
        }
    }

  private:
    [[nodiscard]] bool stands(std::string_view what) const {
        return text_.substr(at_).starts_with(what);
    }

    [[nodiscard]] std::unexpected<Flaw> wrong(std::string_view what) const {
        return flawed(fmt::format("{} at byte {}", what, at_));
    }

    OrFlaw<void> skip_blanks() {
        while (at_ < text_.size()) {
            if (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' ||
                text_[at_] == '\n') {
                ++at_;
            } else if (stands("//")) {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (stands("/*")) {
                const std::size_t end = text_.find("*/", at_ + 2);
                if (end == std::string_view::npos) {
                    return wrong("a comment without an end");
                }
                at_ = end + 2;
            } else {
                break;
            }
        }
        return {};
    }

    OrFlaw<void> next(Token& token) {
        const char first = text_[at_];
        if (begins_name(first)) {
            return name(token);
        }
        if (is_digit(first)) {
            return number(token);
        }
        if (first == '"' || first == '\'' || first == '`') {
            return quoted(token);
        }
        for (const std::string_view sign : kTwoCharacterSigns) {
            if (stands(sign)) {
                return sign_of(token, sign.size());
            }
        }
        if (kOneCharacterSigns.find(first) == std::string_view::npos) {
            return wrong("an unknown sign");
        }
        return sign_of(token, 1);
    }

    OrFlaw<void> sign_of(Token& token, std::size_t size) {
        token.kind = Token::Kind::kSign;
        token.text = text_.substr(at_, size);
        at_ += size;
        return {};
    }

    OrFlaw<void> name(Token& token) {
        const std::size_t begin = at_;
        while (at_ < text_.size() && (begins_name(text_[at_]) || is_digit(text_[at_]))) {
            ++at_;
        }
        token.kind = Token::Kind::kName;
        token.text = text_.substr(begin, at_ - begin);
        return {};
    }

    OrFlaw<void> number(Token& token) {
        token.kind = Token::Kind::kLiteral;
        const char* const begin = text_.data() + at_;
        const char* const end = text_.data() + text_.size();
        std::int64_t whole = 0;
        const auto as_whole = std::from_chars(begin, end, whole);
        double real = 0;
        const auto as_real = std::from_chars(begin, end, real);
        // "1..2" is a range, "1.Hour" nothing.
        const bool is_real = as_real.ptr > as_whole.ptr && as_real.ptr[-1] != '.';
        if ((is_real ? as_real.ec : as_whole.ec) != std::errc{}) {
            return wrong("a number that is too large");
        }
        token.literal = is_real ? Value(real) : Value(whole);
        at_ += static_cast<std::size_t>((is_real ? as_real.ptr : as_whole.ptr) - begin);
        return {};
    }

    OrFlaw<void> quoted(Token& token) {
        const char quote = text_[at_++];
        std::string taken;
        while (at_ < text_.size() && text_[at_] != quote) {
            const char each = text_[at_++];
            if (each != '\\' || quote == '`') {
                taken += each;
                continue;
            }
            PM_TRY_FLAW(escape(taken));
        }
        if (at_ == text_.size()) {
            return wrong("a text without an end");
        }
        ++at_;
        token.kind = Token::Kind::kLiteral;
        token.literal = taken;
        return {};
    }

    OrFlaw<void> escape(std::string& taken) {
        const char each = at_ < text_.size() ? text_[at_++] : '\0';
        if (const auto meaning = plain_escape(each)) {
            taken += *meaning;
            return {};
        }
        const std::size_t digits = each == 'x' ? 2 : (each == 'u' ? 4 : 0);
        std::uint32_t code = 0;
        const std::string_view hex = text_.substr(at_, digits);
        const auto [end, error] = std::from_chars(hex.begin(), hex.end(), code, 16);
        if (digits == 0 || hex.size() != digits || error != std::errc{} || end != hex.end()) {
            return wrong("an unknown escape");
        }
        at_ += digits;
        append_code_point(taken, code);
        return {};
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<Token> tokens_;
};

}  // namespace

OrFlaw<std::vector<Token>> expression_tokens(std::string_view text) {
    if (text.size() > kExpressionSizeMax) {
        return flawed("the expression is too long");
    }
    return ExpressionLexer(text).run();
}

}  // namespace phantom::scenario
