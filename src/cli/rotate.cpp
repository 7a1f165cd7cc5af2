#include "cli/rotate.h"

#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "cli/output.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr auto kPollInterval = 100ms;

bool is_done(const json::object& body) {
    return body.at("state").as_string() == "done";
}

std::string sentence(const json::object& body) {
    if (is_done(body)) {
        return fmt::format(
            "This node has new keys, since {}. Its name, id and addresses are what they were.\n",
            body.at("keys_since").as_string().c_str()
        );
    }
    return body.at("state").as_string() == "waiting"
               ? "The node that made the mesh is not reachable. The keys are changed once it is; "
                 "until then those of now are good.\n"
               : "The node that made the mesh is asked, and has not answered yet. The keys are "
                 "changed once it has; until then those of now are good.\n";
}

}  // namespace

int rotate(const Places& places, unsigned timeout_s, bool as_json) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(timeout_s);
    Answer answer = ask(places, {{"verb", "rotate"}, {"begin", true}});
    while (answer.exit == Exit::kOk && !is_done(answer.body) &&
           std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(kPollInterval);
        answer = ask(places, {{"verb", "rotate"}});
    }
    const int told = tell(answer, as_json, sentence);
    return told != 0 || is_done(answer.body) ? told : static_cast<int>(Exit::kFailed);
}

}  // namespace phantom::cli
