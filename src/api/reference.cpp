#include "api/reference.h"

#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace phantom::api {

namespace {

template <class... Values>
void say(std::string& text, fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text), format, std::forward<Values>(values)...);
}

std::string bounds_of(const Type& type) {
    const bool has_least = type.least != std::numeric_limits<std::int64_t>::min();
    const bool has_most = type.most != std::numeric_limits<std::int64_t>::max();
    if (!has_least && !has_most) {
        return {};
    }
    return fmt::format(
        "({}..{})", has_least ? std::to_string(type.least) : "",
        has_most ? std::to_string(type.most) : ""
    );
}

std::string plain_notation(const Type& type) {
    switch (type.kind) {
        case Type::Kind::kAny:
            return "any";
        case Type::Kind::kBool:
            return "bool";
        case Type::Kind::kInteger:
            return "int" + bounds_of(type);
        case Type::Kind::kNumber:
            return "number" + bounds_of(type);
        case Type::Kind::kString:
            return "string" + bounds_of(type);
        case Type::Kind::kTime:
            return "time";
        case Type::Kind::kChoice:
            return fmt::format("\"{}\"", fmt::join(type.choices, "\" | \""));
        case Type::Kind::kList:
            return fmt::format("[{}]{}", notation_of(*type.of), bounds_of(type));
        case Type::Kind::kMap:
            return fmt::format("{{{}}}", notation_of(*type.of));
        case Type::Kind::kNamed:
            return type.name;
    }
    return {};
}

// A stroke would end the cell.
std::string cell_of(const Type& type) {
    std::string cell;
    for (const char each : notation_of(type)) {
        cell += each == '|' ? "\\|" : std::string(1, each);
    }
    return cell;
}

std::string link_to(std::string_view shape) {
    return fmt::format("[{}](#shape-{})", shape, shape);
}

std::string needs_text(const Route& route) {
    if (route.is_public) {
        return "nothing";
    }
    return route.is_for_all ? "a token" : fmt::format("`{}`", route.scope());
}

std::string_view answer_of(const Route& route) {
    switch (route.does) {
        case Route::Does::kEvents:
            return "a stream of events";
        case Route::Does::kAckPage:
            return "a page for people";
        case Route::Does::kText:
            return "text";
        default:
            return "no body";
    }
}

void add_operation(std::string& text, const Route& route, const Shapes& shapes) {
    say(text, "\n### {} {}\n\n`{}`: {}.\n\n", name_of(route.method), route.path, route.operation,
        route.summary);
    say(text, "| | |\n|---|---|\n| needs | {} |\n", needs_text(route));
    for (const RouteTable::Segment& each : RouteTable::segments_of(route.path)) {
        if (each.is_variable) {
            say(text, "| path `{}` | {} |\n", each.text, each.is_number ? "int" : "string");
        }
    }
    if (!route.query.empty()) {
        for (const Field& field : shapes.find(route.query)->fields) {
            say(text, "| query `{}` | `{}`{}{}{} |\n", field.name, cell_of(field.type),
                field.is_optional ? "" : ", required", field.does.empty() ? "" : ": ", field.does);
        }
    }
    if (route.needs_match) {
        text += "| header `If-Match` | required |\n";
    }
    if (!route.body.empty()) {
        say(text, "| body | {} |\n", link_to(route.body));
    }
    const bool is_shown = !route.answer.empty() && route.does != Route::Does::kText;
    say(text, "| answer {} | {} |\n", route.status,
        is_shown ? link_to(route.answer) : std::string(answer_of(route)));
}

void add_shape(std::string& text, const Shape& shape) {
    say(text, "\n<a id=\"shape-{0}\"></a>\n\n    {0} {{{1}{2}\n", shape.name,
        shape.does.empty() ? "" : "  # ", shape.does);
    for (const Field& field : shape.fields) {
        std::string line = fmt::format(
            "      {}{}: {}", field.name, field.is_optional ? "?" : "", notation_of(field.type)
        );
        if (!field.does.empty()) {
            constexpr std::size_t kRemarks = 44;
            line.resize(std::max(line.size() + 2, kRemarks), ' ');
            line += "# " + field.does;
        }
        text += line + "\n";
    }
    text += "    }\n";
}

}  // namespace

std::string notation_of(const Type& type) {
    return plain_notation(type) + (type.may_be_null ? "?" : "");
}

std::string reference_text(const RouteTable& table) {
    std::map<std::string_view, std::vector<const Route*>> topics;
    for (const Route& route : table.routes()) {
        topics[route.topic.empty() ? "service" : route.topic].push_back(&route);
    }
    std::string text;
    for (const auto& [topic, routes] : topics) {
        say(text, "\n## {}\n", topic);
        for (const Route* route : routes) {
            add_operation(text, *route, table.shapes());
        }
    }
    text += "\n## Shapes\n";
    for (const auto& [name, shape] : table.shapes().all()) {
        add_shape(text, shape);
    }
    return text;
}

}  // namespace phantom::api
