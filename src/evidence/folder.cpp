#include "evidence/folder.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <optional>
#include <set>
#include <span>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "crypto/sha256.h"

namespace phantom::evidence {

namespace {

constexpr ::mode_t kFileMode = 0600;
constexpr ::mode_t kFolderMode = 0700;
constexpr std::size_t kSyncsAtOnce = 16;

ByteView view_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// None: it is no plain file, or too large.
std::optional<std::string> content_of(const std::filesystem::path& path, std::size_t size_max) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(std::filesystem::symlink_status(path, error)) ||
        std::filesystem::file_size(path, error) > size_max) {
        return std::nullopt;
    }
    std::ifstream file(path, std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(file), {}};
    return file.bad() ? std::nullopt : std::optional(std::move(content));
}

// Written, not yet on the disk.
Result<io::Fd> write_new(const std::filesystem::path& path, std::string_view content) {
    constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
    io::Fd file(::open(path.c_str(), kFlags, kFileMode));  // NOLINT(*-vararg): POSIX
    if (!file.valid()) {
        return fail(EvidenceError::kWrite);
    }
    while (!content.empty()) {
        const ssize_t put = ::write(file.get(), content.data(), content.size());
        if (put <= 0) {
            return fail(EvidenceError::kWrite);
        }
        content.remove_prefix(static_cast<std::size_t>(put));
    }
    return file;
}

// A disk takes milliseconds to say that a file is there, and as long for several that are asked for at once.
Status sync_all(std::span<const io::Fd> files) {
    std::atomic<bool> is_synced{true};
    while (!files.empty()) {
        const auto some = files.first(std::min(files.size(), kSyncsAtOnce));
        files = files.subspan(some.size());
        std::vector<std::jthread> threads;
        for (const io::Fd& each : some) {
            threads.emplace_back([&is_synced, fd = each.get()] {
                if (::fsync(fd) != 0) {
                    is_synced.store(false);
                }
            });
        }
    }
    return is_synced.load() ? Status() : fail(EvidenceError::kWrite);
}

void sync_folder(const std::filesystem::path& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);  // NOLINT(*-vararg)
    if (fd >= 0) {
        (void)::fsync(fd);
        ::close(fd);
    }
}

std::set<std::string> names_in(const std::filesystem::path& path) {
    std::set<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
        names.insert(entry.path().filename().string());
    }
    return names;
}

// Of an item's file: no way out of the folder.
bool is_plain_name(std::string_view name) {
    return !name.empty() && name.front() != '.' && name.find('/') == std::string_view::npos &&
           name != kManifestFile;
}

}  // namespace

Result<Folder> Folder::open(const std::filesystem::path& path) {
    if (::mkdir(path.c_str(), kFolderMode) != 0 && errno != EEXIST) {
        return fail(EvidenceError::kFolder, static_cast<std::uint32_t>(errno));
    }
    Folder folder(path);
    std::error_code error;
    std::set<std::string> known{kManifestFile};
    if (std::filesystem::exists(path / kManifestFile, error)) {
        const auto text = content_of(path / kManifestFile, kManifestSizeMax);
        if (!text) {
            return fail(EvidenceError::kBadManifest);
        }
        const auto read = PM_TRY(read_manifest(*text));
        folder.items_ = read.manifest.items;
    }
    for (const Item& each : folder.items_) {
        folder.size_ += each.size;
        known.insert(each.file);
    }
    for (const std::string& name : names_in(path)) {
        if (!known.contains(name)) {
            std::filesystem::remove(path / name, error);
        }
    }
    return folder;
}

Status Folder::add(Collected collected) {
    if (collected.content.size() > kItemSizeMax) {
        collected.content.resize(kItemSizeMax);
        collected.note += collected.note.empty() ? "cut" : "; cut";
    }
    if (items_.size() == kItemsMax || size_ + collected.content.size() > kFolderSizeMax) {
        return fail(EvidenceError::kTooMuch);
    }
    const std::string file =
        fmt::format("{:03}-{}.{}", items_.size() + 1, collected.what, collected.suffix);
    io::Fd written = PM_TRY(write_new(path_ / file, collected.content));
    // The disk may begin; nobody waits for it yet.
    (void)::sync_file_range(written.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
    not_synced_.push_back(std::move(written));
    size_ += collected.content.size();
    return append(
        items_, {.file = file,
                 .what = std::move(collected.what),
                 .collector = std::move(collected.collector),
                 .note = std::move(collected.note),
                 .at = collected.at,
                 .monotonic = collected.monotonic,
                 .size = collected.content.size(),
                 .sha256 = crypto::sha256({view_of(collected.content)}),
                 .chain = {}}
    );
}

Result<std::string> Folder::seal(Manifest manifest, const crypto::SigningKey& key) {
    manifest.items = items_;
    std::string text = PM_TRY(write_manifest(manifest, key));
    if (text.size() > kManifestSizeMax) {
        return fail(EvidenceError::kTooMuch);
    }
    const auto fresh = path_ / ".manifest";
    not_synced_.push_back(PM_TRY(write_new(fresh, text)));
    // Nothing is named by the manifest that is in force before it is on the disk.
    PM_TRY(sync_all(not_synced_));
    not_synced_.clear();
    std::error_code error;
    std::filesystem::rename(fresh, path_ / kManifestFile, error);
    if (error) {
        return fail(EvidenceError::kWrite);
    }
    sync_folder(path_);
    return text;
}

namespace {

std::string problem_of_files(const std::filesystem::path& path, const Manifest& manifest) {
    std::set<std::string> left = names_in(path);
    left.erase(kManifestFile);
    for (const Item& each : manifest.items) {
        if (!is_plain_name(each.file) || left.erase(each.file) == 0) {
            return each.file + " is missing";
        }
        const auto content = content_of(path / each.file, kItemSizeMax);
        if (!content || content->size() != each.size ||
            crypto::sha256({view_of(*content)}) != each.sha256) {
            return each.file + " is not what was collected";
        }
    }
    return left.empty() ? "" : *left.begin() + " does not belong here";
}

}  // namespace

FolderVerdict verify_folder(const std::filesystem::path& path) {
    FolderVerdict verdict;
    const auto text = content_of(path / kManifestFile, kManifestSizeMax);
    if (!text) {
        verdict.problem =
            fmt::format("{}: there is no list of evidence", (path / kManifestFile).string());
        return verdict;
    }
    const auto read = read_manifest(*text);
    if (!read) {
        verdict.problem = std::string("manifest: ") + read.error().what();
        return verdict;
    }
    const Manifest& manifest = read->manifest;
    verdict.incident = manifest.incident;
    verdict.items = manifest.items.size();
    verdict.signed_at = manifest.at;
    verdict.signer = manifest.signer.certificate.name.text();
    verdict.node = manifest.signer.certificate.node.to_string();
    verdict.mesh = identity::mesh_id_of(manifest.root).to_string();
    verdict.head = hex_of(manifest.head());
    verdict.problem = problem_of(*read);
    if (verdict.problem.empty()) {
        verdict.problem = problem_of_files(path, manifest);
    }
    return verdict;
}

}  // namespace phantom::evidence
