#include "alert/matcher.h"

#include <algorithm>

#include <fmt/format.h>

namespace phantom::alert {

namespace {

using Kind = Matcher::Kind;
using Problem = std::unexpected<std::string>;

std::string_view sign_of(Kind kind) {
    switch (kind) {
        case Kind::kEqual:
            return "=";
        case Kind::kNotEqual:
            return "!=";
        case Kind::kMatches:
            return "=~";
        case Kind::kMatchesNot:
            return "!~";
    }
    return "?";
}

// A text that is read from its beginning.
struct Rest {
    std::string_view text;

    void skip_blanks() {
        while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
            text.remove_prefix(1);
        }
    }
    bool take(std::string_view what) {
        if (!text.starts_with(what)) {
            return false;
        }
        text.remove_prefix(what.size());
        return true;
    }
    std::string_view take_until(std::string_view stops) {
        const std::string_view taken = text.substr(0, text.find_first_of(stops));
        text.remove_prefix(taken.size());
        return taken;
    }
};

std::string_view without_blanks_behind(std::string_view text) {
    const std::size_t last = text.find_last_not_of(" \t");
    return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

std::optional<Kind> take_sign(Rest& rest) {
    // Longest first: "=" begins "=~".
    for (const Kind kind : {Kind::kMatches, Kind::kMatchesNot, Kind::kNotEqual, Kind::kEqual}) {
        if (rest.take(sign_of(kind))) {
            return kind;
        }
    }
    return std::nullopt;
}

// The opening quote is taken already. A backslash that leads nothing known stands for itself, so that
// expressions need not be written with two.
std::expected<std::string, std::string> take_quoted(Rest& rest) {
    std::string value;
    while (!rest.text.empty()) {
        if (rest.take("\"")) {
            return value;
        }
        if (rest.take("\\n")) {
            value += '\n';
        } else if (rest.take("\\\"")) {
            value += '"';
        } else if (rest.take("\\\\")) {
            value += '\\';
        } else {
            value += rest.text.front();
            rest.text.remove_prefix(1);
        }
    }
    return Problem("the closing '\"' is missing");
}

std::expected<std::string, std::string> take_value(Rest& rest) {
    if (rest.take("\"")) {
        return take_quoted(rest);
    }
    const std::string_view bare = without_blanks_behind(rest.take_until(",}"));
    if (bare.find('"') != std::string_view::npos) {
        return Problem("a '\"' inside a value that does not begin with one");
    }
    return std::string(bare);
}

std::expected<Matcher, std::string> take_matcher(Rest& rest) {
    const std::string_view name = without_blanks_behind(rest.take_until("=!,}"));
    const auto kind = take_sign(rest);
    if (!kind) {
        return Problem("a matcher is NAME=VALUE, NAME!=VALUE, NAME=~VALUE or NAME!~VALUE");
    }
    rest.skip_blanks();
    auto value = take_value(rest);
    if (!value) {
        return Problem(value.error());
    }
    rest.skip_blanks();
    return make_matcher(name, *kind, *value);
}

}  // namespace

bool Matcher::matches(const Labels& labels) const {
    const std::string_view found = labels.value_of(name);
    switch (kind) {
        case Kind::kEqual:
            return found == value;
        case Kind::kNotEqual:
            return found != value;
        case Kind::kMatches:
            return pattern && pattern->matches(found);
        case Kind::kMatchesNot:
            return !pattern || !pattern->matches(found);
    }
    return false;
}

std::string Matcher::to_string() const {
    std::string text = name;
    text += sign_of(kind);
    text += '"';
    for (const char byte : value) {
        if (byte == '\n') {
            text += "\\n";
        } else {
            text += byte == '"' || byte == '\\' ? std::string{'\\', byte} : std::string{byte};
        }
    }
    return text + '"';
}

std::expected<Matcher, std::string> make_matcher(
    std::string_view name, Matcher::Kind kind, std::string_view value
) {
    if (!is_label_name(name)) {
        return Problem(fmt::format("'{}' is not a label's name", name));
    }
    Matcher made{
        .name = std::string(name), .kind = kind, .value = std::string(value), .pattern = {}
    };
    if (kind == Kind::kMatches || kind == Kind::kMatchesNot) {
        auto pattern = Pattern::make(value);
        if (!pattern) {
            return Problem(fmt::format("not an expression: {}", pattern.error()));
        }
        made.pattern = std::move(*pattern);
    }
    return made;
}

std::expected<Matchers, std::string> parse_matchers(std::string_view text) {
    if (text.size() > kMatcherSizeMax) {
        return Problem(fmt::format("longer than {} bytes", kMatcherSizeMax));
    }
    Rest rest{text};
    rest.skip_blanks();
    const bool in_braces = rest.take("{");
    rest.skip_blanks();
    Matchers matchers;
    while (!rest.text.empty() && !rest.text.starts_with('}')) {
        auto matcher = take_matcher(rest);
        if (!matcher) {
            return Problem(matcher.error());
        }
        if (matchers.size() == kMatchersMax) {
            return Problem(fmt::format("more than {} matchers", kMatchersMax));
        }
        matchers.push_back(std::move(*matcher));
        const bool more = rest.take(",");
        rest.skip_blanks();
        if (!more && !rest.text.empty() && !rest.text.starts_with('}')) {
            return Problem("a ',' belongs between two matchers");
        }
    }
    if (in_braces != rest.take("}")) {
        return Problem("braces come in pairs");
    }
    rest.skip_blanks();
    if (!rest.text.empty()) {
        return Problem("there is more behind the closing brace");
    }
    if (matchers.empty()) {
        return Problem("there is no matcher");
    }
    return matchers;
}

bool match_all(const Matchers& matchers, const Labels& labels) {
    return std::ranges::all_of(matchers, [&](const Matcher& matcher) {
        return matcher.matches(labels);
    });
}

}  // namespace phantom::alert
