#pragma once

// The root's key in pieces (crypto/secret_sharing.h): each a line of text for somebody to keep, so many
// of which restore the key. So no single machine holds what decides who is in, and none is needed.
//
//   pmshare1- + base32( version 1 | mesh 8 | threshold 1 | count 1 | made 8 | split 8 | number 1 |
//                       piece of the seeds' record 65 | checksum 4 )
//
// What is in front of the piece is no secret. It tells people which shares belong together before enough
// of them are in one place, where only the key itself can tell.

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "crypto/secret_sharing.h"
#include "crypto/signature.h"
#include "identity/types.h"

namespace phantom::identity {

inline constexpr std::string_view kRootSharePrefix = "pmshare1-";
inline constexpr std::size_t kShareMeshSize = 8;
inline constexpr std::size_t kSplitIdSize = 8;

// One cutting of the key, as each of its shares says it.
struct RootSplit {
    std::uint8_t threshold = 0;
    std::uint8_t count = 0;
    UnixTime made;
    // Random: shares of two splits restore nothing together.
    std::array<std::uint8_t, kSplitIdSize> id{};

    friend bool operator==(const RootSplit&, const RootSplit&) = default;
};

// kBadSplit where not 2 <= threshold <= count <= kSharesMax.
[[nodiscard]] Status check_split(unsigned threshold, unsigned count);

struct RootShare {
    std::array<std::uint8_t, kShareMeshSize> mesh{};  // the beginning of its id
    RootSplit split;
    crypto::SecretShare piece;  // its number is 1 to split.count

    [[nodiscard]] crypto::SecretBytes text() const;
    // `text` without blanks around it. kNotAShare, kShareDamaged, kUnsupportedVersion.
    [[nodiscard]] static Result<RootShare> parse(std::string_view text);
};

// Of split.count shares any split.threshold restore `root`; which check_split allows.
[[nodiscard]] std::vector<RootShare> split_root(
    const crypto::SigningSeeds& root, const RootSplit& split
);

// A new one, to be made now.
[[nodiscard]] RootSplit new_split(
    std::uint8_t threshold, std::uint8_t count, UnixTime now, Random& random
);

// Shares as they are handed in, until the key is back.
class RootShares {
  public:
    explicit RootShares(const MeshId& mesh) : mesh_(mesh) {}

    // What was refused leaves the rest as it was. kWrongMesh, kShareOfOtherSplit, kShareRepeated.
    Status add(RootShare share);
    // Of all that were added, so that a forged one among enough good ones is noticed as well.
    // kTooFewShares, kSharesDoNotRestore: what they restore is not the key of this mesh.
    [[nodiscard]] Result<crypto::SigningSeeds> restore() const;

    [[nodiscard]] std::size_t given() const { return pieces_.size(); }
    // As the first one says it.
    [[nodiscard]] const RootSplit& split() const { return split_; }

  private:
    MeshId mesh_;
    RootSplit split_;
    std::vector<crypto::SecretShare> pieces_;
};

// What is remembered of the last split: `split.db`.
inline constexpr std::size_t kRootSplitRecordSize = 1 + 1 + 8 + kSplitIdSize;
[[nodiscard]] Result<crypto::SecretBytes> encode_state(const RootSplit& split);
// Never none. kStateDamaged.
[[nodiscard]] Result<std::optional<RootSplit>> decode_root_split(ByteView payload);

}  // namespace phantom::identity
