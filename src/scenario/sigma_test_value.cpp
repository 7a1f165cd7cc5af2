#include "scenario/sigma_test_value.h"

#include <array>
#include <charconv>

#include <fmt/format.h>

#include "scenario/sigma_encoding.h"

namespace phantom::scenario {

namespace {

using Order = SigmaModifiers::Order;

std::optional<double> number_of(std::string_view text) {
    double number = 0;
    const char* const end = text.end();
    const auto [stop, error] = std::from_chars(text.begin(), end, number);
    return error == std::errc{} && stop == end ? std::optional(number) : std::nullopt;
}

// Sigma specification 2.0, "Escaping": a backslash takes its meaning from *, ? and another backslash, and is
// itself before everything else.
void read_wildcards(std::string_view text, std::string& bytes, std::string& wilds) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char next = at + 1 < text.size() ? text[at + 1] : '\0';
        if (text[at] == '\\' && (next == '*' || next == '?' || next == '\\')) {
            bytes += next;
            wilds += '\0';
            ++at;
            continue;
        }
        const bool is_wild = text[at] == '*' || text[at] == '?';
        bytes += text[at];
        wilds += is_wild ? text[at] : '\0';
    }
}

// Goes back to the newest star only: at most the product of both lengths.
bool matches_glob(std::string_view value, std::string_view bytes, std::string_view wilds) {
    std::size_t at = 0;
    std::size_t pattern_at = 0;
    std::size_t star_at = std::string_view::npos;
    std::size_t star_value = 0;
    while (at < value.size()) {
        const bool is_star = pattern_at < bytes.size() && wilds[pattern_at] == '*';
        if (is_star) {
            star_at = pattern_at++;
            star_value = at;
        } else if (pattern_at < bytes.size() &&
                   (wilds[pattern_at] == '?' || bytes[pattern_at] == value[at])) {
            ++at;
            ++pattern_at;
        } else if (star_at != std::string_view::npos) {
            pattern_at = star_at + 1;
            at = ++star_value;
        } else {
            return false;
        }
    }
    while (pattern_at < bytes.size() && wilds[pattern_at] == '*') {
        ++pattern_at;
    }
    return pattern_at == bytes.size();
}

bool set_place(SigmaModifiers& modifiers, std::string_view word) {
    using Place = SigmaModifiers::Place;
    if (word == "contains") {
        modifiers.place = Place::kContains;
    } else if (word == "startswith") {
        modifiers.place = Place::kStarts;
    } else if (word == "endswith") {
        modifiers.place = Place::kEnds;
    } else {
        return false;
    }
    return true;
}

bool set_order(SigmaModifiers& modifiers, std::string_view word) {
    static constexpr std::array<std::string_view, 5> kOrders{"", "lt", "lte", "gt", "gte"};
    for (std::size_t index = 1; index < kOrders.size(); ++index) {
        if (word == kOrders[index]) {
            modifiers.order = static_cast<Order>(index);
            return true;
        }
    }
    return false;
}

bool set_flag(SigmaModifiers& modifiers, std::string_view word) {
    static constexpr std::array<std::pair<std::string_view, bool SigmaModifiers::*>, 8> kFlags{{
        {"all", &SigmaModifiers::all},
        {"re", &SigmaModifiers::is_expression},
        {"cidr", &SigmaModifiers::is_network},
        {"exists", &SigmaModifiers::is_presence},
        {"fieldref", &SigmaModifiers::is_reference},
        {"cased", &SigmaModifiers::is_cased},
        {"neq", &SigmaModifiers::is_negated},
        {"windash", &SigmaModifiers::with_dashes},
    }};
    for (const auto& [name, member] : kFlags) {
        if (word == name) {
            modifiers.*member = true;
            return true;
        }
    }
    if (modifiers.is_expression && (word == "i" || word == "m" || word == "s")) {
        modifiers.expression_flags += word;
        return true;
    }
    if (is_sigma_encoding(word)) {
        modifiers.encodings.emplace_back(word);
        return true;
    }
    return false;
}

}  // namespace

OrFlaw<SigmaModifiers> SigmaModifiers::parse(std::string_view text) {
    SigmaModifiers modifiers;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('|'), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!set_place(modifiers, word) && !set_order(modifiers, word) &&
            !set_flag(modifiers, word)) {
            return flawed(fmt::format("modifier '{}' is not understood", word));
        }
    }
    return modifiers;
}

OrFlaw<SigmaTest> SigmaTest::special(const Yaml& value, const SigmaModifiers& modifiers) {
    SigmaTest test;
    if (modifiers.is_presence) {
        test.kind_ = Kind::kPresence;
        test.wanted_ = value.is_true();
    } else if (modifiers.is_network) {
        test.kind_ = Kind::kNetwork;
        const auto network = wire::Prefix::parse(value.text);
        if (!network) {
            return flawed(fmt::format("'{}' is no network", value.text), value.line);
        }
        test.network_ = *network;
    } else if (modifiers.order != Order::kNone) {
        test.kind_ = Kind::kNumber;
        test.order_ = modifiers.order;
        const auto number = number_of(value.text);
        if (!number) {
            return flawed(fmt::format("'{}' is no number", value.text), value.line);
        }
        test.number_ = *number;
    } else if (modifiers.is_reference) {
        test.kind_ = Kind::kReference;
        test.place_ = modifiers.place;
        test.is_cased_ = modifiers.is_cased;
        test.text_ = value.text;
    } else {
        test.kind_ = Kind::kExpression;
        const std::string flags =
            modifiers.expression_flags.empty() ? "" : "(?" + modifiers.expression_flags + ")";
        auto compiled = Pattern::compile(flags + value.text);
        if (!compiled) {
            return flawed(compiled.error().reason, value.line);
        }
        test.pattern_ = *std::move(compiled);
    }
    return test;
}

