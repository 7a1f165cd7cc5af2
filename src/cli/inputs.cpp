#include "cli/inputs.h"

#include <fmt/format.h>

#include "cli/output.h"
#include "cli/show.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

std::string input_text(const json::object& of, const char* key) {
    return printable(std::string_view(of.at(key).as_string()));
}

std::uint64_t input_number(const json::object& of, const char* key) {
    return of.at(key).to_number<std::uint64_t>();
}

std::string size_text(std::uint64_t bytes) {
    constexpr std::uint64_t kKilo = 1'024;
    return bytes < kKilo ? fmt::format("{} B", bytes) : fmt::format("{} KiB", bytes / kKilo);
}

// What is not as it should be, in a few words.
std::string remarks(const json::object& input) {
    std::string text = input_text(input, "error");
    for (const auto& [key, what] : {
             std::pair{"too_long", "lines too long"},
             std::pair{"bytes_skipped", "bytes skipped"},
             std::pair{"truncations", "times cut off"},
             std::pair{"refused", "connections refused"},
         }) {
        if (const std::uint64_t count = input_number(input, key); count != 0) {
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, what);
        }
    }
    return text;
}

std::string lag_text(const json::object& input) {
    const std::uint64_t behind = input_number(input, "bytes_behind");
    return behind == 0 ? "0"
                       : fmt::format(
                             "{}, {:.1f} s", size_text(behind),
                             static_cast<double>(input_number(input, "behind_ms")) / 1'000
                         );
}

std::string input_table(const json::object& body) {
    std::string text;
    if (const std::string error = input_text(body, "problem"); !error.empty()) {
        text += fmt::format("Not in force: {}\n", error);
    }
    const json::array& inputs = body.at("inputs").as_array();
    if (inputs.empty()) {
        return text + fmt::format(
                          "No logs are read. Name them in {} and send the daemon SIGHUP; "
                          "docs/detection.md shows how.\n",
                          input_text(body, "file")
                      );
    }
    std::vector<std::vector<std::string>> rows{
        {"INPUT", "TYPE", "LINES", "SEEN", "BEHIND", "REMARKS"}
    };
    for (const json::value& each : inputs) {
        const json::object& input = each.as_object();
        rows.push_back({
            input_text(input, "name"),
            input_text(input, "type"),
            std::to_string(input_number(input, "lines")),
            std::to_string(input_number(input, "sightings")),
            lag_text(input),
            remarks(input),
        });
    }
    text += show_table(rows);
    for (const json::value& each : body.at("troubles").as_array()) {
        text += fmt::format("{}\n", printable(std::string_view(each.as_string())));
    }
    if (!body.at("ready").as_bool()) {
        return text + "Rules are being read.\n";
    }
    return text + fmt::format(
                      "{} parsers, {} scenarios ({} files not in force), {} Sigma rules ({} not in "
                      "force).\n",
                      input_number(body, "parsers"), input_number(body, "scenarios"),
                      input_number(body, "scenarios_unusable"), input_number(body, "sigma"),
                      input_number(body, "sigma_unusable")
                  );
}

}  // namespace

int show_inputs(const Places& places, bool as_json) {
    return tell(ask(places, {{"verb", "inputs"}}), as_json, input_table);
}

}  // namespace phantom::cli
