#include "cli/netcheck.h"

#include <fmt/format.h>

#include "cli/output.h"
#include "cli/show.h"

namespace phantom::cli {

namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string word_of(const boost::json::value& value) {
    return value.is_string() ? std::string(value.get_string()) : "-";
}

std::string yes_or_no(const boost::json::value& value) {
    return !value.is_bool() ? "nobody to ask yet" : value.get_bool() ? "yes" : "no";
}

// One line for each of a list, or one that says that it is empty.
void add_list(
    Rows& rows, const char* what, const boost::json::value& list, const char* first,
    const char* second, const char* otherwise
) {
    const auto& entries = list.as_array();
    if (entries.empty()) {
        rows.push_back({what, otherwise});
    }
    const char* label = what;
    for (const auto& each : entries) {
        const auto& entry = each.as_object();
        rows.push_back(
            {label, fmt::format("{}, {}", word_of(entry.at(first)), word_of(entry.at(second)))}
        );
        label = "";
    }
}

std::string mapping_of(const boost::json::object& mapping) {
    return mapping.at("state").as_string() == "mapped"
               ? fmt::format(
                     "{}, by {}", word_of(mapping.at("endpoint")), word_of(mapping.at("protocol"))
                 )
               : word_of(mapping.at("state"));
}

void add_relays(Rows& rows, const boost::json::array& relays) {
    const char* label = "relays";
    for (const auto& each : relays) {
        const auto& relay = each.as_object();
        const auto& rtt = relay.at("rtt_ms");
        rows.push_back(
            {label, fmt::format(
                        "{}, {}", word_of(relay.at("name")),
                        rtt.is_number() ? fmt::format("{:.2f} ms", rtt.to_number<double>()) : "-"
                    )}
        );
        label = "";
    }
    if (relays.empty()) {
        rows.push_back({label, "none in reach"});
    }
}

std::string show_netcheck(const boost::json::object& body) {
    const auto& mtu = body.at("mtu").as_object();
    const auto& uplink = mtu.at("uplink");
    Rows rows{
        {"UDP to members", yes_or_no(body.at("udp"))},
        {"translation", word_of(body.at("nat"))},
    };
    add_list(rows, "seen at", body.at("observed"), "endpoint", "by", "nobody says so yet");
    rows.push_back({"IPv6", yes_or_no(body.at("ipv6"))});
    add_list(rows, "reached at", body.at("endpoints"), "endpoint", "from", "nowhere");
    rows.push_back({"router", word_of(body.at("gateway"))});
    rows.push_back({"port mapping", mapping_of(body.at("port_mapping").as_object())});
    add_list(
        rows, "on this network", body.at("lan"), "name", "endpoint",
        body.at("lan_discovery").as_bool() ? "no other member" : "not looked for"
    );
    rows.push_back(
        {"MTU", fmt::format(
                    "{} in the mesh, {} under it", mtu.at("mesh").to_number<std::int64_t>(),
                    uplink.is_number() ? std::to_string(uplink.to_number<std::int64_t>()) : "?"
                )}
    );
    add_relays(rows, body.at("relays").as_array());
    std::string text = show_table(rows) + "\n";
    for (const auto& line : body.at("advice").as_array()) {
        text += word_of(line) + "\n";
    }
    return text;
}

}  // namespace

int netcheck(const Places& places, bool as_json) {
    const Answer answer = ask(places, {{"verb", "netcheck"}});
    if (answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    if (as_json) {
        print_json(answer.body);
    } else {
        print(show_netcheck(answer.body));
    }
    return static_cast<int>(Exit::kOk);
}

}  // namespace phantom::cli
