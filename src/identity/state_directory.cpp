#include "identity/state_directory.h"

#include <cerrno>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace phantom::identity {

namespace {

constexpr mode_t kOthersMayWrite = S_IWGRP | S_IWOTH;
constexpr mode_t kOthersMayAnything = S_IRWXG | S_IRWXO;
constexpr mode_t kPermissions = 07777;

std::unexpected<Error> fail_errno(IdentityError code) {
    return fail(code, static_cast<std::uint32_t>(errno));
}

// Root may be made to read a file of somebody else, who knows or chose what is in it.
Status check_access(const struct stat& found, mode_t forbidden) {
    if (found.st_uid != geteuid()) {
        return fail(IdentityError::kStateOwner, found.st_uid);
    }
    if ((found.st_mode & forbidden) != 0) {
        return fail(IdentityError::kStateMode, found.st_mode & kPermissions);
    }
    return {};
}

Status write_all(int fd, ByteView content) {
    while (!content.empty()) {
        const ssize_t done = ::write(fd, content.data(), content.size());
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return fail_errno(IdentityError::kStateWrite);
        }
        content = content.subspan(static_cast<std::size_t>(done));
    }
    return {};
}

Status read_all(int fd, MutableBytes out) {
    while (!out.empty()) {
        const ssize_t done = ::read(fd, out.data(), out.size());
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            return fail_errno(IdentityError::kStateRead);
        }
        if (done == 0) {  // it became shorter since it was measured
            return fail(IdentityError::kStateRead);
        }
        out = out.subspan(static_cast<std::size_t>(done));
    }
    return {};
}

// The content is on the disk under `name` when this returns without an error.
Status write_synced(int directory, const std::string& name, ByteView content) {
    // What a process that was killed has left, maybe with other access.
    (void)::unlinkat(directory, name.c_str(), 0);
    constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    const FileHandle file(::openat(directory, name.c_str(), kFlags, S_IRUSR | S_IWUSR));
    if (!file.valid()) {
        return fail_errno(IdentityError::kStateWrite);
    }
    PM_TRY(write_all(file.get(), content));
    if (::fsync(file.get()) != 0) {
        return fail_errno(IdentityError::kStateWrite);
    }
    return {};
}

// Its blocks hold zeros when this returns without an error.
Status overwrite(int directory, const std::string& name) {
    const FileHandle file(::openat(directory, name.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
    struct stat found{};
    if (!file.valid() || ::fstat(file.get(), &found) != 0) {
        return fail_errno(IdentityError::kStateWrite);
    }
    const std::vector<std::uint8_t> zeros(static_cast<std::size_t>(found.st_size));
    PM_TRY(write_all(file.get(), zeros));
    if (::fsync(file.get()) != 0) {
        return fail_errno(IdentityError::kStateWrite);
    }
    return {};
}

std::string erased_name_of(const std::string& name) {
    return "." + name + ".erased";
}

}  // namespace

Result<StateDirectory> StateDirectory::open(const std::filesystem::path& path) {
    if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        return fail_errno(IdentityError::kStateDirectory);
    }
    FileHandle handle(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat found{};
    if (!handle.valid() || ::fstat(handle.get(), &found) != 0) {
        return fail_errno(
            errno == ENOTDIR ? IdentityError::kStateNotAFile : IdentityError::kStateDirectory
        );
    }
    PM_TRY(check_access(found, kOthersMayWrite));
    if (::flock(handle.get(), LOCK_EX | LOCK_NB) != 0) {
        return fail_errno(
            errno == EWOULDBLOCK ? IdentityError::kStateInUse : IdentityError::kStateDirectory
        );
    }
    return StateDirectory(path, std::move(handle));
}

bool StateDirectory::has(const std::string& name) const {
    struct stat found{};
    return ::fstatat(handle_.get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0;
}

Result<crypto::SecretBytes> StateDirectory::read(const std::string& name, std::size_t size_max)
    const {
    // O_NONBLOCK so that a FIFO in the file's place is refused below instead of waited for.
    constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    const FileHandle file(::openat(handle_.get(), name.c_str(), kFlags));
    if (!file.valid()) {
        switch (errno) {
            case ENOENT:
                return fail(IdentityError::kStateMissing);
            case ELOOP:
                return fail(IdentityError::kStateNotAFile);
            default:
                return fail_errno(IdentityError::kStateOpen);
        }
    }
    struct stat found{};
    if (::fstat(file.get(), &found) != 0) {
        return fail_errno(IdentityError::kStateRead);
    }
    if (!S_ISREG(found.st_mode)) {
        return fail(IdentityError::kStateNotAFile);
    }
    PM_TRY(check_access(found, kOthersMayAnything));
    const auto size = static_cast<std::size_t>(found.st_size);
    if (size > size_max) {
        return fail(IdentityError::kTooLarge);
    }
    crypto::SecretBytes content(size);
    PM_TRY(read_all(file.get(), content.bytes()));
    return content;
}

Status StateDirectory::write(const std::string& name, ByteView content) {
    const std::string beside = "." + name + ".new";
    const Status written = write_synced(handle_.get(), beside, content);
    if (!written) {
        (void)::unlinkat(handle_.get(), beside.c_str(), 0);
        return written;
    }
    if (::renameat(handle_.get(), beside.c_str(), handle_.get(), name.c_str()) != 0) {
        return fail_errno(IdentityError::kStateWrite);
    }
    // Until the folder is synced a power cut may bring the old file back.
    if (::fsync(handle_.get()) != 0) {
        return fail_errno(IdentityError::kStateWrite);
    }
    return {};
}

Status StateDirectory::erase(const std::string& name) {
    const int directory = handle_.get();
    const std::string erased = erased_name_of(name);
    if (::renameat(directory, name.c_str(), directory, erased.c_str()) != 0 && errno != ENOENT) {
        return fail_errno(IdentityError::kStateWrite);
    }
    if (::fsync(directory) != 0) {
        return fail_errno(IdentityError::kStateWrite);
    }
    return finish_erasing(name);
}

Status StateDirectory::finish_erasing(const std::string& name) {
    const std::string erased = erased_name_of(name);
    if (!has(erased)) {
        return {};
    }
    PM_TRY(overwrite(handle_.get(), erased));
    if (::unlinkat(handle_.get(), erased.c_str(), 0) != 0 || ::fsync(handle_.get()) != 0) {
        return fail_errno(IdentityError::kStateWrite);
    }
    return {};
}

}  // namespace phantom::identity
