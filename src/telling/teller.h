#pragma once

// From alerts to people, over crashes:
//   1. observe   the alert, into its groups                               alert::Dispatcher
//   2. due       what is to be told now; who is next when nobody answers  alert::Dispatcher, alert::Escalations
//   3. write     for each channel, with a link to acknowledge by          alert::parcels_of
//   4. commit    deliveries and all that was decided, in one transaction  courier::Outgoing, store::Records
//   5. send      and what came of it, into the log                        courier::Outgoing, ToldLog
//
//     auto teller = PM_TRY(telling::Teller::open("/var/lib/phantommesh/alerts.db", {}, random));
//     teller->configure(config, receivers, now);
//     PM_TRY(teller->observe(alert, now));
//     PM_TRY(teller->run_once(now));       and again at next_due(), and when answers_fd() is readable
//
// Killed at any moment, the next process knows what was decided and sends what was not. One thread, and the sender's.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "alert/config.h"
#include "alert/dispatcher.h"
#include "base/random.h"
#include "courier/outgoing.h"
#include "store/records.h"
#include "telling/told.h"

namespace phantom::telling {

inline constexpr std::size_t kUsedLinksMax = 10'000;
// A channel that did not answer so often is dead for an escalation: the next level is told. It is tried on.
inline constexpr std::uint32_t kDeadChannelTries = 3;
inline constexpr std::size_t kOverridesMax = alert::kRotaOverridesMax;

using Receivers = std::map<std::string, alert::Receiver, std::less<>>;
// Adds to the copy that is told what is known of it now.
using Enrich = std::function<void(alert::NotifiedAlert& notified)>;

struct OnCall {
    std::string rota;
    std::string time_zone;
    alert::Shift now;
    alert::Shift next;
};

class Teller {
  public:
    [[nodiscard]] static Result<std::unique_ptr<Teller>> open(
        const std::string& path, const courier::OutgoingOptions& options, Random& random
    );

    // What is known goes over into the new tree. The secrets of `receivers` are resolved.
    [[nodiscard]] Status configure(
        std::shared_ptr<const alert::Config> config, Receivers receivers, WallTime now
    );
    void set_enrich(Enrich enrich) { enrich_ = std::move(enrich); }
    // What a link's token is put behind to make an address of it, from now on; empty: there is no such page.
    void set_ack_base(std::string base) { ack_base_ = std::move(base); }

    // kShed.
    [[nodiscard]] Status observe(const alert::Alert& alert, WallTime now);
    [[nodiscard]] Status run_once(WallTime now);
    [[nodiscard]] WallTime next_due() const;
    [[nodiscard]] int answers_fd() const { return outgoing_->answers_fd(); }

    // The caller's own records, on the disk with the next commit; no value removes it.
    void keep(std::string kind, std::string key, std::optional<std::string> value);
    [[nodiscard]] Result<std::vector<store::Record>> kept(std::string_view kind);

    // kUnknownAlert, kTransition.
    [[nodiscard]] Status acknowledge(
        const alert::Fingerprint& alert, const std::string& by, WallTime now
    );
    struct Acknowledged {
        std::vector<alert::Fingerprint> alerts;
        std::string by;
    };
    // What read_ack_link() says; kLinkUsed, kNothingToAcknowledge.
    [[nodiscard]] Result<Acknowledged> acknowledge_by_link(const std::string& token, WallTime now);
    struct AckOffer {
        Acknowledged would;
        WallTime expires_at;
    };
    // What that would do, and until when; the same errors. Nothing is changed.
    [[nodiscard]] Result<AckOffer> look_at_link(const std::string& token, WallTime now);
    [[nodiscard]] Result<alert::SilenceId> add_silence(alert::Silence silence, WallTime now);
    [[nodiscard]] Status expire_silence(alert::SilenceId id, WallTime now);
    // kUnknownRota, kTooManyOverrides. The last that was added holds.
    [[nodiscard]] Status add_override(
        const std::string& rota, const alert::RotaOverride& wanted, WallTime now
    );
    [[nodiscard]] std::vector<OnCall> on_call(WallTime now) const;
    // Marked as a test, once, to each channel of the receiver; the keys of its deliveries.
    [[nodiscard]] Result<std::vector<std::string>> test(const std::string& receiver, WallTime now);

    [[nodiscard]] alert::Dispatcher& dispatcher() { return *dispatcher_; }
    [[nodiscard]] const alert::Escalations& escalations() const { return escalations_; }
    [[nodiscard]] const ToldLog& told() const { return told_; }
    [[nodiscard]] const courier::OutgoingCounters& counters() const {
        return outgoing_->counters();
    }
    [[nodiscard]] std::size_t pending_count() const { return outgoing_->pending_count(); }
    [[nodiscard]] const alert::Config& config() const { return *config_; }
    [[nodiscard]] const Receivers& receivers() const { return receivers_; }

  private:
    // Of the level of a group that was told last.
    struct Reach {
        std::set<std::string> open;  // deliveries that may still arrive
    };
    using Change = std::pair<std::string, std::string>;  // kind, key

    Teller(std::unique_ptr<courier::Outgoing> outgoing, Random& random);

    [[nodiscard]] Status load_key();
    [[nodiscard]] Status load_told();
    [[nodiscard]] Status take_up_state(WallTime now);

    void tell(alert::Notification notification, std::uint32_t level);
    void begin_escalation(const alert::Notification& notification, WallTime now);
    void escalate(const alert::Escalations::Step& step, WallTime now);
    [[nodiscard]] std::vector<std::string> receivers_of(
        const alert::EscalationLevel& level, const alert::Group& group, WallTime now
    ) const;
    void stop_answered(WallTime now);
    void take_outcomes(WallTime now);
    void note_changes();
    [[nodiscard]] Status commit(WallTime now);
    [[nodiscard]] Status write_changes();
    [[nodiscard]] std::vector<alert::RotaOverride> overrides_of(const std::string& rota) const;
    void forget_old_links(WallTime now);

    std::unique_ptr<courier::Outgoing> outgoing_;
    store::Records records_;
    Random& random_;
    Enrich enrich_;
    std::shared_ptr<const alert::Config> config_;
    Receivers receivers_;
    std::unique_ptr<alert::Dispatcher> dispatcher_;
    alert::Escalations escalations_;
    ToldLog told_;
    std::vector<std::uint8_t> ack_key_;
    std::string ack_base_;
    std::map<std::string, WallTime> used_links_;  // and when each expires
    std::map<std::string, std::vector<alert::RotaOverride>> overrides_;
    std::map<alert::Fingerprint, Reach> reach_;
    std::map<std::string, alert::Fingerprint> reach_of_;  // by delivery
    std::vector<courier::Parcel> parcels_;                // to be put down with the next commit
    std::map<Change, std::optional<std::string>> changes_;
};

}  // namespace phantom::telling