OrFlaw<SigmaTest> SigmaTest::of_text(
    std::string_view text, const SigmaModifiers& modifiers, bool is_encoded
) {
    SigmaTest test;
    test.place_ = modifiers.place;
    // What was encoded is a text of another case in another place.
    test.is_cased_ = modifiers.is_cased || is_encoded;
    if (is_encoded) {
        test.text_ = text;
        return test;
    }
    std::string bytes;
    read_wildcards(text, bytes, test.wilds_);
    const bool is_glob = test.wilds_.find_first_not_of('\0') != std::string::npos;
    test.text_ = test.is_cased_ ? bytes : folded(bytes);
    if (!is_glob) {
        test.wilds_.clear();
        return test;
    }
    test.kind_ = Kind::kGlob;
    const bool open_left = test.place_ == Place::kContains || test.place_ == Place::kEnds;
    const bool open_right = test.place_ == Place::kContains || test.place_ == Place::kStarts;
    const std::string star = "*";
    test.text_ = (open_left ? star : "") + test.text_ + (open_right ? star : "");
    test.wilds_ = (open_left ? star : "") + test.wilds_ + (open_right ? star : "");
    return test;
}

OrFlaw<std::vector<SigmaTest>> SigmaTest::build(
    const Yaml& value, const SigmaModifiers& modifiers
) {
    if (value.kind == Yaml::Kind::kNull) {
        SigmaTest nothing;
        nothing.kind_ = Kind::kNothing;
        return std::vector{std::move(nothing)};
    }
    if (value.kind != Yaml::Kind::kScalar) {
        return flawed("a value must be a text or a number", value.line);
    }
    if (value.text.size() > kSigmaValueMax) {
        return flawed("a value is too long", value.line);
    }
    const bool is_special = modifiers.is_presence || modifiers.is_network ||
                            modifiers.is_expression || modifiers.is_reference ||
                            modifiers.order != Order::kNone;
    std::vector<SigmaTest> tests;
    if (is_special) {
        tests.push_back(PM_TRY_FLAW(special(value, modifiers)));
        return tests;
    }
    std::vector<std::string> texts{value.text};
    if (modifiers.with_dashes) {
        texts = with_all_dashes(value.text);
    }
    for (const std::string& text : texts) {
        for (const std::string& encoded : encoded_as(text, modifiers.encodings)) {
            tests.push_back(PM_TRY_FLAW(of_text(encoded, modifiers, !modifiers.encodings.empty())));
        }
    }
    return tests;
}

bool SigmaTest::holds_text(std::string_view value, std::string_view wanted) const {
    switch (place_) {
        case Place::kWhole:
            return value == wanted;
        case Place::kContains:
            return value.find(wanted) != std::string_view::npos;
        case Place::kStarts:
            return value.starts_with(wanted);
        case Place::kEnds:
            return value.ends_with(wanted);
    }
    return false;
}

bool SigmaTest::holds_number(std::string_view value) const {
    const auto number = number_of(value);
    if (!number) {
        return false;
    }
    switch (order_) {
        case Order::kLess:
            return *number < number_;
        case Order::kLessOrEqual:
            return *number <= number_;
        case Order::kGreater:
            return *number > number_;
        case Order::kGreaterOrEqual:
            return *number >= number_;
        case Order::kNone:
            break;
    }
    return false;
}

bool SigmaTest::holds(const SigmaField* field, const SigmaRecord& record) const {
    if (kind_ == Kind::kPresence) {
        return (field != nullptr) == wanted_;
    }
    if (kind_ == Kind::kNothing) {
        return field == nullptr || field->value.empty();
    }
    if (field == nullptr) {
        return false;
    }
    const std::string& value = is_cased_ ? field->value : field->folded;
    switch (kind_) {
        case Kind::kText:
            return holds_text(value, text_);
        case Kind::kGlob:
            return matches_glob(value, text_, wilds_);
        case Kind::kExpression:
            return pattern_->search(field->value) == Pattern::Outcome::kMatch;
        case Kind::kNetwork: {
            const auto address = wire::Address::parse(field->value);
            return address && network_->contains(*address);
        }
        case Kind::kNumber:
            return holds_number(field->value);
        case Kind::kReference: {
            const SigmaField* other = record.find(text_);
            return other != nullptr && holds_text(value, is_cased_ ? other->value : other->folded);
        }
        case Kind::kPresence:
        case Kind::kNothing:
            break;
    }
    return false;
}

}  // namespace phantom::scenario
