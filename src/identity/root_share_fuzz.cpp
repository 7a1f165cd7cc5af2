// Shares of a root as somebody might paste them. Text as it is, and the same bytes as a share's body
// behind a checksum that fits, because a fuzzer does not guess one.

#include <string>

#include "base/assert.h"
#include "identity/base32.h"
#include "identity/codec.h"
#include "identity/labels.h"
#include "identity/root_share.h"

using namespace phantom;

namespace {

void check_share(std::string_view text) {
    auto share = identity::RootShare::parse(text);
    if (!share) {
        return;
    }
    PM_ASSERT(share->text().text() == text);
    identity::MeshId mesh;
    std::ranges::copy(share->mesh, mesh.bytes.begin());
    identity::RootShares shares(mesh);
    PM_ASSERT(shares.add(std::move(*share)).has_value());
    PM_ASSERT(!shares.restore().has_value());  // every split needs two
}

std::string with_share_checksum(ByteView body) {
    identity::Bytes bytes(body.begin(), body.end());
    const auto checksum = identity::labelled_hash(identity::kRootShareChecksumLabel, body);
    bytes.insert(bytes.end(), checksum.begin(), checksum.begin() + 4);
    identity::Bytes text(identity::base32_text_size(bytes.size()));
    identity::base32_encode(bytes, text);
    return std::string(identity::kRootSharePrefix) + std::string(text.begin(), text.end());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check_share({reinterpret_cast<const char*>(data), size});
    check_share(with_share_checksum({data, size}));
    return 0;
}
