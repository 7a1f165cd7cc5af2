// Functions of texts: case, edges, parts, numbers written out, what URIs hide.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "scenario/errors.h"
#include "scenario/expression.h"
#include "scenario/functions.h"

namespace phantom::scenario {

namespace {

Result<std::string_view> text_argument(Arguments arguments, std::size_t index) {
    if (!arguments[index]->is_string()) {
        return fail(ExpressionError::kWrongType);
    }
    return text_of(*arguments[index]);
}

template <char First, char Last, int Shift>
Result<Value> shifted(CallScope& /*scope*/, Arguments arguments) {
    std::string text(PM_TRY(text_argument(arguments, 0)));
    for (char& each : text) {
        each = each >= First && each <= Last ? static_cast<char>(each + Shift) : each;
    }
    return Value(text);
}

constexpr std::string_view kBlanks = " \t\r\n\v\f";

Result<Value> trimmed(std::string_view text, std::string_view what) {
    const std::size_t begin = text.find_first_not_of(what);
    if (begin == std::string_view::npos) {
        return Value("");
    }
    return Value(text.substr(begin, text.find_last_not_of(what) - begin + 1));
}

Result<Value> trim_space(CallScope& /*scope*/, Arguments arguments) {
    return trimmed(PM_TRY(text_argument(arguments, 0)), kBlanks);
}

Result<Value> trim(CallScope& /*scope*/, Arguments arguments) {
    return trimmed(
        PM_TRY(text_argument(arguments, 0)),
        arguments.size() > 1 ? PM_TRY(text_argument(arguments, 1)) : kBlanks
    );
}

Result<Value> trim_prefix(CallScope& /*scope*/, Arguments arguments) {
    const std::string_view text = PM_TRY(text_argument(arguments, 0));
    const std::string_view prefix = PM_TRY(text_argument(arguments, 1));
    return Value(text.substr(text.starts_with(prefix) ? prefix.size() : 0));
}

Result<Value> trim_suffix(CallScope& /*scope*/, Arguments arguments) {
    const std::string_view text = PM_TRY(text_argument(arguments, 0));
    const std::string_view suffix = PM_TRY(text_argument(arguments, 1));
    return Value(text.substr(0, text.size() - (text.ends_with(suffix) ? suffix.size() : 0)));
}

template <bool AtEnd>
Result<Value> has_edge(CallScope& /*scope*/, Arguments arguments) {
    const std::string_view text = PM_TRY(text_argument(arguments, 0));
    const std::string_view edge = PM_TRY(text_argument(arguments, 1));
    return Value(AtEnd ? text.ends_with(edge) : text.starts_with(edge));
}

// "*" stands for any text, "?" for any character. Goes back to the last "*" only, so the time it takes is
// the product of both lengths at most.
Result<Value> match_wildcards(CallScope& /*scope*/, Arguments arguments) {
    const std::string_view wanted = PM_TRY(text_argument(arguments, 0));
    const std::string_view text = PM_TRY(text_argument(arguments, 1));
    std::size_t at = 0;
    std::size_t star = std::string_view::npos;
    std::size_t star_text = 0;
    for (std::size_t index = 0; index < text.size();) {
        if (at < wanted.size() && wanted[at] == '*') {
            star = at++;
            star_text = index;
        } else if (at < wanted.size() && (wanted[at] == '?' || wanted[at] == text[index])) {
            ++at;
            ++index;
        } else if (star != std::string_view::npos) {
            at = star + 1;
            index = ++star_text;
        } else {
            return Value(false);
        }
    }
    return Value(wanted.find_first_not_of('*', at) == std::string_view::npos);
}

Result<Value> split(CallScope& /*scope*/, Arguments arguments) {
    std::string_view text = PM_TRY(text_argument(arguments, 0));
    const std::string_view by = PM_TRY(text_argument(arguments, 1));
    boost::json::array parts;
    while (!by.empty()) {
        const std::size_t end = text.find(by);
        if (end == std::string_view::npos) {
            break;
        }
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(end + by.size());
    }
    parts.emplace_back(text);
    return Value(std::move(parts));
}

Result<Value> join(CallScope& /*scope*/, Arguments arguments) {
    const boost::json::array* parts = arguments[0]->if_array();
    if (parts == nullptr) {
        return fail(ExpressionError::kWrongType);
    }
    const std::string_view by = PM_TRY(text_argument(arguments, 1));
    std::string joined;
    for (const Value& part : *parts) {
        joined += fmt::format("{}{}", joined.empty() ? "" : by, text_of(part));
        if (joined.size() > kMadeSizeMax) {
            return fail(ExpressionError::kTooMuchWork);
        }
    }
    return Value(joined);
}

Result<Value> replace(CallScope& /*scope*/, Arguments arguments) {
    std::string_view text = PM_TRY(text_argument(arguments, 0));
    const std::string_view from = PM_TRY(text_argument(arguments, 1));
    const std::string_view to = PM_TRY(text_argument(arguments, 2));
    std::string made;
    while (!from.empty()) {
        const std::size_t at = text.find(from);
        if (at == std::string_view::npos) {
            break;
        }
        made.append(text.substr(0, at)).append(to);
        text.remove_prefix(at + from.size());
        if (made.size() > kMadeSizeMax) {
            return fail(ExpressionError::kTooMuchWork);
        }
    }
    return Value(made.append(text));
}

template <bool FromEnd>
Result<Value> index_of(CallScope& /*scope*/, Arguments arguments) {
    const std::string_view text = PM_TRY(text_argument(arguments, 0));
    const std::string_view part = PM_TRY(text_argument(arguments, 1));
    const std::size_t at = FromEnd ? text.rfind(part) : text.find(part);
    return Value(at == std::string_view::npos ? std::int64_t{-1} : static_cast<std::int64_t>(at));
}

Result<Value> length(CallScope& /*scope*/, Arguments arguments) {
    const Value& value = *arguments[0];
    if (value.is_string()) {
        return Value(static_cast<std::int64_t>(text_of(value).size()));
    }
    if (value.is_array()) {
        return Value(static_cast<std::int64_t>(value.get_array().size()));
    }
    if (value.is_object()) {
        return Value(static_cast<std::int64_t>(value.get_object().size()));
    }
    return fail(ExpressionError::kWrongType);
}

Result<double> real_argument(const Value& value) {
    if (value.is_int64()) {
        return static_cast<double>(value.get_int64());
    }
    if (value.is_double()) {
        return value.get_double();
    }
    const std::string_view text = text_of(value);
    double number = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
    if (error != std::errc{} || end != text.end()) {
        return fail(ExpressionError::kNotANumber);
    }
    return number;
}

Result<Value> to_int(CallScope& /*scope*/, Arguments arguments) {
    const Value& value = *arguments[0];
    if (value.is_double()) {
        // What has no whole number close by is none (2^63 is 9.2e18).
        constexpr double kWholeMax = 9.2e18;
        if (!(std::abs(value.get_double()) < kWholeMax)) {
            return fail(ExpressionError::kNotANumber);
        }
        return Value(static_cast<std::int64_t>(value.get_double()));
    }
    if (value.is_int64()) {
        return value;
    }
    const std::string_view text = text_of(value);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
    if (error != std::errc{} || end != text.end()) {
        return fail(ExpressionError::kNotANumber);
    }
    return Value(number);
}

Result<Value> to_float(CallScope& /*scope*/, Arguments arguments) {
    return Value(PM_TRY(real_argument(*arguments[0])));
}

Result<Value> to_text(CallScope& /*scope*/, Arguments arguments) {
    return Value(arguments[0]->is_null() ? std::string() : formatted(*arguments[0]));
}

// %v, %s, %d and %+v of the values in turn.
Result<Value> written_by_format(CallScope& /*scope*/, Arguments arguments) {
    const std::string_view format = PM_TRY(text_argument(arguments, 0));
    std::string made;
    std::size_t next = 1;
    for (std::size_t at = 0; at < format.size(); ++at) {
        if (format[at] != '%' || at + 1 == format.size()) {
            made += format[at];
            continue;
        }
        at += format[at + 1] == '+' && at + 2 < format.size() ? 2 : 1;
        if (format[at] == '%') {
            made += '%';
        } else if (next < arguments.size() &&
                   (format[at] == 'v' || format[at] == 's' || format[at] == 'd')) {
            made += formatted(*arguments[next++]);
        } else {
            return fail(ExpressionError::kBadText);
        }
    }
    return Value(made);
}

int hex_digit(char each) {
    if (each >= '0' && each <= '9') {
        return each - '0';
    }
    const char lower = static_cast<char>(each | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// RFC 3986 2.1. A text that is not well formed comes back as it is.
template <bool PlusIsSpace>
Result<Value> unescape_uri(CallScope& /*scope*/, Arguments arguments) {
    const std::string_view text = PM_TRY(text_argument(arguments, 0));
    std::string made;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            made += PlusIsSpace && text[at] == '+' ? ' ' : text[at];
            continue;
        }
        const int high = at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text[at + 2]) : -1;
        if (low < 0) {
            return Value(text);
        }
        made += static_cast<char>(high * 16 + low);
        at += 2;
    }
    return Value(made);
}

constexpr auto kTextFunctions = std::to_array<Function>({
    {"Lower", 1, 1, shifted<'A', 'Z', 'a' - 'A'>},
    {"lower", 1, 1, shifted<'A', 'Z', 'a' - 'A'>},
    {"Upper", 1, 1, shifted<'a', 'z', 'A' - 'a'>},
    {"upper", 1, 1, shifted<'a', 'z', 'A' - 'a'>},
    {"TrimSpace", 1, 1, trim_space},
    {"Trim", 2, 2, trim},
    {"trim", 1, 2, trim},
    {"TrimPrefix", 2, 2, trim_prefix},
    {"trimPrefix", 2, 2, trim_prefix},
    {"TrimSuffix", 2, 2, trim_suffix},
    {"trimSuffix", 2, 2, trim_suffix},
    {"hasPrefix", 2, 2, has_edge<false>},
    {"hasSuffix", 2, 2, has_edge<true>},
    {"Match", 2, 2, match_wildcards},
    {"Split", 2, 2, split},
    {"split", 2, 2, split},
    {"join", 2, 2, join},
    {"Replace", 3, 3, replace},
    {"replace", 3, 3, replace},
    {"indexOf", 2, 2, index_of<false>},
    {"lastIndexOf", 2, 2, index_of<true>},
    {"len", 1, 1, length},
    {"int", 1, 1, to_int},
    {"Atof", 1, 1, to_float},
    {"float", 1, 1, to_float},
    {"string", 1, 1, to_text},
    {"ToString", 1, 1, to_text},
    {"Sprintf", 1, 8, written_by_format},
    {"PathUnescape", 1, 1, unescape_uri<false>},
    {"QueryUnescape", 1, 1, unescape_uri<true>},
});

}  // namespace

std::span<const Function> text_functions() {
    return kTextFunctions;
}

}  // namespace phantom::scenario
