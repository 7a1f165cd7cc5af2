#pragma once

// Rules held against one packet, what it adds to its stream, and the messages in it.

#include <functional>
#include <vector>

#include "detect/flow.h"
#include "detect/host_bits.h"
#include "detect/rule_set.h"
#include "detect/thresholds.h"

namespace phantom::detect {

// What is there to be looked at now.
struct Sighting {
    const Packet& packet;
    Flow* flow = nullptr;
    Direction direction = Direction::kToServer;
    bool payload_in_stream = false;
    // Bytes of the stream that were not closed before; `chunk_ends`: they will not be seen again.
    ByteView chunk;
    bool chunk_ends = false;
};

// A rule that speaks.
struct Detection {
    const Rule& rule;
    const Packet& packet;
    const Flow* flow = nullptr;
    Direction direction = Direction::kToServer;
    const Transaction* transaction = nullptr;
    bool from_stream = false;
};

class Inspector {
  public:
    using Sink = std::function<void(const Detection&)>;

    // Which outlives it, or is replaced.
    explicit Inspector(const RuleSet& rules) : rules_(&rules) {}

    // From the next packet on. What is known of flows, addresses and of unchanged rules stays.
    void use(const RuleSet& rules);

    void inspect(const Sighting& sighting, const Sink& sink);

  private:
    enum class Verdict : std::uint8_t { kNo, kYes, kNotYet };
    struct Match {
        RuleSet::Index index = 0;
        const Transaction* transaction = nullptr;
        bool from_stream = false;
    };

    void adopt(Flow& flow) const;
    void find_packet_candidates(const Sighting& sighting);
    void inspect_packet(const Sighting& sighting);
    void inspect_messages(const Sighting& sighting);
    void find_message_candidates(const Sighting& sighting, Transaction& transaction) const;
    void inspect_message(const Sighting& sighting, Transaction& transaction);
    void tell(const Sighting& sighting, const Sink& sink);

    [[nodiscard]] bool header_and_flow_hold(const Rule& rule, const Sighting& sighting) const;
    [[nodiscard]] static bool once_holds(const RuleSet::Entry& entry, const Sighting& sighting);
    [[nodiscard]] Verdict packet_rule(
        const RuleSet::Entry& entry, const Sighting& sighting, bool& from_stream
    );
    [[nodiscard]] bool payload_holds(
        const RuleSet::Entry& entry, const Section& section, const Sighting& sighting,
        bool& from_stream, MatchContext& context
    ) const;
    [[nodiscard]] Verdict message_rule(
        const Rule& rule, const Sighting& sighting, const Transaction& transaction
    );
    [[nodiscard]] bool section_holds(
        const Section& section, const Sighting& sighting, const Transaction& transaction,
        MatchContext& context
    ) const;
    [[nodiscard]] bool packet_conditions_hold(const Rule& rule, const Sighting& sighting) const;
    [[nodiscard]] bool state_holds(const Rule& rule, const Sighting& sighting);
    void change_state(const Rule& rule, const Sighting& sighting);

    const RuleSet* rules_;
    std::uint64_t generation_ = 1;  // one more with each set of rules; 0 is before the first
    Thresholds thresholds_;
    HostBits host_bits_;
    std::vector<RuleSet::Index> candidates_;
    std::vector<Match> matches_;
};

}  // namespace phantom::detect
