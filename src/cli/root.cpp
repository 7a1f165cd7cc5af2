#include "cli/root.h"

#include <cstdio>

#include <fmt/format.h>

#include "cli/output.h"
#include "cli/shares.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

std::string holders_in(const json::object& body) {
    std::string names;
    for (const json::value& each : body.at("holders").as_array()) {
        names += fmt::format("{}{}", names.empty() ? "" : ", ", each.as_string().c_str());
    }
    return names;
}

std::string held_in_words(const json::object& body) {
    if (body.at("until").is_string()) {
        return fmt::format("held here until {}", body.at("until").as_string().c_str());
    }
    return body.at("held").as_bool() ? "held here, for good" : "not held here";
}

std::string split_in_words(const json::object& body) {
    if (!body.at("split").is_object()) {
        return "none that this node knows of";
    }
    const json::object& split = body.at("split").as_object();
    return fmt::format(
        "{} of {} shares restore it; made {}", split.at("threshold").to_number<unsigned>(),
        split.at("shares").to_number<unsigned>(), split.at("made").as_string().c_str()
    );
}

int show_hold(const Answer& answer, bool as_json) {
    if (answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    if (as_json) {
        print_json(answer.body);
        return 0;
    }
    const std::string names = holders_in(answer.body);
    print(fmt::format(
        "root     {}\nsplit    {}\nholders  {}\n", held_in_words(answer.body),
        split_in_words(answer.body), names.empty() ? "no member says that it is one" : names
    ));
    return 0;
}

// Asks with the shares that a person hands in.
int ask_with_shares(
    const Places& places, bool as_json, const std::string& file, json::object request
) {
    const auto shares = read_shares(file);
    if (!shares) {
        std::fputs(fmt::format("phantom: {}\n", shares.error()).c_str(), stderr);
        return static_cast<int>(Exit::kFailed);
    }
    request["shares"] = json::array(shares->begin(), shares->end());
    return show_hold(ask(places, request), as_json);
}

}  // namespace

int split_root(const Places& places, bool as_json, const RootArguments& arguments) {
    const Answer answer = ask(
        places,
        {{"verb", "root.split"}, {"threshold", arguments.threshold}, {"shares", arguments.shares}}
    );
    if (answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    if (as_json) {
        print_json(answer.body);
        return 0;
    }
    print(fmt::format(
        "Any {} of these {} restore the mesh's root, fewer tell nothing. They are shown this once: "
        "give each\nto somebody else to keep, on paper or where passwords are kept.\n\n",
        arguments.threshold, arguments.shares
    ));
    for (const json::value& share : answer.body.at("shares").as_array()) {
        print(fmt::format("{}\n\n", share.as_string().c_str()));
    }
    print(
        "The root is still held here. When they are kept: 'phantom root seal' takes some of them "
        "to "
        "see that\nthey are good, and erases it.\n"
    );
    return 0;
}

int seal_root(const Places& places, bool as_json, const RootArguments& arguments) {
    const Answer now = ask(places, {{"verb", "root.status"}});
    if (now.exit != Exit::kOk) {
        return fail_with(now);
    }
    // What is only in memory came from shares; of others some are needed.
    if (arguments.force || !now.body.at("kept").as_bool()) {
        return show_hold(ask(places, {{"verb", "root.seal"}, {"force", arguments.force}}), as_json);
    }
    return ask_with_shares(places, as_json, arguments.file, {{"verb", "root.seal"}});
}

int unseal_root(const Places& places, bool as_json, const RootArguments& arguments) {
    return ask_with_shares(
        places, as_json, arguments.file,
        {{"verb", "root.unseal"}, {"for_s", arguments.for_s}, {"keep", arguments.keep}}
    );
}

int show_root(const Places& places, bool as_json) {
    return show_hold(ask(places, {{"verb", "root.status"}}), as_json);
}

}  // namespace phantom::cli
