#include "alert/yaml_section.h"

#include <charconv>

#include <fmt/format.h>

#include "alert/config_reader.h"

namespace phantom::alert {

Remark remark_at(const YAML::Mark& mark, std::string text) {
    if (mark.is_null()) {
        return {.line = 0, .column = 0, .text = std::move(text)};
    }
    return {
        .line = static_cast<std::size_t>(mark.line) + 1,
        .column = static_cast<std::size_t>(mark.column) + 1,
        .text = std::move(text)
    };
}

void Faults::add(const YAML::Mark& mark, std::string text) {
    if (faults_.size() < kConfigFaultsMax) {
        faults_.push_back(remark_at(mark, std::move(text)));
    }
}

bool is_web_url(std::string_view url) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (url.starts_with(scheme)) {
            const std::string_view rest = url.substr(scheme.size());
            const bool has_host = !rest.empty() && rest.front() != '/' && rest.front() != ':';
            return has_host && rest.find_first_of(" \t\r\n") == std::string_view::npos;
        }
    }
    return false;
}

Section::Section(const YAML::Node& node, std::string what, Faults& faults)
    : node_(node), what_(std::move(what)), faults_(faults) {
    if (!node.IsMap()) {
        fault(fmt::format("{} is not a mapping of keys to values", what_));
        return;
    }
    for (const auto& field : node) {
        if (!field.first.IsScalar()) {
            faults_.add(field.first, "a key that is not a word");
            continue;
        }
        const std::string& name = field.first.Scalar();
        if (!fields_.try_emplace(name, Field{field.first, field.second}).second) {
            faults_.add(field.first, fmt::format("'{}' stands in {} twice", name, what_));
        }
    }
}

bool Section::has(std::string_view key) const {
    const auto found = fields_.find(key);
    return found != fields_.end() && !found->second.value.IsNull();
}

YAML::Node Section::take(std::string_view key) {
    asked_for_.emplace(key);
    const auto found = fields_.find(key);
    if (found == fields_.end() || found->second.value.IsNull()) {
        return YAML::Node(YAML::NodeType::Undefined);
    }
    return found->second.value;
}

void Section::fault_at(std::string_view key, std::string text) {
    const auto found = fields_.find(key);
    faults_.add(found == fields_.end() ? node_ : found->second.value, std::move(text));
}

std::string Section::text(std::string_view key, std::string otherwise) {
    const YAML::Node value = take(key);
    if (!value.IsDefined()) {
        return otherwise;
    }
    if (!value.IsScalar()) {
        faults_.add(value, fmt::format("'{}' is not a text", key));
        return otherwise;
    }
    return value.Scalar();
}

bool Section::flag(std::string_view key, bool otherwise) {
    const YAML::Node value = take(key);
    if (!value.IsDefined()) {
        return otherwise;
    }
    bool flag = otherwise;
    if (!value.IsScalar() || !YAML::convert<bool>::decode(value, flag)) {
        faults_.add(value, fmt::format("'{}' is neither true nor false", key));
    }
    return flag;
}

Duration Section::duration(std::string_view key, Duration otherwise) {
    if (!has(key)) {
        static_cast<void>(take(key));
        return otherwise;
    }
    const auto parsed = parse_duration(text(key));
    if (!parsed) {
        fault_at(key, fmt::format("'{}': {}", key, parsed.error()));
        return otherwise;
    }
    return *parsed;
}

std::size_t Section::number(std::string_view key, std::size_t otherwise) {
    if (!has(key)) {
        static_cast<void>(take(key));
        return otherwise;
    }
    const std::string digits = text(key);
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size()) {
        fault_at(key, fmt::format("'{}' is not a whole number", key));
        return otherwise;
    }
    return number;
}

std::vector<YAML::Node> Section::list(std::string_view key) {
    const YAML::Node value = take(key);
    std::vector<YAML::Node> items;
    if (!value.IsDefined()) {
        return items;
    }
    if (!value.IsSequence()) {
        faults_.add(value, fmt::format("'{}' is not a list", key));
        return items;
    }
    for (const YAML::Node& item : value) {
        items.push_back(item);
    }
    return items;
}

std::vector<std::string> Section::texts(std::string_view key) {
    std::vector<std::string> texts;
    for (const YAML::Node& item : list(key)) {
        if (item.IsScalar()) {
            texts.push_back(item.Scalar());
        } else {
            faults_.add(item, fmt::format("'{}' is a list of texts", key));
        }
    }
    return texts;
}

Secret Section::secret(std::string_view key) {
    const std::string file_key = std::string(key) + "_file";
    Secret secret{.text = text(key), .file = text(file_key)};
    if (!secret.text.empty() && !secret.file.empty()) {
        fault_at(file_key, fmt::format("'{}' and '{}' exclude each other", key, file_key));
    }
    return secret;
}

std::string Section::url(std::string_view key, std::string otherwise) {
    std::string url = text(key, std::move(otherwise));
    if (has(key) && !is_web_url(url)) {
        fault_at(
            key, fmt::format("'{}' is not an address that begins with http:// or https://", key)
        );
    }
    return url;
}

std::vector<std::string> Section::pass_over(std::initializer_list<std::string_view> keys) {
    std::vector<std::string> given;
    for (const std::string_view key : keys) {
        asked_for_.emplace(key);
        if (has(key)) {
            given.emplace_back(key);
        }
    }
    return given;
}

void Section::refuse_others() {
    for (const auto& [name, field] : fields_) {
        if (!asked_for_.contains(name)) {
            faults_.add(field.key, fmt::format("'{}' is not known in {}", name, what_));
        }
    }
}

}  // namespace phantom::alert
