#include "playbook/expression.h"

#include <algorithm>
#include <charconv>

#include "playbook/identifiers.h"

namespace phantom::playbook {

namespace {

constexpr std::string_view kSuffix = ":value";

bool is_name_character(char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
           (each >= '0' && each <= '9') || each == '_' || each == '-';
}

// The reference that begins at `at`: the longest "__name__" before ":value". Empty: there is none.
std::string_view reference_at(std::string_view text, std::size_t at) {
    if (text.substr(at, 2) != "__") {
        return {};
    }
    std::size_t end = at;
    while (end < text.size() && is_name_character(text[end])) {
        ++end;
    }
    const std::string_view name = text.substr(at, end - at);
    return is_variable_name(name) && text.substr(end).starts_with(kSuffix) ? name
                                                                           : std::string_view();
}

// Calls `plain` and `reference` with the parts of a text, in order.
template <class Plain, class Reference>
void walk_parts(std::string_view text, Plain plain, Reference reference) {
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view name = reference_at(text, at);
        if (name.empty()) {
            // A name that is none is not looked at again from its second letter on.
            const bool in_name = is_name_character(text[at]);
            ++at;
            while (in_name && at < text.size() && is_name_character(text[at])) {
                ++at;
            }
            continue;
        }
        plain(text.substr(begin, at - begin));
        reference(name);
        at += name.size() + kSuffix.size();
        begin = at;
    }
    plain(text.substr(begin));
}

std::optional<double> number_of(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return !text.empty() && error == std::errc() && end == text.data() + text.size()
               ? std::optional(number)
               : std::nullopt;
}

bool is_true_value(std::string_view text) {
    return !text.empty() && text != "false" && text != "0";
}

// Thrown inside this file only.
struct ConditionProblem {
    std::string text;
};

class Condition {
  public:
    // `variables` null: only the form is looked at.
    Condition(std::string_view text, const Variables* variables)
        : text_(text), variables_(variables) {}

    bool run() {
        const bool result = either(0);
        skip_space();
        if (at_ != text_.size()) {
            throw ConditionProblem{"something stands after its end"};
        }
        return result;
    }

  private:
    void skip_space() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) {
            ++at_;
        }
    }

    bool take(std::string_view token) {
        skip_space();
        if (!text_.substr(at_).starts_with(token)) {
            return false;
        }
        const bool is_word = is_name_character(token.back());
        const std::size_t end = at_ + token.size();
        if (is_word && end < text_.size() && is_name_character(text_[end])) {
            return false;
        }
        at_ = end;
        return true;
    }

    // NOLINTBEGIN(misc-no-recursion): kExpressionDepthMax bounds it
    bool either(int depth) {
        if (depth > kExpressionDepthMax) {
            throw ConditionProblem{"its parentheses go too deep"};
        }
        bool result = both(depth);
        while (take("OR") || take("||")) {
            const bool other = both(depth);
            result = result || other;
        }
        return result;
    }

    bool both(int depth) {
        bool result = negated(depth);
        while (take("AND") || take("&&")) {
            const bool other = negated(depth);
            result = result && other;
        }
        return result;
    }

    bool negated(int depth) {
        bool is_negated = false;
        while (take("NOT")) {
            is_negated = !is_negated;
        }
        if (take("(")) {
            const bool result = either(depth + 1);
            if (!take(")")) {
                throw ConditionProblem{"a ')' is missing"};
            }
            return result != is_negated;
        }
        return comparison() != is_negated;
    }
    // NOLINTEND(misc-no-recursion)

    bool comparison() {
        const std::string left = operand();
        for (const std::string_view sign : {"==", "!=", "<>", "<=", ">=", "=", "<", ">"}) {
            if (take(sign)) {
                return compare(left, sign, operand());
            }
        }
        return is_true_value(left);
    }

    static bool compare(const std::string& left, std::string_view sign, const std::string& right) {
        const auto a = number_of(left);
        const auto b = number_of(right);
        const std::partial_ordering order =
            a && b ? *a <=> *b : std::partial_ordering(left <=> right);
        if (sign == "==" || sign == "=") {
            return std::is_eq(order);
        }
        if (sign == "!=" || sign == "<>") {
            return std::is_neq(order);
        }
        return sign == "<"    ? std::is_lt(order)
               : sign == "<=" ? std::is_lteq(order)
               : sign == ">"  ? std::is_gt(order)
                              : std::is_gteq(order);
    }

    std::string operand() {
        skip_space();
        if (at_ == text_.size()) {
            throw ConditionProblem{"a value is missing at its end"};
        }
        if (text_[at_] == '\'' || text_[at_] == '"') {
            return quoted();
        }
        if (const std::string_view name = reference_at(text_, at_); !name.empty()) {
            at_ += name.size() + kSuffix.size();
            return value_of(name);
        }
        const std::size_t begin = at_;
        while (at_ < text_.size() && (is_name_character(text_[at_]) || text_[at_] == '.' ||
                                      text_[at_] == ':' || text_[at_] == '/' || text_[at_] == '+')
        ) {
            ++at_;
        }
        if (begin == at_) {
            throw ConditionProblem{std::string("'") + text_[at_] + "' is no value"};
        }
        return std::string(text_.substr(begin, at_ - begin));
    }

    std::string quoted() {
        const char quote = text_[at_++];
        std::string value;
        for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
                ++at_;
            }
            value += text_[at_];
        }
        if (at_ == text_.size()) {
            throw ConditionProblem{"a quotation mark is missing"};
        }
        ++at_;
        return value;
    }

    [[nodiscard]] std::string value_of(std::string_view name) const {
        if (variables_ == nullptr) {
            return "";
        }
        const auto found = variables_->find(std::string(name));
        if (found == variables_->end() || !found->second.has_value) {
            throw ConditionProblem{std::string(name) + " has no value"};
        }
        return found->second.value;
    }

    std::string_view text_;
    const Variables* variables_;
    std::size_t at_ = 0;
};

std::expected<bool, std::string> run_condition(
    std::string_view condition, const Variables* variables
) {
    if (condition.size() > kExpressionSizeMax) {
        return std::unexpected("the condition is too long");
    }
    try {
        return Condition(condition, variables).run();
    } catch (const ConditionProblem& problem) {
        return std::unexpected(problem.text);
    }
}

}  // namespace

std::set<std::string> references_in(std::string_view text) {
    std::set<std::string> names;
    walk_parts(text, [](std::string_view) {}, [&](std::string_view name) { names.emplace(name); });
    return names;
}

std::optional<std::string> substitute(std::string_view text, const Variables& variables) {
    std::string result;
    bool is_whole = true;
    walk_parts(
        text, [&](std::string_view part) { result += part; },
        [&](std::string_view name) {
            const auto found = variables.find(std::string(name));
            is_whole = is_whole && found != variables.end() && found->second.has_value;
            if (is_whole && result.size() <= kValueSizeMax) {
                result += found->second.value;
            }
        }
    );
    return is_whole && result.size() <= std::max(kValueSizeMax, text.size())
               ? std::optional(std::move(result))
               : std::nullopt;
}

std::expected<bool, std::string> evaluate(std::string_view condition, const Variables& variables) {
    return run_condition(condition, &variables);
}

std::string problem_of_condition(std::string_view condition) {
    const auto result = run_condition(condition, nullptr);
    return result ? "" : result.error();
}

}  // namespace phantom::playbook
