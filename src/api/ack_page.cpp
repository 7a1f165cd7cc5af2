#include "api/ack_page.h"

#include <fmt/format.h>

#include "api/problem.h"
#include "crypto/sha256.h"

namespace phantom::api {

namespace {

namespace json = boost::json;

constexpr std::string_view kStyle =
    ":root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}"
    "body{max-width:42rem;margin:3rem auto;padding:0 1rem}"
    "li{margin:.5rem 0}button{font:inherit;padding:.6rem 1.2rem;cursor:pointer}";

// With padding, as Content-Security-Policy has it (RFC 4648 section 4).
std::string base64(ByteView bytes) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t left = bytes.size() - at;
        const auto byte = [&](std::size_t index) {
            return index < left ? static_cast<std::uint32_t>(bytes[at + index]) : 0U;
        };
        const std::uint32_t group = (byte(0) << 16U) | (byte(1) << 8U) | byte(2);
        text += kAlphabet[group >> 18U];
        text += kAlphabet[(group >> 12U) & 63U];
        text += left > 1 ? kAlphabet[(group >> 6U) & 63U] : '=';
        text += left > 2 ? kAlphabet[group & 63U] : '=';
    }
    return text;
}

std::string policy_text() {
    const ByteView style(reinterpret_cast<const std::uint8_t*>(kStyle.data()), kStyle.size());
    return fmt::format(
        "default-src 'none'; style-src 'sha256-{}'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'",
        base64(crypto::sha256({style}))
    );
}

Response page(unsigned status, std::string_view title, std::string_view inside) {
    static const std::string content_policy = policy_text();
    Response response;
    response.status = status;
    response.content_type = "text/html; charset=utf-8";
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("Content-Security-Policy", content_policy);
    response.body = std::make_shared<const std::string>(fmt::format(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width,initial-scale=1\"><title>{0}</title><style>{1}</style></head>"
        "<body><main><h1>{0}</h1>{2}</main></body></html>\n",
        title, kStyle, inside
    ));
    return response;
}

std::string shown_in(const json::object& object, const char* key) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr) {
        return "";
    }
    return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

std::string list_of(const json::object& answer) {
    std::string list = "<ul>";
    const json::value* alerts = answer.if_contains("alerts");
    if (alerts != nullptr && alerts->is_array()) {
        for (const json::value& each : alerts->get_array()) {
            const json::object& alert = each.as_object();
            list += fmt::format(
                "<li><strong>{} {}</strong> {}</li>", escape_html(shown_in(alert, "priority")),
                escape_html(shown_in(alert, "rule")), escape_html(shown_in(alert, "text"))
            );
        }
    }
    return list + "</ul>";
}

}  // namespace

std::string escape_html(std::string_view text) {
    std::string out;
    for (const char each : text) {
        switch (each) {
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += each;
        }
    }
    return out;
}

Response ack_page(const json::object& answer, std::string_view token, bool is_done) {
    if (const auto problem = problem_in(answer)) {
        return page(
            find_problem(problem->code)->status, "This link does nothing",
            fmt::format("<p>{}</p>", escape_html(problem->detail))
        );
    }
    const std::string by = escape_html(shown_in(answer, "by"));
    if (is_done) {
        return page(
            200, "Acknowledged",
            fmt::format("<p>By {}. Whoever would be told next is not.</p>{}", by, list_of(answer))
        );
    }
    return page(
        200, "Acknowledge?",
        fmt::format(
            "<p>{} says \"I am on it\" for:</p>{}<form method=\"post\" action=\"{}\"><input "
            "type=\"hidden\" name=\"token\" value=\"{}\"><button>Acknowledge</button></form>"
            "<p>Until you press it, nothing is changed. The link works once, and until {}.</p>",
            by, list_of(answer), kAckPath, escape_html(token),
            escape_html(shown_in(answer, "expires"))
        )
    );
}

}  // namespace phantom::api
