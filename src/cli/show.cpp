#include "cli/show.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

#include "terminal/screen.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

// A last column that has less room than this is not cut: its lines wrap instead.
constexpr std::size_t kCellLeast = 16;

std::string text_of(const json::object& from, const char* key) {
    const auto* value = from.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "-";
}

std::string first_of(const json::object& from, const char* key) {
    const auto* list = from.if_contains(key);
    if (list == nullptr || !list->is_array() || list->get_array().empty()) {
        return "-";
    }
    return std::string(list->get_array().front().as_string());
}

double number_of(const json::object& from, const char* key) {
    const auto* value = from.if_contains(key);
    return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

std::string paint(const std::string& text, const char* code, bool colour) {
    return colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

std::size_t width_of(const std::string& text) {
    std::size_t width = 0;
    bool in_code = false;
    for (const char each : text) {
        in_code = in_code || each == '\x1b';
        // A byte that continues a UTF-8 character takes no column of its own.
        width += !in_code && (static_cast<unsigned char>(each) & 0xc0U) != 0x80U ? 1 : 0;
        in_code = in_code && each != 'm';
    }
    return width;
}

// The text of a cell that is wider than `columns`, up to there and an ellipsis. Codes of colour stay, also behind it.
std::string cut_cell(const std::string& text, std::size_t columns) {
    if (width_of(text) <= columns) {
        return text;
    }
    std::string out;
    std::size_t width = 0;
    bool in_code = false;
    for (const char each : text) {
        in_code = in_code || each == '\x1b';
        const bool begins = !in_code && (static_cast<unsigned char>(each) & 0xc0U) != 0x80U;
        width += begins ? 1 : 0;
        if (in_code || width + 3 <= columns) {
            out += each;
        } else if (begins && width + 2 == columns) {
            out += "...";
        }
        in_code = in_code && each != 'm';
    }
    return out;
}

// Of the terminal that reads it. As many as there may be where it is read by a program.
std::size_t columns_of_terminal() {
    return isatty(STDOUT_FILENO) == 1 ? static_cast<std::size_t>(terminal::Screen::size().width)
                                      : SIZE_MAX;
}

// Where its packets go: an address, or the relays between.
std::string way_of(const json::object& peer) {
    const auto* relays = peer.if_contains("relays");
    std::string names;
    if (relays != nullptr && relays->is_array()) {
        for (const auto& relay : relays->get_array()) {
            names += (names.empty() ? "" : " > ") + std::string(relay.as_string());
        }
    }
    return names.empty() ? text_of(peer, "endpoint") : names;
}

std::string post_quantum_of(const json::object& peer, bool colour) {
    if (peer.contains("imported")) {
        return paint("WireGuard", "33", colour);
    }
    const auto& state = peer.at("post_quantum").as_object();
    return state.at("established").as_bool()
               ? paint("post-quantum", "32", colour)
               : paint(text_of(peer, "path") == "none" ? "-" : "agreeing", "33", colour);
}

}  // namespace

bool wants_colour() {
    const char* refused = std::getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) == 1 && (refused == nullptr || *refused == '\0');
}

std::string show_table(const std::vector<std::vector<std::string>>& rows) {
    return show_table(rows, columns_of_terminal());
}

std::string show_table(const std::vector<std::vector<std::string>>& rows, std::size_t columns) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t column = 0; column < row.size(); ++column) {
            widths[column] = std::max(widths[column], width_of(row[column]));
        }
    }
    std::string out;
    for (const auto& row : rows) {
        std::string line;
        std::size_t used = 0;
        for (std::size_t column = 0; column < row.size(); ++column) {
            const bool last = column + 1 == row.size();
            const std::size_t fill = last ? 0 : widths[column] - width_of(row[column]) + 2;
            const std::size_t room = columns > used ? columns - used : 0;
            line += last && room >= kCellLeast ? cut_cell(row[column], room) : row[column];
            line += std::string(fill, ' ');
            used += widths[column] + 2;
        }
        out += line + "\n";
    }
    return out;
}

std::string show_status(const json::object& status, bool colour) {
    const auto& self = status.at("self").as_object();
    std::string addresses;
    for (const auto& address : self.at("addresses").as_array()) {
        addresses += (addresses.empty() ? "" : ", ") + std::string(address.as_string());
    }
    const std::string out = fmt::format(
        "{} in mesh {}\n  {}, UDP port {}\n\n", paint(text_of(self, "name"), "1", colour),
        text_of(status, "mesh"), addresses, number_of(self, "listen_port")
    );
    const auto& peers = status.at("peers").as_array();
    if (peers.empty()) {
        return out + "No peers yet. 'phantom token create' prints the invitation for one.\n";
    }
    std::vector<std::vector<std::string>> rows{
        {"NAME", "ADDRESS", "PATH", "RTT", "KEYS", "BY WAY OF", "RECEIVED", "SENT"}
    };
    for (const auto& each : peers) {
        const auto& peer = each.as_object();
        const auto* rtt = peer.if_contains("rtt_ms");
        const std::string path = text_of(peer, "path");
        rows.push_back({
            text_of(peer, "name"),
            first_of(peer, "addresses"),
            path == "none" ? paint("offline", "31", colour) : paint(path, "32", colour),
            rtt != nullptr && rtt->is_number() ? fmt::format("{:.2f} ms", rtt->to_number<double>())
                                               : "-",
            post_quantum_of(peer, colour),
            way_of(peer),
            fmt::format("{:.1f} MB", number_of(peer, "received_bytes") / 1e6),
            fmt::format("{:.1f} MB", number_of(peer, "sent_bytes") / 1e6),
        });
    }
    const auto* routes = status.if_contains("routes");
    const std::string routed =
        routes != nullptr ? show_routes(routes->as_array(), colour) : std::string();
    return out + show_table(rows) + (routed.empty() ? "" : "\n" + routed);
}

std::string show_routes(const json::array& routes, bool colour) {
    if (routes.empty()) {
        return "";
    }
    std::vector<std::vector<std::string>> rows{{"ROUTE", "BY WAY OF", "STATE", ""}};
    for (const auto& each : routes) {
        const auto& route = each.as_object();
        const std::string state = text_of(route, "state");
        const bool works = state == "active" || state == "carried";
        const char* code = works ? "32" : state == "offline" || state == "failed" ? "31" : "33";
        const std::string reason = text_of(route, "reason");
        rows.push_back(
            {text_of(route, "prefix"), text_of(route, "via"), paint(state, code, colour), reason}
        );
    }
    return show_table(rows);
}

std::string show_tokens(const json::object& tokens) {
    std::vector<std::vector<std::string>> rows{{"ID", "USES LEFT", "EXPIRES", "TAGS", "USED BY"}};
    for (const auto& each : tokens.at("tokens").as_array()) {
        const auto& token = each.as_object();
        std::string tags;
        for (const auto& tag : token.at("tags").as_array()) {
            tags += tags.empty() ? "" : ",";
            tags += std::string_view(tag.as_string());
        }
        rows.push_back({
            text_of(token, "id"),
            fmt::format("{}", number_of(token, "uses_left")),
            text_of(token, "expires"),
            tags.empty() ? "-" : tags,
            text_of(token, "used_by"),
        });
    }
    return show_table(rows);
}

}  // namespace phantom::cli
