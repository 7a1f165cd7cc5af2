#include "intel/stix_pattern.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "intel/indicator.h"

namespace phantom::intel {

namespace {

struct Token {
    enum class Kind : std::uint8_t { kEnd, kWord, kText, kSign };
    Kind kind = Kind::kEnd;
    std::string_view word;  // of a word or a sign
    std::string text;       // of a text, without its quotes
    std::size_t at = 0;

    [[nodiscard]] bool is(std::string_view wanted) const {
        return kind != Kind::kText && word == wanted;
    }
};

// What may stand before ":" and behind it, and what it names.
struct Property {
    std::string_view path;
    ObservableKind kind;
};
constexpr std::array kProperties{
    Property{"ipv4-addr:value", ObservableKind::kNetwork},
    Property{"ipv6-addr:value", ObservableKind::kNetwork},
    Property{"domain-name:value", ObservableKind::kDomain},
    Property{"url:value", ObservableKind::kUrl},
};
constexpr std::string_view kHashes = "file:hashes.";
constexpr std::array<std::string_view, 9> kHashNames{
    "MD5", "md5", "SHA-1", "sha1", "SHA-256", "SHA256", "sha256", "SHA-512", "SHA512"
};

// Carries a reason out of the depth of a pattern.
struct NotUnderstood {
    std::string reason;
};

class PatternReader {
  public:
    explicit PatternReader(std::string_view pattern) : pattern_(pattern) { step(); }

    std::vector<Observable> read() {
        std::vector<Observable> all;
        while (true) {
            want("[");
            add_to(all, alternatives(0));
            want("]");
            if (token_.kind == Token::Kind::kEnd) {
                return all;
            }
            if (!token_.is("OR")) {
                refuse(fmt::format("{} between or behind [...] is not understood", shown_token()));
            }
            step();
        }
    }

  private:
    [[noreturn]] void refuse(std::string reason) const {
        throw NotUnderstood{fmt::format("at {}: {}", token_.at + 1, std::move(reason))};
    }

    [[nodiscard]] std::string shown_token() const {
        if (token_.kind == Token::Kind::kEnd) {
            return "the end";
        }
        return shown(token_.kind == Token::Kind::kText ? token_.text : std::string(token_.word));
    }

    void add_to(std::vector<Observable>& all, std::vector<Observable> more) const {
        if (all.size() + more.size() > kObservablesMax) {
            refuse("too many observables");
        }
        std::ranges::move(more, std::back_inserter(all));
    }

    void want(std::string_view sign) {
        if (!token_.is(sign)) {
            refuse(fmt::format("'{}' is missing before {}", sign, shown_token()));
        }
        step();
    }

    // comparison { OR comparison }
    std::vector<Observable> alternatives(std::size_t depth) {
        std::vector<Observable> all = together(depth);
        while (token_.is("OR")) {
            step();
            add_to(all, together(depth));
        }
        return all;
    }

    // comparison { AND comparison }: hashes of one file only.
    std::vector<Observable> together(std::size_t depth) {
        std::vector<Observable> all = single(depth);
        while (token_.is("AND")) {
            const std::size_t at = token_.at;
            step();
            std::vector<Observable> more = single(depth);
            const auto is_hash = [](const Observable& each) {
                return each.kind == ObservableKind::kHash;
            };
            const bool same_file =
                std::ranges::all_of(all, is_hash) && std::ranges::all_of(more, is_hash);
            if (!same_file && all != more) {
                token_.at = at;
                refuse("AND of different observables is not understood");
            }
            if (same_file) {
                add_to(all, std::move(more));
            }
        }
        return all;
    }

    std::vector<Observable> single(std::size_t depth) {
        if (token_.is("(")) {
            if (depth == kPatternDepthMax) {
                refuse("nested too deep");
            }
            step();
            std::vector<Observable> inner = alternatives(depth + 1);
            want(")");
            return inner;
        }
        const ObservableKind kind = property();
        if (token_.is("=")) {
            step();
            return {value_of(kind)};
        }
        if (token_.is("ISSUBSET") && kind == ObservableKind::kNetwork) {
            step();
            return {value_of(kind)};
        }
        if (token_.is("IN")) {
            step();
            return values_of(kind);
        }
        refuse(fmt::format("{} is not understood here", shown_token()));
    }

