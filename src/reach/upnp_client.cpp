#include "reach/upnp_client.h"

#include <algorithm>

namespace phantom::reach {

namespace {

// WANIPConnection:1 section 2.4.16.
constexpr unsigned kConflict = 718;
constexpr unsigned kPermanentOnly = 725;
constexpr unsigned kHttpOk = 200;
constexpr std::uint16_t kDynamicPorts = 49'152;  // RFC 6335 section 6

}  // namespace

void UpnpClient::begin(const Place& place, Instant now, MappingOutput& out) {
    *this = {};
    place_ = place;
    step_ = Step::kSearching;
    mapping_.outer.port = place.port;
    search(now, out);
}

void UpnpClient::search(Instant now, MappingOutput& out) {
    next_search_ = now + kSearchInterval;
    ++tries_;
    const std::string_view text = ssdp_search();
    out.datagrams.push_back({ssdp_group(), {text.begin(), text.end()}});
}

void UpnpClient::receive(std::string_view datagram, MappingOutput& out) {
    if (step_ != Step::kSearching) {
        return;
    }
    const auto place = parse_ssdp_response(datagram);
    if (!place || place->host.address != place_.gateway) {
        return;
    }
    step_ = Step::kDescribing;
    host_ = place->host;
    out.requests.push_back({host_, http_get(*place)});
}

void UpnpClient::answer(
    std::optional<std::string_view> response, Instant now, Random& random, MappingOutput& out
) {
    // Of a request that was made before we began anew.
    if (step_ == Step::kIdle || step_ == Step::kSearching) {
        return;
    }
    const auto parsed = response ? parse_http_response(*response) : fail(ReachError::kMalformed);
    const bool renewing = step_ == Step::kRenewing;
    if (!parsed) {
        // What is held stays until its time is over.
        step_ = renewing ? Step::kHeld : Step::kFailed;
        return;
    }
    if (step_ == Step::kDescribing) {
        describe(*parsed, out);
    } else if (step_ == Step::kAddressing) {
        const auto outer = parse_external_address(parsed->body);
        if (!outer || outer->family != wire::Family::kV4 || outer->bytes[0] == 0) {
            step_ = Step::kFailed;
            return;
        }
        mapping_.outer.address = *outer;
        tries_ = 0;
        map(Step::kMapping, out);
    } else if (step_ == Step::kMapping || renewing) {
        mapped(*parsed, now, random, out);
    }
}

void UpnpClient::describe(const HttpResponse& response, MappingOutput& out) {
    auto service = find_service(response.body, host_);
    if (response.status != kHttpOk || !service) {
        step_ = Step::kFailed;
        return;
    }
    service_ = std::move(*service);
    step_ = Step::kAddressing;
    request(get_external_address(service_), out);
}

void UpnpClient::map(Step step, MappingOutput& out) {
    step_ = step;
    ++tries_;
    request(
        add_port_mapping(
            service_,
            {
                .own = place_.own,
                .inner_port = place_.port,
                .outer_port = mapping_.outer.port,
                .lifetime_s = lifetime_s_,
            }
        ),
        out
    );
}

void UpnpClient::mapped(
    const HttpResponse& response, Instant now, Random& random, MappingOutput& out
) {
    if (response.status == kHttpOk) {
        step_ = Step::kHeld;
        lease_.grant(std::chrono::seconds(kMappingLifetimeS), now);
        return;
    }
    if (step_ == Step::kRenewing) {
        step_ = Step::kHeld;
        return;
    }
    const unsigned why = upnp_error(response.body);
    const bool only_for_good = why == kPermanentOnly && lifetime_s_ != 0;
    if (tries_ >= kPortTries || (!only_for_good && why != kConflict)) {
        step_ = Step::kFailed;
        return;
    }
    if (only_for_good) {
        lifetime_s_ = 0;
    } else {
        mapping_.outer.port =
            static_cast<std::uint16_t>(kDynamicPorts + random.below(UINT16_MAX - kDynamicPorts));
    }
    map(Step::kMapping, out);
}

void UpnpClient::tick(Instant now, MappingOutput& out) {
    if (step_ == Step::kSearching && now >= next_search_) {
        if (tries_ >= kSearchTries) {
            step_ = Step::kFailed;
        } else {
            search(now, out);
        }
    }
    if (step_ != Step::kHeld) {
        return;
    }
    if (lease_.has_ended(now)) {
        step_ = Step::kFailed;
    } else if (now >= lease_.renew_at()) {
        lease_.attempted(now);
        map(Step::kRenewing, out);
    }
}

void UpnpClient::end(MappingOutput& out) {
    if (step_ == Step::kHeld || step_ == Step::kRenewing) {
        request(delete_port_mapping(service_, mapping_.outer.port), out);
    }
    step_ = Step::kIdle;
}

Instant UpnpClient::deadline() const {
    switch (step_) {
        case Step::kSearching:
            return next_search_;
        case Step::kHeld:
            return lease_.renew_at();
        default:
            return kFarFuture;  // who carries the request tells its end
    }
}

MappingState UpnpClient::state() const {
    switch (step_) {
        case Step::kIdle:
            return MappingState::kIdle;
        case Step::kHeld:
        case Step::kRenewing:
            return MappingState::kHeld;
        case Step::kFailed:
            return MappingState::kFailed;
        default:
            return MappingState::kAsking;
    }
}

void UpnpClient::request(const std::string& text, MappingOutput& out) const {
    out.requests.push_back({service_.control.host, text});
}

}  // namespace phantom::reach
