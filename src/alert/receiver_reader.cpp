#include "alert/receiver_reader.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace phantom::alert {

namespace {

void note_passed_over(const Section& section, const std::vector<std::string>& keys, Notes& notes) {
    if (!keys.empty()) {
        notes.push_back(remark_at(
            section.node().Mark(),
            fmt::format("{}: of no effect here: {}", section.what(), fmt::join(keys, ", "))
        ));
    }
}

void read_tls(Section& parent, std::string& ca_file, std::string_view key, Notes& notes) {
    const YAML::Node node = parent.take(key);
    if (!node.IsDefined()) {
        return;
    }
    Section tls(node, std::string(key), parent.faults());
    ca_file = tls.text("ca_file", ca_file);
    note_passed_over(
        tls,
        tls.pass_over(
            {"ca", "cert", "cert_file", "key", "key_file", "ca_ref", "cert_ref", "key_ref",
             "server_name", "insecure_skip_verify", "min_version", "max_version"}
        ),
        notes
    );
    tls.refuse_others();
}

void read_authorization(Section& http, HttpOptions& options) {
    if (const YAML::Node node = http.take("authorization"); node.IsDefined()) {
        Section section(node, "authorization", http.faults());
        options.authorization_type = section.text("type", "Bearer");
        options.authorization = section.secret("credentials");
        section.refuse_others();
    }
    if (const Secret token = http.secret("bearer_token"); token.is_given()) {
        options.authorization_type = "Bearer";
        options.authorization = token;
    }
    if (const YAML::Node node = http.take("basic_auth"); node.IsDefined()) {
        Section section(node, "basic_auth", http.faults());
        options.user = section.text("username");
        options.password = section.secret("password");
        section.refuse_others();
    }
    if (options.authorization.is_given() && !options.user.empty()) {
        http.fault("http_config: at most one of basic_auth, authorization and bearer_token");
    }
}

HttpOptions read_http(Section& parent, const HttpOptions& otherwise, Notes& notes) {
    const YAML::Node node = parent.take("http_config");
    if (!node.IsDefined()) {
        return otherwise;
    }
    Section http(node, "http_config", parent.faults());
    HttpOptions options;
    read_authorization(http, options);
    read_tls(http, options.ca_file, "tls_config", notes);
    // That redirects are not followed is what we do anyway.
    static_cast<void>(http.flag("follow_redirects", false));
    note_passed_over(
        http,
        http.pass_over(
            {"oauth2", "proxy_url", "no_proxy", "proxy_from_environment", "proxy_connect_header",
             "enable_http2", "http_headers"}
        ),
        notes
    );
    http.refuse_others();
    return options;
}

std::string read_host_port(Section& section, std::string_view key, std::string otherwise) {
    std::string text = section.text(key, std::move(otherwise));
    const std::size_t colon = text.rfind(':');
    if (section.has(key) && !text.empty() &&
        (colon == std::string::npos || colon + 1 == text.size())) {
        section.fault_at(key, fmt::format("'{}' is not HOST:PORT", key));
    }
    return text;
}

std::vector<std::string> split_addresses(std::string_view text) {
    std::vector<std::string> addresses;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), part.size() + 1));
        const std::size_t begin = part.find_first_not_of(" \t");
        if (begin != std::string_view::npos) {
            addresses.emplace_back(part.substr(begin, part.find_last_not_of(" \t") + 1 - begin));
        }
    }
    return addresses;
}

// ADDRESS, or NAME <ADDRESS>. Whatever could end a line of SMTP or of the mail is no address.
std::string read_address(Section& section, std::string_view key, std::string_view text) {
    std::string_view address = text;
    if (text.ends_with('>') && text.find('<') != std::string_view::npos) {
        address = text.substr(text.find('<') + 1);
        address.remove_suffix(1);
    }
    const bool is_plain = std::ranges::all_of(address, [](char byte) {
        return byte > ' ' && byte <= '~' && byte != '<' && byte != '>' && byte != ',';
    });
    if (!is_plain || address.find('@') == std::string_view::npos || address.starts_with('@') ||
        address.ends_with('@')) {
        section.fault_at(key, fmt::format("'{}' is not a mail address", key));
    }
    return std::string(address);
}