    Observable value_of(ObservableKind kind) {
        if (token_.kind != Token::Kind::kText) {
            refuse(fmt::format("a text in quotes is needed, not {}", shown_token()));
        }
        Observable observable{kind, token_.text};
        step();
        return observable;
    }

    std::vector<Observable> values_of(ObservableKind kind) {
        want("(");
        std::vector<Observable> values{value_of(kind)};
        while (token_.is(",")) {
            step();
            add_to(values, {value_of(kind)});
        }
        want(")");
        return values;
    }

    ObservableKind property() {
        if (token_.kind != Token::Kind::kWord) {
            refuse(fmt::format("an object's property is needed, not {}", shown_token()));
        }
        const std::string_view path = token_.word;
        const auto* const found = std::ranges::find(kProperties, path, &Property::path);
        if (found != kProperties.end()) {
            step();
            return found->kind;
        }
        if (path.starts_with(kHashes)) {
            std::string_view name = path.substr(kHashes.size());
            if (name.size() > 2 && name.front() == '\'' && name.back() == '\'') {
                name = name.substr(1, name.size() - 2);
            }
            if (std::ranges::find(kHashNames, name) != kHashNames.end()) {
                step();
                return ObservableKind::kHash;
            }
        }
        refuse(fmt::format("{} is not understood", shown(path)));
    }

    // The next token: a word with what belongs to a property's path ("file:hashes.'SHA-256'"), a text with
    // its escapes, or one sign.
    void step() {
        at_ = std::min(pattern_.find_first_not_of(" \t\r\n", at_), pattern_.size());
        token_ = {.word = {}, .text = {}, .at = at_};
        if (at_ == pattern_.size()) {
            return;
        }
        if (pattern_[at_] == '\'') {
            read_text();
        } else if (is_word_char(pattern_[at_])) {
            read_word();
        } else {
            const bool is_pair = pattern_.substr(at_, 2) == "!=" ||
                                 pattern_.substr(at_, 2) == "<=" ||
                                 pattern_.substr(at_, 2) == ">=" || pattern_.substr(at_, 2) == "<>";
            token_.kind = Token::Kind::kSign;
            token_.word = pattern_.substr(at_, is_pair ? 2 : 1);
            at_ += token_.word.size();
        }
    }

    static bool is_word_char(char each) {
        return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
               (each >= '0' && each <= '9') || each == '-' || each == '_' || each == ':' ||
               each == '.' || each == '*';
    }

    void read_word() {
        const std::size_t begin = at_;
        while (at_ < pattern_.size()) {
            const char each = pattern_[at_];
            if (each == '\'' && pattern_[at_ - 1] == '.') {
                at_ = pattern_.find('\'', at_ + 1);
                if (at_ == std::string_view::npos) {
                    at_ = pattern_.size();
                    refuse("a quote without an end");
                }
            } else if (!is_word_char(each) && each != '[') {
                break;
            } else if (each == '[') {
                const std::size_t end = pattern_.find(']', at_);
                at_ = std::min(end, pattern_.size() - 1);
            }
            ++at_;
        }
        token_.kind = Token::Kind::kWord;
        token_.word = pattern_.substr(begin, at_ - begin);
    }

    void read_text() {
        ++at_;
        while (at_ < pattern_.size() && pattern_[at_] != '\'') {
            if (pattern_[at_] == '\\' && at_ + 1 < pattern_.size()) {
                ++at_;
            }
            token_.text += pattern_[at_++];
        }
        if (at_ == pattern_.size()) {
            refuse("a quote without an end");
        }
        ++at_;
        token_.kind = Token::Kind::kText;
    }

    std::string_view pattern_;
    std::size_t at_ = 0;
    Token token_;
};

}  // namespace

std::expected<std::vector<Observable>, std::string> read_stix_pattern(std::string_view pattern) {
    if (pattern.size() > kPatternSizeMax) {
        return std::unexpected(std::string("the pattern is too long"));
    }
    try {
        return PatternReader(pattern).read();
    } catch (NotUnderstood& found) {
        return std::unexpected(std::move(found.reason));
    }
}

}  // namespace phantom::intel
