#include "daemon/traffic_history.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "daemon/control_server.h"
#include "daemon/json_fields.h"
#include "fields/fields.h"
#include "incident/record.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

// Counters begin anew when a peer leaves and comes back.
double grown(std::uint64_t now, std::uint64_t before) {
    return now < before ? 0.0 : static_cast<double>(now - before);
}

float median_of(std::vector<double>& values) {
    if (values.empty()) {
        return kUnknown;
    }
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return static_cast<float>(*middle);
}

json::value rounded_or_null(float value, double digit) {
    return std::isnan(value) ? json::value(nullptr)
                             : json::value(std::round(static_cast<double>(value) / digit) * digit);
}

template <class Samples, class Field>
json::array column(const Samples& samples, Field field, double digit) {
    json::array values;
    values.reserve(samples.size());
    for (const auto& each : samples) {
        values.push_back(rounded_or_null(each.*field, digit));
    }
    return values;
}

}  // namespace

void TrafficHistory::Track::add(const Sample& sample) {
    fine_.push_back(sample);
    if (fine_.size() > kHistorySamples) {
        fine_.pop_front();
    }
    if (++since_coarse_ < kHistoryCoarse) {
        return;
    }
    since_coarse_ = 0;
    coarse_.push_back(mean_of(fine_, kHistoryCoarse));
    if (coarse_.size() > kHistorySamples) {
        coarse_.pop_front();
    }
}

// Of what is known among the last of them.
TrafficHistory::Sample TrafficHistory::mean_of(
    const std::deque<Sample>& samples, std::size_t count
) {
    Sample mean;
    for (float Sample::* const field :
         {&Sample::received, &Sample::sent, &Sample::rtt_ms, &Sample::loss}) {
        double sum = 0;
        int known = 0;
        for (std::size_t at = samples.size() - count; at < samples.size(); ++at) {
            if (!std::isnan(samples[at].*field)) {
                sum += static_cast<double>(samples[at].*field);
                ++known;
            }
        }
        mean.*field = known == 0 ? kUnknown : static_cast<float>(sum / known);
    }
    return mean;
}

void TrafficHistory::read(Instant now, WallTime wall, std::span<const Reading> peers) {
    const bool is_first = last_.is_never();
    const double seconds = std::chrono::duration<double>(now - last_).count();
    if (!is_first) {
        pass(static_cast<std::size_t>((now - last_) / kHistoryStep) - 1);
    }
    for (auto& each : peers_) {
        each.second.is_there = false;
    }
    Sample all;
    std::vector<double> rtts;
    double loss = 0;
    int linked = 0;
    for (const Reading& each : peers) {
        const Sample sample = sample_of(each, seconds);
        all.received += sample.received;
        all.sent += sample.sent;
        linked += each.linked ? 1 : 0;
        loss += each.linked ? each.loss : 0;
        if (each.rtt_ms) {
            rtts.push_back(*each.rtt_ms);
        }
    }
    all.rtt_ms = median_of(rtts);
    all.loss = linked == 0 ? kUnknown : static_cast<float>(loss / linked);
    // A first look has nothing to compare with.
    if (!is_first) {
        all_.add(all);
    }
    std::erase_if(peers_, [this](const auto& each) {
        tracks_ -= !each.second.is_there && each.second.track ? 1 : 0;
        return !each.second.is_there;
    });
    last_ = now;
    last_wall_ = wall;
}

TrafficHistory::Sample TrafficHistory::sample_of(const Reading& reading, double seconds) {
    const auto [found, is_new] = peers_.try_emplace(reading.name);
    Peer& peer = found->second;
    Sample sample{
        .received = 0,
        .sent = 0,
        .rtt_ms = reading.rtt_ms ? static_cast<float>(*reading.rtt_ms) : kUnknown,
        .loss = reading.linked ? static_cast<float>(reading.loss) : kUnknown,
    };
    if (!is_new) {
        sample.received =
            static_cast<float>(grown(reading.received_bytes, peer.received_bytes) / seconds);
        sample.sent = static_cast<float>(grown(reading.sent_bytes, peer.sent_bytes) / seconds);
    }
    peer.received_bytes = reading.received_bytes;
    peer.sent_bytes = reading.sent_bytes;
    peer.is_there = true;
    if (!is_new) {
        keep(peer, reading.linked, sample);
    }
    return sample;
}

void TrafficHistory::keep(Peer& peer, bool linked, const Sample& sample) {
    if (!peer.track && linked && tracks_ < kHistoryPeers) {
        peer.track = std::make_unique<Track>();
        ++tracks_;
    }
    if (peer.track) {
        peer.track->add(sample);
    }
}

void TrafficHistory::pass(std::size_t steps) {
    constexpr Sample kNothing{kUnknown, kUnknown, kUnknown, kUnknown};
    const std::size_t kept = std::min(steps, kHistorySamples * kHistoryCoarse);
    for (std::size_t step = 0; step < kept; ++step) {
        all_.add(kNothing);
        for (auto& each : peers_) {
            if (each.second.track) {
                each.second.track->add(kNothing);
            }
        }
    }
}

json::object TrafficHistory::answer(const json::object& request, bool is_member) const {
    const std::string peer = fields::text_at(request, "peer");
    const auto found = peers_.find(peer);
    const bool has_track = found != peers_.end() && found->second.track != nullptr;
    if (!peer.empty() && !has_track && !is_member) {
        return control_error("not_found", "nothing is known of the traffic with such a peer");
    }
    const bool is_coarse = fields::text_at(request, "span") == "day";
    const Track none;
    const Track& track = peer.empty() ? all_ : has_track ? *found->second.track : none;
    const auto& samples = track.samples(is_coarse);
    const auto step = std::chrono::duration_cast<std::chrono::seconds>(kHistoryStep).count();
    return {
        {"schema", "phantom.history/1"},
        {"peer", peer},
        {"until", last_wall_.ns == 0 ? "" : incident::time_text(last_wall_)},
        {"step_s", is_coarse ? step * static_cast<std::int64_t>(kHistoryCoarse) : step},
        {"received", column(samples, &Sample::received, 1)},
        {"sent", column(samples, &Sample::sent, 1)},
        {"rtt_ms", column(samples, &Sample::rtt_ms, 0.01)},
        {"loss", column(samples, &Sample::loss, 0.001)},
    };
}

}  // namespace phantom::daemon
