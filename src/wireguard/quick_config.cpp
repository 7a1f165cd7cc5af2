#include "wireguard/quick_config.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "wireguard/key_text.h"

namespace phantom::wireguard {

namespace {

using Problem = std::optional<std::string>;

constexpr std::array<std::string_view, 11> kNotTaken{
    "privatekey", "listenport", "mtu",     "dns",      "table",      "fwmark",
    "preup",      "postup",     "predown", "postdown", "saveconfig",
};

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string lowered(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r";
    const std::size_t begin = std::min(text.find_first_not_of(kBlank), text.size());
    const std::size_t end = text.find_last_not_of(kBlank);
    return end == std::string_view::npos ? std::string_view() : text.substr(begin, end + 1 - begin);
}

// Calls `each` with every part between commas, until one is a problem.
template <class Each>
Problem for_list(std::string_view list, Each each) {
    for (;;) {
        const std::size_t comma = list.find(',');
        if (auto problem = each(trimmed(list.substr(0, comma)))) {
            return problem;
        }
        if (comma == std::string_view::npos) {
            return std::nullopt;
        }
        list.remove_prefix(comma + 1);
    }
}

std::optional<std::uint16_t> number_of(std::string_view text) {
    std::uint16_t number = 0;
    const char* begin = text.data();
    const char* end = begin + text.size();
    const auto [at, error] = std::from_chars(begin, end, number);
    return error == std::errc() && at == end ? std::optional(number) : std::nullopt;
}

Problem take_address(QuickConfig& config, std::string_view text) {
    const auto address = wire::Address::parse(text.substr(0, text.find('/')));
    const auto prefix = wire::Prefix::parse(text);
    if (!address || !prefix) {
        return fmt::format("'{}' is not an address", text);
    }
    config.addresses.push_back({*address, prefix->length});
    return std::nullopt;
}

Problem take_allowed_ip(QuickPeer& peer, std::string_view text) {
    const auto prefix = wire::Prefix::parse(text);
    if (!prefix) {
        return fmt::format("'{}' is not an address or a prefix", text);
    }
    if (peer.allowed_ips.size() == kQuickAllowedIpsMax) {
        return fmt::format("more than {} AllowedIPs", kQuickAllowedIpsMax);
    }
    peer.allowed_ips.push_back(*prefix);
    return std::nullopt;
}

class Parser {
  public:
    Problem take_line(std::string_view line) {
        line = trimmed(line.substr(0, line.find('#')));
        if (line.empty()) {
            return std::nullopt;
        }
        if (line.front() == '[') {
            return begin_section(lowered(line));
        }
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) {
            return "'KEY = VALUE' is needed";
        }
        const std::string_view key = trimmed(line.substr(0, equals));
        const std::string_view value = trimmed(line.substr(equals + 1));
        switch (section_) {
            case Section::kInterface:
                return take_interface(key, value);
            case Section::kPeer:
                return take_peer(config_.peers.back(), key, value);
            case Section::kNone:
                break;
        }
        return "[Interface] or [Peer] has to come first";
    }

    // At the end of a section, and of the text.
    [[nodiscard]] Problem finish_section() const {
        if (section_ != Section::kPeer) {
            return std::nullopt;
        }
        if (!has_key_) {
            return "the [Peer] before has no PublicKey";
        }
        const crypto::PublicKey& key = config_.peers.back().public_key;
        const auto same = std::ranges::count(config_.peers, key, &QuickPeer::public_key);
        return same > 1 ? Problem("the [Peer] before has the PublicKey of another") : std::nullopt;
    }

    [[nodiscard]] QuickConfig take() { return std::move(config_); }

  private:
    enum class Section : std::uint8_t { kNone, kInterface, kPeer };

    Problem begin_section(std::string_view name) {
        if (auto problem = finish_section()) {
            return problem;
        }
        if (name == "[interface]") {
            section_ = Section::kInterface;
            return std::nullopt;
        }
        if (name != "[peer]") {
            return "a section other than [Interface] and [Peer]";
        }
        if (config_.peers.size() == kQuickPeersMax) {
            return fmt::format("more than {} peers", kQuickPeersMax);
        }
        section_ = Section::kPeer;
        has_key_ = false;
        config_.peers.emplace_back();
        return std::nullopt;
    }

