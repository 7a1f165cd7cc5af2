#pragma once

// From a finding to a decision, in this order:
//   1. fold      findings that say the same are one alert                    AlertBook
//   2. gather    what else speaks against the same subject                   EvidenceMemory
//   3. assess    evidence -> confidence, reach -> blast radius, both -> risk  assess::Assessor
//                not again while nothing of that has changed since the alert was judged last
//   4. alert     priority, and what it is made of                            AlertBook
//   5. incident  alerts of P1 to P3 that belong together are one story       incident::IncidentBook
//   6. decide    by which executor to act without being asked, by which to propose  choose
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
#include "respond/measures.h"
#include "respond/stage.h"
#include "respond/world.h"

namespace phantom::respond {

// How long what was seen of a subject speaks against it.
inline constexpr Duration kEvidenceLifetime = std::chrono::minutes(10);
inline constexpr std::size_t kEvidenceSubjectsMax = 4'096;
inline constexpr std::size_t kSparedMax = 1'024;
// Which findings are attacks before anything is known of them.
inline constexpr double kPrior = 0.01;
// Whom somebody let go is left alone for so long.
inline constexpr Duration kSpareDuration = std::chrono::hours(1);
// A wish that could not be carried out is not wished again before that.
inline constexpr Duration kWishAgain = std::chrono::seconds(10);
inline constexpr assess::Priority kIncidentPriority = assess::Priority::kP3;

// What is asked of the caller, against one subject. He tries `act` in its order until one is taken.
struct Wishes {
    wire::Address subject;
    std::string subject_name;  // empty: not a member
    double confidence = 0;
    std::string reason;
    std::vector<Measure> act;  // the hardest first
    std::optional<Measure> propose;
};

struct Outcome {
    std::uint64_t alert = 0;
    std::uint64_t incident = 0;  // 0: none
    bool is_new = false;         // the alert
    bool is_news = false;        // the alert was judged anew
    bool is_first = false;       // the alert had no incident before
    std::optional<Wishes> wishes;
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
    // Is told of each stage of step(); outlives the pipeline. Null: nobody.
    void watch(StageWatch* watch) { watch_ = watch; }
    // What is in force against a subject, or waits for somebody's word.
    struct Taken {
        std::uint64_t action = 0;
        remedy::Executor executor = remedy::Executor::kFirewall;
        WallTime until;
        std::string text;  // "packets of 203.0.113.9 are dropped"
    };
    // It is in force because of the alert; `instead_of` gave way to it, 0: none did.
    void acted(std::uint64_t alert, const Taken& taken, std::uint64_t instead_of, WallTime now);
    // Likewise, for an incident, by somebody who handles it. False: there is none, or it is over.
    bool adopted(std::uint64_t incident, const Taken& taken, WallTime now);
    // Its subject is acted against already, because of another alert: nothing gentler is wished for.
    void covered(std::uint64_t alert, const Taken& taken);
    // Somebody is asked; the same of another alert about the subject.
    void proposed(std::uint64_t alert, const Taken& taken, WallTime now);
    void asked_already(std::uint64_t alert, const Taken& taken);
    // The wish could not be carried out, and why.
    void refused(std::uint64_t alert, std::string_view why, WallTime now);
    // An action has ended. Who was let go by somebody is spared for kSpareDuration: what a person undid is
    // not done again a second later.
    enum class End : std::uint8_t { kTimeIsOver, kTakenBack };
    void ended(std::uint64_t action, End end, WallTime now);
    // A proposal is none any more: nobody answered; it was denied, and nothing as hard is wished for
    // kSpareDuration; or it is in force (then acted() is next).
    enum class Answer : std::uint8_t { kNone, kDenied, kApproved };
    void answered(std::uint64_t alert, const Taken& proposal, Answer answer, WallTime now);
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
    void set_policy(ResponsePolicy policy) { policy_ = std::move(policy); }
    [[nodiscard]] const ResponsePolicy& policy() const { return policy_; }
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

    void passed(Stage stage) {
        if (watch_ != nullptr) {
            watch_->passed(stage);
        }
    }
    [[nodiscard]] const Families& gather(const Finding& finding);
    void forget_stale(Families& families, WallTime now);
    void forget_oldest();
    [[nodiscard]] bool is_news(const Alert& alert, const Finding& finding, const Families& families)
        const;
    void judge(Alert& alert, const Finding& finding, const Families& families);
    void tell_incident(Alert& alert, const Finding& finding, const assess::Assessment& assessment);
    [[nodiscard]] std::optional<Wishes> decide(const Finding& finding, const Alert& alert) const;
    void contain(
        incident::Incident& incident, const Taken& taken, std::string_view more, WallTime now
    );
    // From this step on.
    void spare(const wire::Address& subject, std::size_t from, WallTime now);

    StageWatch* watch_ = nullptr;
    World world_;
    assess::Calibration calibration_;
    assess::TechniqueTable techniques_;
    std::optional<assess::Assessor> assessor_;
    AlertBook alerts_;
    std::map<wire::Address, Families> evidence_;
    std::uint64_t changes_ = 0;  // of evidence so far
    std::uint64_t world_version_ = 0;
    struct Spared {
        WallTime until;
        std::size_t from = 0;
    };
    std::map<wire::Address, Spared> spared_;
    ResponsePolicy policy_;
    incident::IncidentBook incidents_;
};

}  // namespace phantom::respond
