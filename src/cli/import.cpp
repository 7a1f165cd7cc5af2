#include "cli/import.h"

#include <array>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include <fmt/format.h>
#include <netdb.h>
#include <strings.h>

#include "cli/output.h"
#include "cli/show.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

// The number of a host; empty where it has none. Here, because a daemon does not wait for DNS.
std::string number_of(const std::string& host, const std::string& port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) {
        return "";
    }
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, freeaddrinfo);
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(
            found->ai_addr, found->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST
        ) != 0) {
        return "";
    }
    const std::string address(text.data());
    return found->ai_family == AF_INET6 ? fmt::format("[{}]:{}", address, port)
                                        : fmt::format("{}:{}", address, port);
}

// "Endpoint = vpn.example.org:51820" with the number in place of the name; other lines as they are.
std::string with_number(const std::string& line) {
    const std::size_t equals = line.find('=');
    std::istringstream before(line.substr(0, equals));
    std::string key;
    std::string value;
    before >> key;
    if (equals == std::string::npos || strcasecmp(key.c_str(), "Endpoint") != 0) {
        return line;
    }
    std::istringstream(line.substr(equals + 1)) >> value;
    const std::size_t colon = value.rfind(':');
    if (colon == std::string::npos || value.front() == '[') {
        return line;
    }
    const std::string number = number_of(value.substr(0, colon), value.substr(colon + 1));
    return number.empty() ? line : "Endpoint = " + number;
}

std::string read_config(std::istream& from) {
    std::string text;
    for (std::string line; std::getline(from, line);) {
        text += with_number(line) + "\n";
    }
    return text;
}

std::string show_imported(const json::object& body) {
    std::vector<std::vector<std::string>> rows{{"KEY", "ALLOWED IPS", "PATH"}};
    for (const auto& each : body.at("peers").as_array()) {
        const auto& peer = each.as_object();
        std::string allowed;
        for (const auto& prefix : peer.at("addresses").as_array()) {
            allowed += (allowed.empty() ? "" : ", ") + std::string(prefix.as_string());
        }
        rows.push_back(
            {peer.at("public_key").as_string().c_str(), allowed, peer.at("path").as_string().c_str()
            }
        );
    }
    return show_table(rows);
}

std::string show_added(const json::object& body) {
    const std::string text = fmt::format(
        "{} imported, with WireGuard's own keys: not post-quantum.\n"
        "This node keeps its own key. On the other side put this into the [Peer] for it:\n\n"
        "  PublicKey = {}\n\n",
        body.at("imported").to_number<std::uint64_t>(),
        body.at("own_public_key").as_string().c_str()
    );
    std::string left;
    for (const auto& each : body.at("not_taken").as_array()) {
        left += (left.empty() ? "" : ", ") + std::string(each.as_string());
    }
    return left.empty() ? text : text + fmt::format("Not taken over: {}.\n", left);
}

int wrong_usage(const std::string& what) {
    return fail_with({Exit::kUsage, what, {}});
}

}  // namespace

int import_peers(const Places& places, const ImportArguments& arguments, bool as_json) {
    const bool adds = !arguments.file.empty();
    if (adds + !arguments.remove.empty() + arguments.list != 1) {
        return wrong_usage("import what? A FILE, --list, or --remove KEY.");
    }
    json::object request{{"verb", arguments.list ? "import.list" : "import.remove"}};
    if (adds) {
        std::ifstream file(arguments.file);
        if (arguments.file != "-" && !file) {
            return wrong_usage(fmt::format("{} cannot be read", arguments.file));
        }
        request["verb"] = "import.add";
        request["config"] = read_config(arguments.file == "-" ? std::cin : file);
    } else if (!arguments.list) {
        request["key"] = arguments.remove;
    }
    const Answer answer = ask(places, request);
    if (answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    if (as_json) {
        print_json(answer.body);
    } else {
        print(adds ? show_added(answer.body) : show_imported(answer.body));
    }
    return static_cast<int>(Exit::kOk);
}

}  // namespace phantom::cli
