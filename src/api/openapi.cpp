#include "api/openapi.h"

#include <set>

#include <fmt/format.h>

#include "api/problem.h"

namespace phantom::api {

namespace {

namespace json = boost::json;

json::object ref(std::string_view kind, std::string_view name) {
    return {{"$ref", fmt::format("#/components/{}/{}", kind, name)}};
}

// "/api/v1/alerts/{number}"
std::string plain_path(std::string_view path) {
    std::string plain(path);
    for (std::size_t at = plain.find(":int}"); at != std::string::npos; at = plain.find(":int}")) {
        plain.erase(at, 4);
    }
    return plain;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& each : out) {
        each = each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
    }
    return out;
}

json::object parameter(
    std::string_view name, const char* in, bool is_required, json::object schema,
    std::string_view does
) {
    json::object out{
        {"name", name}, {"in", in}, {"required", is_required}, {"schema", std::move(schema)}
    };
    if (!does.empty()) {
        out["description"] = does;
    }
    return out;
}

json::array parameters_of(const Route& route, const Shapes& shapes) {
    json::array parameters;
    for (const auto& segment : RouteTable::segments_of(route.path)) {
        if (segment.is_variable) {
            json::object schema{{"type", segment.is_number ? "integer" : "string"}};
            parameters.push_back(parameter(segment.text, "path", true, std::move(schema), ""));
        }
    }
    if (!route.query.empty()) {
        for (const Field& field : shapes.find(route.query)->fields) {
            parameters.push_back(parameter(
                field.name, "query", !field.is_optional, Shapes::schema_of(field.type), field.does
            ));
        }
    }
    const auto header = [&](const char* name, bool is_required, const char* does) {
        parameters.push_back(parameter(name, "header", is_required, {{"type", "string"}}, does));
    };
    if (route.needs_match) {
        header("If-Match", true, "the ETag of what is changed, or '*'");
    }
    if (route.method == Method::kPost && !route.is_public) {
        header("Idempotency-Key", false, "sent again with the same key it is not done again");
    }
    if (route.does == Route::Does::kEvents) {
        header("Last-Event-ID", false, "the id of the last event that was seen");
    }
    return parameters;
}

json::object content(const char* type, json::object schema) {
    return {{type, json::object{{"schema", std::move(schema)}}}};
}

const char* type_of_answer(const Route& route) {
    return route.does == Route::Does::kEvents    ? "text/event-stream"
           : route.does == Route::Does::kAckPage ? "text/html"
           : route.does == Route::Does::kText    ? "application/openmetrics-text"
                                                 : "application/json";
}

json::object responses_of(const Route& route) {
    json::object well{{"description", route.summary}};
    const json::object text_schema{{"type", "string"}};
    if (route.does == Route::Does::kEvents || route.does == Route::Does::kAckPage ||
        route.does == Route::Does::kText) {
        well["content"] = content(type_of_answer(route), text_schema);
    } else if (!route.answer.empty()) {
        well["content"] = content(type_of_answer(route), ref("schemas", route.answer));
    }
    json::object responses{{std::to_string(route.status), std::move(well)}};
    if (route.does != Route::Does::kAckPage && route.status != 303) {
        responses["default"] = ref("responses", "Problem");
    }
    return responses;
}

json::object operation_of(const Route& route, const Shapes& shapes) {
    json::object operation{
        {"operationId", route.operation},
        {"summary", route.summary},
        {"tags", json::array{route.topic.empty() ? std::string_view("service") : route.topic}},
    };
    if (json::array parameters = parameters_of(route, shapes); !parameters.empty()) {
        operation["parameters"] = std::move(parameters);
    }
    if (!route.body.empty()) {
        const char* type = route.does == Route::Does::kAckPage ? "application/x-www-form-urlencoded"
                                                               : "application/json";
        operation["requestBody"] = json::object{
            {"required", true}, {"content", content(type, ref("schemas", route.body))}
        };
    }
    operation["responses"] = responses_of(route);
    if (route.is_public) {
        operation["security"] = json::array();
    } else {
        operation["description"] = route.is_for_all
                                       ? std::string("Needs no scope.")
                                       : fmt::format("Needs the scope {}.", route.scope());
    }
    return operation;
}

json::object problem_schema() {
    json::array codes;
    for (const ProblemKind& kind : problem_kinds()) {
        codes.push_back(json::value(std::string(kProblemsPath) + std::string(kind.code)));
    }
    const json::object text{{"type", "string"}};
    const json::object number{{"type", "integer"}};
    const json::object fault{
        {"type", "object"},
        {"required", {"pointer", "detail"}},
        {"properties", {{"pointer", text}, {"detail", text}}}
    };
    return {
        {"type", "object"},
        {"required", {"type", "title", "status", "detail"}},
        {"properties",
         {{"type", {{"type", "string"}, {"enum", std::move(codes)}}},
          {"title", text},
          {"status", number},
          {"detail", text},
          {"errors", {{"type", "array"}, {"items", fault}}},
          {"trace_id", text},
          {"line", number},
          {"column", number}}},
    };
}

json::object components_of(const Shapes& shapes) {
    json::object schemas{{"Problem", problem_schema()}};
    for (const auto& [name, shape] : shapes.all()) {
        schemas[name] = Shapes::schema_of(shape);
    }
    return {
        {"schemas", std::move(schemas)},
        {"responses",
         {{"Problem",
           {{"description", "What went wrong (RFC 9457)"},
            {"content", content(kProblemType, ref("schemas", "Problem"))}}}}},
        {"securitySchemes",
         {{"token",
           {{"type", "http"},
            {"scheme", "bearer"},
            {"description", "'phantom api-token create' prints one"}}},
          {"session",
           {{"type", "apiKey"},
            {"in", "cookie"},
            {"name", "__Host-phantom-NODE"},
            {"description",
             "'POST /api/v1/sessions' sets it. With each change goes its word, as X-CSRF-Token."}}}}
        },
    };
}

}  // namespace

json::object openapi_of(const RouteTable& table, std::string_view version) {
    json::object paths;
    std::set<std::string_view> topics;
    for (const Route& route : table.routes()) {
        json::object& path =
            paths.emplace(plain_path(route.path), json::object()).first->value().as_object();
        path[lower(name_of(route.method))] = operation_of(route, table.shapes());
        topics.insert(route.topic.empty() ? "service" : route.topic);
    }
    json::array tags;
    for (const std::string_view topic : topics) {
        tags.push_back(json::object{{"name", topic}});
    }
    return {
        {"openapi", "3.1.0"},
        {"info",
         {{"title", "PhantomMesh node"},
          {"version", version},
          {"license", {{"name", "All rights reserved"}, {"identifier", "LicenseRef-Proprietary"}}},
          {"description",
           "What 'phantom' asks of a node, over HTTPS. A field is never taken out of an answer, or "
           "changed; new ones may come. Times are RFC 3339 in UTC. Lists come in pieces: send "
           "'next_cursor' as 'cursor' for the next. Errors are RFC 9457."}}},
        {"servers", {{{"url", "/"}}}},
        {"security", json::array{{{"token", json::array()}}, {{"session", json::array()}}}},
        {"tags", std::move(tags)},
        {"paths", std::move(paths)},
        {"components", components_of(table.shapes())},
    };
}

}  // namespace phantom::api
