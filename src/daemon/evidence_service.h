#pragma once

// Evidence of incidents: what is gone soon first (RFC 3227), sealed at once; then what takes longer, sealed again. A
// thread of its own reads the machine and writes the folder `evidence/incident-N` of the state directory; the control
// thread asks, and hears what came of it.

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <boost/json.hpp>

#include "daemon/audit_service.h"
#include "daemon/handling_settings.h"
#include "daemon/packet_box.h"
#include "evidence/folder.h"
#include "evidence/processes.h"
#include "io/event_loop.h"

namespace phantom::daemon {

// Collections that wait; what is above is refused, and said in the log.
inline constexpr std::size_t kCollectionsWaitingMax = 32;
// Above either the oldest folders go.
inline constexpr std::size_t kEvidenceFoldersMax = 64;
inline constexpr std::uint64_t kEvidenceBytesMax = 512ULL << 20U;

class EvidenceService {
  public:
    // What the control thread knows, and the collecting thread does not.
    struct Wish {
        std::uint64_t incident = 0;
        wire::Address subject;
        std::string events;         // JSON: the incident and its alerts
        std::string configuration;  // JSON: versions, mode, policy
        std::vector<std::string> rule_files;
        std::string why;  // "opened", "asked for"
    };
    struct Report {
        std::uint64_t incident = 0;
        std::string text;     // for the timeline
        std::string problem;  // empty: none
        boost::json::object index;
        Duration took{};        // since it was asked for
        bool is_first = false;  // what is gone soon; the rest is sealed later
    };

    // All outlive it.
    EvidenceService(MeshNode& node, AuditService& audit, io::EventLoop& loop);
    ~EvidenceService();
    EvidenceService(const EvidenceService&) = delete;
    EvidenceService& operator=(const EvidenceService&) = delete;

    // The log says where it cannot.
    void start();
    void set_files(std::vector<std::string> files) { files_to_hash_ = std::move(files); }
    // False: too many wait.
    [[nodiscard]] bool collect(Wish wish);
    // What has been sealed since the last call; its index is on the disk.
    [[nodiscard]] std::vector<Report> take_reports();

    [[nodiscard]] const std::shared_ptr<PacketBox>& packets() const { return packets_; }
    // Null: there is none.
    [[nodiscard]] const boost::json::object* index_of(std::uint64_t incident) const;
    // The answer to "evidence.show".
    [[nodiscard]] boost::json::object show(const boost::json::object& request) const;

  private:
    // With whom it is signed: a copy for the collecting thread, made anew when the node's keys change.
    struct Signer {
        std::shared_ptr<const crypto::SigningKey> key;
        identity::KeysHash keys;
    };
    struct Job {
        Wish wish;
        std::shared_ptr<const crypto::SigningKey> key;
        evidence::Manifest manifest;
        std::vector<std::string> files;
        Instant asked;
        Duration waited{};  // for a processor, by the collecting thread before this job
    };

    void run();
    void carry_out(const Job& job);
    [[nodiscard]] evidence::ProcessTable collect_first(const Job& job, evidence::Folder& folder)
        const;
    void collect_rest(
        const Job& job, const evidence::ProcessTable& processes, evidence::Folder& folder
    ) const;
    void tell(
        const Job& job, const Result<std::string>& sealed, const evidence::Folder& folder,
        bool is_first
    );
    void refuse(const Job& job, const std::string& problem);
    void keep_room();
    void save_index(const Report& report);
    [[nodiscard]] std::filesystem::path folder_of(std::uint64_t incident) const;

    MeshNode& node_;
    AuditService& audit_;
    io::EventLoop& loop_;
    io::WakeUp told_;
    std::filesystem::path root_;
    std::shared_ptr<PacketBox> packets_ = std::make_shared<PacketBox>();
    Signer signer_;
    std::vector<std::string> files_to_hash_;
    std::map<std::uint64_t, boost::json::object> index_;

    std::mutex mutex_;
    std::condition_variable wanted_;
    std::deque<Job> jobs_;
    std::vector<Report> reports_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace phantom::daemon
