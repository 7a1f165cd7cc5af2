#pragma once

// The node's database, and in it the audit log: what was asked for over the control socket, what the node decided by
// itself, what the mesh's root changed. Thread: control.
//
// Entries wait until flush(), which is called before anybody is answered; the head is signed with the node's keys now
// and then, and written beside the database (`audit.head`) for whoever checks without the daemon. Where the database
// cannot be used the node runs without, and says so.

#include <memory>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "daemon/mesh_node.h"
#include "store/audit_log.h"
#include "store/records.h"
#include "store/sqlite_audit.h"

namespace phantom::daemon {

inline constexpr const char* kDatabaseFile = "phantom.db";

// Entries between two flushes; what is above is counted, and the count is an entry.
inline constexpr std::size_t kAuditWaitingMax = 4'096;
// As many are shown at once, the newest.
inline constexpr std::uint64_t kAuditShownMax = 1'000;

class AuditService {
  public:
    explicit AuditService(MeshNode& node) : node_(node) {}

    // The log says where it cannot.
    void start();
    void tick();
    // What waits, and a signature.
    void stop();

    void note(store::AuditEntry entry);
    // The node's own doing, now.
    struct Doing {
        std::string who;
        std::string origin;
        std::string what;
        std::string target;
        std::string why;
        std::string outcome;
    };
    void tell(Doing doing);
    // What waits is on the disk when it returns; the log says where it cannot be.
    void flush();

    struct Counts {
        bool is_up = false;
        std::uint64_t entries = 0;  // ever
        std::uint64_t not_signed = 0;
        std::size_t waiting = 0;
        std::uint64_t lost = 0;
    };
    [[nodiscard]] Counts counts() const;
    // Null: the database cannot be used.
    [[nodiscard]] store::Records* records() { return records_.get(); }
    [[nodiscard]] static bool is_verb(std::string_view verb) {
        return verb == "audit" || verb == "audit.head" || verb == "backup";
    }
    [[nodiscard]] boost::json::object answer(const boost::json::object& request);
    // The signer of heads and of evidence, for whoever checks without us: hexadecimal.
    [[nodiscard]] boost::json::object signer() const;

  private:
    [[nodiscard]] boost::json::object list(const boost::json::object& request);
    [[nodiscard]] boost::json::object head() const;
    [[nodiscard]] boost::json::object back_up(const boost::json::object& request);
    void sign(WallTime now);
    void note_changes();

    MeshNode& node_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<store::SqliteAudit> repository_;
    std::unique_ptr<store::Records> records_;
    std::unique_ptr<store::AuditLog> log_;
    std::string problem_;  // why there is no database
    std::vector<store::AuditEntry> waiting_;
    std::uint64_t not_kept_ = 0;  // since it was last said
    std::uint64_t lost_ = 0;      // ever
    Instant next_look_;
    Instant next_retention_;
    // What the mesh's root had said when it was last looked at.
    std::uint64_t policy_sequence_ = 0;
    std::size_t revocations_ = 0;
};

}  // namespace phantom::daemon
