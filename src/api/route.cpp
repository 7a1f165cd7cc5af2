#include "api/route.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/assert.h"

namespace phantom::api {

namespace {

namespace json = boost::json;

using Segment = RouteTable::Segment;

bool is_filter(const Route& route, std::string_view name) {
    std::string_view left = route.filters;
    while (!left.empty()) {
        const std::size_t comma = std::min(left.find(','), left.size());
        if (left.substr(0, comma) == name) {
            return true;
        }
        left.remove_prefix(std::min(comma + 1, left.size()));
    }
    return false;
}

json::value number_of(std::string_view text) {
    Type number;
    number.kind = Type::Kind::kInteger;
    json::value value = value_of_text(number, text);
    return value.is_int64() && value.get_int64() >= 0 ? value : json::value(nullptr);
}

bool fits(
    const std::vector<Segment>& pattern, const std::vector<std::string>& segments,
    std::map<std::string, json::value, std::less<>>& path
) {
    if (pattern.size() != segments.size()) {
        return false;
    }
    for (std::size_t index = 0; index < pattern.size(); ++index) {
        const Segment& wanted = pattern[index];
        if (!wanted.is_variable) {
            if (wanted.text != segments[index]) {
                return false;
            }
            continue;
        }
        json::value value =
            wanted.is_number ? number_of(segments[index]) : json::value(segments[index]);
        if (value.is_null()) {
            return false;
        }
        path[wanted.text] = std::move(value);
    }
    return true;
}

// Takes the parameters of paging out of a call's query.
void take_page(const Route& route, json::object& query, Call& call, std::vector<Fault>& faults) {
    if (const json::value* limit = query.if_contains("limit")) {
        call.page.limit = static_cast<std::size_t>(limit->get_int64());
        query.erase("limit");
    }
    const json::value* cursor = query.if_contains("cursor");
    if (cursor == nullptr) {
        return;
    }
    const auto after = read_cursor(route.operation, std::string_view(cursor->get_string()));
    if (after) {
        call.page.after = *after;
    } else {
        faults.push_back({"cursor", after.error().what()});
    }
    query.erase("cursor");
}

// Parameters as their shape's types have them; those that are not known, or no such values, are faults.
json::object typed_query(const Shape& shape, const Target& target, std::vector<Fault>& faults) {
    json::object query;
    for (const auto& [name, text] : target.query) {
        const Field* field = shape.find(name);
        if (field == nullptr) {
            faults.push_back({name, "is not known"});
            continue;
        }
        json::value value = value_of_text(field->type, text);
        if (value.is_null()) {
            faults.push_back({name, "is no such value"});
            continue;
        }
        query[name] = std::move(value);
    }
    return query;
}

std::string fault_of(const Route& route, const Shapes& shapes) {
    for (const std::string_view name : {route.query, route.body, route.answer}) {
        if (!name.empty() && shapes.find(name) == nullptr) {
            return fmt::format("{}: there is no shape '{}'", route.operation, name);
        }
    }
    if (!route.path.starts_with('/') || route.method == Method::kOther) {
        return fmt::format("{}: no path or method", route.operation);
    }
    return route.is_public || route.is_for_all || !route.topic.empty()
               ? ""
               : fmt::format("{}: whoever may call it?", route.operation);
}

}  // namespace

std::string Route::scope() const {
    if (is_for_all) {
        return "";
    }
    return fmt::format("{}:{}", topic, is_read() ? "read" : "write");
}

std::vector<Segment> RouteTable::segments_of(std::string_view path) {
    std::vector<Segment> segments;
    path.remove_prefix(1);
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        std::string_view text = path.substr(0, end);
        path.remove_prefix(std::min(end + 1, path.size()));
        Segment segment;
        if (text.starts_with('{')) {
            segment.is_variable = true;
            text = text.substr(1, text.size() - 2);
            segment.is_number = text.ends_with(":int");
            text = text.substr(0, text.find(':'));
        }
        segment.text = text;
        segments.push_back(std::move(segment));
    }
    return segments;
}

std::expected<RouteTable, std::string> RouteTable::make(std::vector<Route> routes, Shapes shapes) {
    RouteTable table;
    std::set<std::string> operations;
    std::set<std::pair<Method, std::string_view>> places;
    for (const Route& route : routes) {
        if (std::string problem = fault_of(route, shapes); !problem.empty()) {
            return std::unexpected(std::move(problem));
        }
        if (!operations.insert(route.operation).second ||
            !places.emplace(route.method, route.path).second) {
            return std::unexpected(fmt::format("{}: is there twice", route.operation));
        }
        table.segments_.push_back(segments_of(route.path));
    }
    table.routes_ = std::move(routes);
    table.shapes_ = std::move(shapes);
    return table;
}

RouteTable::Match RouteTable::match(Method method, const std::vector<std::string>& segments) const {
    // HEAD is GET whose body is not sent.
    const Method wanted = method == Method::kHead ? Method::kGet : method;
    Match match;
    std::set<std::string_view> allowed;
    for (std::size_t index = 0; index < routes_.size(); ++index) {
        std::map<std::string, json::value, std::less<>> path;
        if (!fits(segments_[index], segments, path)) {
            continue;
        }
        if (routes_[index].method == wanted) {
            match.route = &routes_[index];
            match.path = std::move(path);
            return match;
        }
        allowed.insert(name_of(routes_[index].method));
    }
    if (allowed.contains("GET")) {
        allowed.insert("HEAD");
    }
    match.allow = fmt::format("{}", fmt::join(allowed, ", "));
    return match;
}

// make() has seen that it is there.
const Shape& RouteTable::shape_of(std::string_view name) const {
    static const Shape none;
    const Shape* found = name.empty() ? &none : shapes_.find(name);
    PM_ASSERT(found != nullptr);
    return *found;
}

std::expected<Call, std::vector<Fault>> RouteTable::call(
    const Match& match, const Target& target, const json::value& body
) const {
    const Route& route = *match.route;
    Call call;
    call.path = match.path;
    std::vector<Fault> faults;
    const Shape& parameters = shape_of(route.query);
    json::object query = typed_query(parameters, target, faults);
    const json::value checked = query;
    for (Fault& fault : shapes_.check(parameters, checked)) {
        fault.pointer.erase(0, 1);
        faults.push_back(std::move(fault));
    }
    if (!route.body.empty()) {
        for (Fault& fault : shapes_.check(shape_of(route.body), body)) {
            faults.push_back(std::move(fault));
        }
    }
    if (faults.empty() && !route.items.empty()) {
        take_page(route, query, call, faults);
    }
    if (!faults.empty()) {
        faults.resize(std::min(faults.size(), kFaultsMax));
        return std::unexpected(std::move(faults));
    }
    for (const auto& parameter : query) {
        const std::string name(parameter.key());
        if (is_filter(route, name)) {
            call.filters[name] = target.query.at(name);
        } else {
            call.query[name] = parameter.value();
        }
    }
    if (body.is_object()) {
        call.body = body.get_object();
    }
    return call;
}

}  // namespace phantom::api
