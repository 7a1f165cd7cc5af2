#include "respond/listed.h"

#include <fmt/format.h>

#include "assess/environment.h"
#include "respond/asked_name.h"
#include "respond/pipeline.h"

namespace phantom::respond {

namespace {

constexpr std::size_t kTcpFlagsOffsetInHeader = 13;
constexpr std::uint8_t kSynAck = 0x12;

std::uint64_t hash_of_flow(const intel::HashKey& key, const policy::Flow& flow) {
    const auto half = [](const wire::Address& address, std::size_t at) {
        return load_be<std::uint64_t>(address.bytes.data() + at);
    };
    const std::uint64_t source =
        key.of(half(flow.source, 0), half(flow.source, 8), flow.source_port);
    const std::uint64_t destination =
        key.of(half(flow.destination, 0), half(flow.destination, 8), flow.destination_port);
    // The same for both directions.
    return key.of(source + destination, source ^ destination, flow.protocol);
}

bool is_answer(ByteView packet, const wire::IpPacket& ip) {
    return ip.protocol == wire::kProtocolTcp &&
           ip.total_size > ip.header_size + kTcpFlagsOffsetInHeader &&
           (packet[ip.header_size + kTcpFlagsOffsetInHeader] & kSynAck) == kSynAck;
}

// As a terminal can show it: a name is what somebody sent.
std::string readable(std::string_view name) {
    return intel::shown(name);
}

struct Said {
    const char* rule;
    std::string text;
    double severity;
};

// Nothing where all that names it is too old to say anything.
std::optional<Finding> finding_about(
    const policy::Flow& flow, Said said, const intel::HitList& hits, double share, WallTime now
) {
    hits.count();
    Reputation reputation = reputation_from(hits, now, share);
    const auto evidence = assess::reputation_evidence(reputation.hits, kPrior);
    if (!evidence) {
        return std::nullopt;
    }
    return Finding{
        .rule = fmt::format("{}:{}", said.rule, hits.begin()->feed->about.name),
        .text = fmt::format("{}: named by {}", said.text, reputation.to_string()),
        .subject = flow.source,
        .object = flow.destination,
        .severity = said.severity,
        .evidence = *evidence,
        .technique = std::nullopt,
        .first_seen = now,
        .at = now,
        .reputation = std::move(reputation),
    };
}

void tell(std::optional<Finding> finding, const ListedWatch::Sink& sink) {
    if (finding) {
        sink(*std::move(finding));
    }
}

// "CVE_2021_44228" in metadata, "cve,2021-44228" as a reference.
template <class Take>
void each_vulnerability(const detect::Rule& rule, Take take) {
    constexpr std::string_view kReference = "cve,";
    for (const auto& [name, value] : rule.metadata) {
        if (name == "cve") {
            take(intel::Cve::parse(value));
        }
    }
    for (const std::string& reference : rule.references) {
        if (reference.starts_with(kReference)) {
            take(intel::Cve::parse(std::string_view(reference).substr(kReference.size())));
        }
    }
}

}  // namespace

bool ListedWatch::is_new(const policy::Flow& flow) {
    // With new feeds every flow is one: the generation is a part of what is remembered.
    const std::uint64_t hash = hash_of_flow(key_, flow);
    const std::uint64_t print = (hash ^ reader_.generation()) | 1U;
    std::uint64_t& place = flows_[(hash >> 8U) % kListedFlowPlaces];
    return std::exchange(place, print) != print;
}

void ListedWatch::packet(ByteView packet, WallTime now, const Sink& sink) {
    using Role = policy::PacketView::Role;
    const intel::Snapshot* const feeds = reader_.get();
    if (feeds == nullptr || feeds->empty()) {
        return;
    }
    const auto ip = wire::parse_ip(packet);
    if (!ip) {
        return;
    }
    const ByteView whole = packet.first(ip->total_size);
    const auto view = policy::view_packet(whole, *ip);
    if (!view || view->role == Role::kLaterFragment || view->role == Role::kIcmpError) {
        return;
    }
    if (is_new(view->flow)) {
        look_up(is_answer(whole, *ip) ? view->flow.reversed() : view->flow, *feeds, now, sink);
    }
    const AskedName name(whole, view->flow);
    if (name.empty()) {
        return;
    }
    if (const intel::HitList hits = feeds->find_name(name.text(), now); !hits.empty()) {
        tell(
            finding_about(
                view->flow,
                {"feed-name",
                 fmt::format(
                     "{} asks for {}", view->flow.source.to_string(), readable(name.text())
                 ),
                 kContactSeverity},
                hits, kContactShare, now
            ),
            sink
        );
    }
}

void ListedWatch::look_up(
    const policy::Flow& flow, const intel::Snapshot& feeds, WallTime now, const Sink& sink
) const {
    const auto ends = [&](const char* does) {
        return fmt::format(
            "{} {} {} port {}", flow.source.to_string(), does, flow.destination.to_string(),
            flow.destination_port
        );
    };
    if (const intel::HitList hits = feeds.find(flow.source, now); !hits.empty()) {
        tell(finding_about(flow, {"feed", ends("comes to"), kListedSeverity}, hits, 1, now), sink);
    }
    if (const intel::HitList hits = feeds.find(flow.destination, now); !hits.empty()) {
        tell(
            finding_about(
                flow, {"feed-contact", ends("goes to"), kContactSeverity}, hits, kContactShare, now
            ),
            sink
        );
    }
}

void ListedWatch::add_reputation(Finding& finding, WallTime now) {
    if (const intel::Snapshot* const feeds = reader_.get()) {
        finding.reputation = reputation_from(feeds->find(finding.subject, now), now);
    }
}

void ListedWatch::add_exploited(Finding& finding, const detect::Rule& rule) {
    const intel::Snapshot* const feeds = reader_.get();
    if (feeds == nullptr) {
        return;
    }
    bool told = false;
    each_vulnerability(rule, [&](const std::optional<intel::Cve>& cve) {
        if (cve && !told && feeds->is_exploited(*cve)) {
            told = true;
            finding.severity = assess::severity_in(finding.severity, {.known_exploited = true});
            finding.text += fmt::format(" ({} is known to be exploited)", cve->to_string());
        }
    });
}

}  // namespace phantom::respond
