#include "daemon/file_image.h"

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/fd.h"

namespace phantom::daemon {

namespace {

constexpr mode_t kPermissions = 07777;

std::string problem(const std::string& path) {
    return fmt::format("{}: {}", path, std::strerror(errno));
}

// False with errno.
bool read_content(int fd, std::size_t size_max, std::string& content) {
    std::array<char, 4096> buffer;
    for (;;) {
        const ssize_t got = read(fd, buffer.data(), buffer.size());
        if (got <= 0) {
            return got == 0;
        }
        content.append(buffer.data(), static_cast<std::size_t>(got));
        if (content.size() > size_max) {
            errno = EFBIG;
            return false;
        }
    }
}

bool write_all(int fd, const std::string& content) {
    for (std::size_t written = 0; written < content.size();) {
        const ssize_t put = write(fd, content.data() + written, content.size() - written);
        if (put < 0) {
            return false;
        }
        written += static_cast<std::size_t>(put);
    }
    return fsync(fd) == 0;
}

bool make_beside(const std::string& path, const FileImage& image) {
    (void)unlink(path.c_str());
    if (image.kind == FileImage::Kind::kLink) {
        return symlink(image.target.c_str(), path.c_str()) == 0;
    }
    const io::Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    return fd.valid() && fchown(fd.get(), image.owner, image.group) == 0 &&
           fchmod(fd.get(), image.mode) == 0 && write_all(fd.get(), image.content);
}

bool replace(const std::string& path, const FileImage& image) {
    if (image.kind == FileImage::Kind::kNone) {
        return unlink(path.c_str()) == 0 || errno == ENOENT;
    }
    const std::string beside = path + ".phantom";
    if (make_beside(beside, image) && rename(beside.c_str(), path.c_str()) == 0) {
        const auto folder = std::filesystem::path(path).parent_path();
        const io::Fd synced(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (synced.valid()) {
            (void)fsync(synced.get());
        }
        return true;
    }
    const int error = errno;
    (void)unlink(beside.c_str());
    errno = error;
    return false;
}

bool write_into(const std::string& path, const FileImage& image) {
    const io::Fd fd(open(path.c_str(), O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC));
    return fd.valid() && write_all(fd.get(), image.content);
}

}  // namespace

std::expected<FileImage, std::string> read_image(const std::string& path, std::size_t size_max) {
    struct stat info{};
    FileImage image;
    if (lstat(path.c_str(), &info) != 0) {
        return errno == ENOENT ? std::expected<FileImage, std::string>(image)
                               : std::unexpected(problem(path));
    }
    image.kind = S_ISLNK(info.st_mode) ? FileImage::Kind::kLink : FileImage::Kind::kFile;
    image.mode = info.st_mode & kPermissions;
    image.owner = info.st_uid;
    image.group = info.st_gid;
    const io::Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    const bool dangling = !fd.valid() && errno == ENOENT;
    if (!dangling && (!fd.valid() || !read_content(fd.get(), size_max, image.content))) {
        return std::unexpected(problem(path));
    }
    if (image.kind == FileImage::Kind::kLink) {
        std::array<char, PATH_MAX> target{};
        const ssize_t size = readlink(path.c_str(), target.data(), target.size());
        if (size < 0) {
            return std::unexpected(problem(path));
        }
        image.target.assign(target.data(), static_cast<std::size_t>(size));
    }
    return image;
}

std::optional<std::string> put_image(const std::string& path, const FileImage& image) {
    if (replace(path, image)) {
        return std::nullopt;
    }
    const bool immovable = errno == EBUSY || errno == EROFS || errno == EXDEV;
    if (immovable && image.kind == FileImage::Kind::kFile && write_into(path, image)) {
        return std::nullopt;
    }
    return problem(path);
}

}  // namespace phantom::daemon
