#include "identity/issued_places.h"

#include <algorithm>

namespace phantom::identity {

Status IssuedPlaces::note(const Certificate& certificate) {
    const auto at = places_.find(certificate.node);
    if (at == places_.end() && places_.size() == kIssuedPlacesMax) {
        return fail(IdentityError::kTooMany, std::uint32_t{kIssuedPlacesMax});
    }
    const auto age = [](const auto& of) { return std::pair(of.generation, of.expiry); };
    if (at == places_.end() || age(at->second) < age(certificate)) {
        places_[certificate.node] = {
            .name = certificate.name,
            .overlay_v4 = certificate.overlay_v4,
            .expiry = certificate.expiry,
            .keys = certificate.keys,
            .generation = certificate.generation,
        };
    }
    return {};
}

std::uint32_t IssuedPlaces::generation_of(const NodeId& node, const KeysHash& keys) const {
    const auto at = places_.find(node);
    if (at == places_.end()) {
        return 0;
    }
    const std::uint32_t last = at->second.generation;
    return at->second.keys == keys ? last : last + 1;
}

bool IssuedPlaces::prune(UnixTime now) {
    return std::erase_if(places_, [&](const auto& each) { return each.second.expiry <= now; }) > 0;
}

std::optional<NodeId> IssuedPlaces::find_name(std::string_view name) const {
    const auto at = std::ranges::find_if(places_, [&](const auto& each) {
        return each.second.name.text() == name;
    });
    return at == places_.end() ? std::nullopt : std::optional(at->first);
}

bool IssuedPlaces::name_is_taken(const Label& name, const NodeId& node) const {
    return std::ranges::any_of(places_, [&](const auto& each) {
        return each.first != node && each.second.name == name;
    });
}

bool IssuedPlaces::address_is_taken(const wire::Address& address, const NodeId& node) const {
    return std::ranges::any_of(places_, [&](const auto& each) {
        return each.first != node && each.second.overlay_v4 == address;
    });
}

// A count, then in ascending order: node, name, address, expiry, keys, generation.
Result<crypto::SecretBytes> encode_state(const IssuedPlaces& issued) {
    crypto::SecretBytes payload(4 + issued.places().size() * kIssuedPlaceSizeMax);
    wire::RecordWriter writer(payload.bytes());
    writer.u32(static_cast<std::uint32_t>(issued.places().size()));
    for (const auto& [node, place] : issued.places()) {
        write_id(writer, node);
        write_label(writer, place.name);
        write_v4(writer, place.overlay_v4);
        write_time(writer, place.expiry);
        write_id(writer, place.keys);
        writer.u16(place.generation);
    }
    const std::size_t size = PM_TRY(writer.finish()).size();
    payload.shorten(size);
    return payload;
}

Result<IssuedPlaces> decode_issued_places(ByteView payload) {
    wire::RecordReader reader(payload);
    const std::size_t count = reader.u32();
    if (count > kIssuedPlacesMax) {
        return fail(IdentityError::kStateDamaged);
    }
    IssuedPlaces issued;
    for (std::size_t index = 0; index < count && reader.ok(); ++index) {
        const auto node = read_id<NodeId>(reader);
        IssuedPlaces::Place place;
        place.name = read_label(reader);
        place.overlay_v4 = read_v4(reader);
        place.expiry = read_time(reader);
        place.keys = read_id<KeysHash>(reader);
        place.generation = reader.u16();
        if (!issued.places_.empty() && issued.places_.rbegin()->first >= node) {
            return fail(IdentityError::kStateDamaged);
        }
        issued.places_.emplace_hint(issued.places_.end(), node, std::move(place));
    }
    if (!reader.finish()) {
        return fail(IdentityError::kStateDamaged);
    }
    return issued;
}

}  // namespace phantom::identity
