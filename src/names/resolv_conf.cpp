#include "names/resolv_conf.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace phantom::names {

namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr std::array<std::string_view, 4> kKeptWords{"search", "domain", "options", "sortlist"};
constexpr std::string_view kBlank = " \t\r";

std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

std::string_view take_word(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
    const std::string_view word = line.substr(0, line.find_first_of(kBlank));
    line.remove_prefix(word.size());
    return word;
}

bool is_printable(std::string_view line) {
    return std::ranges::all_of(line, [](char each) {
        return each == '\t' || (each >= ' ' && each <= '~');
    });
}

}  // namespace

bool ResolvConf::asks_resolved() const {
    return std::ranges::any_of(servers, [](const wire::SocketAddress& each) {
        const std::string text = each.address.to_string();
        return text == "127.0.0.53" || text == "127.0.0.54";
    });
}

ResolvConf parse_resolv_conf(std::string_view text) {
    ResolvConf parsed;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        std::string_view rest = line;
        const std::string_view word = take_word(rest);
        if (word == "nameserver") {
            if (const auto address = wire::Address::parse(take_word(rest))) {
                parsed.servers.push_back({.address = *address, .port = kDnsPort});
            }
        } else if (std::ranges::find(kKeptWords, word) != kKeptWords.end() && is_printable(line)) {
            parsed.kept.emplace_back(line);
        }
    }
    return parsed;
}

std::string resolv_conf_asking(const wire::Address& server, const ResolvConf& before) {
    std::string text = fmt::format(
        "# Written by phantomd: it answers for .mesh, and asks the servers that stood here about "
        "the\n"
        "# rest. 'phantom dns off' puts the file back.\n"
        "nameserver {}\n",
        server.to_string()
    );
    for (const std::string& line : before.kept) {
        text += line + "\n";
    }
    return text;
}

}  // namespace phantom::names
