#include "courier/parcel.h"

// Boost.JSON 1.81 under -fsanitize=address: GCC 12 sees an empty array copied, which never is.
#pragma GCC diagnostic ignored "-Warray-bounds"
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif
#include <boost/json.hpp>

namespace phantom::courier {

namespace {

namespace json = boost::json;

json::object object_of(const HttpRequest& request) {
    json::array headers;
    for (const Header& header : request.headers) {
        headers.push_back(json::array{header.name, header.value});
    }
    return {{"url", request.url},           {"headers", std::move(headers)},
            {"body", request.body},         {"user", request.user},
            {"password", request.password}, {"signing_key", request.signing_key},
            {"ca_file", request.ca_file},   {"expected", request.expected}};
}

json::object object_of(const Mail& mail) {
    return {
        {"server", mail.server},
        {"from", mail.from},
        {"to", mail.to},
        {"text", mail.text},
        {"hello", mail.hello},
        {"user", mail.user},
        {"password", mail.password},
        {"require_tls", mail.require_tls},
        {"ca_file", mail.ca_file}
    };
}

// Reads fields, and remembers whether one was not there or of another kind.
class Fields {
  public:
    explicit Fields(const json::value& value) : object_(value.if_object()) {}

    std::string text(std::string_view name) {
        const json::value* const value = find(name);
        const json::string* const found = value == nullptr ? nullptr : value->if_string();
        is_whole_ = is_whole_ && found != nullptr;
        return found == nullptr ? std::string() : std::string(*found);
    }
    std::int64_t number(std::string_view name) {
        const json::value* const value = find(name);
        const std::int64_t* const found = value == nullptr ? nullptr : value->if_int64();
        is_whole_ = is_whole_ && found != nullptr;
        return found == nullptr ? 0 : *found;
    }
    bool flag(std::string_view name) {
        const json::value* const value = find(name);
        const bool* const found = value == nullptr ? nullptr : value->if_bool();
        is_whole_ = is_whole_ && found != nullptr;
        return found != nullptr && *found;
    }
    [[nodiscard]] const json::value* find(std::string_view name) const {
        return object_ == nullptr ? nullptr : object_->if_contains(name);
    }
    void refuse() { is_whole_ = false; }
    [[nodiscard]] bool is_whole() const { return is_whole_; }

  private:
    const json::object* object_;
    bool is_whole_ = true;
};

std::vector<Header> headers_of(Fields& fields) {
    std::vector<Header> headers;
    const json::value* const value = fields.find("headers");
    const json::array* const list = value == nullptr ? nullptr : value->if_array();
    if (list == nullptr) {
        fields.refuse();
        return headers;
    }
    for (const json::value& each : *list) {
        const json::array* const pair = each.if_array();
        if (pair == nullptr || pair->size() != 2 || !pair->at(0).is_string() ||
            !pair->at(1).is_string()) {
            fields.refuse();
            return headers;
        }
        headers.push_back(
            {std::string(pair->at(0).get_string()), std::string(pair->at(1).get_string())}
        );
    }
    return headers;
}

Result<Request> http_of(const json::value& value) {
    Fields fields(value);
    HttpRequest request{
        .url = fields.text("url"),
        .headers = headers_of(fields),
        .body = fields.text("body"),
        .user = fields.text("user"),
        .password = fields.text("password"),
        .signing_key = fields.text("signing_key"),
        .ca_file = fields.text("ca_file"),
        .expected = fields.text("expected")
    };
    if (!fields.is_whole()) {
        return fail(CourierError::kMalformedParcel);
    }
    return request;
}

Result<Request> mail_of(const json::value& value) {
    Fields fields(value);
    Mail mail{
        .server = fields.text("server"),
        .from = fields.text("from"),
        .to = fields.text("to"),
        .text = fields.text("text"),
        .hello = fields.text("hello"),
        .user = fields.text("user"),
        .password = fields.text("password"),
        .require_tls = fields.flag("require_tls"),
        .ca_file = fields.text("ca_file")
    };
    if (!fields.is_whole()) {
        return fail(CourierError::kMalformedParcel);
    }
    return mail;
}

}  // namespace

std::string to_record(const Parcel& parcel) {
    const bool is_mail = std::holds_alternative<Mail>(parcel.request);
    json::object request =
        std::visit([](const auto& each) { return object_of(each); }, parcel.request);
    return json::serialize(json::object{
        {"key", parcel.key},
        {"thread", parcel.thread},
        {"lane", parcel.lane},
        {"lane_gap_ns", parcel.lane_gap.count()},
        {"priority", parcel.priority},
        {is_mail ? "mail" : "http", std::move(request)}
    });
}

Result<Parcel> from_record(std::string_view record) {
    json::error_code error;
    const json::value value = json::parse({record.data(), record.size()}, error);
    if (error) {
        return fail(CourierError::kMalformedParcel);
    }
    Fields fields(value);
    Parcel parcel{
        .key = fields.text("key"),
        .thread = fields.text("thread"),
        .lane = fields.text("lane"),
        .lane_gap = Duration(fields.number("lane_gap_ns")),
        .priority = static_cast<int>(fields.number("priority")),
        .request = {}
    };
    const json::value* const http = fields.find("http");
    const json::value* const mail = fields.find("mail");
    if (!fields.is_whole() || (http == nullptr) == (mail == nullptr) || parcel.priority < 1 ||
        parcel.priority > 5) {
        return fail(CourierError::kMalformedParcel);
    }
    parcel.request = http != nullptr ? PM_TRY(http_of(*http)) : PM_TRY(mail_of(*mail));
    return parcel;
}

std::string destination_of(const Request& request) {
    if (const auto* const mail = std::get_if<Mail>(&request)) {
        return "smtp://" + mail->server;
    }
    const std::string& url = std::get<HttpRequest>(request).url;
    const std::size_t scheme = url.find("://");
    if (scheme == std::string::npos) {
        return "?";
    }
    const std::size_t begin = scheme + 3;
    const std::string host = url.substr(begin, url.find_first_of("/?#", begin) - begin);
    const std::size_t user = host.rfind('@');
    return url.substr(0, begin) + (user == std::string::npos ? host : host.substr(user + 1));
}

}  // namespace phantom::courier
