#include "cli/route.h"

#include <fmt/format.h>

#include "cli/output.h"
#include "cli/show.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

std::string show(const json::object& body) {
    std::string text = show_routes(body.at("routes").as_array(), wants_colour());
    if (text.empty()) {
        text = "No routes. The policy names who may route what; 'phantom route offer' there.\n";
    }
    if (const auto& problem = body.at("problem"); problem.is_string()) {
        text += fmt::format("problem: {}\n", problem.as_string().c_str());
    }
    return text;
}

int ask_and_show(const Places& places, const json::object& request, bool as_json) {
    const Answer answer = ask(places, request);
    if (answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    if (as_json) {
        print_json(answer.body);
    } else {
        print(show(answer.body));
    }
    return static_cast<int>(Exit::kOk);
}

}  // namespace

int list_routes(const Places& places, bool as_json) {
    return ask_and_show(places, {{"verb", "route.list"}}, as_json);
}

int offer_route(const Places& places, const std::string& what, bool as_json) {
    return ask_and_show(places, {{"verb", "route.offer"}, {"what", what}}, as_json);
}

int withdraw_route(const Places& places, const std::string& what, bool as_json) {
    return ask_and_show(places, {{"verb", "route.withdraw"}, {"what", what}}, as_json);
}

int use_exit(const Places& places, const std::string& name, bool as_json) {
    return ask_and_show(places, {{"verb", "route.use"}, {"exit", name}}, as_json);
}

}  // namespace phantom::cli
