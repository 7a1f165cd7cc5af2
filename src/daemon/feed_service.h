#pragma once

// The feeds of a node: read and made into a snapshot by a thread of their own, at the start, when a file has
// changed, and when somebody asks for it. What holds until then stays in force. Those with a URL are fetched by
// another (feed_fetcher.h).

#include <condition_variable>
#include <mutex>
#include <thread>

#include <boost/json.hpp>

#include "daemon/feed_fetcher.h"
#include "daemon/feed_folder.h"
#include "daemon/mesh_node.h"
#include "daemon/remedy_service.h"
#include "intel/snapshot_box.h"

namespace phantom::daemon {

class FeedService {
  public:
    // All outlive it.
    FeedService(MeshNode& node, const RemedyService& remedy, intel::SnapshotBox& box);
    ~FeedService();
    FeedService(const FeedService&) = delete;
    FeedService& operator=(const FeedService&) = delete;

    void start();
    void tick();
    void reload();
    struct Count {
        std::string name;
        std::size_t entries = 0;
        bool is_fetched = false;  // it has a URL; what follows is of that
        WallTime checked{};
        unsigned failures = 0;
    };
    [[nodiscard]] std::vector<Count> counts();
    [[nodiscard]] static bool is_verb(std::string_view verb);
    // "feeds", "feeds.lookup", "feeds.reload", "feeds.fetch".
    [[nodiscard]] boost::json::object answer(const boost::json::object& request);

  private:
    void run();
    void look_at_own();
    void publish(LoadedFeeds loaded, std::uint64_t request);
    void read_again();
    [[nodiscard]] boost::json::object list();
    [[nodiscard]] boost::json::object fetch(const boost::json::object& request);
    [[nodiscard]] boost::json::object look_up(const boost::json::object& request) const;

    const MeshNode& node_;
    const RemedyService& remedy_;
    intel::SnapshotBox& box_;
    FeedFolder folder_;  // the thread's, once it runs
    Instant next_look_;

    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    bool wanted_ = true;
    // Loads that were asked for, and the last one that is done.
    std::uint64_t request_ = 0;
    std::uint64_t served_ = 0;
    std::vector<wire::Prefix> own_;
    std::vector<wire::Prefix> members_;
    LoadedFeeds loaded_;
    std::string told_;  // the problems that the log has already
    FeedFetcher fetcher_;
    std::thread thread_;
};

}  // namespace phantom::daemon
