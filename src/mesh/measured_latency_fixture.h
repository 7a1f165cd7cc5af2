#pragma once

// For tests only: latencies as they were measured, between the servers of a hosting company all over the
// world, or between people's own machines, where they change all the time and are not the same both ways.
// The measurements are no part of the project: `$PHANTOM_DATA/latency`, or `../shared/data/latency`;
// without that folder the functions say null.

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "mesh/latency_fixture.h"

namespace phantom::mesh::scale {

// Hosts are spread over the places that were measured; two at one place are kNextDoorMs apart.
class MeasuredLatency final : public Latency {
  public:
    using Rows = std::vector<std::vector<double>>;  // round trips in ms; 0: not measured

    MeasuredLatency(std::vector<Rows> slices, Duration slice, std::uint64_t seed, Index count)
        : slices_(std::move(slices)), slice_(slice) {
        SeededRandom random(seed);
        for (Index index = 0; index < count; ++index) {
            places_.push_back(random.below(slices_.front().size()));
        }
    }
    [[nodiscard]] double ms(Index from, Index to, Instant now) const override {
        const auto slice = static_cast<std::size_t>(now.ns / slice_.count()) % slices_.size();
        const std::size_t a = places_[from];
        const std::size_t b = places_[to];
        const double there = slices_[slice][a][b];
        const double back = slices_[slice][b][a];
        const double measured = there > 0 ? there : back;
        return a == b ? kNextDoorMs : (measured > 0 ? measured : kUnknownMs) / 2;
    }

  private:
    static constexpr double kNextDoorMs = 1;
    static constexpr double kUnknownMs = 150;

    std::vector<Rows> slices_;
    Duration slice_;
    std::vector<std::size_t> places_;
};

inline std::filesystem::path measured_latencies() {
    const char* const data = std::getenv("PHANTOM_DATA");
    const std::filesystem::path root(PM_SOURCE_DIR);
    return (data != nullptr ? std::filesystem::path(data) : root / ".." / "shared" / "data") /
           "latency";
}

// Empty where it cannot be read.
inline std::string unzipped(const std::filesystem::path& file) {
    std::string text;
    if (!std::filesystem::exists(file)) {
        return text;
    }
    // NOLINTNEXTLINE(cert-env33-c): a test's own file, and gzip is in every system
    FILE* const pipe = popen(("gzip -dc '" + file.string() + "'").c_str(), "re");
    std::array<char, 65'536> chunk;
    for (std::size_t read = 1; pipe != nullptr && read > 0;) {
        read = std::fread(chunk.data(), 1, chunk.size(), pipe);
        text.append(chunk.data(), read);
    }
    if (pipe != nullptr) {
        (void)pclose(pipe);
    }
    return text;
}

// 250 servers, one day: round trips of 140 ms in the median, 370 at the 99th percentile.
inline std::shared_ptr<const Latency> world_latency(std::uint64_t seed, Index count) {
    constexpr std::size_t kServersMax = 512;
    std::istringstream text(
        unzipped(measured_latencies() / "wonderproxy" / "pings_2020-07-19_avg.csv.gz")
    );
    std::string line;
    std::getline(text, line);                      // source,destination,min,avg,max,mdev
    std::vector<std::size_t> places(kServersMax);  // of a server's number; 0: none
    MeasuredLatency::Rows rows;
    const auto place_of = [&](std::size_t number) {
        std::size_t& place = places.at(number);
        if (place == 0) {
            rows.emplace_back();
            place = rows.size();
        }
        return place - 1;
    };
    while (std::getline(text, line)) {
        char* at = line.data();
        std::array<double, 4> fields{};
        for (double& field : fields) {
            field = std::strtod(at, &at);
            at += *at == ',' ? 1 : 0;
        }
        const std::size_t from = place_of(static_cast<std::size_t>(fields[0]));
        const std::size_t to = place_of(static_cast<std::size_t>(fields[1]));
        if (rows[from].size() <= to) {
            rows[from].resize(to + 1);
        }
        rows[from][to] = fields[3];
    }
    if (rows.empty()) {
        return nullptr;
    }
    for (auto& row : rows) {
        row.resize(rows.size());
    }
    return std::make_shared<MeasuredLatency>(
        std::vector<MeasuredLatency::Rows>{std::move(rows)}, std::chrono::hours(24), seed, count
    );
}

// 99 personal devices; another of the first hundred snapshots every ten seconds.
inline std::shared_ptr<const Latency> homes_latency(std::uint64_t seed, Index count) {
    constexpr std::size_t kDevices = 99;
    std::istringstream text(unzipped(measured_latencies() / "seattle" / "slices_001-100.tsv.gz"));
    std::vector<MeasuredLatency::Rows> slices;
    for (std::string line; std::getline(text, line);) {
        if (slices.empty() || slices.back().size() == kDevices) {
            slices.emplace_back();
        }
        std::vector<double>& row = slices.back().emplace_back();
        char* at = line.data();
        for (std::size_t each = 0; each < kDevices; ++each) {
            row.push_back(1'000 * std::strtod(at, &at));
        }
    }
    if (slices.empty() || slices.back().size() != kDevices) {
        return nullptr;
    }
    return std::make_shared<MeasuredLatency>(
        std::move(slices), std::chrono::seconds(10), seed, count
    );
}

}  // namespace phantom::mesh::scale
