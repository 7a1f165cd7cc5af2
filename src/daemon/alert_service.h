#pragma once

// Tells people of what the pipeline raises, as the file alerts.yml of the state directory says, which may be a link to
// another place (docs/response.md).
// Without that file nobody is told; what is acknowledged and silenced is known all the same. Thread: control.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "daemon/mesh_node.h"
#include "daemon/remedy_service.h"
#include "io/event_loop.h"
#include "respond/pipeline.h"
#include "telling/teller.h"

namespace phantom::daemon {

inline constexpr const char* kAlertConfigFile = "alerts.yml";
inline constexpr const char* kAlertStoreFile = "alerts.db";
// Earlier alerts of the same subject that a message names.
inline constexpr std::size_t kHistoryShown = 10;
// Well below resolve_timeout, so that what goes on is not taken for over.
inline constexpr Duration kTellAgain = std::chrono::seconds(5);

class AlertService {
  public:
    // All outlive it.
    AlertService(
        MeshNode& node, respond::Pipeline& pipeline, RemedyService& remedy, io::EventLoop& loop,
        Random& random
    );
    ~AlertService();
    AlertService(const AlertService&) = delete;
    AlertService& operator=(const AlertService&) = delete;

    // Takes up what an earlier process knew; the log says what cannot be.
    void start();
    // Where the page is that acknowledges, for messages from now on.
    void set_ack_base(const std::string& base);
    // The configuration anew; the last good one stays where it is wrong.
    void reload();
    void tick();
    [[nodiscard]] WallTime next_due() const;

    // Raised, seen again, or judged anew. What is seen again and again is taken up every kTellAgain.
    void tell(const respond::Alert& alert, bool judged_anew, WallTime now);
    // So that it is kept with the next tick: its incident, action or proposal has changed.
    void note(std::uint64_t alert) {
        changed_.insert(alert);
        next_keep_ = Instant{};
    }
    // A sentence where it cannot.
    [[nodiscard]] std::optional<std::string> acknowledge(std::uint64_t alert, WallTime now);

    [[nodiscard]] static bool is_verb(std::string_view verb);
    [[nodiscard]] boost::json::object answer(const boost::json::object& request);
    // What is known of an alert's telling, into its description; `in_full` with each delivery.
    void describe_into(boost::json::object& alert, std::uint64_t number, bool in_full) const;
    // Null: nothing of deliveries can be kept.
    [[nodiscard]] const telling::Teller* teller() const { return teller_.get(); }
    // Deliveries that came to their end after that, and the alert that each was about.
    void visit_done(
        WallTime after,
        const std::function<void(std::uint64_t alert, const telling::Told& told)>& visit
    ) const;
    [[nodiscard]] bool config_is_good() const { return config_problem_.empty(); }
    // Deliveries and channels, for `phantom alerts` and `phantom defence`.
    [[nodiscard]] boost::json::object describe() const;

  private:
    [[nodiscard]] std::optional<std::string> open();
    // A sentence where the file is wrong; then nothing is changed.
    [[nodiscard]] std::optional<std::string> read_config_file();
    [[nodiscard]] std::string self_name() const;
    void take_up_alerts();
    void keep_changed();
    void enrich(alert::NotifiedAlert& notified) const;
    [[nodiscard]] std::string history_of(const respond::Alert& alert) const;
    [[nodiscard]] std::string actions_for(const respond::Alert& alert) const;
    [[nodiscard]] std::uint64_t number_of(const alert::Fingerprint& fingerprint) const;

    [[nodiscard]] boost::json::object reload_answer();
    [[nodiscard]] boost::json::object show_link(const boost::json::object& request);
    [[nodiscard]] boost::json::array describe_linked(const std::vector<alert::Fingerprint>& alerts
    ) const;
    [[nodiscard]] boost::json::object acknowledge_by_link(const boost::json::object& request);
    [[nodiscard]] boost::json::object silence(const boost::json::object& request);
    [[nodiscard]] boost::json::object list_silences() const;
    [[nodiscard]] boost::json::object list_escalations() const;
    [[nodiscard]] boost::json::object list_receivers() const;
    [[nodiscard]] boost::json::object list_on_call() const;
    [[nodiscard]] boost::json::object override_on_call(const boost::json::object& request);
    [[nodiscard]] boost::json::object test(const boost::json::object& request);
    [[nodiscard]] boost::json::object tell_delivery(const boost::json::object& request) const;
    [[nodiscard]] boost::json::object describe_told(const telling::Told& told) const;

    MeshNode& node_;
    respond::Pipeline& pipeline_;
    RemedyService& remedy_;
    io::EventLoop& loop_;
    Random& random_;
    std::string config_path_;
    std::unique_ptr<telling::Teller> teller_;
    std::string config_problem_;  // of the file as it is now
    bool has_config_ = false;
    std::string problem_;  // the last one of the disk, so that it is said once
    std::map<std::uint64_t, alert::Fingerprint> fingerprints_;
    std::map<std::uint64_t, WallTime> told_;  // when each was taken up last
    std::map<alert::Fingerprint, std::uint64_t> numbers_;
    std::set<std::uint64_t> changed_;
    Instant next_keep_;
};

}  // namespace phantom::daemon
