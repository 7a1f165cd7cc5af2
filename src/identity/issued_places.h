#pragma once

// What the root has issued and not taken back: which node, under which name and address, until when.
// Kept where the root is, so that a member that is out of sight can be put out by its name, and its name
// and address are nobody else's.

#include <map>
#include <optional>
#include <string_view>

#include "crypto/secret_bytes.h"
#include "identity/certificate.h"

namespace phantom::identity {

inline constexpr std::size_t kIssuedPlacesMax = 65'536;
inline constexpr std::size_t kIssuedPlaceSizeMax =
    std::size_t{2} * kIdSize + kLabelRecordMax + 4 + 8 + 2;

class IssuedPlaces {
  public:
    struct Place {
        Label name;
        wire::Address overlay_v4;  // none where it has none
        UnixTime expiry;           // of the last of its certificates
        KeysHash keys;             // that it certifies
        std::uint16_t generation = 0;
        friend bool operator==(const Place&, const Place&) = default;
    };

    // A certificate of a generation or a date before changes nothing. kTooMany.
    Status note(const Certificate& certificate);
    void forget(const NodeId& node) { places_.erase(node); }
    // Those whose last certificate is over. True when there were any.
    bool prune(UnixTime now);

    [[nodiscard]] bool contains(const NodeId& node) const { return places_.contains(node); }
    // Under which these keys of `node` are certified: the same for the same keys, another for others.
    [[nodiscard]] std::uint32_t generation_of(const NodeId& node, const KeysHash& keys) const;
    [[nodiscard]] std::optional<NodeId> find_name(std::string_view name) const;
    // Of any node but `node`.
    [[nodiscard]] bool name_is_taken(const Label& name, const NodeId& node) const;
    [[nodiscard]] bool address_is_taken(const wire::Address& address, const NodeId& node) const;
    [[nodiscard]] const std::map<NodeId, Place>& places() const { return places_; }

    friend bool operator==(const IssuedPlaces&, const IssuedPlaces&) = default;

  private:
    friend Result<IssuedPlaces> decode_issued_places(ByteView payload);

    std::map<NodeId, Place> places_;
};

[[nodiscard]] Result<crypto::SecretBytes> encode_state(const IssuedPlaces& issued);
// kStateDamaged for all that encode_state would not have written.
[[nodiscard]] Result<IssuedPlaces> decode_issued_places(ByteView payload);

}  // namespace phantom::identity
