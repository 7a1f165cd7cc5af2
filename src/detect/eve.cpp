#include "detect/eve.h"

#include <array>
#include <ctime>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "detect/base64.h"
#include "detect/digest.h"

namespace phantom::detect {

namespace {

namespace json = boost::json;

// What is no printable ASCII goes as \xNN, so that every record is valid UTF-8.
std::string printable(std::string_view text) {
    std::string out;
    for (const char each : text) {
        if (each >= ' ' && each < 0x7f) {
            out += each;
        } else {
            out += fmt::format("\\x{:02X}", static_cast<unsigned char>(each));
        }
    }
    return out;
}

std::string time_text(std::uint64_t time_us) {
    const auto seconds = static_cast<std::time_t>(time_us / 1'000'000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return fmt::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}+0000", parts.tm_year + 1900, parts.tm_mon + 1,
        parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, time_us % 1'000'000
    );
}

// IPv6 in eight groups of four digits.
std::string address_text(const wire::Address& address) {
    if (address.family == wire::Family::kV4) {
        return address.to_string();
    }
    std::string text;
    for (std::size_t at = 0; at < 16; at += 2) {
        text += fmt::format(
            "{}{:04x}", at == 0 ? "" : ":", load_be<std::uint16_t>(address.bytes.data() + at)
        );
    }
    return text;
}

std::string protocol_text(std::uint8_t protocol) {
    switch (protocol) {
        case kIpTcp:
            return "TCP";
        case kIpUdp:
            return "UDP";
        case kIpIcmp:
            return "ICMP";
        case kIpIcmpv6:
            return "IPv6-ICMP";
        case kIpSctp:
            return "SCTP";
        case kIpIgmp:
            return "IGMP";
        case 47:
            return "GRE";
        default:
            return fmt::format("{:03}", protocol);
    }
}

const char* link_text(std::uint32_t type) {
    switch (type) {
        case kLinkNull:
            return "NULL";
        case kLinkEthernet:
            return "EN10MB";
        case kLinkPpp:
            return "PPP";
        case kLinkRaw:
            return "RAW";
        case kLinkLinuxCooked:
            return "LINUX_SLL";
        case kLinkLinuxCooked2:
            return "LINUX_SLL2";
        case kLinkIpv4:
            return "IPv4";
        case kLinkIpv6:
            return "IPv6";
        default:
            return "other";
    }
}

const char* origin_text(Packet::Origin origin) {
    switch (origin) {
        case Packet::Origin::kWire:
            return "wire/pcap";
        case Packet::Origin::kTunnel:
            return "IP tunnel";
        case Packet::Origin::kDefragmented:
            return "defrag";
        case Packet::Origin::kFlowEnd:
            return "stream (flow timeout)";
    }
    return "";
}

json::object common(const Packet& packet, const Flow* flow, const char* type) {
    json::object record;
    record["timestamp"] = time_text(packet.time_us);
    if (flow != nullptr) {
        record["flow_id"] = flow->id;
    }
    if (packet.origin != Packet::Origin::kFlowEnd) {
        record["pcap_cnt"] = packet.number;
    }
    record["event_type"] = type;
    if (!packet.vlans.empty()) {
        record["vlan"] = json::array(packet.vlans.begin(), packet.vlans.end());
    }
    if (packet.is_ip()) {
        record["src_ip"] = address_text(packet.source);
        record["dest_ip"] = address_text(packet.destination);
        record["proto"] = protocol_text(packet.protocol);
        record["ip_v"] = packet.network == Packet::Network::kIpv4 ? 4 : 6;
    }
    if (packet.protocol == kIpTcp || packet.protocol == kIpUdp || packet.protocol == kIpSctp) {
        record["src_port"] = packet.source_port;
        record["dest_port"] = packet.destination_port;
    }
    if (packet.is_icmp() && packet.is_ip()) {
        record["icmp_type"] = packet.icmp_type;
        record["icmp_code"] = packet.icmp_code;
    }
    record["pkt_src"] = origin_text(packet.origin);
    if (flow != nullptr && flow->application > AppProtocol::kFailed) {
        record["app_proto"] = name_of(flow->application);
    }
    return record;
}

json::object alert_of(const Rule& rule) {
    json::object alert{
        {"action", "allowed"},
        {"gid", rule.gid},
        {"signature_id", rule.sid},
        {"rev", rule.revision},
        {"signature", printable(rule.message)},
        {"category", rule.category},
        {"severity", rule.priority},
    };
    json::object metadata;
    for (const auto& [name, value] : rule.metadata) {
        json::value& values = metadata[printable(name)];
        if (!values.is_array()) {
            values.emplace_array();
        }
        values.get_array().emplace_back(printable(value));
    }
    if (!metadata.empty()) {
        alert["metadata"] = std::move(metadata);
    }
    return alert;
}

json::object http_of(const Transaction& transaction) {
    json::object http;
    const auto add = [&](const char* name, BufferId id) {
        const std::string_view text = transaction.text(id);
        if (!text.empty()) {
            http[name] = printable(text);
        }
    };
    add("hostname", BufferId::kHttpHost);
    add("url", BufferId::kHttpUriRaw);
    add("http_user_agent", BufferId::kHttpUserAgent);
    add("http_content_type", BufferId::kHttpContentType);
    add("http_refer", BufferId::kHttpReferer);
    add("http_method", BufferId::kHttpMethod);
    add("protocol", BufferId::kHttpProtocol);
    const std::string_view status = transaction.text(BufferId::kHttpStatCode);
    if (!status.empty() && status.size() <= 3 &&
        status.find_first_not_of("0123456789") == std::string_view::npos) {
        http["status"] = std::stoi(std::string(status));
    }
    http["length"] = transaction.of(Direction::kToClient).body.size();
    return http;
}

// RFC 1035 section 4.1.1, RFC 2136 section 2.2.
std::string response_code_text(std::uint64_t code) {
    constexpr std::array<const char*, 11> kCodes{
        "NOERROR",  "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP",  "REFUSED",
        "YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE",
    };
    return code < kCodes.size() ? kCodes[code] : fmt::format("{}", code);
}

json::object dns_of(const Transaction& transaction, Direction direction) {
    json::object dns{{"type", direction == Direction::kToServer ? "request" : "response"}};
    for (const Transaction::Number& each : transaction.numbers) {
        if (each.number == MessageNumber::kDnsResponseCode) {
            dns["rcode"] = response_code_text(each.value);
        } else if (each.number == MessageNumber::kDnsOpcode) {
            dns["opcode"] = each.value;
        }
    }
    const std::string_view name = transaction.text(BufferId::kDnsQueryName);
    if (!name.empty()) {
        dns["queries"] = json::array{json::object{{"rrname", printable(name)}}};
    }
    return dns;
}

json::object flow_of(const Flow& flow) {
    return {
        {"pkts_toserver", flow.packets[0]},     {"pkts_toclient", flow.packets[1]},
        {"bytes_toserver", flow.bytes[0]},      {"bytes_toclient", flow.bytes[1]},
        {"start", time_text(flow.begun_us)},    {"src_ip", address_text(flow.client)},
        {"dest_ip", address_text(flow.server)}, {"src_port", flow.client_port},
        {"dest_port", flow.server_port},
    };
}

}  // namespace

