#pragma once

// What is sent, as plain values: a request to a web server, or a mail. Who writes them is no matter here.

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "courier/errors.h"

namespace phantom::courier {

struct Header {
    std::string name;
    std::string value;
    friend bool operator==(const Header&, const Header&) = default;
};

// A POST. No redirect is followed.
struct HttpRequest {
    std::string url;
    std::vector<Header> headers;
    std::string body;
    std::string user;  // basic authentication, where not empty
    std::string password;
    // Where not empty: each try carries its time and an HMAC-SHA256 of time and body (signature.h).
    std::string signing_key;
    std::string ca_file;  // trusted instead of the system's
    // Where not empty: what a success has in its body. Some say 200 to what they do not take.
    std::string expected;
    friend bool operator==(const HttpRequest&, const HttpRequest&) = default;
};

struct Mail {
    std::string server;  // HOST:PORT; TLS from the first byte on port 465
    std::string from;
    std::string to;
    std::string text;  // RFC 5322, with lines ended by CR LF
    std::string hello;
    std::string user;
    std::string password;
    bool require_tls = true;
    std::string ca_file;
    friend bool operator==(const Mail&, const Mail&) = default;
};

using Request = std::variant<HttpRequest, Mail>;

struct Parcel {
    std::string key;  // the same however often it is sent, and of no other parcel
    // Of one thread only the oldest is sent, so that "resolved" cannot overtake "firing".
    std::string thread;
    // Parcels of one lane are sent `lane_gap` apart: what the receiver takes. The lane is its name.
    std::string lane;
    Duration lane_gap{0};
    int priority = 3;  // 1 to 5; 1 goes first in its lane
    Request request;
    friend bool operator==(const Parcel&, const Parcel&) = default;
};

// As it is kept while it waits.
[[nodiscard]] std::string to_record(const Parcel& parcel);
// kMalformedParcel.
[[nodiscard]] Result<Parcel> from_record(std::string_view record);

// Without what may be secret in it (path, query, user): for messages and logs.
[[nodiscard]] std::string destination_of(const Request& request);

}  // namespace phantom::courier
