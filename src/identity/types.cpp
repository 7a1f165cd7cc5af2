#include "identity/types.h"

#include <algorithm>

#include "crypto/noise.h"
#include "identity/labels.h"

namespace phantom::identity {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

std::string hex_of(ByteView bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        text.push_back(kDigits[byte >> 4U]);
        text.push_back(kDigits[byte & 15U]);
    }
    return text;
}

bool is_label_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

}  // namespace

template <class Kind>
std::string Id<Kind>::to_string() const {
    return hex_of(bytes);
}

template <class Kind>
std::string Id<Kind>::short_text() const {
    return hex_of(ByteView(bytes).first(8));
}

template <class Kind>
Result<Id<Kind>> Id<Kind>::parse(std::string_view text) {
    if (text.size() != kIdSize * 2) {
        return fail(IdentityError::kBadId);
    }
    Id id;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::size_t digit = kDigits.find(text[at]);
        if (digit == std::string_view::npos) {
            return fail(IdentityError::kBadId);
        }
        id.bytes[at / 2] = static_cast<std::uint8_t>(id.bytes[at / 2] * std::size_t{16} + digit);
    }
    return id;
}

template struct Id<MeshKind>;
template struct Id<NodeKind>;
template struct Id<KeysKind>;

MeshId mesh_id_of(const crypto::VerifyKey& root) {
    return {labelled_hash(kMeshIdLabel, root.encoded())};
}

Result<Label> Label::parse(std::string_view text) {
    if (text.empty() || text.size() > kSizeMax || text.starts_with('-') || text.ends_with('-') ||
        !std::ranges::all_of(text, is_label_character)) {
        return fail(IdentityError::kBadLabel);
    }
    Label label;
    label.text_ = text;
    return label;
}

Status check_tags(std::span<const Label> tags) {
    if (tags.size() > kTagsMax) {
        return fail(IdentityError::kTooMany, static_cast<std::uint32_t>(tags.size()));
    }
    for (std::size_t index = 0; index < tags.size(); ++index) {
        if (tags[index].empty()) {
            return fail(IdentityError::kBadLabel);
        }
        if (index > 0 && tags[index] <= tags[index - 1]) {
            return fail(IdentityError::kNotCanonical);
        }
    }
    return {};
}

UnixTime UnixTime::of(WallTime time) {
    return {time.ns <= 0 ? 0 : static_cast<std::uint64_t>(time.ns) / 1'000'000'000};
}

UnixTime UnixTime::plus(std::uint64_t seconds) const {
    return {seconds > UINT64_MAX - s ? UINT64_MAX : s + seconds};
}

Status check_lifetime(UnixTime begin, UnixTime end, std::uint64_t lifetime_max_s, UnixTime now) {
    if (end <= begin || end.s - begin.s > lifetime_max_s) {
        return fail(IdentityError::kBadLifetime);
    }
    if (now.plus(kClockSkewMaxSeconds) < begin) {
        return fail(IdentityError::kNotYetValid);
    }
    if (now >= end) {
        return fail(IdentityError::kExpired);
    }
    return {};
}

wire::Prefix overlay_prefix(const MeshId& mesh) {
    std::array<std::uint8_t, 16> bytes{0xfd};
    std::copy_n(mesh.bytes.begin(), 5, bytes.begin() + 1);
    return wire::Prefix::of(wire::Address::v6(bytes.data()), 48);
}

wire::Address overlay_address(const MeshId& mesh, const NodeId& node) {
    wire::Address address = overlay_prefix(mesh).address;
    std::copy_n(node.bytes.begin(), 8, address.bytes.begin() + 8);
    return address;
}

bool is_overlay_v4(const wire::Address& address) {
    static const std::array ranges = {
        wire::Prefix::parse("10.0.0.0/8").value(),
        wire::Prefix::parse("172.16.0.0/12").value(),
        wire::Prefix::parse("192.168.0.0/16").value(),
        wire::Prefix::parse("100.64.0.0/10").value(),
    };
    return std::ranges::any_of(ranges, [&](const wire::Prefix& range) {
        return range.contains(address);
    });
}

}  // namespace phantom::identity