std::string eve_alert(const Detection& detection, const EveOptions& options) {
    json::object record = common(detection.packet, detection.flow, "alert");
    record["alert"] = alert_of(detection.rule);
    if (detection.flow != nullptr) {
        record["direction"] =
            detection.direction == Direction::kToServer ? "to_server" : "to_client";
        record["flow"] = flow_of(*detection.flow);
    }
    if (detection.transaction != nullptr) {
        record["tx_id"] = detection.transaction->id;
        if (detection.flow->application == AppProtocol::kHttp) {
            record["http"] = http_of(*detection.transaction);
        } else if (detection.flow->application == AppProtocol::kDns) {
            record["dns"] = dns_of(*detection.transaction, detection.direction);
        }
    }
    if (options.with_packet) {
        record["stream"] = detection.from_stream ? 1 : 0;
        record["packet"] = encode_base64(detection.packet.frame);
        record["packet_info"] = json::object{
            {"linktype", detection.packet.link_type},
            {"linktype_name", link_text(detection.packet.link_type)},
        };
    }
    return json::serialize(record) + "\n";
}

std::string eve_file(const FileSeen& seen) {
    json::object record = common(seen.packet, &seen.flow, "fileinfo");
    record["http"] = http_of(seen.transaction);
    const auto& body = seen.transaction.of(seen.direction).body;
    record["fileinfo"] = json::object{
        {"filename", printable(seen.transaction.file_name)},
        {"state", "CLOSED"},
        {"size", body.size()},
        {"tx_id", seen.transaction.id},
    };
    if (body.size() < kBodySizeMax) {
        record["fileinfo"].as_object()["md5"] = hex_digest(Digest::kMd5, body);
        record["fileinfo"].as_object()["sha256"] = hex_digest(Digest::kSha256, body);
    }
    return json::serialize(record) + "\n";
}

}  // namespace phantom::detect
