#pragma once

// Actions as a node takes them: in the kernel's firewall and routes, in its own data plane and mesh.
// Those in the kernel survive the daemon; all end when they should. Thread: control; each action waits
// for the disk twice.
//
// The firewall's table is made with the first action that needs it, so a node that never acts has none.

#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "daemon/mesh_node.h"
#include "daemon/remedy_effect.h"
#include "daemon/remedy_guard.h"
#include "daemon/remedy_switches.h"
#include "intel/snapshot_box.h"
#include "io/event_loop.h"
#include "remedy/firewall.h"
#include "remedy/kernel_news.h"
#include "remedy/remedy.h"
#include "remedy/routes.h"

namespace phantom::daemon {

// After news of the kernel: more of it may follow, and what we do ourselves is told of as well.
inline constexpr Duration kNewsDelay = std::chrono::milliseconds(100);
// Of a machine that isolates itself, unless it is said otherwise.
inline constexpr Duration kConfirmSelf = std::chrono::minutes(2);

class RemedyService {
  public:
    // All outlive it.
    struct Surroundings {
        MeshNode& node;
        RouteService& routes;
        const intel::SnapshotBox& feeds;
        io::EventLoop& loop;
        std::string resolv_conf;
    };
    explicit RemedyService(Surroundings surroundings);
    ~RemedyService();
    RemedyService(const RemedyService&) = delete;
    RemedyService& operator=(const RemedyService&) = delete;

    // Takes up what the journal says; the log says where that cannot be.
    void start();
    void tick();
    // So that the first action need not wait for the table to be made; the log says where that cannot be.
    void prepare();
    // Floors and budgets of what is done without being asked.
    void set_limits(const remedy::ExecutorLimits& limits) { limits_ = limits; }
    // As the guard and the limits let it, unless it is approved. A sentence where they do not, or it cannot.
    [[nodiscard]] std::expected<remedy::Action, std::string> act(
        const remedy::Request& wanted, WallTime now
    );
    // For somebody's word; likewise.
    [[nodiscard]] std::expected<remedy::Action, std::string> propose(
        const remedy::Request& wanted, WallTime now
    );
    // A sentence where it cannot.
    [[nodiscard]] std::optional<std::string> take_back(std::uint64_t number, WallTime now);
    // What the watcher keeps, for what an action would cut.
    void look_into(std::shared_ptr<const PacketBox> packets) { flows_.use(std::move(packets)); }
    // "would cut 3 flows: ...", for a message that should leave at once.
    [[nodiscard]] std::string effect_text(const remedy::Target& target) {
        return to_string(effect_of(target, node_, flows_, kFlowsPatienceInHaste));
    }
    // Null: there is none, any more.
    [[nodiscard]] const remedy::Action* find(std::uint64_t number) const {
        return remedy_ == nullptr ? nullptr : remedy_->ledger().find({number});
    }
    // Null: nothing was ever done.
    [[nodiscard]] const remedy::Ledger* ledger() const {
        return remedy_ == nullptr ? nullptr : &remedy_->ledger();
    }
    template <class Visit>
    void visit(Visit visit) const {
        if (remedy_ != nullptr) {
            for (const auto& [id, action] : remedy_->ledger().actions()) {
                visit(action);
            }
        }
    }
    [[nodiscard]] boost::json::object describe(const remedy::Action& action) const;
    // Whom this node needs, as it is now: nobody that feeds say anything of.
    [[nodiscard]] std::vector<wire::Prefix> guarded() const;
    [[nodiscard]] static bool is_verb(std::string_view verb);
    [[nodiscard]] boost::json::object answer(const boost::json::object& request);

  private:
    enum class Way : std::uint8_t { kAct, kPropose, kOnlySay };

    [[nodiscard]] std::filesystem::path journal_path() const;
    // With the limits there are.
    [[nodiscard]] std::expected<Guarded, std::string> look_at_guarded() const;
    // What the journal says is taken up; it is made where there is none. A sentence where it cannot.
    [[nodiscard]] std::optional<std::string> open();
    // As open(), where there is a journal; without one nothing is made.
    [[nodiscard]] std::optional<std::string> open_what_is_there();
    [[nodiscard]] std::string guard_list_of(const remedy::Target& target) const;
    [[nodiscard]] std::optional<std::string> open_firewall(const remedy::Management& management);
    // For an action that is about to be taken: the guard, and the firewall where it needs that.
    [[nodiscard]] std::optional<std::string> make_ready(
        const remedy::Target& target, const Guarded& guarded
    );
    void follow_kernel();
    // A sentence where it may not be. What is refused or only asked for leaves no table and no journal.
    [[nodiscard]] std::expected<Guarded, std::string> check(const remedy::Request& wanted, Way way);
    [[nodiscard]] std::expected<remedy::Action, std::string> carry_out(
        const remedy::Request& wanted, Way way, WallTime now
    );

    // remedy_api.cpp
    [[nodiscard]] boost::json::object would_undo(remedy::ActionId id) const;
    [[nodiscard]] boost::json::object block(const boost::json::object& request);
    [[nodiscard]] boost::json::object act(const boost::json::object& request);
    [[nodiscard]] boost::json::object answer_act(
        const boost::json::object& request, const remedy::Request& wanted, const char* schema
    );
    [[nodiscard]] boost::json::object about_one(const boost::json::object& request);
    [[nodiscard]] boost::json::object list();

    MeshNode& node_;
    const intel::SnapshotBox& feeds_;
    io::EventLoop& loop_;
    std::string resolv_conf_;
    CurrentFlows flows_;
    remedy::ExecutorLimits limits_ = remedy::default_limits();
    RemedySwitches switches_;
    remedy::NodeActs node_acts_;
    remedy::Executors executors_;
    std::optional<remedy::JournalFile> journal_;
    std::unique_ptr<remedy::Firewall> firewall_;
    std::unique_ptr<remedy::Routes> routes_;
    std::unique_ptr<remedy::Remedy> remedy_;
    std::optional<remedy::KernelNews> news_;
    Instant next_tick_;
    std::string problem_;  // the last one, so that it is said once
};

}  // namespace phantom::daemon
