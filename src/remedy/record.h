#pragma once

// The journal's form: records one after the other, each bound to all before it by a hash. Intents are
// written before the kernel is touched and outcomes after, so that whoever reads it knows at any byte
// where it was cut what may have happened. Without I/O.
//
//   u32 size of what follows, the record, BLAKE2s(hash of the record before, record)
//
// A record begins with the mark of its version; those of the first began with their kind, and are read
// still.
//
// Sizes: at most kRecordSizeMax with the frame.

#include <array>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "remedy/action.h"
#include "remedy/errors.h"

namespace phantom::remedy {

enum class RecordKind : std::uint8_t {
    kIntent = 1,    // about to be done: target, terms, until, before, reason
    kDone = 2,      // the kernel has it
    kRenewed = 3,   // it lasts until another time
    kRevert = 4,    // about to be undone
    kReverted = 5,  // the kernel has what it had before
    kStuck = 6,     // neither
    kNumbered = 7,  // numbers up to this one were given: ends a journal that was made anew
    kProposed =
        8,  // waits for somebody's word until then: as an intent; what approves it is its intent
    kDenied = 9,      // that word was no, or none came in time
    kConfirmed = 10,  // somebody has said that all is well: it need not be taken back
};
inline constexpr auto kRecordKindLast = RecordKind::kConfirmed;
// Above any kind.
inline constexpr std::uint8_t kRecordMark = 0xf2;

struct Record {
    RecordKind kind = RecordKind::kIntent;
    WallTime at{};
    ActionId action{};
    // Of kIntent and kProposed, `until` also of kRenewed; empty otherwise.
    Target target{};
    Terms terms{};
    WallTime until{};
    Condition before{};  // how it was with the target
    std::string reason = {};

    [[nodiscard]] bool begins() const {
        return kind == RecordKind::kIntent || kind == RecordKind::kProposed;
    }
    friend bool operator==(const Record&, const Record&) = default;
};

inline constexpr std::size_t kRecordHashSize = 32;
inline constexpr std::size_t kRecordSizeMax = 4 + 512;
using RecordHash = std::array<std::uint8_t, kRecordHashSize>;

// `hash` is the last record's, zeros at the beginning; becomes this one's.
[[nodiscard]] std::vector<std::uint8_t> encode_record(const Record& record, RecordHash& hash);

// One, without its frame. kBadRecord.
[[nodiscard]] Result<Record> decode_record(ByteView bytes);

struct JournalContent {
    std::vector<Record> records;
    RecordHash hash{};           // of the last one
    std::size_t whole_size = 0;  // bytes; what is behind was being written when the machine stopped
};
// kJournalDamaged for what cannot be the last write's remainder, kBadRecord for a record that verifies
// and says what cannot be.
[[nodiscard]] Result<JournalContent> decode_journal(ByteView file);

}  // namespace phantom::remedy
