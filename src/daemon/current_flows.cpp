#include "daemon/current_flows.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <netinet/in.h>

#include "evidence/connections.h"
#include "wire/ip.h"

namespace phantom::daemon {

namespace {

constexpr std::size_t kTableSizeMax = 16U << 20U;
// Then the clock is looked at.
constexpr std::size_t kLookedAtOnce = 64;
constexpr std::array<std::uint8_t, 12> kMappedV4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
// Of /proc/net/tcp: what is over, or listens.
constexpr std::array<std::string_view, 3> kNoSocketStates{"06", "07", "0A"};
constexpr std::uint8_t kFin = 0x01;
constexpr std::uint8_t kSyn = 0x02;
constexpr std::uint8_t kRst = 0x04;
constexpr std::uint8_t kAck = 0x10;

struct Table {
    const char* path;
    std::uint8_t protocol;
};
constexpr std::array kTables{
    Table{"/proc/self/net/tcp", IPPROTO_TCP},
    Table{"/proc/self/net/tcp6", IPPROTO_TCP},
    Table{"/proc/self/net/udp", IPPROTO_UDP},
    Table{"/proc/self/net/udp6", IPPROTO_UDP},
};

// False: the time was over before its end.
bool read_socket_table(const char* path, Instant until, std::string& text) {
    text.clear();
    std::ifstream file(path);
    std::array<char, 65'536> part{};
    while (text.size() < kTableSizeMax) {
        if (monotonic_now() >= until) {
            return false;
        }
        file.read(part.data(), part.size());
        if (file.gcount() <= 0) {
            return true;
        }
        text.append(part.data(), static_cast<std::size_t>(file.gcount()));
    }
    return false;
}

// Words of the machine's order, in hexadecimal: "0100007F", or four of them.
std::optional<wire::Address> hex_address(std::string_view text) {
    std::array<std::uint8_t, 16> bytes{};
    if (text.size() != 8 && text.size() != 32) {
        return std::nullopt;
    }
    for (std::size_t word = 0; word < text.size() / 8; ++word) {
        std::uint32_t value = 0;
        const char* begin = text.data() + 8 * word;
        if (std::from_chars(begin, begin + 8, value, 16).ptr != begin + 8) {
            return std::nullopt;
        }
        std::memcpy(bytes.data() + 4 * word, &value, sizeof value);
    }
    if (text.size() == 8) {
        return wire::Address::v4(bytes.data());
    }
    const bool is_mapped = std::ranges::equal(kMappedV4, std::span(bytes).first(kMappedV4.size()));
    return is_mapped ? wire::Address::v4(bytes.data() + kMappedV4.size())
                     : wire::Address::v6(bytes.data());
}

// "0100007F:1F90"
std::optional<wire::SocketAddress> hex_end(std::string_view text) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const auto address = hex_address(text.substr(0, colon));
    const std::string_view digits = text.substr(std::min(colon + 1, text.size()));
    std::uint16_t port = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port, 16);
    if (!address || digits.size() != 4 || read.ptr != digits.data() + digits.size()) {
        return std::nullopt;
    }
    return wire::SocketAddress{.address = *address, .port = port};
}

bool is_nobody(const wire::Address& address) {
    return std::ranges::all_of(address.bytes, [](std::uint8_t byte) { return byte == 0; });
}

std::string_view next_word(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(word.size());
    return word;
}

SeenFlow lower_first(SeenFlow flow) {
    if (flow.to < flow.from) {
        std::swap(flow.from, flow.to);
    }
    return flow;
}

struct Head {
    SeenFlow flow;
    std::uint8_t tcp_flags = 0;
};

// Also of a packet that was cut, which wire::parse_ip refuses; a later fragment has no ports.
std::optional<Head> head_of(ByteView packet) {
    Head head;
    std::size_t at = 0;
    if (packet.size() >= wire::kIpv4HeaderSize && packet[0] >> 4U == 4) {
        at = std::size_t{4} * (packet[0] & 0x0fU);
        head.flow = {
            .protocol = packet[9],
            .from = {.address = wire::Address::v4(&packet[12])},
            .to = {.address = wire::Address::v4(&packet[16])},
        };
        const bool is_later_fragment = (packet[6] & 0x1fU) != 0 || packet[7] != 0;
        if (is_later_fragment) {
            return std::nullopt;
        }
    } else if (packet.size() >= wire::kIpv6HeaderSize && packet[0] >> 4U == 6) {
        at = wire::kIpv6HeaderSize;
        head.flow = {
            .protocol = packet[6],
            .from = {.address = wire::Address::v6(&packet[8])},
            .to = {.address = wire::Address::v6(&packet[24])},
        };
    } else {
        return std::nullopt;
    }
    const bool is_tcp = head.flow.protocol == IPPROTO_TCP;
    if (!is_tcp && head.flow.protocol != IPPROTO_UDP) {
        return head;
    }
    const std::size_t needed = is_tcp ? 14 : 4;
    if (packet.size() < at + needed) {
        return std::nullopt;
    }
    head.flow.from.port = load_be<std::uint16_t>(&packet[at]);
    head.flow.to.port = load_be<std::uint16_t>(&packet[at + 2]);
    head.tcp_flags = is_tcp ? packet[at + 13] : 0;
    return head;
}

