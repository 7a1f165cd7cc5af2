#pragma once

// Who is told what: routes, receivers, inhibitions, mute times. Immutable once read (config_reader.h).

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "alert/escalation.h"
#include "alert/matcher.h"
#include "alert/rota.h"
#include "alert/time_interval.h"

namespace phantom::alert {

// In the configuration itself, or in a file that resolve_secrets() reads.
struct Secret {
    std::string text;
    std::string file;
    [[nodiscard]] bool is_given() const { return !text.empty() || !file.empty(); }
};

// Of a receiver's http_config.
struct HttpOptions {
    std::string user;
    Secret password;
    std::string authorization_type = "Bearer";
    Secret authorization;
    std::string ca_file;
};

struct WebhookChannel {
    Secret url;
    HttpOptions http;
    Secret signing_key;          // our own: hmac_secret
    std::size_t alerts_max = 0;  // 0: as many as a notification has
};
struct EmailChannel {
    std::vector<std::string> to;
    std::string from;
    std::string smarthost;  // HOST:PORT
    std::string hello;
    std::string user;
    Secret password;
    bool require_tls = true;
    std::string ca_file;
};
struct SlackChannel {
    Secret url;
    Secret app_token;  // then `url` is the API's and `channel` is needed
    std::string channel;
    std::string username;
    HttpOptions http;
};
struct PagerdutyChannel {
    std::string url;
    Secret routing_key;
    HttpOptions http;
};
struct TeamsChannel {
    Secret url;
    HttpOptions http;
};
// Our own section sms_configs, to Twilio's API or what speaks it.
struct SmsChannel {
    std::string url = "https://api.twilio.com";
    std::string account;
    Secret token;
    std::string from;
    std::vector<std::string> to;
    HttpOptions http;
};

struct Channel {
    std::variant<
        WebhookChannel, EmailChannel, SlackChannel, PagerdutyChannel, TeamsChannel, SmsChannel>
        kind;
    bool send_resolved = true;
};
// As in a receiver's section: "webhook", "email", ...
[[nodiscard]] const char* name_of(const Channel& channel);

struct Receiver {
    std::string name;
    std::vector<Channel> channels;
};

inline constexpr const char* kNoEscalation = "none";

struct Route {
    std::string receiver;
    Matchers matchers;
    bool goes_on = false;  // `continue`
    bool group_by_all = false;
    std::vector<std::string> group_by;  // sorted
    Duration group_wait = std::chrono::seconds(30);
    Duration group_interval = std::chrono::minutes(5);
    Duration repeat_interval = std::chrono::hours(4);
    std::vector<std::string> mute_times;
    std::vector<std::string> active_times;
    std::string escalation = "default";  // kNoEscalation: nobody else is told
    std::vector<Route> routes;
    std::string path = "/";  // "/0/2": where it stands in the tree
};

struct InhibitRule {
    Matchers source;
    Matchers target;
    std::vector<std::string> equal;
};

// Something in a file, for people.
struct Remark {
    std::size_t line = 0;  // from 1; 0: the file as a whole
    std::size_t column = 0;
    std::string text;
};

struct Config {
    Route root;
    std::map<std::string, Receiver, std::less<>> receivers;
    std::vector<InhibitRule> inhibit_rules;
    std::map<std::string, std::vector<TimeInterval>, std::less<>> time_intervals;
    // Our own.
    std::map<std::string, Rota, std::less<>> rotas;
    std::map<std::string, EscalationPolicy, std::less<>> escalations;  // with "default"
    Duration resolve_timeout = std::chrono::minutes(5);
    // What was read and is not acted upon.
    std::vector<Remark> notes;
};

// Null: there is none.
[[nodiscard]] const Route* route_at(const Route& root, std::string_view path);
// The innermost routes that `labels` come to, in order: never none.
[[nodiscard]] std::vector<const Route*> routes_of(const Config& config, const Labels& labels);

}  // namespace phantom::alert
