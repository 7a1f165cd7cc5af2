#include "store/audit_entry.h"

#include "crypto/sha256.h"

namespace phantom::store {

namespace {

constexpr std::string_view kEntryLabel = "phantom audit entry 1";

using Buffer = std::vector<std::uint8_t>;

void put_number(Buffer& out, std::uint64_t number) {
    for (int shift = 56; shift >= 0; shift -= 8) {  // one by one: GCC warns of an insert of eight
        out.push_back(static_cast<std::uint8_t>(number >> static_cast<unsigned>(shift)));
    }
}

void put_text(Buffer& out, std::string_view text) {
    put_number(out, text.size());
    out.insert(out.end(), text.begin(), text.end());
}

}  // namespace

crypto::Hash chain_hash(const crypto::Hash& before, const AuditEntry& entry) {
    Buffer bytes(kEntryLabel.begin(), kEntryLabel.end());
    bytes.push_back(0);
    bytes.insert(bytes.end(), before.begin(), before.end());
    put_number(bytes, entry.sequence);
    put_number(bytes, static_cast<std::uint64_t>(entry.at.ns));
    for (const std::string* field :
         {&entry.who, &entry.origin, &entry.what, &entry.target, &entry.why, &entry.outcome}) {
        put_text(bytes, *field);
    }
    return crypto::sha256({bytes});
}

Buffer AuditHead::message() const {
    Buffer bytes;
    put_number(bytes, sequence);
    put_number(bytes, static_cast<std::uint64_t>(at.ns));
    bytes.insert(bytes.end(), hash.begin(), hash.end());
    return bytes;
}

}  // namespace phantom::store
