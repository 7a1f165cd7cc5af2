#pragma once

// For tests only: files that are no part of the project, from `$PHANTOM_DATA/threat`, or
// `../shared/data/threat`; and feeds made in place.

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "intel/reader.h"
#include "intel/snapshot.h"

namespace phantom::intel::test {

// A Sunday in November 2026.
inline constexpr WallTime kTestNow{1'795'000'000'000'000'000};

inline std::optional<std::string> threat_text(const std::string& name) {
    const char* const data =
        std::getenv("PHANTOM_DATA");  // NOLINT(concurrency-mt-unsafe): one thread
    const std::string folder = data != nullptr ? data : "../shared/data";
    std::ifstream file(folder + "/threat/" + name, std::ios::binary);
    if (!file.is_open()) {
        return std::nullopt;
    }
    return std::string(std::istreambuf_iterator<char>(file), {});
}

inline FeedDescription feed_of(FeedFormat format, const std::string& name = "feed") {
    return {
        .name = name,
        .path = name + ".txt",
        .format = format,
        .kind = usual_kind(format),
        .csv = {},
    };
}

inline wire::Address address_of(std::string_view text) {
    return *wire::Address::parse(text);
}

// A current version with what the text says.
inline Snapshot::Input input_of(
    const FeedDescription& feed, const std::string& text, WallTime published = kTestNow
) {
    return {
        .version = choose_version(
            feed, {.current = FeedFile{text, published}, .last_good = std::nullopt}, kTestNow
        ),
        .hits = std::make_shared<std::atomic<std::uint64_t>>(0),
    };
}

template <class... Inputs>
std::shared_ptr<const Snapshot> snapshot_of(Inputs... inputs) {
    SeededRandom random(7);
    std::vector<Snapshot::Input> all;
    (all.push_back(std::move(inputs)), ...);
    return Snapshot::build(std::move(all), {}, random);
}

}  // namespace phantom::intel::test