const char* protocol_name(std::uint8_t protocol) {
    switch (protocol) {
        case IPPROTO_TCP:
            return "tcp";
        case IPPROTO_UDP:
            return "udp";
        case IPPROTO_ICMP:
        case IPPROTO_ICMPV6:
            return "icmp";
        default:
            return nullptr;
    }
}

}  // namespace

std::string to_string(const SeenFlow& flow) {
    const char* name = protocol_name(flow.protocol);
    const auto end = [](const wire::SocketAddress& at) {
        return at.port == 0 ? at.address.to_string() : at.to_string();
    };
    return fmt::format(
        "{} {} -> {}", name == nullptr ? fmt::format("protocol {}", flow.protocol) : name,
        end(flow.from), end(flow.to)
    );
}

std::vector<SeenFlow> sockets_in(std::string_view table, std::uint8_t protocol) {
    std::vector<SeenFlow> flows;
    while (!table.empty() && flows.size() < kFlowsMax) {
        std::string_view line = table.substr(0, table.find('\n'));
        table.remove_prefix(std::min(line.size() + 1, table.size()));
        // "  12: 0100007F:1F90 0200007F:C350 01 ...": number, here, there, state.
        (void)next_word(line);
        const auto here = hex_end(next_word(line));
        const auto there = hex_end(next_word(line));
        const std::string_view state = next_word(line);
        const bool is_open = protocol == IPPROTO_UDP ||
                             std::ranges::find(kNoSocketStates, state) == kNoSocketStates.end();
        if (here && there && is_open && !is_nobody(there->address)) {
            flows.push_back({.protocol = protocol, .from = *here, .to = *there});
        }
    }
    return flows;
}

void HeadFlows::add(ByteView head) {
    const auto read = head_of(head);
    if (!read) {
        return;
    }
    const SeenFlow key = lower_first(read->flow);
    const auto known = states_.find(key);
    if (known == states_.end() && states_.size() >= kFlowsMax) {
        return;
    }
    State& state = known == states_.end() ? states_[key] : known->second;
    const std::uint8_t flags = read->tcp_flags;
    if (known == states_.end() || (flags & (kSyn | kAck)) == kSyn) {
        state = {.flow = read->flow};
    }
    state.is_answered |= (flags & kAck) != 0 || read->flow.protocol != IPPROTO_TCP;
    state.is_over |= (flags & (kFin | kRst)) != 0;
}

std::vector<SeenFlow> HeadFlows::take() const {
    std::vector<SeenFlow> flows;
    for (const auto& [key, state] : states_) {
        if (state.is_answered && !state.is_over) {
            flows.push_back(state.flow);
        }
    }
    return flows;
}

// What several have seen is one; who saw it first said which way it began. The nearest first: what the watcher saw.
void CurrentFlows::look(Instant until, bool in_haste) {
    std::map<SeenFlow, SeenFlow> found;
    is_whole_ = !in_haste;
    const auto goes_on = [&] {
        const bool may = found.size() < kFlowsMax && monotonic_now() < until;
        is_whole_ = is_whole_ && may;
        return may;
    };
    const auto add = [&](const SeenFlow& flow) {
        if (found.size() < kFlowsMax) {
            found.try_emplace(lower_first(flow), flow);
        }
    };
    if (packets_ != nullptr) {
        HeadFlows heads;
        std::size_t count = 0;
        packets_->heads([&](ByteView head) {
            heads.add(head);
            return ++count % kLookedAtOnce != 0 || goes_on();
        });
        std::ranges::for_each(heads.take(), add);
    }
    // The kernel walks a table of its own for each of these, whose size follows the machine's memory: milliseconds.
    std::string table;
    for (const Table& each : kTables) {
        if (!in_haste) {
            is_whole_ = read_socket_table(each.path, until, table) && is_whole_;
            std::ranges::for_each(sockets_in(table, each.protocol), add);
        }
    }
    if (!in_haste && goes_on()) {
        std::size_t count = 0;
        (void)evidence::visit_connections([&](const evidence::TrackedConnection& each) {
            if (each.is_open) {
                add({each.there.protocol, each.there.source, each.there.destination});
            }
            return ++count % kLookedAtOnce != 0 || goes_on();
        });
    }
    flows_.clear();
    for (const auto& [key, flow] : found) {
        flows_.push_back(flow);
    }
}

void CurrentFlows::refresh(Duration patience) {
    const Instant now = monotonic_now();
    const bool is_hasty = patience < kFlowsPatience;
    // Who has time is not content with what was seen in haste.
    if (now >= next_look_ || (in_haste_ && !is_hasty)) {
        look(now + patience, is_hasty);
        in_haste_ = is_hasty;
        next_look_ = monotonic_now() + kFlowsAge;
    }
}

CurrentFlows::Matched CurrentFlows::matching(const Match& match, Duration patience) {
    refresh(patience);
    Matched matched;
    matched.is_whole = is_whole_;
    for (const SeenFlow& flow : flows_) {
        if (!match(flow.from.address) && !match(flow.to.address)) {
            continue;
        }
        if (matched.count++ < kFlowsListed) {
            matched.listed.push_back(to_string(flow));
        }
    }
    return matched;
}

}  // namespace phantom::daemon