EmailChannel read_email(Section& section, const GlobalOptions& global, Notes& notes) {
    EmailChannel email = global.email;
    for (const std::string& each : split_addresses(section.text("to"))) {
        email.to.push_back(read_address(section, "to", each));
    }
    if (email.to.empty()) {
        section.fault("email_configs: 'to' is missing");
    }
    email.smarthost = read_host_port(section, "smarthost", email.smarthost);
    if (email.smarthost.empty()) {
        section.fault("email_configs: neither 'smarthost' nor global 'smtp_smarthost'");
    }
    if (section.has("from")) {
        email.from = read_address(section, "from", section.text("from"));
    }
    if (email.from.empty()) {
        section.fault("email_configs: neither 'from' nor global 'smtp_from'");
    }
    email.hello = section.text("hello", email.hello);
    email.user = section.text("auth_username", email.user);
    if (const Secret password = section.secret("auth_password"); password.is_given()) {
        email.password = password;
    }
    email.require_tls = section.flag("require_tls", email.require_tls);
    read_tls(section, email.ca_file, "tls_config", notes);
    note_passed_over(
        section,
        section.pass_over(
            {"auth_secret", "auth_secret_file", "auth_identity", "headers", "html", "text",
             "threading", "force_implicit_tls"}
        ),
        notes
    );
    return email;
}

WebhookChannel read_webhook(Section& section, const GlobalOptions& global, Notes& notes) {
    WebhookChannel webhook{
        .url = section.secret("url"),
        .http = read_http(section, global.http, notes),
        .signing_key = section.secret("hmac_secret"),
        .alerts_max = section.number("max_alerts", 0)
    };
    if (!webhook.url.is_given()) {
        section.fault("webhook_configs: 'url' or 'url_file' is missing");
    }
    static_cast<void>(section.url("url"));
    note_passed_over(section, section.pass_over({"timeout", "payload"}), notes);
    return webhook;
}

SlackChannel read_slack(Section& section, const GlobalOptions& global, Notes& notes) {
    SlackChannel slack{
        .url = section.secret("api_url"),
        .app_token = section.secret("app_token"),
        .channel = section.text("channel"),
        .username = section.text("username"),
        .http = read_http(section, global.http, notes)
    };
    const std::string app_url = section.url("app_url", global.slack_app_url);
    static_cast<void>(section.url("api_url"));
    const bool brings_own_token = slack.http.authorization.is_given();
    if (slack.url.is_given() && slack.app_token.is_given()) {
        section.fault("slack_configs: at most one of 'api_url' and 'app_token'");
    }
    if (!slack.url.is_given() && !slack.app_token.is_given() && !brings_own_token) {
        slack.app_token = global.slack_app_token;
    }
    const bool uses_api = slack.app_token.is_given() || brings_own_token;
    if (uses_api && !slack.url.is_given()) {
        slack.url = {.text = app_url, .file = {}};
    } else if (!slack.url.is_given()) {
        slack.url = global.slack_url;
    }
    if (!slack.url.is_given()) {
        section.fault("slack_configs: no 'api_url' or 'app_token', and none in 'global'");
    }
    if (uses_api && slack.channel.empty()) {
        section.fault("slack_configs: with a token 'channel' is needed");
    }
    if (section.flag("update_message", false) && !uses_api) {
        section.fault_at("update_message", "slack_configs: 'update_message' needs an 'app_token'");
    }
    note_passed_over(
        section, section.pass_over({"color",     "title",        "title_link",   "pretext",
                                    "text",      "fields",       "short_fields", "footer",
                                    "fallback",  "callback_id",  "icon_emoji",   "icon_url",
                                    "image_url", "thumb_url",    "link_names",   "mrkdwn_in",
                                    "actions",   "message_text", "timeout",      "update_message"}),
        notes
    );
    return slack;
}

// Nothing where it is for the first version of the interface, which needs another kind of key.
std::optional<PagerdutyChannel> read_pagerduty(
    Section& section, const GlobalOptions& global, Notes& notes
) {
    PagerdutyChannel pagerduty{
        .url = section.url("url", global.pagerduty_url),
        .routing_key = section.secret("routing_key"),
        .http = read_http(section, global.http, notes)
    };
    const Secret service_key = section.secret("service_key");
    if (pagerduty.routing_key.is_given() == service_key.is_given()) {
        section.fault("pagerduty_configs: one of 'routing_key' and 'service_key' is needed");
    }
    note_passed_over(
        section,
        section.pass_over(
            {"client", "client_url", "description", "severity", "source", "details", "images",
             "links", "class", "component", "group", "timeout"}
        ),
        notes
    );
    if (service_key.is_given()) {
        notes.push_back(remark_at(
            section.node().Mark(),
            "pagerduty_configs: 'service_key' is for Events API v1, which is not spoken here: "
            "NOTHING "
            "is sent; give the 'routing_key' of an Events API v2 integration"
        ));
        return std::nullopt;
    }
    return pagerduty;
}

