#include "daemon/feed_folder.h"

#include <fmt/format.h>

#include "daemon/feed_fetcher.h"
#include "daemon/whole_file.h"

namespace phantom::daemon {

namespace {

namespace fs = std::filesystem;

constexpr const char* kFeedsFile = "feeds.hujson";

std::expected<intel::FeedFile, std::string> read_feed_file(
    const fs::path& path, std::size_t size_max
) {
    auto file = read_whole(path, size_max);
    if (!file) {
        return std::unexpected(std::move(file.error()));
    }
    return intel::FeedFile{.text = std::move(file->text), .modified = file->modified};
}

std::expected<void, std::string> keep_file(const fs::path& path, const intel::FeedFile& file) {
    return keep_whole(path, {.text = file.text, .modified = file.modified});
}

}  // namespace

std::filesystem::path FeedFolder::file_of(const intel::FeedDescription& about) const {
    return about.url.empty() ? folder_ / about.path  // an absolute path stays one
                             : FeedFetcher::file_of(folder_, about.name);
}

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
    if (!about.url.empty() && !files.current && mark_of(file_of(about)).empty()) {
        files.current = std::unexpected("not fetched yet");
    }
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

LoadedFeeds FeedFolder::load(const intel::Snapshot::Ours& ours, Random& random) {
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
    loaded.snapshot = intel::Snapshot::build(std::move(inputs), ours, random);
    loaded.took = monotonic_now() - begun;
    return loaded;
}

bool FeedFolder::has_changed() const {
    bool changed = false;
    for (const auto& [path, mark] : marks_) {
        if (is_being_written(path)) {
            return false;
        }
        changed = changed || mark_of(path) != mark;
    }
    return changed;
}

}  // namespace phantom::daemon
