#pragma once

// A policy as written: who may reach whom, on which ports, who may route what, and what must hold.
// docs/policy.md is the language's text.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "policy/hujson.h"
#include "wire/address.h"

namespace phantom::policy {

// It travels in one message of the mesh, with its signature.
inline constexpr std::size_t kTextSizeMax = 12'000;
inline constexpr std::size_t kGrantsMax = 256;
inline constexpr std::size_t kGroupsMax = 128;
inline constexpr std::size_t kGroupMembersMax = 256;
inline constexpr std::size_t kTagsMax = 128;
inline constexpr std::size_t kHostsMax = 256;
inline constexpr std::size_t kRoutesMax = 64;
inline constexpr std::size_t kTestsMax = 128;
// Of one list: src, dst, ip; the nodes of a route; what a test asks.
inline constexpr std::size_t kListMax = 64;

enum class Protocol : std::uint8_t { kAny, kTcp, kUdp, kIcmp };

// "tcp:5432", "udp:53-60", "tcp:*", "icmp", "*". Ports are inclusive; 0 to 65535 is all of them, and
// what a protocol without ports has.
struct Service {
    Protocol protocol = Protocol::kAny;
    std::uint16_t port_first = 0;
    std::uint16_t port_last = UINT16_MAX;

    friend bool operator==(const Service&, const Service&) = default;
    [[nodiscard]] std::string to_string() const;
};

// Who is meant. A host's name stands for its prefix.
struct Selector {
    enum class Kind : std::uint8_t { kEveryone, kNode, kTag, kGroup, kPrefix };
    Kind kind = Kind::kEveryone;
    std::string name;  // without "tag:" and "group:"
    wire::Prefix prefix;
    Position at;
};

struct Grant {
    std::vector<Selector> sources;
    std::vector<Selector> destinations;
    std::vector<Service> services;
    Position at;
};

struct Route {
    wire::Prefix prefix;
    std::vector<std::string> nodes;
};

struct Test {
    struct Target {
        Selector destination;
        Service service;  // one port
        bool accept = true;
        std::string text;  // as written
    };
    Selector source;
    std::string text;
    std::vector<Target> targets;
};

struct Document {
    std::map<std::string, std::vector<Selector>> groups;
    std::map<std::string, wire::Prefix> hosts;
    std::vector<Grant> grants;
    std::vector<Route> routes;
    std::vector<Test> tests;
};

// Everything that can be said without knowing who is a member.
[[nodiscard]] OrProblem<Document> parse_document(std::string_view text);

// "tcp:5432" and so on; a bare port is TCP. For what is asked, not for what is granted.
[[nodiscard]] std::expected<Service, std::string> parse_question(std::string_view text);

}  // namespace phantom::policy