TeamsChannel read_teams(Section& section, const GlobalOptions& global, Notes& notes) {
    TeamsChannel teams{
        .url = section.secret("webhook_url"), .http = read_http(section, global.http, notes)
    };
    if (!teams.url.is_given()) {
        section.fault(
            fmt::format("{}: 'webhook_url' or 'webhook_url_file' is missing", section.what())
        );
    }
    static_cast<void>(section.url("webhook_url"));
    note_passed_over(section, section.pass_over({"title", "summary", "text"}), notes);
    return teams;
}

SmsChannel read_sms(Section& section, const GlobalOptions& global, Notes& notes) {
    SmsChannel sms{
        .url = section.url("api_url", "https://api.twilio.com"),
        .account = section.text("account_sid"),
        .token = section.secret("auth_token"),
        .from = section.text("from"),
        .to = section.texts("to"),
        .http = read_http(section, global.http, notes)
    };
    if (sms.account.empty() || !sms.token.is_given() || sms.from.empty() || sms.to.empty()) {
        section.fault("sms_configs: 'account_sid', 'auth_token', 'from' and 'to' are needed");
    }
    const bool is_plain_account = std::ranges::all_of(sms.account, [](char byte) {
        return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
               (byte >= '0' && byte <= '9');
    });
    if (!is_plain_account) {
        section.fault_at("account_sid", "'account_sid' has letters and digits only");
    }
    return sms;
}

// Each entry of `receiver`'s list `key`, as `read` reads it.
template <class Read>
void read_channels(
    Section& receiver, std::string_view key, bool send_resolved, Receiver& into, Read read
) {
    for (const YAML::Node& node : receiver.list(key)) {
        Section section(node, std::string(key), receiver.faults());
        const bool wants_resolved = section.flag("send_resolved", send_resolved);
        auto channel = read(section);
        section.refuse_others();
        if constexpr (requires { channel.has_value(); }) {
            if (channel.has_value()) {
                into.channels.push_back({std::move(*channel), wants_resolved});
            }
        } else {
            into.channels.push_back({std::move(channel), wants_resolved});
        }
    }
}

}  // namespace

GlobalOptions read_global(Section& section, Notes& notes) {
    GlobalOptions global;
    global.http = read_http(section, {}, notes);
    global.email.smarthost = read_host_port(section, "smtp_smarthost", {});
    if (section.has("smtp_from")) {
        global.email.from = read_address(section, "smtp_from", section.text("smtp_from"));
    }
    global.email.hello = section.text("smtp_hello");
    global.email.user = section.text("smtp_auth_username");
    global.email.password = section.secret("smtp_auth_password");
    global.email.require_tls = section.flag("smtp_require_tls", true);
    read_tls(section, global.email.ca_file, "smtp_tls_config", notes);
    global.slack_url = section.secret("slack_api_url");
    global.slack_app_token = section.secret("slack_app_token");
    global.slack_app_url = section.url("slack_app_url", global.slack_app_url);
    static_cast<void>(section.url("slack_api_url"));
    if (global.slack_app_token.is_given() && global.slack_url.is_given() &&
        global.slack_url.text != global.slack_app_url) {
        section.fault_at("slack_app_token", "at most one of 'slack_api_url' and 'slack_app_token'");
    }
    global.pagerduty_url = section.url("pagerduty_url", global.pagerduty_url);
    note_passed_over(
        section,
        section.pass_over(
            {"smtp_auth_secret", "smtp_auth_secret_file", "smtp_auth_identity",
             "smtp_force_implicit_tls"}
        ),
        notes
    );
    check_foreign_globals(section, global);
    return global;
}

Receiver read_receiver(Section& section, const GlobalOptions& global, Notes& notes) {
    Receiver receiver{.name = section.text("name"), .channels = {}};
    if (receiver.name.empty()) {
        section.fault("a receiver without a name");
    }
    static_cast<void>(section.pass_over({"labels"}));
    // What Alertmanager says of an end where nobody asks: all but mail and Slack.
    read_channels(section, "webhook_configs", true, receiver, [&](Section& each) {
        return read_webhook(each, global, notes);
    });
    read_channels(section, "email_configs", false, receiver, [&](Section& each) {
        return read_email(each, global, notes);
    });
    read_channels(section, "slack_configs", false, receiver, [&](Section& each) {
        return read_slack(each, global, notes);
    });
    read_channels(section, "pagerduty_configs", true, receiver, [&](Section& each) {
        return read_pagerduty(each, global, notes);
    });
    for (const char* const key : {"msteams_configs", "msteamsv2_configs"}) {
        read_channels(section, key, true, receiver, [&](Section& each) {
            return read_teams(each, global, notes);
        });
    }
    read_channels(section, "sms_configs", false, receiver, [&](Section& each) {
        return read_sms(each, global, notes);
    });
    check_foreign_sections(section, receiver.name, global, notes);
    section.refuse_others();
    return receiver;
}

}  // namespace phantom::alert
