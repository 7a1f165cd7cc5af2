#pragma once

// Playbooks of the folder `playbooks` in the state directory, and their runs: kept in the database before and after each
// order, so that a run goes on where it was. Thread: control.

#include <map>
#include <memory>
#include <set>
#include <string>

#include "daemon/audit_service.h"
#include "daemon/handling_settings.h"
#include "daemon/playbook_runner.h"
#include "incident/incident.h"
#include "playbook/reader.h"

namespace phantom::daemon {

inline constexpr std::size_t kPlaybookFilesMax = 256;
inline constexpr std::size_t kRunsMax = 32;    // at once
inline constexpr std::size_t kRunsKept = 200;  // the oldest that are over go
inline constexpr int kPlaybookDepthMax = 4;    // a playbook that runs one that runs one

class PlaybookService {
  public:
    // All outlive it.
    PlaybookService(
        MeshNode& node, AuditService& audit, PlaybookRunner::Ask ask, io::EventLoop& loop
    );

    void start();
    void set_settings(const HandlingSettings& settings);
    void tick();
    // Starts what its settings ask for, once for each incident. True: the incident knows of more than before.
    [[nodiscard]] bool look_at(incident::Incident& incident);

    [[nodiscard]] static bool is_verb(std::string_view verb) {
        return verb.starts_with("playbook.");
    }
    // `incident` null: it was not named, or there is none.
    [[nodiscard]] boost::json::object answer(
        const boost::json::object& request, const incident::Incident* incident
    );
    // A line for each run on the incident.
    [[nodiscard]] std::vector<std::string> runs_of(std::uint64_t incident) const;

  private:
    struct Active {
        std::uint64_t number = 0;
        std::string name;
        std::uint64_t incident = 0;
        std::string text;  // of the playbook, as it was at the start
        std::uint64_t parent_run = 0;
        std::uint64_t parent_token = 0;
        int depth = 0;
        std::unique_ptr<playbook::Playbook> playbook;
        std::unique_ptr<playbook::Run> run;
        bool is_told = false;  // that it is over
    };
    struct Wish {
        std::string name;
        std::uint64_t incident = 0;
        std::map<std::string, std::string> given;  // external variables
        std::uint64_t parent_run = 0;
        std::uint64_t parent_token = 0;
        int depth = 0;
    };

    [[nodiscard]] OrSentence<std::string> text_of(const std::string& name) const;
    [[nodiscard]] std::vector<std::string> names() const;
    [[nodiscard]] OrSentence<Active*> begin(const Wish& wish);
    void begin_child(Active& parent, const playbook::Order& order);
    void go_on(Active& active);
    void finish(Active& active);
    void save(const Active& active);
    void load();
    void forget_oldest();
    [[nodiscard]] std::size_t running() const;

    [[nodiscard]] boost::json::object list() const;
    [[nodiscard]] boost::json::object start_run(
        const boost::json::object& request, const incident::Incident* incident
    );
    [[nodiscard]] boost::json::object status(const boost::json::object& request) const;
    [[nodiscard]] boost::json::object end_step(const boost::json::object& request);
    [[nodiscard]] boost::json::object stop_run(const boost::json::object& request);

    MeshNode& node_;
    AuditService& audit_;
    PlaybookRunner runner_;
    std::vector<Trigger> triggers_;
    std::map<std::uint64_t, Active> runs_;
    std::set<std::pair<std::string, std::uint64_t>> triggered_;  // playbook and incident
    std::uint64_t next_ = 1;
    Instant next_look_;
};

// What a playbook may ask of its incident, by the names of variables.
[[nodiscard]] std::map<std::string, std::string> variables_of(const incident::Incident& incident);

}  // namespace phantom::daemon
