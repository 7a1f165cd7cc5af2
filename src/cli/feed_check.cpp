#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "cli/feeds.h"
#include "cli/output.h"
#include "intel/reader.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

void say_of_feed(const std::string& text) {
    (void)std::fputs(("phantom: " + text + "\n").c_str(), stderr);
}

// As the daemon reads its descriptions, so that the same is understood; none: it was said why not.
std::optional<intel::FeedDescription> description_of(const FeedArguments& given) {
    std::string fields = fmt::format(R"("path": "{}", "format": "{}")", "x", given.format);
    if (!given.kind.empty()) {
        fields += fmt::format(R"(, "kind": "{}")", given.kind);
    }
    if (given.format == "csv") {
        fields += fmt::format(
            R"(, "column": "{}", "delimiter": "{}")", given.column,
            given.delimiter == "\t" ? "tab" : given.delimiter
        );
    }
    auto read = intel::read_descriptions(fmt::format(R"({{"feeds": {{"feed": {{{}}}}}}})", fields));
    if (!read) {
        say_of_feed(read.error().text);
        return std::nullopt;
    }
    return read->front();
}

// No more than a feed may have, whatever the file is.
std::optional<std::string> text_of_feed(const std::string& name) {
    std::ifstream file;
    if (name != "-") {
        file.open(name, std::ios::binary);
        if (!file.is_open()) {
            say_of_feed(fmt::format("{} cannot be read", name));
            return std::nullopt;
        }
    }
    std::istream& in = name == "-" ? std::cin : file;
    std::string text(intel::kFeedSizeMax + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (in.bad()) {
        say_of_feed(fmt::format("{} cannot be read", name));
        return std::nullopt;
    }
    return text;
}

json::object feed_as_json(const intel::OrFault<intel::FeedContent>& read) {
    json::object out{{"schema", "phantom.feeds_check/1"}, {"usable", read.has_value()}};
    if (!read) {
        out["problem"] = read.error().to_string();
        return out;
    }
    json::array refusals;
    for (const intel::Fault& each : read->refusals) {
        refusals.push_back({{"place", each.place}, {"reason", each.reason}});
    }
    out["problem"] = "";
    out["rows"] = read->rows;
    out["networks"] = read->networks.size();
    out["texts"] = read->texts.size();
    out["exploited"] = read->exploited.size();
    out["refused"] = read->refused;
    out["outdated"] = read->outdated;
    out["refusals"] = std::move(refusals);
    return out;
}

void show_feed(const std::string& name, const intel::OrFault<intel::FeedContent>& read) {
    if (!read) {
        say_of_feed(fmt::format("{}: {}", name, read.error().to_string()));
        return;
    }
    for (const intel::Fault& each : read->refusals) {
        say_of_feed(fmt::format("{}: {}", name, each.to_string()));
    }
    if (read->refused > read->refusals.size()) {
        say_of_feed(fmt::format("and {} more", read->refused - read->refusals.size()));
    }
    print(fmt::format(
        "Of {} entries {} would be taken: {} addresses and networks, {} names, URLs and hashes, {} "
        "vulnerabilities. {} refused, {} out of date.\n",
        read->rows, read->size(), read->networks.size(), read->texts.size(), read->exploited.size(),
        read->refused, read->outdated
    ));
}

}  // namespace

int check_feed(const FeedArguments& arguments, bool as_json) {
    const auto description = description_of(arguments);
    if (!description) {
        return static_cast<int>(Exit::kUsage);
    }
    const auto text = text_of_feed(arguments.file);
    if (!text) {
        return static_cast<int>(Exit::kFailed);
    }
    const auto read = intel::read_feed(*description, *text, wall_now());
    if (as_json) {
        print_json(feed_as_json(read));
    } else {
        show_feed(arguments.file, read);
    }
    return static_cast<int>(read && read->refused == 0 ? Exit::kOk : Exit::kFailed);
}

}  // namespace phantom::cli
