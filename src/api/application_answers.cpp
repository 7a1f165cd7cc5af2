// The second half of application.h: from the node's word to an answer.

#include <algorithm>

#include <fmt/format.h>

#include "api/ack_page.h"
#include "api/application.h"
#include "api/responses.h"
#include "base/assert.h"
#include "metrics/trace.h"

namespace phantom::api {

namespace {

namespace json = boost::json;

bool passes_filters(const json::value& item, const Call& call) {
    for (const auto& [name, wanted] : call.filters) {
        const json::value* found = item.is_object() ? item.get_object().if_contains(name) : nullptr;
        if (found == nullptr || plain_text(*found) != wanted) {
            return false;
        }
    }
    return true;
}

// Cuts the answer's list; the cursor of the next piece stands in the answer.
void cut_list(const Route& route, const Call& call, json::object& answer) {
    json::value* found = answer.if_contains(route.items);
    if (found == nullptr || !found->is_array()) {
        return;
    }
    json::array& items = found->get_array();
    std::optional<json::value> next;
    if (route.pages_itself) {
        const bool is_full = items.size() >= call.page.limit && !items.empty();
        std::ranges::reverse(items);  // the newest first
        next = is_full ? std::optional(items.back().at(route.key)) : std::nullopt;
    } else {
        json::array kept;
        for (json::value& item : items) {
            if (passes_filters(item, call)) {
                kept.push_back(std::move(item));
            }
        }
        items = std::move(kept);
        next = cut_to_page(items, route.key, call.page);
    }
    answer["next_cursor"] = nullptr;
    if (next) {
        answer["next_cursor"] = write_cursor(route.operation, *next);
    }
}

}  // namespace

Response refusal(std::string_view code, std::string detail, std::vector<Fault> faults) {
    return response_of(
        {.code = code,
         .detail = std::move(detail),
         .faults = std::move(faults),
         .line = 0,
         .column = 0}
    );
}

Response with(Response response, const Fields& headers) {
    response.headers.insert(response.headers.end(), headers.begin(), headers.end());
    return response;
}

std::string trace_id_of(const Request& request) {
    const auto parent = metrics::TraceParent::parse(request.traceparent);
    return parent ? parent->trace.to_string() : std::string();
}

Response Application::with_trace(Response response, std::string_view trace_id) {
    if (trace_id.empty() || response.content_type != kProblemType || response.body == nullptr) {
        return response;
    }
    // The body is an object with members in it.
    PM_ASSERT(response.body->ends_with('}'));
    std::string body = response.body->substr(0, response.body->size() - 1);
    body += fmt::format(",\"trace_id\":\"{}\"}}", trace_id);
    response.body = std::make_shared<const std::string>(std::move(body));
    return response;
}

std::string plain_text(const json::value& value) {
    return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

Application::Rendered Application::render(const Asked& asked, json::object answer) const {
    const Route& route = *asked.route;
    if (route.does == Route::Does::kAckPage) {
        return {ack_page(answer, asked.ack_token, !route.is_read()), {}, {}, {}};
    }
    if (route.does == Route::Does::kPersonBegin || route.does == Route::Does::kPersonEnd) {
        return render_person(answer);
    }
    if (const auto problem = problem_in(answer)) {
        return {response_of(*problem), {}, {}, {}};
    }
    Rendered rendered;
    Response& response = rendered.response;
    response.headers.emplace_back("Cache-Control", "no-store");
    if (route.does == Route::Does::kText) {
        // Another one each time: a tag of it would be of no use.
        response.content_type = answer.at("content_type").as_string();
        response.body = std::make_shared<const std::string>(answer.at("text").as_string());
        return rendered;
    }
    response.status = asked.is_dry_run && route.status != 204 ? 200 : route.status;
    if (!route.version_field.empty()) {
        if (const json::value* version = answer.if_contains(route.version_field)) {
            rendered.etag = fmt::format("\"{}\"", plain_text(*version));
        }
    }
    if (route.reshape) {
        route.reshape(asked.call, answer);
    }
    if (!route.items.empty()) {
        cut_list(route, asked.call, answer);
    }
    if (const json::value* next = answer.if_contains("next_cursor"); next && next->is_string()) {
        std::string target = fmt::format("{}?cursor={}", route.path, plain_text(*next));
        for (const auto& [name, value] : asked.call.filters) {
            target += fmt::format("&{}={}", name, encode_percent(value));
        }
        for (const auto& [name, value] : asked.call.query) {
            target += fmt::format("&{}={}", name, encode_percent(plain_text(value)));
        }
        target += fmt::format("&limit={}", asked.call.page.limit);
        response.headers.emplace_back("Link", fmt::format("<{}>; rel=\"next\"", target));
    }
    if (response.status == 204) {
        return rendered;
    }
    response.body = std::make_shared<const std::string>(json::serialize(answer));
    if (route.is_read() && rendered.etag.empty()) {
        rendered.etag = etag_of(*response.body);
    }
    if (!rendered.etag.empty()) {
        response.headers.emplace_back("ETag", rendered.etag);
    }
    return rendered;
}

Response Application::finish(const Asked& asked, const Rendered& rendered) {
    Response response = rendered.response;
    if (!asked.idempotency.empty()) {
        // What was not done may be tried again with the same key.
        if (response.status >= 500) {
            once_.drop(asked.idempotency);
        } else {
            const bool is_said_once = asked.route->is_secret && response.status < 300;
            once_.done(
                asked.idempotency,
                is_said_once
                    ? refusal("refused", "It was done; the secret in its answer is said once.")
                    : response
            );
        }
    }
    if (response.status < 300 && asked.signs_in) {
        sign_in(*asked.signs_in, asked, response);
    }
    if (!rendered.flow.empty()) {
        response.headers.emplace_back(
            "Set-Cookie", flow_cookie_field(flow_cookie(), rendered.flow)
        );
    }
    if (rendered.person) {
        sign_in_person(asked, *rendered.person, response);
    }
    if (response.status < 300 && !asked.session.empty()) {
        sign_out(asked, response);
    }
    const bool is_known = asked.route->is_read() && response.status == 200 &&
                          !rendered.etag.empty() && !asked.if_none_match.empty() &&
                          names_tag(asked.if_none_match, rendered.etag);
    if (is_known) {
        response.status = 304;
        response.body = nullptr;
    }
    return with(std::move(response), asked.headers);
}

Response Application::refuse(const Asked& asked) {
    if (!asked.idempotency.empty()) {
        once_.drop(asked.idempotency);
    }
    Fields headers = asked.headers;
    headers.emplace_back("Retry-After", "1");
    return with(refusal("unavailable"), headers);
}

}  // namespace phantom::api