    Problem take_interface(std::string_view key, std::string_view value) {
        const std::string name = lowered(key);
        if (name == "address") {
            return for_list(value, [&](std::string_view each) {
                return take_address(config_, each);
            });
        }
        if (std::ranges::find(kNotTaken, name) == kNotTaken.end()) {
            return fmt::format("'{}' is not known under [Interface]", key);
        }
        if (std::ranges::find(config_.not_taken, key) == config_.not_taken.end()) {
            config_.not_taken.emplace_back(key);
        }
        return std::nullopt;
    }

    Problem take_peer(QuickPeer& peer, std::string_view key, std::string_view value) {
        const std::string name = lowered(key);
        if (name == "publickey" || name == "presharedkey") {
            return take_key(peer, name, value);
        }
        if (name == "allowedips") {
            return value.empty() ? std::nullopt : for_list(value, [&](std::string_view each) {
                return take_allowed_ip(peer, each);
            });
        }
        if (name == "endpoint") {
            const auto endpoint = wire::SocketAddress::parse(value);
            if (!endpoint) {
                return fmt::format("Endpoint '{}' is not ADDRESS:PORT", value);
            }
            peer.endpoint = *endpoint;
            return std::nullopt;
        }
        if (name == "persistentkeepalive") {
            const auto seconds =
                lowered(value) == "off" ? std::optional<std::uint16_t>(0) : number_of(value);
            if (!seconds) {
                return fmt::format("PersistentKeepalive '{}' is not 0 to 65535 or off", value);
            }
            peer.persistent_keepalive_s = *seconds;
            return std::nullopt;
        }
        return fmt::format("'{}' is not known under [Peer]", key);
    }

    // The key itself is not repeated in the error: it may be the wrong one, and secret.
    Problem take_key(QuickPeer& peer, std::string_view name, std::string_view value) {
        const auto bytes = parse_key_text(value);
        if (!bytes) {
            return fmt::format("{} is not a key (44 characters of base64)", name);
        }
        if (name == "publickey") {
            peer.public_key = *bytes;
            has_key_ = true;
        } else {
            peer.preshared_key = crypto::Key(std::span<const std::uint8_t, 32>(*bytes));
        }
        return std::nullopt;
    }

    QuickConfig config_;
    Section section_ = Section::kNone;
    bool has_key_ = false;
};

}  // namespace

std::expected<QuickConfig, QuickError> parse_quick_config(std::string_view text) {
    if (text.size() > kQuickConfigSizeMax) {
        return std::unexpected(QuickError{1, "the file is too large"});
    }
    Parser parser;
    std::size_t line = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        ++line;
        if (auto problem = parser.take_line(text.substr(0, end))) {
            return std::unexpected(QuickError{line, std::move(*problem)});
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (auto problem = parser.finish_section()) {
        return std::unexpected(QuickError{line, std::move(*problem)});
    }
    return parser.take();
}

std::string format_quick_config(const QuickConfig& config) {
    std::string text = "[Interface]\n";
    for (const InterfaceAddress& each : config.addresses) {
        text += fmt::format("Address = {}/{}\n", each.address.to_string(), each.prefix_length);
    }
    for (const QuickPeer& peer : config.peers) {
        text += fmt::format("\n[Peer]\nPublicKey = {}\n", key_text(peer.public_key));
        if (peer.preshared_key) {
            text += fmt::format("PresharedKey = {}\n", key_text(peer.preshared_key->view()));
        }
        for (const wire::Prefix& each : peer.allowed_ips) {
            text += fmt::format("AllowedIPs = {}\n", each.to_string());
        }
        if (peer.endpoint) {
            text += fmt::format("Endpoint = {}\n", peer.endpoint->to_string());
        }
        text += fmt::format("PersistentKeepalive = {}\n", peer.persistent_keepalive_s);
    }
    return text;
}

}  // namespace phantom::wireguard
