#include "reach/beacon.h"

#include <algorithm>
#include <functional>
#include <string_view>

#include "base/assert.h"
#include "crypto/blake2s.h"
#include "crypto/secret.h"
#include "wire/record.h"

namespace phantom::reach {

namespace {

constexpr std::string_view kMacLabel = "phantom beacon mac 1";
constexpr std::string_view kMaskLabel = "phantom beacon mask 1";
constexpr std::size_t kMacSize = 16;
constexpr std::size_t kBodySize = kBeaconSize - kMacSize;

using Mac = std::array<std::uint8_t, kMacSize>;
using Body = std::array<std::uint8_t, kBodySize>;

std::array<std::uint8_t, 32> derive(std::string_view label, ByteView shared) {
    crypto::Blake2s hash;
    hash.update({reinterpret_cast<const std::uint8_t*>(label.data()), label.size()});
    hash.update(std::array<std::uint8_t, 1>{0});
    hash.update(shared);
    std::array<std::uint8_t, 32> key{};
    hash.finish(key);
    return key;
}

Mac mac_of(ByteView key, ByteView body) {
    crypto::Blake2s hash(kMacSize, key);
    hash.update(body);
    Mac mac{};
    hash.finish(mac);
    return mac;
}

void mask(ByteView key, ByteView mac, MutableBytes body) {
    crypto::Blake2s hash(kBodySize, key);
    hash.update(mac);
    Body stream{};
    hash.finish(stream);
    std::ranges::transform(body, stream, body.begin(), std::bit_xor<>());
}

}  // namespace

BeaconKeys::BeaconKeys(ByteView shared)
    : mac_key_(derive(kMacLabel, shared)), mask_key_(derive(kMaskLabel, shared)) {}

EncodedBeacon BeaconKeys::seal(const Beacon& beacon) const {
    EncodedBeacon out{};
    const MutableBytes body = MutableBytes(out).subspan(kMacSize);
    wire::RecordWriter writer(body);
    writer.u64(static_cast<std::uint64_t>(beacon.time.ns));
    writer.u64(beacon.member);
    writer.u16(beacon.port);
    PM_ASSERT(writer.ok() && writer.written().size() == kBodySize);
    const Mac mac = mac_of(mac_key_, body);
    std::ranges::copy(mac, out.begin());
    mask(mask_key_, mac, body);
    return out;
}

Result<Beacon> BeaconKeys::open(ByteView datagram, WallTime now) const {
    if (datagram.size() != kBeaconSize) {
        return fail(ReachError::kMalformed);
    }
    Body body{};
    std::ranges::copy(datagram.subspan(kMacSize), body.begin());
    mask(mask_key_, datagram.first(kMacSize), body);
    if (!crypto::equal_constant_time(mac_of(mac_key_, body), datagram.first(kMacSize))) {
        return fail(ReachError::kNotOurs);
    }
    wire::RecordReader reader(body);
    const Beacon beacon{
        .time = {static_cast<std::int64_t>(reader.u64())},
        .member = reader.u64(),
        .port = reader.u16(),
    };
    const bool fresh = beacon.time.ns >= now.ns - kBeaconLifetime.count() &&
                       beacon.time.ns <= now.ns + kBeaconLifetime.count();
    if (!fresh) {
        return fail(ReachError::kStale);
    }
    return beacon;
}

}  // namespace phantom::reach
