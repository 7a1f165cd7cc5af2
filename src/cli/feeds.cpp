#include "cli/feeds.h"

#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "cli/output.h"
#include "cli/show.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kReloadPatience(120);  // a slow server has 60
constexpr std::chrono::milliseconds kReloadPoll(50);

std::string feed_text(const json::object& of, const char* key) {
    return printable(std::string_view(of.at(key).as_string()));
}

std::uint64_t feed_number(const json::object& of, const char* key) {
    return of.at(key).to_number<std::uint64_t>();
}

std::string age_text(std::int64_t age_s) {
    return age_s >= 86'400  ? fmt::format("{} d", age_s / 86'400)
           : age_s >= 3'600 ? fmt::format("{} h", age_s / 3'600)
                            : fmt::format("{} min", age_s / 60);
}

// Of a feed with a URL: where it is from, and what its server said last.
std::string fetch_text(const json::object& feed) {
    if (feed.at("fetch").is_null()) {
        return "";
    }
    const json::object& fetch = feed.at("fetch").as_object();
    const std::string problem = feed_text(fetch, "problem");
    const bool was_fetched = !fetch.at("fetched").is_null();
    const auto next_in_s = fetch.at("next_in_s").to_number<std::int64_t>();
    return fmt::format(
        "; from {}, {}{}; next in {}", feed_text(fetch, "origin"),
        was_fetched ? "fetched " + feed_text(fetch, "fetched") : "not fetched yet",
        problem.empty() ? "" : fmt::format(", now: {}", problem), age_text(next_in_s)
    );
}

// What holds, and why it is not the file as it is now.
std::string state_text(const json::object& feed) {
    const std::string source = feed_text(feed, "source");
    const std::string problem = feed_text(feed, "problem");
    const std::string state = source == "none" ? "not in force" : source;
    return (problem.empty() ? state : state + ": " + problem) + fetch_text(feed);
}

std::string feed_table(const json::object& body) {
    const std::string problem = feed_text(body, "problem");
    const std::string text = problem.empty() ? "" : problem + "\n";
    const json::array& feeds = body.at("feeds").as_array();
    if (feeds.empty()) {
        return text + fmt::format(
                          "There are no feeds: {}/feeds.hujson names them. docs/detection.md says "
                          "how.\n",
                          feed_text(body, "folder")
                      );
    }
    std::vector<std::vector<std::string>> rows{
        {"NAME", "KIND", "ENTRIES", "REFUSED", "GUARDED", "PUBLISHED", "CONFIDENCE", "HITS", "STATE"
        }
    };
    for (const json::value& each : feeds) {
        const json::object& feed = each.as_object();
        const bool is_block = feed_text(feed, "kind") == "block";
        rows.push_back({
            feed_text(feed, "name"),
            feed_text(feed, "kind"),
            std::to_string(feed_number(feed, "entries")),
            std::to_string(feed_number(feed, "refused")),
            std::to_string(feed_number(feed, "guarded")),
            feed.at("published").is_null() ? "-" : feed_text(feed, "published"),
            is_block ? fmt::format("{:.2f}", feed.at("confidence").to_number<double>()) : "-",
            std::to_string(feed_number(feed, "hits")),
            state_text(feed),
        });
    }
    return text + show_table(rows);
}

std::string lookup_text(const json::object& body) {
    const std::string what = feed_text(body, "what");
    if (const std::string guard = feed_text(body, "guard"); !guard.empty()) {
        return fmt::format(
            "{} is guarded by {}: it is never listed, and never blocked.\n", what, guard
        );
    }
    if (feed_text(body, "kind") == "vulnerability") {
        return fmt::format(
            "{} is {}known to be exploited.\n", what, body.at("exploited").as_bool() ? "" : "not "
        );
    }
    const json::array& hits = body.at("hits").as_array();
    if (hits.empty()) {
        return fmt::format("No feed names {}.\n", what);
    }
    std::vector<std::vector<std::string>> rows{{"FEED", "CONFIDENCE", "AGE", "HALF-LIFE", "LISTS"}};
    for (const json::value& each : hits) {
        const json::object& hit = each.as_object();
        rows.push_back({
            feed_text(hit, "feed"),
            fmt::format("{:.2f}", hit.at("confidence").to_number<double>()),
            age_text(hit.at("age_s").to_number<std::int64_t>()),
            age_text(hit.at("half_life_s").to_number<std::int64_t>()),
            std::to_string(feed_number(hit, "lists")),
        });
    }
    return show_table(rows) + fmt::format(
                                  "That one of them is right, as old as they are: {:.2f}.\n",
                                  body.at("reputation").to_number<double>()
                              );
}

bool has_problem(const json::object& body) {
    bool found = !feed_text(body, "problem").empty();
    for (const json::value& each : body.at("feeds").as_array()) {
        const json::object& feed = each.as_object();
        const bool is_unfetched = !feed.at("fetch").is_null() &&
                                  !feed_text(feed.at("fetch").as_object(), "problem").empty();
        found = found || is_unfetched || !feed_text(feed, "problem").empty();
    }
    return found;
}

// Asks until the wish of that number is done, or patience is over.
Answer wait_for_feeds(const Places& places, const char* served, std::uint64_t request) {
    Answer answer;
    const auto end = std::chrono::steady_clock::now() + kReloadPatience;
    do {
        std::this_thread::sleep_for(kReloadPoll);
        answer = ask(places, {{"verb", "feeds"}});
    } while (answer.exit == Exit::kOk && feed_number(answer.body, served) < request &&
             std::chrono::steady_clock::now() < end);
    return answer;
}

int feeds_once_served(
    const Places& places, const char* served, std::uint64_t request, bool as_json
) {
    const Answer answer = wait_for_feeds(places, served, request);
    const int status = tell(answer, as_json, feed_table);
    return status == 0 && has_problem(answer.body) ? static_cast<int>(Exit::kFailed) : status;
}

}  // namespace

int list_feeds(const Places& places, bool as_json) {
    return tell(ask(places, {{"verb", "feeds"}}), as_json, feed_table);
}

int look_up_in_feeds(const Places& places, const FeedArguments& arguments, bool as_json) {
    const Answer answer = ask(places, {{"verb", "feeds.lookup"}, {"what", arguments.what}});
    return tell(answer, as_json, lookup_text);
}

int reload_feeds(const Places& places, bool as_json) {
    const Answer answer = ask(places, {{"verb", "feeds.reload"}});
    if (answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    return feeds_once_served(places, "served", feed_number(answer.body, "request"), as_json);
}

int fetch_feeds(const Places& places, const FeedArguments& arguments, bool as_json) {
    const Answer answer = ask(places, {{"verb", "feeds.fetch"}, {"name", arguments.name}});
    if (answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    const std::uint64_t request = feed_number(answer.body, "request");
    const Answer fetched = wait_for_feeds(places, "fetch_served", request);
    return fetched.exit == Exit::kOk ? reload_feeds(places, as_json) : fail_with(fetched);
}

}  // namespace phantom::cli
