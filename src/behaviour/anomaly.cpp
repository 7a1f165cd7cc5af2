#include "behaviour/anomaly.h"

#include <algorithm>
#include <cmath>

namespace phantom::behaviour {

namespace {

std::int64_t window_of(Instant now, std::int64_t window_s) {
    return now.ns / 1'000'000'000 / window_s;
}

// So much at `least`, more with each doubling; a thing that is only unusual is no more than a hint.
double hint(double value, double least, double at_least, double per_doubling) {
    constexpr double kMost = 5;
    return std::min(at_least + per_doubling * std::log2(std::max(value / least, 1.0)), kMost);
}

bool doubled(double value, double least, double& told) {
    if (value < least || value < 2 * told) {
        return false;
    }
    told = value;
    return true;
}

}  // namespace

void Anomaly::Counted::add(double more, std::int64_t window_s, Instant now) {
    const std::int64_t newest = window_of(now, window_s);
    if (newest != window) {
        if (value > 0) {
            usual.add(value);
            high.add(value);
        }
        window = newest;
        value = 0;
        told = 0;
        since = now;
    }
    value += more;
}

bool Anomaly::Counted::is_unusual(double least) const {
    return usual.is_warm() && value >= least && value >= kUnusualTimes * high.value() &&
           usual.spreads_above(value, 0.1 * usual.mean() + 1) >= kUnusualSpreads;
}

bool Anomaly::Counted::is_news(double least) {
    return is_unusual(least) && doubled(value, least, told);
}

Anomaly::Source& Anomaly::source_of(const wire::Address& address, Instant now) {
    Source& source = sources_.of(address);
    if (const std::int64_t minute = window_of(now, kMinuteS); source.minute != minute) {
        source.minute = minute;
        ++source.minutes;
    }
    return source;
}

bool Anomaly::is_rhythm(const Rhythm& rhythm) {
    return rhythm.calls >= kBeaconCalls && rhythm.interval_s >= kBeaconIntervalMinS &&
           rhythm.interval_s <= kBeaconIntervalMaxS &&
           std::sqrt(rhythm.variance) <= kBeaconJitter * rhythm.interval_s;
}

// A place that is called again and again, as far apart each time, and was not when its caller was first seen.
void Anomaly::called(const policy::Flow& flow, Instant now, const Sink& sink) {
    const Source& source = source_of(flow.source, now);
    policy::Flow key = flow;
    key.source_port = 0;
    const bool is_new = rhythms_.find(key) == nullptr;
    Rhythm& rhythm = rhythms_.of(key);
    if (is_new) {
        rhythm.was_there_first = source.minutes < kWarmUpWindows;
        rhythm.since = now;
    } else {
        constexpr double kWeight = 0.2;  // half of what counts are the newest three intervals
        const double interval_s = std::chrono::duration<double>(now - rhythm.newest).count();
        const double weight = std::max(kWeight, 1.0 / rhythm.calls);
        const double off = interval_s - rhythm.interval_s;
        rhythm.interval_s += weight * off;
        rhythm.variance = (1 - weight) * (rhythm.variance + weight * off * off);
    }
    rhythm.newest = now;
    ++rhythm.calls;
    if (rhythm.was_there_first || !is_rhythm(rhythm) ||
        !doubled(rhythm.calls, kBeaconCalls, rhythm.told)) {
        return;
    }
    sink({
        .kind = SignKind::kBeacon,
        .subject = flow.source,
        .object = flow.destination,
        .port = flow.destination_port,
        .value = rhythm.interval_s,
        .normal = std::sqrt(rhythm.variance),
        .failed = static_cast<double>(rhythm.calls),
        .since = rhythm.since,
        .at = now,
        .llr = hint(rhythm.calls, kBeaconCalls, 1, 0.5),
    });
}

void Anomaly::failed(const policy::Flow& flow, Instant now, const Sink& sink) {
    Source& source = source_of(flow.source, now);
    Sign sign;
    sign.subject = flow.source;
    sign.object = flow.destination;
    sign.port = flow.destination_port;
    sign.at = now;
    source.failures.add(1, kMinuteS, now);
    if (source.failures.is_news(kFailuresMin)) {
        sign.kind = SignKind::kFailures;
        sign.value = sign.failed = source.failures.value;
        sign.normal = source.failures.usual.mean();
        sign.since = source.failures.since;
        sign.llr = hint(sign.value, kFailuresMin, 1.5, 0.5);
        sink(sign);
    }
    if (const std::int64_t hour = window_of(now, kHourS); source.hour != hour) {
        source.hour = hour;
        source.hour_since = now;
        source.failed_targets.clear();
        source.failed_told = 0;
    }
    source.failed_targets.add(hash_.mixed(
        hash_(flow.destination) ^ (std::uint64_t{flow.destination_port} << 16U | flow.protocol)
    ));
    const double targets = source.failed_targets.count();
    if (doubled(targets, kSlowScanTargets, source.failed_told)) {
        sign.kind = SignKind::kSlowScan;
        sign.value = sign.failed = targets;
        sign.normal = -1;
        sign.since = source.hour_since;
        sign.llr = hint(targets, kSlowScanTargets, 3, 1);
        sink(sign);
    }
}

void Anomaly::moved(const Moved& moved, Instant now, const Sink& sink) {
    Source& source = source_of(moved.from, now);
    source.sent.add(moved.bytes, kMinuteS, now);
    if (source.sent.is_news(kVolumeBytesMin)) {
        sink({
            .kind = SignKind::kVolume,
            .subject = moved.from,
            .object = moved.to,
            .port = moved.port,
            .value = source.sent.value,
            .normal = source.sent.usual.mean(),
            .failed = 0,
            .since = source.sent.since,
            .at = now,
            .llr = hint(source.sent.value, kVolumeBytesMin, 1, 0.5),
        });
    }
    note_transfer(moved, now, sink);
}

// Sent to one place far more than came from it, and more than its sender ever sends to one place.
void Anomaly::note_transfer(const Moved& moved, Instant now, const Sink& sink) {
    const std::int64_t window = window_of(now, kTransferWindowS);
    if (Transfer* back = transfers_.find({.from = moved.to, .to = moved.from});
        back != nullptr && back->window == window) {
        back->received += moved.bytes;
    }
    Source& source = source_of(moved.from, now);
    Transfer& transfer = transfers_.of({.from = moved.from, .to = moved.to});
    if (transfer.window != window) {
        if (transfer.sent > 0) {
            source.transfers.add(transfer.sent);
            source.transfers_high.add(transfer.sent);
        }
        transfer = {};
        transfer.window = window;
        transfer.since = now;
        if (const Transfer* back = transfers_.find({.from = moved.to, .to = moved.from});
            back != nullptr && back->window == window) {
            transfer.received = back->sent;
        }
    }
    transfer.sent += moved.bytes;
    const bool is_unusual =
        source.transfers.is_warm() &&
        transfer.sent >= kUnusualTimes * source.transfers_high.value() &&
        source.transfers.spreads_above(transfer.sent, 0.1 * source.transfers.mean() + 1) >=
            kUnusualSpreads;
    if (!is_unusual || transfer.sent < kExfiltrationRatio * transfer.received ||
        !doubled(transfer.sent, kExfiltrationBytesMin, transfer.told)) {
        return;
    }
    sink({
        .kind = SignKind::kExfiltration,
        .subject = moved.from,
        .object = moved.to,
        .port = moved.port,
        .value = transfer.sent,
        .normal = source.transfers.mean(),
        .failed = transfer.received,
        .since = transfer.since,
        .at = now,
        .llr = hint(transfer.sent, kExfiltrationBytesMin, 2, 0.5),
    });
}

void Anomaly::asked(
    const policy::Flow& flow, const DnsQuestion& question, Instant now, const Sink& sink
) {
    Tunnel& tunnel = tunnels_.of({.from = flow.source, .name = question.domain});
    if (const std::int64_t window = window_of(now, kMinuteS); tunnel.window != window) {
        tunnel = {};
        tunnel.window = window;
        tunnel.since = now;
    }
    tunnel.names.add(hash_.mixed(std::hash<std::string>{}(question.below)));
    tunnel.count += 1;
    tunnel.size += static_cast<double>(question.below.size());
    tunnel.entropy += entropy_of(question.below);
    const double names = tunnel.names.count();
    const bool carries_data = tunnel.size >= kTunnelNameSize * tunnel.count &&
                              tunnel.entropy >= kTunnelEntropy * tunnel.count;
    if (!carries_data || !doubled(names, kTunnelNames, tunnel.told)) {
        return;
    }
    sink({
        .kind = SignKind::kDnsTunnel,
        .subject = flow.source,
        .object = flow.destination,
        .port = flow.destination_port,
        .value = names,
        .normal = tunnel.entropy / tunnel.count,
        .failed = tunnel.size / tunnel.count,
        .since = tunnel.since,
        .at = now,
        .llr = hint(names, kTunnelNames, 3.5, 0.5),
    });
}

}  // namespace phantom::behaviour
