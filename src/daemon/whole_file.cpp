#include "daemon/whole_file.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/fd.h"

namespace phantom::daemon {

namespace {

namespace fs = std::filesystem;

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kKeptMode = 0600;
constexpr std::int64_t kNsPerS = 1'000'000'000;
constexpr std::int64_t kSettledNs = 2 * kNsPerS;

std::int64_t time_of(const struct stat& about) {
    return about.st_mtim.tv_sec * kNsPerS + about.st_mtim.tv_nsec;
}

std::unexpected<std::string> why(const char* what) {
    return std::unexpected(fmt::format("{}: {}", what, std::strerror(errno)));
}

}  // namespace

std::expected<WholeFile, std::string> read_whole(const fs::path& path, std::size_t size_max) {
    const io::Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat about{};
    if (!file.valid() || fstat(file.get(), &about) != 0) {
        return why("cannot be read");
    }
    if (!S_ISREG(about.st_mode)) {
        return std::unexpected("not a file");
    }
    if (static_cast<std::uint64_t>(about.st_size) > size_max) {
        return std::unexpected(fmt::format("longer than {} bytes", size_max));
    }
    WholeFile read{
        .text = std::string(static_cast<std::size_t>(about.st_size), '\0'),
        .modified = {time_of(about)}
    };
    std::size_t size = 0;
    while (size < read.text.size()) {
        const ssize_t part = ::read(file.get(), read.text.data() + size, read.text.size() - size);
        if (part < 0) {
            return why("cannot be read");
        }
        if (part == 0) {
            break;  // it has become shorter
        }
        size += static_cast<std::size_t>(part);
    }
    read.text.resize(size);
    return read;
}

std::expected<void, std::string> keep_whole(const fs::path& path, const WholeFile& file) {
    const fs::path folder = path.parent_path();
    (void)mkdir(folder.c_str(), kFolderMode);
    const std::string fresh = path.string() + ".new";
    {
        const io::Fd out(
            open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kKeptMode)
        );
        if (!out.valid()) {
            return why("cannot be made");
        }
        for (std::size_t size = 0; size < file.text.size();) {
            const ssize_t part = write(out.get(), file.text.data() + size, file.text.size() - size);
            if (part <= 0) {
                return why("cannot be written");
            }
            size += static_cast<std::size_t>(part);
        }
        const timespec at{
            .tv_sec = file.modified.ns / kNsPerS, .tv_nsec = file.modified.ns % kNsPerS
        };
        if (futimens(out.get(), std::array{at, at}.data()) != 0 || fsync(out.get()) != 0) {
            return why("cannot be written");
        }
    }
    if (rename(fresh.c_str(), path.c_str()) != 0) {
        return why("cannot be put in place");
    }
    const io::Fd parent(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!parent.valid() || fsync(parent.get()) != 0) {
        return why("cannot be written");
    }
    return {};
}

std::string mark_of(const fs::path& path) {
    struct stat about{};
    return stat(path.c_str(), &about) != 0
               ? ""
               : fmt::format("{} {} {}", time_of(about), about.st_size, about.st_ino);
}

bool is_being_written(const fs::path& path) {
    struct stat about{};
    const std::int64_t now = wall_now().ns;
    return stat(path.c_str(), &about) == 0 && now >= time_of(about) &&
           now - time_of(about) < kSettledNs;
}

}  // namespace phantom::daemon
