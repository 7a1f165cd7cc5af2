#include "remedy/journal.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

namespace phantom::remedy {

namespace {

constexpr mode_t kJournalMode = 0600;

Status write_whole(int file, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t wrote = ::write(file, bytes.data(), bytes.size());
        if (wrote < 0 && errno != EINTR) {
            return fail_with_errno(RemedyError::kJournalWrite);
        }
        bytes = bytes.subspan(wrote < 0 ? 0 : static_cast<std::size_t>(wrote));
    }
    return {};
}

Result<std::vector<std::uint8_t>> read_whole(int file) {
    struct stat status{};
    if (::fstat(file, &status) != 0) {
        return fail_with_errno(RemedyError::kJournalRead);
    }
    if (static_cast<std::size_t>(status.st_size) > kJournalSizeMax) {
        return fail(RemedyError::kJournalRead, EFBIG);
    }
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(status.st_size));
    std::size_t size = 0;
    while (size < bytes.size()) {
        const ssize_t got = ::read(file, bytes.data() + size, bytes.size() - size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail_with_errno(RemedyError::kJournalRead);
        }
        if (got == 0) {
            break;
        }
        size += static_cast<std::size_t>(got);
    }
    bytes.resize(size);
    return bytes;
}

// A new name is on the disk when its folder is.
Status sync_folder_of(const std::filesystem::path& path) {
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    const io::Fd opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.valid() || ::fsync(opened.get()) != 0) {
        return fail_with_errno(RemedyError::kJournalWrite);
    }
    return {};
}

}  // namespace

Result<JournalFile::Opened> JournalFile::open(const std::filesystem::path& path) {
    io::Fd file(
        ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, kJournalMode)
    );
    if (!file.valid()) {
        return fail_with_errno(RemedyError::kJournalOpen);
    }
    const auto bytes = PM_TRY(read_whole(file.get()));
    JournalContent content = PM_TRY(decode_journal(bytes));
    const std::size_t cut = bytes.size() - content.whole_size;
    if (cut > 0 && (::ftruncate(file.get(), static_cast<off_t>(content.whole_size)) != 0 ||
                    ::fdatasync(file.get()) != 0)) {
        return fail_with_errno(RemedyError::kJournalWrite);
    }
    PM_TRY(sync_folder_of(path));
    return Opened{
        JournalFile(std::move(file), content.hash, content.whole_size), std::move(content.records),
        cut
    };
}

Result<JournalFile> JournalFile::rewrite(
    const std::filesystem::path& path, const std::vector<Record>& records
) {
    std::filesystem::path fresh = path;
    fresh += ".new";
    io::Fd file(::open(
        fresh.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, kJournalMode
    ));
    if (!file.valid()) {
        return fail_with_errno(RemedyError::kJournalOpen);
    }
    RecordHash hash{};
    std::vector<std::uint8_t> bytes;
    for (const Record& record : records) {
        const auto framed = encode_record(record, hash);
        bytes.insert(bytes.end(), framed.begin(), framed.end());
    }
    PM_TRY(write_whole(file.get(), bytes));
    if (::fsync(file.get()) != 0 || ::rename(fresh.c_str(), path.c_str()) != 0) {
        return fail_with_errno(RemedyError::kJournalWrite);
    }
    PM_TRY(sync_folder_of(path));
    return JournalFile(std::move(file), hash, bytes.size());
}

Status JournalFile::append(const Record& record) {
    RecordHash hash = hash_;
    const auto framed = encode_record(record, hash);
    if (is_broken_ || size_ + framed.size() > kJournalSizeMax) {
        return fail(RemedyError::kJournalWrite, is_broken_ ? EIO : EFBIG);
    }
    const Status wrote = write_whole(file_.get(), framed);
    if (!wrote || (must_last(record) && ::fdatasync(file_.get()) != 0)) {
        // What is on the disk now is not known: not until it is read again.
        is_broken_ = true;
        return wrote ? Status(fail_with_errno(RemedyError::kJournalWrite)) : wrote;
    }
    hash_ = hash;
    size_ += framed.size();
    return {};
}

}  // namespace phantom::remedy
