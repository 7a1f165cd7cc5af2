#include "cli/feed_verbs.h"

#include <CLI/CLI.hpp>

namespace phantom::cli {

namespace {

constexpr const char* kFeedExamples = R"(
Examples:
  phantom feeds                                         what holds, how old it is, how often it was met
  phantom feeds check ipsum.txt --format ipsum          what of a file would be taken; asks no daemon
  phantom feeds check hits.csv --format csv --column ip --delimiter ';'
  phantom feeds lookup 203.0.113.9                      who names an address, name, URL, hash or CVE
  phantom feeds reload                                  now, instead of when a change is noticed
  phantom feeds fetch ipsum                             ask the server of one, or of all, now

Exit status: 0; 1 something was refused (check), or a feed has a problem (reload, fetch); 2 wrong usage.
Feeds are named in the file feeds/feeds.hujson of the state directory; docs/detection.md says how.
)";

}  // namespace

void add_feed_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    FeedArguments& given = arguments.feed;
    CLI::App* feeds = verb(
        app, "feeds", "block lists, guard lists and other intelligence",
        [](const Arguments& all) { return list_feeds(all.places, all.as_json); }
    );
    feeds->footer(kFeedExamples);
    feeds->require_subcommand(0, 1);
    CLI::App* check = verb(
        *feeds, "check", "what of a file would be taken, and what not",
        [](const Arguments& all) { return check_feed(all.feed, all.as_json); }
    );
    check->add_option("file", given.file, "the file, or '-'")->required();
    check->add_option("--format", given.format, "plain, csv, netset, ipsum, stix, misp or kev")
        ->required()
        ->check(CLI::IsMember({"plain", "csv", "netset", "ipsum", "stix", "misp", "kev"}));
    check->add_option("--kind", given.kind, "block or guard (default: as the format is used)")
        ->check(CLI::IsMember({"block", "guard", "kev"}));
    check->add_option("--column", given.column, "of csv: number or name")->capture_default_str();
    check->add_option("--delimiter", given.delimiter, "of csv: a character, or 'tab'")
        ->capture_default_str();
    verb(
        *feeds, "lookup", "who names it",
        [](const Arguments& all) { return look_up_in_feeds(all.places, all.feed, all.as_json); }
    )
        ->add_option("what", given.what, "an address, a name, a URL, a hash or a CVE")
        ->required();
    verb(*feeds, "reload", "read all of them now", [](const Arguments& all) {
        return reload_feeds(all.places, all.as_json);
    });
    verb(*feeds, "fetch", "ask the servers of feeds that have a URL now", [](const Arguments& all) {
        return fetch_feeds(all.places, all.feed, all.as_json);
    })->add_option("name", given.name, "of one feed (default: all)");
    // Before that of the verb below it, if there is one, which then counts. Here, so that those do not inherit it.
    feeds->immediate_callback();
}

}  // namespace phantom::cli
