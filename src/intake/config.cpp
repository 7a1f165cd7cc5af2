#include "intake/config.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "intake/listen_address.h"
#include "scenario/yaml.h"

namespace phantom::intake {

namespace {

using scenario::flawed;
using scenario::OrFlaw;
using scenario::Yaml;

constexpr auto kConfigKeys = std::to_array<std::string_view>({"scenarios", "sigma", "inputs"});
constexpr auto kInputKeys = std::to_array<std::string_view>(
    {"file", "journal", "syslog", "type", "labels", "from_start", "category", "product", "service"}
);

OrFlaw<std::vector<std::string>> read_places(const Yaml* yaml) {
    std::vector<std::string> places;
    if (yaml == nullptr || yaml->kind == Yaml::Kind::kNull) {
        return places;
    }
    if (yaml->kind != Yaml::Kind::kList || yaml->items.size() > kPlacesMax) {
        return flawed(
            fmt::format("'{}' is a list of at most {} paths", yaml->key, kPlacesMax), yaml->line
        );
    }
    for (const Yaml& each : yaml->items) {
        if (each.kind != Yaml::Kind::kScalar || each.text.empty()) {
            return flawed("a path is expected", each.line);
        }
        places.push_back(each.text);
    }
    return places;
}

OrFlaw<void> read_kind(const Yaml& yaml, InputConfig& input) {
    static constexpr std::array<std::string_view, 3> kKinds{"file", "journal", "syslog"};
    std::size_t found = 0;
    for (std::size_t index = 0; index < kKinds.size(); ++index) {
        if (yaml.find(kKinds[index]) != nullptr) {
            ++found;
            input.kind = static_cast<InputConfig::Kind>(index);
            input.from = yaml.text_of(kKinds[index]);
        }
    }
    if (found != 1 || input.from.empty()) {
        return flawed("an input is one of file, journal and syslog", yaml.line);
    }
    return {};
}

OrFlaw<void> read_labels(const Yaml* yaml, InputConfig& input) {
    if (yaml == nullptr) {
        return {};
    }
    if (yaml->kind != Yaml::Kind::kMap || yaml->items.size() > kLabelsMax) {
        return flawed(fmt::format("'labels' has at most {} names", kLabelsMax), yaml->line);
    }
    for (const Yaml& each : yaml->items) {
        if (each.kind != Yaml::Kind::kScalar) {
            return flawed("a label is a text", each.line);
        }
        if (each.key == "type") {
            input.type = each.text;  // as CrowdSec's files have it
        } else {
            input.labels.emplace_back(each.key, each.text);
        }
    }
    return {};
}

OrFlaw<InputConfig> read_input(const Yaml& yaml) {
    if (yaml.kind != Yaml::Kind::kMap) {
        return flawed("an input has 'file', 'journal' or 'syslog', and 'type'", yaml.line);
    }
    if (const Yaml* unknown = yaml.unknown_key(kInputKeys)) {
        return flawed(fmt::format("'{}' is not understood", unknown->key), unknown->line);
    }
    InputConfig input;
    PM_TRY_FLAW(read_kind(yaml, input));
    PM_TRY_FLAW(read_labels(yaml.find("labels"), input));
    if (yaml.find("type") != nullptr) {
        input.type = yaml.text_of("type");
    }
    const bool is_file = input.kind == InputConfig::Kind::kFile;
    if (!is_file && !input.type.empty() && input.type != "syslog") {
        return flawed("the type of a journal and of syslog is syslog", yaml.line);
    }
    input.type = is_file ? input.type : "syslog";
    if (input.type.empty()) {
        return flawed("'type' says what the file is: syslog, nginx, eve ...", yaml.line);
    }
    if (is_file && !input.from.starts_with('/')) {
        return flawed("a file is written from '/'", yaml.line);
    }
    if (input.kind == InputConfig::Kind::kSyslog && !ListenAddress::parse(input.from)) {
        return flawed(
            "'syslog' is udp://ADDRESS:PORT, tcp://ADDRESS:PORT or unix:/PATH", yaml.line
        );
    }
    if (input.kind == InputConfig::Kind::kJournal && input.from.starts_with('-')) {
        return flawed("'journal' is the name of a unit, or 'all'", yaml.line);
    }
    const Yaml* from_start = yaml.find("from_start");
    input.from_start = from_start != nullptr && from_start->is_true();
    input.source = {
        .category = yaml.text_of("category"),
        .product = yaml.text_of("product"),
        .service = yaml.text_of("service"),
    };
    return input;
}

}  // namespace

std::string InputConfig::name() const {
    static constexpr std::array<std::string_view, 3> kNames{"file:", "journal:", "syslog:"};
    return std::string(kNames[static_cast<std::size_t>(kind)]) + from;
}

OrFlaw<IntakeConfig> parse_config(std::string_view text) {
    if (text.size() > kConfigSizeMax) {
        return flawed("the file is too long");
    }
    const auto documents = PM_TRY_FLAW(scenario::read_yaml(text));
    IntakeConfig config;
    if (documents.empty() || documents.front().kind == Yaml::Kind::kNull) {
        return config;
    }
    const Yaml& top = documents.front();
    if (documents.size() > 1 || top.kind != Yaml::Kind::kMap) {
        return flawed("one document with scenarios, sigma and inputs is expected", top.line);
    }
    if (const Yaml* unknown = top.unknown_key(kConfigKeys)) {
        return flawed(fmt::format("'{}' is not understood", unknown->key), unknown->line);
    }
    config.scenarios = PM_TRY_FLAW(read_places(top.find("scenarios")));
    config.sigma = PM_TRY_FLAW(read_places(top.find("sigma")));
    const Yaml* inputs = top.find("inputs");
    if (inputs == nullptr || inputs->kind == Yaml::Kind::kNull) {
        return config;
    }
    if (inputs->kind != Yaml::Kind::kList || inputs->items.size() > kInputsMax) {
        return flawed(fmt::format("'inputs' is a list of at most {}", kInputsMax), inputs->line);
    }
    for (const Yaml& each : inputs->items) {
        InputConfig input = PM_TRY_FLAW(read_input(each));
        const auto same = [&](const InputConfig& other) { return other.name() == input.name(); };
        if (std::ranges::any_of(config.inputs, same)) {
            return flawed(fmt::format("{} stands twice", input.name()), each.line);
        }
        config.inputs.push_back(std::move(input));
    }
    return config;
}

}  // namespace phantom::intake
