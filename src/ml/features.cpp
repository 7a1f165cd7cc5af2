#include "ml/features.h"

#include <algorithm>

namespace phantom::ml {

namespace {

// In the order of Feature.
constexpr auto kFeatureInfos = std::to_array<FeatureInfo>({
    {"protocol", "", "IP protocol"},
    {"port_forward", "", "port of who began"},
    {"port_backward", "", "port of the other: the service"},
    {"state", "",
     "0 not TCP, 1 asked, 2 answered, 3 established, 4 closing, 5 closed, 6 reset, 7 "
     "beginning not seen"},
    {"duration", "s", "first to last packet"},
    {"packets_forward", "", "packets"},
    {"packets_backward", "", "packets"},
    {"bytes_forward", "B", "IP packets with headers"},
    {"bytes_backward", "B", "IP packets with headers"},
    {"payload_forward", "B", "behind transport headers"},
    {"payload_backward", "B", "behind transport headers"},
    {"packet_rate", "1/s", "packets of both sides by duration; 0 for a single instant"},
    {"byte_rate", "B/s", "bytes of both sides by duration; 0 for a single instant"},
    {"forward_share", "", "of all bytes, 0 to 1"},
    {"size_mean_forward", "B", "of an IP packet"},
    {"size_deviation_forward", "B", "standard, of all there were"},
    {"size_min_forward", "B", "smallest packet"},
    {"size_max_forward", "B", "largest packet"},
    {"size_mean_backward", "B", "of an IP packet"},
    {"size_deviation_backward", "B", "standard, of all there were"},
    {"size_min_backward", "B", "smallest packet"},
    {"size_max_backward", "B", "largest packet"},
    {"gap_mean_forward", "s", "between packets of this side"},
    {"gap_deviation_forward", "s", "standard, of all there were"},
    {"gap_max_forward", "s", "longest silence of this side"},
    {"gap_mean_backward", "s", "between packets of this side"},
    {"gap_deviation_backward", "s", "standard, of all there were"},
    {"gap_max_backward", "s", "longest silence of this side"},
    {"ttl_forward", "", "smallest TTL or hop limit"},
    {"ttl_backward", "", "smallest TTL or hop limit"},
    {"flags_forward", "", "TCP flags, all that were ever set"},
    {"flags_backward", "", "TCP flags, all that were ever set"},
    {"syn_count", "", "segments of both sides with SYN"},
    {"fin_count", "", "segments of both sides with FIN"},
    {"reset_count", "", "segments of both sides with RST"},
    {"push_count", "", "segments of both sides with PSH"},
    {"window_forward", "", "TCP window of its first segment, unscaled"},
    {"window_backward", "", "TCP window of its first segment, unscaled"},
    {"answer_delay", "s", "first packet forward to first backward"},
    {"handshake_delay", "s", "SYN-ACK to the ACK that ends the handshake"},
    {"repeated_forward", "", "segments whose bytes were all there before"},
    {"repeated_backward", "", "segments whose bytes were all there before"},
    {"first_payload", "B", "of the first packet forward that had any"},
    {"recent_source", "", "of the 100 flows before: with the same source"},
    {"recent_destination", "", "of the 100 flows before: with the same destination"},
    {"recent_service", "", "of the 100 flows before: with the same destination, protocol and port"},
    {"recent_pair", "", "of the 100 flows before: with the same source and destination"},
});
static_assert(kFeatureInfos.size() == kFeatureCount);

}  // namespace

const FeatureInfo& info_of(Feature feature) {
    return kFeatureInfos[static_cast<std::size_t>(feature)];
}

std::optional<Feature> feature_called(std::string_view name) {
    const auto* found = std::ranges::find(kFeatureInfos, name, &FeatureInfo::name);
    if (found == kFeatureInfos.end()) {
        return std::nullopt;
    }
    return static_cast<Feature>(found - kFeatureInfos.begin());
}

}  // namespace phantom::ml
