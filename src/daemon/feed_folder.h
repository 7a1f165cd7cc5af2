#pragma once

// The folder `feeds` of the state directory: what feeds there are (feeds.hujson), and below `good` the last good
// version of each, so that a start with a broken file still has one. All of it blocks for the disk: a thread of
// its own calls it.

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "intel/snapshot.h"

namespace phantom::daemon {

// What became of one feed.
struct LoadedFeed {
    intel::FeedDescription about;
    intel::FeedVersion::Source source = intel::FeedVersion::Source::kNone;
    WallTime published;
    std::string problem;
    std::size_t rows = 0;
    std::size_t refused = 0;
    std::size_t outdated = 0;
    std::vector<intel::Fault> refusals;
};

struct LoadedFeeds {
    std::shared_ptr<const intel::Snapshot> snapshot;
    std::vector<LoadedFeed> feeds;  // as the snapshot has them
    std::string problem;            // with feeds.hujson
    WallTime at;
    Duration took{};
};

class FeedFolder {
  public:
    explicit FeedFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

    [[nodiscard]] const std::filesystem::path& path() const { return folder_; }
    [[nodiscard]] LoadedFeeds load(const intel::Snapshot::Ours& ours, Random& random);
    // Whether a file is another one than at the last load, and has been left alone for a moment.
    [[nodiscard]] bool has_changed() const;

  private:
    // Of a file: when it was changed and how large it is, as text; empty: it is not there.
    using Marks = std::map<std::filesystem::path, std::string>;

    [[nodiscard]] std::vector<intel::FeedDescription> descriptions(std::string& problem);
    [[nodiscard]] LoadedFeed load_feed(
        const intel::FeedDescription& about, WallTime now, intel::FeedVersion& version
    );
    [[nodiscard]] std::filesystem::path good(const std::string& name) const {
        return folder_ / "good" / name;
    }
    [[nodiscard]] std::filesystem::path file_of(const intel::FeedDescription& about) const;

    std::filesystem::path folder_;
    std::map<std::string, intel::HitCounter> hits_;  // by feed
    Marks marks_;
};

}  // namespace phantom::daemon
