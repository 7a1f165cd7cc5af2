#include "cli/dns.h"

#include <fmt/format.h>

#include "cli/output.h"

namespace phantom::cli {

namespace {

std::string joined(const boost::json::value& list) {
    std::string text;
    for (const auto& each : list.as_array()) {
        text += (text.empty() ? "" : ", ") + std::string(each.as_string());
    }
    return text.empty() ? "nobody" : text;
}

std::string show_dns(const boost::json::object& body) {
    const std::string_view hook = body.at("hook").as_string();
    std::string text = fmt::format(
        "names: {}\nname server at: {}\n",
        body.at("on").as_bool()
            ? hook == "none" ? "on, but this machine does not ask" : fmt::format("on, by {}", hook)
            : "off; 'phantom dns on' makes this machine ask for NAME.mesh",
        joined(body.at("listening"))
    );
    if (!body.at("upstreams").as_array().empty()) {
        text += fmt::format("asks about the rest: {}\n", joined(body.at("upstreams")));
    }
    if (const auto& problem = body.at("problem"); problem.is_string()) {
        text += fmt::format("problem: {}\n", problem.as_string().c_str());
    }
    return text;
}

}  // namespace

int dns(const Places& places, const std::string& action, bool as_json) {
    const Answer answer = ask(places, {{"verb", "dns." + action}});
    if (answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    if (as_json) {
        print_json(answer.body);
    } else {
        print(show_dns(answer.body));
    }
    return static_cast<int>(Exit::kOk);
}

}  // namespace phantom::cli
