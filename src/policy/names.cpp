#include "policy/names.h"

#include <charconv>

#include <fmt/format.h>

#include "identity/types.h"

namespace phantom::policy {

namespace {

const char* name_of(Protocol protocol) {
    switch (protocol) {
        case Protocol::kTcp:
            return "tcp";
        case Protocol::kUdp:
            return "udp";
        case Protocol::kIcmp:
            return "icmp";
        case Protocol::kAny:
            break;
    }
    return "*";
}

// Decimal, without sign or leading zeros, 1 to 65535.
std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole && port != 0 && text[0] != '0' ? std::optional(port) : std::nullopt;
}

bool parse_ports(std::string_view text, Service& service) {
    if (text == "*") {
        return true;
    }
    const std::size_t dash = text.find('-');
    const auto first = parse_port(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_port(text.substr(dash + 1));
    if (!first || !last || *last < *first) {
        return false;
    }
    service.port_first = *first;
    service.port_last = *last;
    return true;
}

}  // namespace

bool is_label(std::string_view text) {
    return identity::Label::parse(text).has_value();
}

std::string Service::to_string() const {
    if (protocol == Protocol::kAny || protocol == Protocol::kIcmp) {
        return name_of(protocol);
    }
    if (port_first == 0) {
        return fmt::format("{}:*", name_of(protocol));
    }
    return port_first == port_last
               ? fmt::format("{}:{}", name_of(protocol), port_first)
               : fmt::format("{}:{}-{}", name_of(protocol), port_first, port_last);
}

OrSentence<Service> parse_service(std::string_view text) {
    Service service;
    if (text == "*") {
        return service;
    }
    if (text == "icmp") {
        service.protocol = Protocol::kIcmp;
        return service;
    }
    const std::size_t colon = text.find(':');
    const std::string_view protocol = text.substr(0, colon);
    const bool known = protocol == "tcp" || protocol == "udp";
    if (!known || colon == std::string_view::npos) {
        return std::unexpected(
            fmt::format("\"{}\" is no service; write tcp:22, udp:53-60, tcp:*, icmp or *", text)
        );
    }
    service.protocol = protocol == "tcp" ? Protocol::kTcp : Protocol::kUdp;
    if (!parse_ports(text.substr(colon + 1), service)) {
        return std::unexpected(
            fmt::format("\"{}\": a port is 1 to 65535, a range FIRST-LAST, all of them *", text)
        );
    }
    return service;
}

std::expected<Service, std::string> parse_question(std::string_view text) {
    if (const auto port = parse_port(text)) {
        return Service{Protocol::kTcp, *port, *port};
    }
    if (text == "icmp") {
        return Service{Protocol::kIcmp};
    }
    const auto parsed = parse_service(text);
    if (!parsed || parsed->port_first != parsed->port_last) {
        return std::unexpected(
            fmt::format("\"{}\" is not one port; write 22, tcp:22, udp:53 or icmp", text)
        );
    }
    return *parsed;
}

OrSentence<Selector> parse_selector(std::string_view text) {
    Selector selector;
    if (text == "*") {
        return selector;
    }
    for (const auto& [prefix, kind] :
         {std::pair(std::string_view("tag:"), Selector::Kind::kTag),
          std::pair(std::string_view("group:"), Selector::Kind::kGroup)}) {
        if (text.starts_with(prefix)) {
            selector.kind = kind;
            selector.name = text.substr(prefix.size());
            if (!is_label(selector.name)) {
                return std::unexpected(
                    fmt::format("\"{}\": a name is 1 to 63 of a-z, 0-9 and -", text)
                );
            }
            return selector;
        }
    }
    if (text.find_first_of(".:/") != std::string_view::npos) {
        const auto prefix = wire::Prefix::parse(text);
        if (!prefix) {
            return std::unexpected(fmt::format(
                "\"{}\" is neither an address nor a network, like 192.168.7.4 or 192.168.7.0/24",
                text
            ));
        }
        selector.kind = Selector::Kind::kPrefix;
        selector.prefix = *prefix;
        return selector;
    }
    selector.kind = Selector::Kind::kNode;
    selector.name = text;
    if (!is_label(text)) {
        return std::unexpected(fmt::format(
            "\"{}\" names nobody; write a node, a host, tag:NAME, group:NAME, an address or *", text
        ));
    }
    return selector;
}

OrSentence<std::pair<std::string_view, Service>> split_target(std::string_view text) {
    const auto refuse = [&] {
        return std::unexpected(fmt::format(
            "\"{}\" is no target; write birch:22, tag:db:tcp:5432, birch:udp:53, birch:icmp or "
            "[fd00::1]:22",
            text
        ));
    };
    const std::size_t last = text.rfind(':');
    if (last == std::string_view::npos) {
        return refuse();
    }
    std::size_t split = last;
    for (const std::string_view protocol : {":tcp", ":udp"}) {
        if (text.substr(0, last).ends_with(protocol)) {
            split = last - protocol.size();
        }
    }
    const auto service = parse_question(text.substr(split + 1));
    std::string_view who = text.substr(0, split);
    if (who.starts_with('[') && who.ends_with(']')) {
        who = who.substr(1, who.size() - 2);
    }
    if (!service || who.empty()) {
        return refuse();
    }
    return std::pair(who, *service);
}

}  // namespace phantom::policy
