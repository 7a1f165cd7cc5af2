#pragma once

// The features of a flow: one list, one order, one version, for everything that learns or is asked. What
// is not known of a flow (an answer that never came) is 0; `state` says which that is.
//
// Forward is from whoever began. After NetFlow v9 (RFC 3954), UNSW-NB15 (dur, sbytes, sttl, synack,
// ct_srv_dst ...) and NSL-KDD (count, same_srv_rate ...), as far as an end of a tunnel can tell.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace phantom::ml {

// A model says which it was trained on. Any change of the list, its order or a meaning needs a new one.
inline constexpr unsigned kFeatureSchemaVersion = 1;

enum class Feature : std::uint8_t {
    kProtocol,
    kPortForward,
    kPortBackward,
    kState,
    kDuration,
    kPacketsForward,
    kPacketsBackward,
    kBytesForward,
    kBytesBackward,
    kPayloadForward,
    kPayloadBackward,
    kPacketRate,
    kByteRate,
    kForwardShare,
    kSizeMeanForward,
    kSizeDeviationForward,
    kSizeMinForward,
    kSizeMaxForward,
    kSizeMeanBackward,
    kSizeDeviationBackward,
    kSizeMinBackward,
    kSizeMaxBackward,
    kGapMeanForward,
    kGapDeviationForward,
    kGapMaxForward,
    kGapMeanBackward,
    kGapDeviationBackward,
    kGapMaxBackward,
    kTtlForward,
    kTtlBackward,
    kFlagsForward,
    kFlagsBackward,
    kSynCount,
    kFinCount,
    kResetCount,
    kPushCount,
    kWindowForward,
    kWindowBackward,
    kAnswerDelay,
    kHandshakeDelay,
    kRepeatedForward,
    kRepeatedBackward,
    kFirstPayload,
    kRecentSource,
    kRecentDestination,
    kRecentService,
    kRecentPair,
    kCount,
};
inline constexpr std::size_t kFeatureCount = static_cast<std::size_t>(Feature::kCount);

struct FeatureInfo {
    std::string_view name;
    std::string_view unit;  // "" for a number of things
    std::string_view meaning;
};
[[nodiscard]] const FeatureInfo& info_of(Feature feature);
[[nodiscard]] std::optional<Feature> feature_called(std::string_view name);

struct Features {
    std::array<double, kFeatureCount> values{};

    [[nodiscard]] double& operator[](Feature feature) {
        return values[static_cast<std::size_t>(feature)];
    }
    [[nodiscard]] double operator[](Feature feature) const {
        return values[static_cast<std::size_t>(feature)];
    }
};

}  // namespace phantom::ml
