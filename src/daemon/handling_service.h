#pragma once

// What is done with incidents once they are there: evidence when one opens, playbooks, and what people say of them
// (merge, split, reopen, note, post-mortem). Thread: control.

#include <string>

#include <boost/json.hpp>

#include "daemon/defence_service.h"
#include "daemon/evidence_service.h"
#include "daemon/playbook_service.h"

namespace phantom::daemon {

class HandlingService {
  public:
    struct Neighbours {
        MeshNode& node;
        DefenceService& defence;
        RemedyService& remedy;
        AuditService& audit;
        io::EventLoop& loop;
    };
    // All outlive it. `ask` is how playbooks ask the node.
    HandlingService(const Neighbours& neighbours, PlaybookRunner::Ask ask);

    // Before the defence starts: where its packets are kept.
    void prepare() { defence_.keep_packets(evidence_.packets()); }
    // After it: incidents are known.
    void start();
    void reload();
    void tick();

    struct Counters {
        std::uint64_t sealed = 0;
        std::uint64_t failed = 0;
    };
    [[nodiscard]] const Counters& counters() const { return counters_; }

    [[nodiscard]] static bool is_verb(std::string_view verb);
    [[nodiscard]] boost::json::object answer(const boost::json::object& request);

  private:
    void collect(const incident::Incident& incident, const char* why);
    void take_reports();
    void refuse_settings(const std::string& problem);

    [[nodiscard]] boost::json::object answer_incident(
        std::string_view verb, const boost::json::object& request
    );
    [[nodiscard]] boost::json::object split(
        incident::Incident& incident, const boost::json::object& request, WallTime now
    );
    [[nodiscard]] boost::json::object tell_post_mortem(const incident::Incident& incident) const;
    [[nodiscard]] boost::json::object collect_now(const boost::json::object& request);
    // Null: it is not named, or there is none.
    [[nodiscard]] incident::Incident* incident_in(
        const boost::json::object& request, const char* key
    );

    MeshNode& node_;
    DefenceService& defence_;
    RemedyService& remedy_;
    EvidenceService evidence_;
    PlaybookService playbooks_;
    bool has_settings_ = false;  // some that were good
    Counters counters_;
    std::uint64_t newest_ = 0;  // incident that was looked at
};

}  // namespace phantom::daemon
