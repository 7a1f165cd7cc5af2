#include "behaviour/behaviour.h"

#include <algorithm>
#include <cmath>

namespace phantom::behaviour {

namespace {

// Where one logs in: FTP, SSH, telnet, SMTP, POP3, IMAP, LDAP, SMB, submission, SQL servers, RDP, VNC,
// Redis, and their kin over TLS.
constexpr std::array<std::uint16_t, 22> kLoginPorts{
    21,  22,  23,    25,    110,   143,   389,   445,   465,   587,   636,
    993, 995, 1'433, 1'521, 3'306, 3'389, 5'432, 5'900, 5'985, 6'379, 27'017,
};

std::int64_t seconds_of(Instant now) {
    return now.ns / 1'000'000'000;
}

// What a count says: so much at its threshold, more with each doubling, and no more than `most`.
double llr_of(double value, double threshold, double at_threshold, double per_doubling) {
    constexpr double kMost = 9;
    return std::min(at_threshold + per_doubling * std::log2(value / threshold), kMost);
}

}  // namespace

void Behaviour::packet(ByteView packet, Instant now, const Sink& sink) {
    const auto glimpse = glimpse_of(packet);
    if (!glimpse) {
        return;
    }
    give_up_waiting(now, sink);
    if (glimpse->is_error) {
        refusal(glimpse->flow, now, sink);
    } else if (glimpse->flow.protocol == wire::kProtocolTcp) {
        follow_connection(*glimpse, now, sink);
    } else if (glimpse->flow.protocol == wire::kProtocolUdp) {
        look_at_dns(*glimpse, now, sink);
    }
}

void Behaviour::look_at_dns(const Glimpse& glimpse, Instant now, const Sink& sink) {
    const policy::Flow& flow = glimpse.flow;
    anomaly_.moved(
        {.from = flow.source,
         .to = flow.destination,
         .port = flow.destination_port,
         .bytes = static_cast<double>(glimpse.size)},
        now, sink
    );
    constexpr std::uint16_t kDnsPort = 53;
    if (flow.destination_port != kDnsPort) {
        return;
    }
    if (const auto question = read_dns_question(glimpse.payload)) {
        anomaly_.asked(flow, *question, now, sink);
    }
}

// What was begun a patience ago and was not accepted has failed; a refusal was counted when it came.
void Behaviour::give_up_waiting(Instant now, const Sink& sink) {
    while (!pending_.empty() && now - pending_.front().begun >= kFailurePatience) {
        const Pending attempt = pending_.front();
        pending_.pop_front();
        const Connection* connection = connections_.find(attempt.flow);
        if (connection != nullptr && !connection->accepted && connection->begun == attempt.begun) {
            note_failure(attempt.flow, now, sink);
        }
    }
}

// What is told as a scan already is not told as a slow one, too.
void Behaviour::note_failure(const policy::Flow& flow, Instant now, const Sink& sink) {
    const Source& source = source_of(flow.source, now);
    const auto told = [&](SignKind kind) {
        return source.told[static_cast<std::size_t>(kind)] > 0;
    };
    if (!told(SignKind::kPortScan) && !told(SignKind::kHostScan)) {
        anomaly_.failed(flow, now, sink);
    }
}

// The tap leaves out the bulk of what is long, but not its end: the numbers there say how much either side sent
// (RFC 9293 3.4; of more than 4 GiB the rest of the division).
void Behaviour::count_bytes(
    const Glimpse& glimpse, Connection& connection, bool is_answer, Instant now, const Sink& sink
) {
    const std::size_t side = is_answer ? 1 : 0;
    const policy::Flow& flow = glimpse.flow;
    const policy::Flow back = flow.reversed();
    if (glimpse.has(kSyn)) {
        connection.first_number[side] = glimpse.sequence + 1;
    }
    count_side(connection, side, glimpse.payload.size(), flow, now, sink);
    if (!glimpse.has(kFin)) {
        return;
    }
    const auto up_to = [&](std::size_t of, std::uint32_t number) {
        const std::uint32_t first = connection.first_number[of];
        const std::uint64_t all = first == 0 ? 0 : number - first;
        return all - std::min(all, connection.counted[of]);
    };
    const auto end = static_cast<std::uint32_t>(glimpse.sequence + glimpse.payload.size());
    count_side(connection, side, up_to(side, end), flow, now, sink);
    count_side(connection, 1 - side, up_to(1 - side, glimpse.acknowledgement), back, now, sink);
}

void Behaviour::count_side(
    Connection& connection, std::size_t side, std::uint64_t bytes, const policy::Flow& flow,
    Instant now, const Sink& sink
) {
    // A connection whose beginning lies would be taken for one that moved what does not fit into it.
    constexpr std::uint64_t kCountedMax = UINT32_MAX;
    if (bytes == 0 || bytes > kCountedMax) {
        return;
    }
    connection.counted[side] += bytes;
    anomaly_.moved(
        {.from = flow.source,
         .to = flow.destination,
         .port = side == 0 ? flow.destination_port : flow.source_port,
         .bytes = static_cast<double>(bytes)},
        now, sink
    );
}

Behaviour::Source& Behaviour::source_of(const wire::Address& address, Instant now) {
    Source& source = sources_.of(address);
    const std::int64_t window = seconds_of(now) / kWindowS;
    if (source.window != window) {
        if (source.attempts > 0) {
            source.usual.add(source.targets.count());
        }
        source.window = window;
        source.since = now;
        source.targets.clear();
        source.hosts.clear();
        source.attempts_before = source.attempts = source.accepted = source.refused = 0;
        source.told = {};
    }
    if (const std::int64_t second = seconds_of(now) / kAnswerPatienceS; source.second != second) {
        source.second = second;
        source.attempts_before = source.attempts;
    }
    return source;
}

void Behaviour::follow_connection(const Glimpse& glimpse, Instant now, const Sink& sink) {
    if (glimpse.begins()) {
        Connection& begun = connections_.of(glimpse.flow);
        begun = {.begun = now, .bytes = glimpse.size};
        count_bytes(glimpse, begun, false, now, sink);
        if (pending_.size() < kConnectionsMax) {
            pending_.push_back({glimpse.flow, now});
        }
        anomaly_.called(glimpse.flow, now, sink);
        attempt(glimpse.flow, now, sink);
        return;
    }
    const policy::Flow back = glimpse.flow.reversed();
    const bool is_answer = connections_.find(back) != nullptr;
    const policy::Flow& flow = is_answer ? back : glimpse.flow;
    Connection* connection = connections_.find(flow);
    if (connection == nullptr) {
        return;  // its beginning was not seen, or it is over
    }
    connection->bytes += glimpse.size;
    count_bytes(glimpse, *connection, is_answer, now, sink);
    if (is_answer && glimpse.has(kSyn | kAck) && !connection->accepted) {
        connection->accepted = true;
        source_of(flow.source, now).accepted += 1;
    }
    if (is_answer && glimpse.has(kReset) && !connection->accepted) {
        connections_.erase(flow);
        refusal(flow, now, sink);
    } else if (glimpse.has(kFin) || glimpse.has(kReset)) {
        const bool is_short = connection->accepted && now - connection->begun < kShortConnection &&
                              connection->bytes < kShortConnectionBytes;
        connections_.erase(flow);
        if (is_short) {
            count_login(flow, now, sink);
        }
    }
}

void Behaviour::attempt(const policy::Flow& flow, Instant now, const Sink& sink) {
    Source& source = source_of(flow.source, now);
    count_target(flow, source);
    look_at(flow, source, now, sink);
}

void Behaviour::count_target(const policy::Flow& flow, Source& source) const {
    const std::uint64_t host = FlowKeyHash::plain(flow.destination);
    source.hosts.add(hash_.mixed(host));
    source.targets.add(hash_.mixed(host + flow.destination_port));
    source.attempts += 1;
}

// `flow` is what was tried: UDP is known by nothing but its refusals.
void Behaviour::refusal(const policy::Flow& flow, Instant now, const Sink& sink) {
    note_failure(flow, now, sink);
    Source& source = source_of(flow.source, now);
    source.refused += 1;
    if (flow.protocol != wire::kProtocolTcp) {
        count_target(flow, source);
    }
    look_at(flow, source, now, sink);
}

bool Behaviour::is_news(double value, double threshold, double& told) {
    if (value < threshold || value < 2 * told) {
        return false;
    }
    told = value;
    return true;
}

void Behaviour::look_at(const policy::Flow& flow, Source& source, Instant now, const Sink& sink) {
    const double targets = source.targets.count();
    if (targets < kFanOutTargets) {
        return;
    }
    const double hosts = source.hosts.count();
    const double unanswered = source.attempts_before - source.accepted - source.refused;
    const double failed = source.refused + std::max(unanswered, 0.0);
    Sign sign{
        .subject = flow.source,
        .object = flow.destination,
        .port = flow.destination_port,
        .value = targets,
        .normal = source.usual.is_warm() ? source.usual.mean() : -1,
        .failed = failed,
        .since = source.since,
        .at = now,
    };
    const auto told = [&](SignKind kind) -> double& {
        return source.told[static_cast<std::size_t>(kind)];
    };
    if (2 * failed >= targets) {
        if (hosts >= kScanHosts) {
            sign.kind = SignKind::kHostScan;
            sign.value = hosts;
            sign.llr = llr_of(hosts, kScanHosts, 5, 1.5);
            if (is_news(hosts, kScanHosts, told(sign.kind))) {
                sink(sign);
            }
        } else if (is_news(targets, kScanTargets, told(SignKind::kPortScan))) {
            sign.kind = SignKind::kPortScan;
            sign.llr = llr_of(targets, kScanTargets, 5, 1.5);
            sink(sign);
        }
        return;
    }
    const bool unusual =
        source.usual.is_warm() && source.usual.spreads_above(targets, 1.0) >= kFanOutSpreads;
    if (unusual && is_news(targets, kFanOutTargets, told(SignKind::kFanOut))) {
        sign.kind = SignKind::kFanOut;
        sign.llr = llr_of(targets, kFanOutTargets, 2, 0.5);
        sink(sign);
    }
}

void Behaviour::count_login(const policy::Flow& flow, Instant now, const Sink& sink) {
    if (std::ranges::find(kLoginPorts, flow.destination_port) == kLoginPorts.end()) {
        return;
    }
    Source& source = source_of(flow.source, now);
    auto place = std::ranges::find_if(source.logins, [&](const LoginPlace& each) {
        return each.server == flow.destination && each.port == flow.destination_port;
    });
    if (place == source.logins.end()) {
        if (source.logins.size() == kLoginPlacesMax) {
            source.logins.erase(source.logins.begin());
        }
        source.logins.push_back(
            {.server = flow.destination, .port = flow.destination_port, .since = now}
        );
        place = std::prev(source.logins.end());
    }
    const std::int64_t window = seconds_of(now) / kLoginWindowS;
    if (place->window != window) {
        place->previous = place->window + 1 == window ? place->count : 0;
        place->window = window;
        place->since = place->previous > 0 ? place->since : now;
        place->count = 0;
    }
    place->count += 1;
    // Of the window before, the part that is not a minute ago yet, as if it had been spread evenly.
    const auto passed = static_cast<double>(seconds_of(now) % kLoginWindowS);
    const double recent = place->count + std::floor(place->previous * (1 - passed / kLoginWindowS));
    if (recent < kLoginAttempts) {
        place->told = 0;
    }
    if (is_news(recent, kLoginAttempts, place->told)) {
        sink({
            .kind = SignKind::kBruteForce,
            .subject = flow.source,
            .object = flow.destination,
            .port = flow.destination_port,
            .value = recent,
            .normal = -1,
            .failed = recent,
            .since = place->since,
            .at = now,
            .llr = llr_of(recent, kLoginAttempts, 4, 2),
        });
    }
}

}  // namespace phantom::behaviour
