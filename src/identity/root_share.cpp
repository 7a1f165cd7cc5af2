#include "identity/root_share.h"

#include <algorithm>

#include "base/assert.h"
#include "identity/base32.h"
#include "identity/codec.h"
#include "identity/labels.h"
#include "identity/state_record.h"

namespace phantom::identity {

namespace {

// Begins the prefix of every version; a digit and a hyphen follow.
constexpr std::string_view kSharePrefixStem = "pmshare";
constexpr std::uint8_t kRootShareVersion = 1;
constexpr std::size_t kShareChecksumSize = 4;
constexpr std::size_t kShareSize =
    1 + kShareMeshSize + kRootSplitRecordSize + 1 + kSigningSeedsRecordSize + kShareChecksumSize;
constexpr std::size_t kShareTextSize = kRootSharePrefix.size() + base32_text_size(kShareSize);

// Against slips of the pen. It says nothing of the key: what is summed besides the piece is public, and
// the piece is random to whoever has too few.
std::array<std::uint8_t, kShareChecksumSize> share_checksum(ByteView body) {
    const auto digest = labelled_hash(kRootShareChecksumLabel, body);
    std::array<std::uint8_t, kShareChecksumSize> checksum{};
    std::copy_n(digest.begin(), checksum.size(), checksum.begin());
    return checksum;
}

std::array<std::uint8_t, kShareMeshSize> beginning_of(const MeshId& mesh) {
    std::array<std::uint8_t, kShareMeshSize> beginning{};
    std::copy_n(mesh.bytes.begin(), beginning.size(), beginning.begin());
    return beginning;
}

void write_split(wire::RecordWriter& writer, const RootSplit& split) {
    writer.u8(split.threshold);
    writer.u8(split.count);
    write_time(writer, split.made);
    writer.bytes(split.id);
}
RootSplit read_split(wire::RecordReader& reader) {
    RootSplit split;
    split.threshold = reader.u8();
    split.count = reader.u8();
    split.made = read_time(reader);
    split.id = reader.array<kSplitIdSize>();
    if (!check_split(split.threshold, split.count)) {
        reader.reject();
    }
    return split;
}

RootShare read_share(wire::RecordReader& reader) {
    RootShare share;
    share.mesh = reader.array<kShareMeshSize>();
    share.split = read_split(reader);
    share.piece.number = reader.u8();
    share.piece.value = crypto::SecretBytes(reader.bytes(kSigningSeedsRecordSize));
    if (share.piece.number == 0 || share.piece.number > share.split.count) {
        reader.reject();
    }
    return share;
}

}  // namespace

Status check_split(unsigned threshold, unsigned count) {
    if (threshold < crypto::kShareThresholdMin || threshold > count || count > crypto::kSharesMax) {
        return fail(IdentityError::kBadSplit);
    }
    return {};
}

crypto::SecretBytes RootShare::text() const {
    crypto::SecretBytes record(kShareSize);
    wire::RecordWriter writer(record.bytes());
    writer.u8(kRootShareVersion);
    writer.bytes(mesh);
    write_split(writer, split);
    writer.u8(piece.number);
    writer.bytes(piece.value.view());
    writer.bytes(share_checksum(writer.written()));
    PM_ASSERT(writer.written().size() == kShareSize);
    crypto::SecretBytes out(kShareTextSize);
    std::ranges::copy(kRootSharePrefix, out.bytes().begin());
    base32_encode(record.view(), out.bytes().subspan(kRootSharePrefix.size()));
    return out;
}

Result<RootShare> RootShare::parse(std::string_view text) {
    if (!text.starts_with(kRootSharePrefix)) {
        const std::size_t after = kSharePrefixStem.size();
        const bool is_of_another_version = text.starts_with(kSharePrefixStem) &&
                                           text.size() > after + 1 && text[after] >= '2' &&
                                           text[after] <= '9' && text[after + 1] == '-';
        return fail(
            is_of_another_version ? IdentityError::kUnsupportedVersion : IdentityError::kNotAShare
        );
    }
    if (text.size() != kShareTextSize) {
        return fail(IdentityError::kShareDamaged);
    }
    const auto bytes = base32_decode(text.substr(kRootSharePrefix.size()));
    if (!bytes) {
        return fail(IdentityError::kShareDamaged);
    }
    const ByteView body = bytes->view().first(kShareSize - kShareChecksumSize);
    if (!std::ranges::equal(share_checksum(body), bytes->view().last(kShareChecksumSize))) {
        return fail(IdentityError::kShareDamaged);
    }
    wire::RecordReader reader(body);
    if (reader.u8() != kRootShareVersion) {
        return fail(IdentityError::kUnsupportedVersion);
    }
    RootShare share = read_share(reader);
    if (!reader.finish()) {
        return fail(IdentityError::kShareDamaged);
    }
    return share;
}

RootSplit new_split(std::uint8_t threshold, std::uint8_t count, UnixTime now, Random& random) {
    RootSplit split{.threshold = threshold, .count = count, .made = now};
    random.fill(split.id);
    return split;
}

std::vector<RootShare> split_root(const crypto::SigningSeeds& root, const RootSplit& split) {
    const auto mesh = beginning_of(mesh_id_of(crypto::SigningKey(root).verify_key()));
    std::vector<RootShare> shares;
    for (crypto::SecretShare& piece :
         crypto::split_secret(encode_state(root).view(), split.threshold, split.count)) {
        shares.push_back({.mesh = mesh, .split = split, .piece = std::move(piece)});
    }
    return shares;
}

Status RootShares::add(RootShare share) {
    if (share.mesh != beginning_of(mesh_)) {
        return fail(IdentityError::kWrongMesh);
    }
    if (!pieces_.empty() && share.split != split_) {
        return fail(IdentityError::kShareOfOtherSplit);
    }
    const std::uint8_t number = share.piece.number;
    if (std::ranges::find(pieces_, number, &crypto::SecretShare::number) != pieces_.end()) {
        return fail(IdentityError::kShareRepeated, number);
    }
    split_ = share.split;
    pieces_.push_back(std::move(share.piece));
    return {};
}

Result<crypto::SigningSeeds> RootShares::restore() const {
    if (pieces_.empty() || pieces_.size() < split_.threshold) {
        return fail(IdentityError::kTooFewShares, static_cast<std::uint32_t>(pieces_.size()));
    }
    const crypto::SecretBytes record = crypto::join_shares(pieces_);
    auto seeds = decode_signing_seeds(record.view());
    if (!seeds || mesh_id_of(crypto::SigningKey(*seeds).verify_key()) != mesh_) {
        return fail(IdentityError::kSharesDoNotRestore);
    }
    return std::move(*seeds);
}

Result<crypto::SecretBytes> encode_state(const RootSplit& split) {
    crypto::SecretBytes payload(kRootSplitRecordSize);
    wire::RecordWriter writer(payload.bytes());
    write_split(writer, split);
    PM_TRY(writer.finish());
    return payload;
}

Result<std::optional<RootSplit>> decode_root_split(ByteView payload) {
    wire::RecordReader reader(payload);
    const RootSplit split = read_split(reader);
    if (!reader.finish()) {
        return fail(IdentityError::kStateDamaged);
    }
    return split;
}

}  // namespace phantom::identity
