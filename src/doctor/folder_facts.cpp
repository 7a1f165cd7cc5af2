#include "doctor/folder_facts.h"

#include <array>
#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "io/fd.h"

namespace phantom::doctor {

namespace {

namespace fs = std::filesystem;

constexpr unsigned kPermissions = 07777;
constexpr unsigned kOtherUsers = 0077;
// A file system may promise room that is not there until it is asked for it.
constexpr std::size_t kWrittenSize = 4'096;

bool holds_secrets(const fs::path& name) {
    return name.extension() == ".key" || name == "api_tokens" || name == "mesh.db";
}

// 0 where a page can be written to the disk.
int try_writing(const std::string& folder) {
    io::Fd file(open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!file.valid() && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
        std::string name = folder + "/.doctor-XXXXXX";
        file = io::Fd(mkostemp(name.data(), O_CLOEXEC));
        if (file.valid()) {
            (void)unlink(name.c_str());
        }
    }
    if (!file.valid()) {
        return errno;
    }
    const std::array<char, kWrittenSize> page{};
    const ssize_t written = write(file.get(), page.data(), page.size());
    if (written != static_cast<ssize_t>(page.size())) {
        return written < 0 ? errno : ENOSPC;
    }
    return fsync(file.get()) == 0 ? 0 : errno;
}

std::string nearest_existing(const std::string& path) {
    fs::path at = fs::path(path).lexically_normal();
    std::error_code error;
    while (!fs::exists(at, error) && at.has_relative_path()) {
        at = at.parent_path();
    }
    return at.empty() ? "/" : at.string();
}

void read_secrets(FolderFacts& facts) {
    std::error_code error;
    int seen = 0;
    for (const auto& each : fs::directory_iterator(facts.path, error)) {
        if (++seen > kEntriesLookedAtMax) {
            break;
        }
        struct stat found{};
        if (holds_secrets(each.path().filename()) && lstat(each.path().c_str(), &found) == 0 &&
            S_ISREG(found.st_mode) && (found.st_mode & kOtherUsers) != 0) {
            facts.loose_secrets.push_back({each.path().string(), found.st_mode & kPermissions});
        }
    }
}

}  // namespace

FolderFacts read_folder(const std::string& path) {
    FolderFacts facts;
    facts.path = path;
    struct stat found{};
    facts.exists = stat(path.c_str(), &found) == 0;
    facts.is_folder = facts.exists && S_ISDIR(found.st_mode);
    facts.nearest = nearest_existing(path);
    if (facts.is_folder) {
        facts.mode = found.st_mode & kPermissions;
        facts.is_of_another = found.st_uid != 0 && found.st_uid != geteuid();
        read_secrets(facts);
    }
    struct statvfs room{};
    if (statvfs(facts.nearest.c_str(), &room) == 0) {
        facts.free_bytes = static_cast<std::uint64_t>(room.f_bavail) * room.f_frsize;
        facts.free_files = room.f_favail;
        facts.counts_files = room.f_files != 0;
    }
    facts.write_errno = try_writing(facts.nearest);
    return facts;
}

}  // namespace phantom::doctor
