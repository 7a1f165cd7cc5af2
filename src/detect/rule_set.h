#pragma once

// All rules that are in force, sorted by when they are to be looked at; and why the others are not.
// Built once, then only read: one thread at a time, for the prefilter's working memory.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "detect/prefilter.h"
#include "detect/rule_parser.h"

namespace phantom::detect {

inline constexpr std::size_t kRulesMax = 200'000;
// Kept, with their reasons; those beyond are counted.
inline constexpr std::size_t kUnusableMax = 10'000;
// Of the pattern that announces a rule: what is longer is found by its beginning.
inline constexpr std::size_t kAnnouncedSizeMax = 256;

struct UnusableRule {
    std::string file;
    unsigned line = 0;
    RuleProblem problem;
};

// A buffer and what is done to it: the same for all rules that say the same.
struct InspectedBuffer {
    BufferId buffer = BufferId::kPayload;
    std::vector<Transform> transforms;
};

class RuleSet {
  public:
    using Index = std::uint32_t;

    // When a rule is looked at.
    enum class Kind : std::uint8_t {
        kAddresses,  // once for each direction of a flow
        kPacket,     // with each packet
        kMessage,    // with each message of an application
    };
    struct Entry {
        Rule rule;
        Kind kind = Kind::kPacket;
        bool in_packets = true;  // payload: packet by packet
        bool in_streams = false;
        bool waits_for_end = false;  // says what must not be in the stream
        bool has_prefilter = false;
    };

    // Of one file.
    struct Added {
        std::size_t usable = 0;
        std::size_t unusable = 0;
    };
    // Reads the lines of a file; `name` is for what is said of it.
    Added add(const std::string& name, std::string_view text, const Variables& variables);
    // After the last add. The reason why not, where the patterns are more than can be searched for.
    [[nodiscard]] OrReason<void> finish();

    // The first kUnusableMax.
    [[nodiscard]] const std::vector<UnusableRule>& unusable() const { return unusable_; }
    [[nodiscard]] std::size_t unusable_count() const { return unusable_count_; }
    // Whether one of them has this identity.
    [[nodiscard]] bool has(std::uint64_t rule) const;
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
    [[nodiscard]] const Entry& entry(Index index) const { return entries_[index]; }

    [[nodiscard]] const std::vector<InspectedBuffer>& inspected() const { return inspected_; }
    [[nodiscard]] const Prefilter& prefilter() const { return prefilter_; }
    // Of packets and streams, those that no pattern announces.
    [[nodiscard]] const std::vector<Index>& unannounced_packet_rules() const {
        return unannounced_packet_;
    }
    [[nodiscard]] const std::vector<Index>& unannounced_message_rules(AppProtocol protocol) const {
        return unannounced_message_[static_cast<std::size_t>(protocol)];
    }
    // Numbers of inspected buffers with patterns, of one protocol.
    [[nodiscard]] const std::vector<std::size_t>& searched(AppProtocol protocol) const {
        return searched_[static_cast<std::size_t>(protocol)];
    }
    [[nodiscard]] bool uses(BufferId buffer) const {
        return used_[static_cast<std::size_t>(buffer)];
    }

  private:
    [[nodiscard]] std::size_t number_of(const Section& section);
    void classify(Entry& entry) const;
    void announce(Index index);
    void leave_out(const std::string& file, unsigned line, RuleProblem problem);

    static constexpr std::size_t kProtocols = static_cast<std::size_t>(AppProtocol::kCount);

    std::vector<Entry> entries_;
    std::vector<std::uint64_t> identities_;                                     // sorted
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> by_number_;  // gid and sid
    std::vector<UnusableRule> unusable_;
    std::size_t unusable_count_ = 0;
    std::vector<InspectedBuffer> inspected_;
    Prefilter prefilter_;
    std::vector<Index> unannounced_packet_;
    std::array<std::vector<Index>, kProtocols> unannounced_message_;
    std::array<std::vector<std::size_t>, kProtocols> searched_;
    std::array<bool, static_cast<std::size_t>(BufferId::kCount)> used_{};
};

}  // namespace phantom::detect
