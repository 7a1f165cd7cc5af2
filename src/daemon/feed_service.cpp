#include "daemon/feed_service.h"

#include <algorithm>

#include <fmt/format.h>
#include <pthread.h>

#include "assess/evidence.h"
#include "base/log.h"
#include "daemon/control_server.h"
#include "daemon/json_fields.h"
#include "fields/fields.h"
#include "intel/value.h"
#include "respond/reputation.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr const char* kFeedsFolder = "feeds";
// Files, and who this node's own are, are looked at as often.
constexpr std::chrono::seconds kFeedsInterval(10);
constexpr std::size_t kRefusalsShown = 10;

std::string time_of_feed(WallTime at) {
    return at.ns <= 0 ? "" : time_text({static_cast<std::uint64_t>(at.ns / 1'000'000'000)});
}

json::array describe_refusals(const std::vector<intel::Fault>& refusals) {
    json::array out;
    for (std::size_t at = 0; at < std::min(refusals.size(), kRefusalsShown); ++at) {
        out.push_back({{"place", refusals[at].place}, {"reason", refusals[at].reason}});
    }
    return out;
}

json::object describe_feed(const LoadedFeed& feed, const intel::FeedInfo& info) {
    const bool holds = feed.source != intel::FeedVersion::Source::kNone;
    return {
        {"name", feed.about.name},
        {"kind", intel::name_of(feed.about.kind)},
        {"format", intel::name_of(feed.about.format)},
        {"path", feed.about.path},
        {"source", intel::name_of(feed.source)},
        {"entries", info.entries},
        {"rows", feed.rows},
        {"refused", feed.refused},
        {"outdated", feed.outdated},
        {"guarded", info.guarded},
        {"published", holds ? json::value(time_of_feed(feed.published)) : json::value(nullptr)},
        {"confidence", feed.about.confidence},
        {"half_life_s", feed.about.half_life.count()},
        {"hits", info.hits->load()},
        {"problem", info.left_out ? "left out: there is no room for it" : feed.problem},
        {"refusals", describe_refusals(feed.refusals)},
    };
}

json::object describe_fetch(const FeedFetcher::View& view) {
    const auto time = [](WallTime at) {
        return at.ns <= 0 ? json::value(nullptr) : json::value(time_of_feed(at));
    };
    return {
        {"origin", view.origin},         {"fetched", time(view.fetched)},
        {"checked", time(view.checked)}, {"next_in_s", view.next_in.count()},
        {"failures", view.failures},     {"problem", view.problem},
    };
}

json::array describe_hits(const intel::HitList& hits, WallTime now) {
    json::array out;
    for (const intel::Hit& hit : hits) {
        out.push_back({
            {"feed", hit.feed->about.name},
            {"confidence", intel::confidence_of(hit)},
            {"age_s", intel::age_of(hit, now).count()},
            {"half_life_s", hit.feed->about.half_life.count()},
            {"lists", hit.detail.lists},
        });
    }
    return out;
}

// What is asked for, as what it was understood, and what is said of it.
struct Looked {
    const char* kind = nullptr;  // null: it is nothing that could be listed
    intel::HitList hits;
    std::string_view guard;
    bool exploited = false;
};

Looked look_into(const intel::Snapshot& feeds, std::string_view what, WallTime now) {
    if (const auto address = wire::Address::parse(what)) {
        return {"address", feeds.find(*address, now), feeds.guard_of(*address)};
    }
    if (const auto cve = intel::Cve::parse(what)) {
        return {"vulnerability", {}, {}, feeds.is_exploited(*cve)};
    }
    if (const auto hash = intel::hash_of(what)) {
        return {"hash", feeds.find_exact(intel::TextKind::kHash, *hash, now), {}};
    }
    if (const auto url = intel::url_of(what)) {
        return {"url", feeds.find_exact(intel::TextKind::kUrl, *url, now), {}};
    }
    if (const auto name = intel::domain_of(what)) {
        return {"name", feeds.find_name(*name, now), feeds.guard_of_name(*name)};
    }
    return {};
}

}  // namespace

FeedService::FeedService(MeshNode& node, const RemedyService& remedy, intel::SnapshotBox& box)
    : node_(node),
      remedy_(remedy),
      box_(box),
      folder_(node.files().path_of(kFeedsFolder)),
      fetcher_(node.files().path_of(kFeedsFolder), [this] { read_again(); }) {}

FeedService::~FeedService() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void FeedService::start() {
    look_at_own();
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(thread_.native_handle(), "feeds");
    fetcher_.start();
}

void FeedService::tick() {
    if (const Instant now = monotonic_now(); now >= next_look_) {
        next_look_ = now + kFeedsInterval;
        look_at_own();
    }
}

// A machine moves: its gateway of today may be on a list of yesterday. And members come and go.
void FeedService::look_at_own() {
    std::vector<wire::Prefix> own = remedy_.guarded();
    std::ranges::sort(own);
    std::vector<wire::Prefix> members;
    for (const policy::Member& each : node_.policy_members()) {
        for (const wire::Address& address : each.addresses) {
            members.push_back(
                wire::Prefix::of(address, static_cast<std::uint8_t>(address.bit_count()))
            );
        }
    }
    std::ranges::sort(members);
    const std::scoped_lock lock(mutex_);
    if (own != own_ || members != members_) {
        own_ = std::move(own);
        members_ = std::move(members);
        wanted_ = true;
        wake_.notify_one();
    }
}

void FeedService::reload() {
    const std::scoped_lock lock(mutex_);
    ++request_;
    wanted_ = true;
    wake_.notify_one();
}

// What was fetched is another file.
void FeedService::read_again() {
    const std::scoped_lock lock(mutex_);
    wanted_ = true;
    wake_.notify_one();
}

void FeedService::run() {
    SystemRandom random;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (!wanted_) {
            wake_.wait_for(lock, kFeedsInterval, [this] { return stopping_ || wanted_; });
        }
        if (stopping_) {
            break;
        }
        const bool wanted = std::exchange(wanted_, false);
        const std::uint64_t request = request_;
        const std::vector<wire::Prefix> own = own_;
        const std::vector<wire::Prefix> members = members_;
        lock.unlock();
        if (wanted || folder_.has_changed()) {
            publish(folder_.load({.guarded = own, .members = members}, random), request);
        }
        lock.lock();
    }
}

void FeedService::publish(LoadedFeeds loaded, std::uint64_t request) {
    std::string problems = loaded.problem;
    std::size_t entries = 0;
    for (const LoadedFeed& feed : loaded.feeds) {
        problems += feed.problem.empty() ? "" : (problems.empty() ? "" : "; ") + feed.problem;
    }
    for (const intel::FeedInfo& info : loaded.snapshot->feeds()) {
        entries += info.entries;
    }
    if (!loaded.feeds.empty()) {
        log::info(
            "feeds: {} entries of {} feeds in {} ms", entries, loaded.feeds.size(),
            std::chrono::duration_cast<std::chrono::milliseconds>(loaded.took).count()
        );
    }
    std::vector<intel::FeedDescription> described;
    described.reserve(loaded.feeds.size());
    for (const LoadedFeed& feed : loaded.feeds) {
        described.push_back(feed.about);
    }
    fetcher_.follow(described);
    const std::scoped_lock lock(mutex_);
    box_.publish(loaded.snapshot);
    served_ = request;
    if (!problems.empty() && problems != told_) {
        log::warning("feeds: {}", problems);
    }
    told_ = std::move(problems);
    loaded_ = std::move(loaded);
}

// ---- Verbs ------------------------------------------------------------------------------------------

bool FeedService::is_verb(std::string_view verb) {
    return verb == "feeds" || verb.starts_with("feeds.");
}

json::object FeedService::answer(const json::object& request) {
    const std::string verb = fields::text_at(request, "verb");
    if (verb == "feeds.lookup") {
        return look_up(request);
    }
    if (verb == "feeds.reload") {
        reload();
        const std::scoped_lock lock(mutex_);
        return {{"schema", "phantom.feeds_reload/1"}, {"request", request_}};
    }
    return verb == "feeds.fetch" ? fetch(request) : list();
}

json::object FeedService::fetch(const json::object& request) {
    const std::string name = fields::text_at(request, "name");
    const auto wish = fetcher_.fetch_now(name);
    if (!wish) {
        return control_error(
            "not_found", fmt::format("there is no feed '{}' with a URL", intel::shown(name))
        );
    }
    return {{"schema", "phantom.feeds_fetch/1"}, {"request", *wish}};
}

std::vector<FeedService::Count> FeedService::counts() {
    const std::map<std::string, FeedFetcher::View> fetched = fetcher_.view();
    const std::scoped_lock lock(mutex_);
    std::vector<Count> counts;
    for (std::size_t at = 0; at < loaded_.feeds.size(); ++at) {
        Count count{.name = loaded_.feeds[at].about.name};
        count.entries = loaded_.snapshot->feeds().at(at).entries;
        if (const auto view = fetched.find(count.name); view != fetched.end()) {
            count.is_fetched = true;
            count.checked = view->second.checked;
            count.failures = view->second.failures;
        }
        counts.push_back(std::move(count));
    }
    return counts;
}

json::object FeedService::list() {
    const std::map<std::string, FeedFetcher::View> fetched = fetcher_.view();
    const std::uint64_t fetch_served = fetcher_.served();
    const std::scoped_lock lock(mutex_);
    json::array feeds;
    for (std::size_t at = 0; at < loaded_.feeds.size(); ++at) {
        json::object feed = describe_feed(loaded_.feeds[at], loaded_.snapshot->feeds().at(at));
        const auto view = fetched.find(loaded_.feeds[at].about.name);
        feed["fetch"] = view == fetched.end() ? json::value(nullptr) : describe_fetch(view->second);
        feeds.push_back(std::move(feed));
    }
    return {
        {"schema", "phantom.feeds/1"},
        {"folder", folder_.path().string()},
        {"served", served_},
        {"fetch_served", fetch_served},
        {"loaded", time_of_feed(loaded_.at)},
        {"load_ms", std::chrono::duration_cast<std::chrono::milliseconds>(loaded_.took).count()},
        {"bytes", loaded_.snapshot ? loaded_.snapshot->size_bytes() : 0},
        {"problem", loaded_.problem},
        {"feeds", std::move(feeds)},
    };
}

json::object FeedService::look_up(const json::object& request) const {
    const std::string what = fields::text_at(request, "what");
    const auto feeds = box_.current();
    if (feeds == nullptr) {
        return control_error("busy", "the feeds are being read; ask again in a moment");
    }
    const WallTime now = wall_now();
    const Looked looked = look_into(*feeds, what, now);
    if (looked.kind == nullptr) {
        return control_error(
            "bad_request",
            fmt::format("'{}' is no address, name, URL, hash or CVE", intel::shown(what))
        );
    }
    const respond::Reputation reputation = respond::reputation_from(looked.hits, now);
    return {
        {"schema", "phantom.feeds_lookup/1"},
        {"what", what},
        {"kind", looked.kind},
        {"hits", describe_hits(looked.hits, now)},
        {"reputation", assess::reputation_of(reputation.hits)},
        {"guard", looked.guard},
        {"exploited", looked.exploited},
    };
}

}  // namespace phantom::daemon
