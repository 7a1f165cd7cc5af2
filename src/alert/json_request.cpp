#include "alert/json_request.h"

#include "alert/message_text.h"

namespace phantom::alert {

void add_http_options(courier::HttpRequest& request, const HttpOptions& http) {
    request.user = http.user;
    request.password = http.password.text;
    request.ca_file = http.ca_file;
    if (http.authorization.is_given()) {
        request.headers.push_back(
            {"Authorization", http.authorization_type + " " + http.authorization.text}
        );
    }
}

courier::HttpRequest json_request(
    std::string url, const HttpOptions& http, const Keys& keys, const boost::json::object& body
) {
    courier::HttpRequest request;
    request.url = std::move(url);
    request.headers = {{"Content-Type", "application/json"}, {"Idempotency-Key", keys.delivery}};
    request.body = boost::json::serialize(body);
    add_http_options(request, http);
    return request;
}

boost::json::object json_of(const Labels& labels) {
    boost::json::object object;
    for (const auto& [name, value] : labels) {
        object.emplace(name, valid_utf8(value));
    }
    return object;
}

}  // namespace phantom::alert
