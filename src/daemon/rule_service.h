#pragma once

// The signatures of a running node: read, and built into a rule set beside the one that holds, by a thread of their
// own: at the start, when a file has changed, and when somebody asks for it. What is built is published at once
// (base/published.h); the watcher takes it between two packets, so that each packet meets one whole set.
//
// Three sets are there at most: the watcher's, the one that it has not taken yet, and the one that is being built.

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <boost/json.hpp>

#include "base/published.h"
#include "daemon/rule_folder.h"

namespace phantom::daemon {

using RuleBox = Published<detect::RuleSet>;

class RuleService {
  public:
    explicit RuleService(std::filesystem::path folder) : folder_(std::move(folder)) {}
    ~RuleService();
    RuleService(const RuleService&) = delete;
    RuleService& operator=(const RuleService&) = delete;

    void start();
    // Reads them, or lets go of them: a node that does not look at packets holds none. None before the first call.
    void set_wanted(bool wanted);
    void reload();
    // Of any thread.
    [[nodiscard]] const RuleBox& box() const { return box_; }
    [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

    [[nodiscard]] static bool is_verb(std::string_view verb);
    // "rules", "rules.reload".
    [[nodiscard]] boost::json::object answer(const boost::json::object& request);

  private:
    void run();
    void load_and_publish(bool wanted, std::uint64_t request);
    void publish(std::shared_ptr<const detect::RuleSet> set);
    void let_go_of_old();
    void say(const LoadedRules& loaded);
    [[nodiscard]] boost::json::object describe();

    RuleFolder folder_;  // the thread's, once it runs
    RuleBox box_;
    // The thread's: sets are freed here, and not by who looks at packets.
    std::vector<std::shared_ptr<const detect::RuleSet>> held_;
    std::string told_;  // the problems that the log has already

    std::mutex mutex_;  // of what follows
    std::condition_variable wake_;
    bool stopping_ = false;
    bool wanted_ = false;
    bool changed_ = false;
    // Loads that were asked for, and the last one that is done.
    std::uint64_t request_ = 0;
    std::uint64_t served_ = 0;
    LoadedRules loaded_;
    std::thread thread_;
};

}  // namespace phantom::daemon
