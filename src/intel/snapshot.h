#pragma once

// All feeds of a node at one moment: who is named by whom. Immutable; any number of threads ask at once, and
// asking allocates nothing. Made off the hot path, published as a whole (snapshot_box.h).
//
//     const auto snapshot = Snapshot::build(std::move(versions), ours, random);
//     for (const Hit& hit : snapshot->find(address, now)) { ... confidence_of(hit) ... }
//
// What a guard list or this node's own networks have is named by nobody: entries within them are left out and
// counted, and where a listed network is larger, whoever asks for the guarded part of it gets no hit. A list that
// others wrote shields no member of the mesh, though: its range may have the mesh's own addresses in it
// (100.64.0.0/10 of RFC 6598 does), and who is in the mesh and must not be cut off is this node's to say.

#include <array>
#include <atomic>
#include <memory>
#include <span>

#include "intel/network_table.h"
#include "intel/text_table.h"
#include "intel/version.h"

namespace phantom::intel {

// Of all feeds together; of those that do not fit the ones of the highest number of priority are left out.
inline constexpr std::size_t kEntriesMax = 4'000'000;
// Feeds that name one thing; more are not told.
inline constexpr std::size_t kHitsMax = 16;
// However many lists agree.
inline constexpr double kConfidenceMax = 0.999;

// How often something that was seen was named by the feed. Outlives snapshots.
using HitCounter = std::shared_ptr<std::atomic<std::uint64_t>>;

struct FeedInfo {
    FeedDescription about;
    WallTime published;
    std::size_t entries = 0;  // in force
    std::size_t guarded = 0;  // left out: on a guard list, or this node's
    bool left_out = false;    // no room
    HitCounter hits;
};

struct Hit {
    const FeedInfo* feed = nullptr;  // of the snapshot
    Detail detail;
};
// The share of the feed's entries that was right, of those as strongly said as this one: with several lists
// behind it, that one of them is right. At most kConfidenceMax.
[[nodiscard]] double confidence_of(const Hit& hit);
[[nodiscard]] std::chrono::seconds age_of(const Hit& hit, WallTime now);

// One hit of a feed, the most exact.
class HitList {
  public:
    void add(const Hit& hit);
    [[nodiscard]] const Hit* begin() const { return hits_.data(); }
    [[nodiscard]] const Hit* end() const { return hits_.data() + size_; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    // Tells the feeds' counters.
    void count() const;

  private:
    std::array<Hit, kHitsMax> hits_{};
    std::size_t size_ = 0;
};

class Snapshot {
  public:
    struct Input {
        FeedVersion version;
        HitCounter hits;
    };
    struct Ours {
        std::span<const wire::Prefix>
            guarded;  // this node's addresses, its gateway, who must not be cut off
        std::span<const wire::Prefix> members;  // whom no guard list shields
    };
    [[nodiscard]] static std::shared_ptr<const Snapshot> build(
        std::vector<Input> inputs, const Ours& ours, Random& random
    );

    [[nodiscard]] HitList find(const wire::Address& address, WallTime now) const;
    // Of a name in DNS or TLS: the domains above it too.
    [[nodiscard]] HitList find_name(std::string_view name, WallTime now) const;
    // A URL, or a hash in lower case.
    [[nodiscard]] HitList find_exact(TextKind kind, std::string_view text, WallTime now) const;
    // Who guards it: the feed's name, or "this node"; empty: nobody.
    [[nodiscard]] std::string_view guard_of(const wire::Address& address) const;
    [[nodiscard]] std::string_view guard_of_name(std::string_view name) const;
    [[nodiscard]] bool is_exploited(Cve cve) const;

    [[nodiscard]] const std::vector<FeedInfo>& feeds() const { return feeds_; }
    [[nodiscard]] bool empty() const { return networks_.size() + texts_.size() == 0; }
    [[nodiscard]] std::size_t size_bytes() const;

  private:
    explicit Snapshot(const HashKey& key);
    void take_guards(std::vector<Input>& inputs, const Ours& ours);
    void take_blocks(std::vector<Input>& inputs);
    [[nodiscard]] bool is_guarded(const wire::Prefix& network) const;

    HashKey key_;
    std::vector<FeedInfo> feeds_;
    NetworkTable networks_;
    NetworkTable own_networks_;
    NetworkTable members_;
    NetworkTable guarded_networks_;  // of feeds
    TextTable texts_;
    TextTable guarded_texts_;
    std::vector<Cve> exploited_;  // sorted
};

}  // namespace phantom::intel
