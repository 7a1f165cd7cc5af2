#pragma once

// From a finding to a decision, in this order:
//   1. fold      findings that say the same are one alert                    AlertBook
//   2. gather    what else speaks against the same subject                   EvidenceMemory
//   3. assess    evidence -> confidence, reach -> blast radius, both -> risk  assess::Assessor
//                not again while nothing of that has changed since the alert was judged last
//   4. alert     priority, and what it is made of                            AlertBook
//   5. incident  alerts of P1 to P3 that belong together are one story       incident::IncidentBook
//   6. decide    whether to act without being asked                          decide
// and, when the caller has acted or somebody has undone it:
//   7. acted, ended   the incident is contained; it recovers
//
// No I/O and no clock: the caller acts, writes and tells. One thread.

#include <map>
#include <optional>

#include "assess/assess.h"
#include "incident/book.h"
#include "incident/record.h"
#include "respond/alert_book.h"
#include "respond/world.h"

namespace phantom::respond {

// How long what was seen of a subject speaks against it.
inline constexpr Duration kEvidenceLifetime = std::chrono::minutes(10);
inline constexpr std::size_t kEvidenceSubjectsMax = 4'096;
inline constexpr std::size_t kSparedMax = 1'024;
// Which findings are attacks before anything is known of them.
inline constexpr double kPrior = 0.01;
// Without being asked, packets of a subject are dropped for so long, and from this confidence on
// (docs/response.md has the reasons and the cost that is weighed).
inline constexpr Duration kBlockDuration = std::chrono::hours(1);
inline constexpr double kBlockConfidence = 0.9;
inline constexpr double kBlockCost = 0.5;
// A wish that could not be carried out is not wished again before that.
inline constexpr Duration kWishAgain = std::chrono::seconds(10);
inline constexpr assess::Priority kIncidentPriority = assess::Priority::kP3;

struct BlockWish {
    wire::Address address;
    Duration duration{};
    double confidence = 0;
    std::string reason;
};

struct Outcome {
    std::uint64_t alert = 0;
    std::uint64_t incident = 0;  // 0: none
    bool is_new = false;         // the alert
    bool is_news = false;        // the alert was judged anew
    bool is_first = false;       // the alert had no incident before
    std::optional<BlockWish> block;
};

class Pipeline {
  public:
    Pipeline();
    // Incidents refer to it.
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;
    Pipeline(Pipeline&&) = delete;
    Pipeline& operator=(Pipeline&&) = delete;
    ~Pipeline() = default;

    [[nodiscard]] Outcome step(const Finding& finding);
    // `action` is in force against the subject of the alert; it ends at `until`.
    void acted(std::uint64_t alert, std::uint64_t action, WallTime until, WallTime now);
    // Its subject is acted against already, because of another alert: nothing more is wished for.
    void covered(std::uint64_t alert, std::uint64_t action);
    // The wish could not be carried out, and why.
    void refused(std::uint64_t alert, std::string_view why, WallTime now);
    // An action has ended. Who was let go by somebody is spared for kBlockDuration: what a person undid is
    // not done again a second later.
    enum class End : std::uint8_t { kTimeIsOver, kTakenBack };
    void ended(std::uint64_t action, End end, WallTime now);
    // Nobody is spared any more.
    void arm() { spared_.clear(); }
    // Alerts of which nothing more is heard are over.
    void tick(WallTime now) { alerts_.resolve(now); }

    void restore(Alert alert) { alerts_.restore(std::move(alert)); }
    [[nodiscard]] std::vector<std::uint64_t> take_dropped_alerts() {
        return alerts_.take_dropped();
    }

    // kNoSuchIncident for a number that is none of an alert's.
    [[nodiscard]] Status acknowledge(std::uint64_t alert, WallTime now);

    // Numbers of alerts go on after those that incidents of before the last start name.
    void go_on_numbering();
    // Alerts follow incidents that were merged or split; the numbers of these.
    std::vector<std::uint64_t> follow_regrouped();

    void set_world(World world);
    [[nodiscard]] const AlertBook& alerts() const { return alerts_; }
    [[nodiscard]] incident::IncidentBook& incidents() { return incidents_; }
    [[nodiscard]] const incident::IncidentBook& incidents() const { return incidents_; }
    [[nodiscard]] const assess::TechniqueTable& techniques() const { return techniques_; }

  private:
    struct Seen {
        assess::Evidence evidence;
        WallTime at;
    };
    // What speaks against one subject: of each family the strongest that is not too old.
    struct Families {
        std::array<std::optional<Seen>, assess::kEvidenceFamilyCount> strongest;
        std::uint64_t version = 0;  // another number with each change
        WallTime stale_at;          // the first of them is too old then
    };

    [[nodiscard]] const Families& gather(const Finding& finding);
    void forget_stale(Families& families, WallTime now);
    void forget_oldest();
    [[nodiscard]] bool is_news(const Alert& alert, const Finding& finding, const Families& families)
        const;
    void judge(Alert& alert, const Finding& finding, const Families& families);
    void tell_incident(Alert& alert, const Finding& finding, const assess::Assessment& assessment);
    [[nodiscard]] std::optional<BlockWish> decide(const Finding& finding, const Alert& alert) const;
    void spare(const wire::Address& subject, WallTime now);

    World world_;
    assess::Calibration calibration_;
    assess::TechniqueTable techniques_;
    std::optional<assess::Assessor> assessor_;
    AlertBook alerts_;
    std::map<wire::Address, Families> evidence_;
    std::uint64_t changes_ = 0;  // of evidence so far
    std::uint64_t world_version_ = 0;
    std::map<wire::Address, WallTime> spared_;  // until then
    incident::IncidentBook incidents_;
};

}  // namespace phantom::respond
