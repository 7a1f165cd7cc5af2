#include "daemon/feed_folder.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "io/fd.h"

namespace phantom::daemon {

namespace {

namespace fs = std::filesystem;

constexpr const char* kFeedsFile = "feeds.hujson";
constexpr mode_t kFolderMode = 0700;
constexpr mode_t kGoodMode = 0600;
constexpr std::int64_t kNsPerS = 1'000'000'000;
// Somebody may still be writing it.
constexpr std::int64_t kSettledNs = 2 * kNsPerS;

std::int64_t time_of(const struct stat& about) {
    return about.st_mtim.tv_sec * kNsPerS + about.st_mtim.tv_nsec;
}

std::unexpected<std::string> why(const char* what) {
    return std::unexpected(fmt::format("{}: {}", what, std::strerror(errno)));
}

// No device, no pipe, nothing without an end.
std::expected<intel::FeedFile, std::string> read_feed_file(
    const fs::path& path, std::size_t size_max
) {
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
    intel::FeedFile read{
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

// Whole or not at all, with the time that the feed has.
std::expected<void, std::string> keep_file(const fs::path& path, const intel::FeedFile& file) {
    const fs::path folder = path.parent_path();
    (void)mkdir(folder.c_str(), kFolderMode);
    const std::string fresh = path.string() + ".new";
    {
        const io::Fd out(
            open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kGoodMode)
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

}  // namespace

// Those of the file, or of the last one that could be read.
std::vector<intel::FeedDescription> FeedFolder::descriptions(std::string& problem) {
    const auto file = read_feed_file(folder_ / kFeedsFile, intel::kDescriptionsSizeMax);
    if (!file && mark_of(folder_ / kFeedsFile).empty()) {
        return {};  // none is wanted
    }
    const auto last = read_feed_file(good(kFeedsFile), intel::kDescriptionsSizeMax);
    problem = file ? "" : fmt::format("{}: {}", kFeedsFile, file.error());
    if (file) {
        auto read = intel::read_descriptions(file->text);
        if (read) {
            if (!last || last->text != file->text) {
                if (const auto kept = keep_file(good(kFeedsFile), *file); !kept) {
                    problem = fmt::format("good/{}: {}", kFeedsFile, kept.error());
                }
            }
            return std::move(*read);
        }
        const policy::Problem& wrong = read.error();
        problem = fmt::format(
            "{}:{}:{}: {}", kFeedsFile, wrong.at.line, wrong.at.column, intel::shown(wrong.text)
        );
    }
    auto before = intel::read_descriptions(last ? last->text : "");
    return before ? std::move(*before) : std::vector<intel::FeedDescription>{};
}

LoadedFeed FeedFolder::load_feed(
    const intel::FeedDescription& about, WallTime now, intel::FeedVersion& version
) {
    const fs::path kept_at = good(about.name);
    intel::FeedFiles files{
        .current = read_feed_file(file_of(about), intel::kFeedSizeMax), .last_good = std::nullopt
    };
    if (auto last = read_feed_file(kept_at, intel::kFeedSizeMax)) {
        files.last_good = std::move(*last);
    }
    version = intel::choose_version(about, files, now);
    if (version.keep) {
        if (const auto kept = keep_file(kept_at, *files.current); !kept) {
            version.problem = fmt::format("good/{}: {}", about.name, kept.error());
        }
    }
    return {
        .about = about,
        .source = version.source,
        .published = version.published,
        .problem = version.problem,
        .rows = version.content.rows,
        .refused = version.content.refused,
        .outdated = version.content.outdated,
        .refusals = version.content.refusals,
    };
}

LoadedFeeds FeedFolder::load(std::span<const wire::Prefix> own, Random& random) {
    const Instant begun = monotonic_now();
    LoadedFeeds loaded{.snapshot = {}, .feeds = {}, .problem = {}, .at = wall_now()};
    marks_.clear();
    marks_[folder_ / kFeedsFile] = mark_of(folder_ / kFeedsFile);
    std::vector<intel::Snapshot::Input> inputs;
    for (const intel::FeedDescription& about : descriptions(loaded.problem)) {
        marks_[file_of(about)] = mark_of(file_of(about));
        intel::Snapshot::Input input;
        loaded.feeds.push_back(load_feed(about, loaded.at, input.version));
        intel::HitCounter& hits = hits_[about.name];
        if (hits == nullptr) {
            hits = std::make_shared<std::atomic<std::uint64_t>>(0);
        }
        input.hits = hits;
        inputs.push_back(std::move(input));
    }
    loaded.snapshot = intel::Snapshot::build(std::move(inputs), own, random);
    loaded.took = monotonic_now() - begun;
    return loaded;
}

bool FeedFolder::has_changed() const {
    bool changed = false;
    for (const auto& [path, mark] : marks_) {
        struct stat about{};
        const bool is_there = stat(path.c_str(), &about) == 0;
        if (is_there && wall_now().ns - time_of(about) < kSettledNs &&
            wall_now().ns >= time_of(about)) {
            return false;
        }
        changed = changed || mark_of(path) != mark;
    }
    return changed;
}

}  // namespace phantom::daemon
