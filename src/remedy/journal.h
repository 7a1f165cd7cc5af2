#pragma once

// The journal as a file that only grows, and is made anew, shorter, by rewrite().
//
// Thread: response. Bound: kJournalSizeMax, kActionsMax.

#include <filesystem>

#include "io/fd.h"
#include "remedy/record.h"

namespace phantom::remedy {

inline constexpr std::size_t kJournalSizeMax = 256U << 20U;

class Journal {
  public:
    Journal() = default;
    Journal(Journal&&) = default;
    Journal& operator=(Journal&&) = default;
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;
    virtual ~Journal() = default;

    // On the disk when it returns, where must_last() says so. After an error nothing more is written.
    [[nodiscard]] virtual Status append(const Record& record) = 0;
};

// That an undoing has ended may be forgotten: it is then done once more, and changes nothing.
[[nodiscard]] inline bool must_last(const Record& record) {
    return record.kind != RecordKind::kReverted;
}

class JournalFile final : public Journal {
  public:
    struct Opened;
    // Made where it is not there. A record that was being written when the machine stopped is cut off.
    // kJournalOpen, kJournalRead, kJournalWrite, kJournalDamaged, kBadRecord.
    [[nodiscard]] static Result<Opened> open(const std::filesystem::path& path);
    // In place of what the file holds, in one step: it has the one or the other after a crash.
    [[nodiscard]] static Result<JournalFile> rewrite(
        const std::filesystem::path& path, const std::vector<Record>& records
    );

    [[nodiscard]] Status append(const Record& record) override;

  private:
    JournalFile(io::Fd file, RecordHash hash, std::size_t size)
        : file_(std::move(file)), hash_(hash), size_(size) {}

    io::Fd file_;
    RecordHash hash_;
    std::size_t size_;
    bool is_broken_ = false;
};

struct JournalFile::Opened {
    JournalFile journal;
    std::vector<Record> records;
    std::size_t cut_bytes = 0;
};

}  // namespace phantom::remedy
