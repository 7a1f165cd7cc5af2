#include "intake/rules.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include <fmt/format.h>

namespace phantom::intake {

namespace {

namespace fs = std::filesystem;

bool has_extension(const fs::path& path, std::initializer_list<std::string_view> wanted) {
    return std::ranges::find(wanted, path.extension().string()) != wanted.end();
}

std::vector<fs::path> files_in(
    const fs::path& place, std::initializer_list<std::string_view> extensions
) {
    std::vector<fs::path> found;
    std::error_code error;
    if (!fs::is_directory(place, error)) {
        found.push_back(place);
        return found;
    }
    std::vector<fs::path> roots;
    for (const char* each : {"parsers", "scenarios", "data"}) {
        if (fs::is_directory(place / each, error)) {
            roots.push_back(place / each);
        }
    }
    if (roots.empty()) {
        roots.push_back(place);
    }
    for (const fs::path& root : roots) {
        for (fs::recursive_directory_iterator at(root, error), end; !error && at != end;
             at.increment(error)) {
            std::error_code is_odd;
            if (at->is_regular_file(is_odd) && has_extension(at->path(), extensions) &&
                found.size() < kRuleFilesMax) {
                found.push_back(at->path());
            }
        }
    }
    std::ranges::sort(found);
    return found;
}

std::optional<std::string> text_of_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::error_code error;
    if (!file || fs::file_size(path, error) > kRuleDataSizeMax || error) {
        return std::nullopt;
    }
    std::string text(std::istreambuf_iterator<char>(file), {});
    return file.bad() ? std::nullopt : std::optional(std::move(text));
}

// Each file of `places` to `add`.
template <class Add>
std::vector<std::string> each_file(
    const std::vector<std::string>& places, std::initializer_list<std::string_view> extensions,
    const GoesOn& goes_on, Add add
) {
    std::vector<std::string> troubles;
    for (const std::string& place : places) {
        std::error_code error;
        if (!fs::exists(place, error)) {
            troubles.push_back(fmt::format("{} is not there", place));
            continue;
        }
        for (const fs::path& file : files_in(place, extensions)) {
            if (goes_on && !goes_on()) {
                return troubles;
            }
            if (const auto text = text_of_file(file)) {
                add(file, *text);
            } else {
                troubles.push_back(fmt::format("{} cannot be read", file.string()));
            }
        }
    }
    return troubles;
}

}  // namespace

std::vector<std::string> load_scenarios(
    const std::vector<std::string>& places, scenario::Engine& engine, const GoesOn& goes_on
) {
    // Data first: an expression that names a file wants to know it.
    std::vector<std::string> troubles = each_file(
        places, {".txt", ".json"}, goes_on,
        [&](const fs::path& file, const std::string& text) {
            if (has_extension(file, {".txt", ".json"})) {
                engine.add_data(file.filename().string(), text);
            }
        }
    );
    if (!troubles.empty()) {
        return troubles;
    }
    return each_file(
        places, {".yaml", ".yml"}, goes_on,
        [&](const fs::path& file, const std::string& text) {
            if (has_extension(file, {".yaml", ".yml"})) {
                engine.add(file.string(), text);
            }
        }
    );
}

std::vector<std::string> load_sigma(
    const std::vector<std::string>& places, scenario::SigmaRules& rules, const GoesOn& goes_on
) {
    return each_file(
        places, {".yaml", ".yml"}, goes_on,
        [&](const fs::path& file, const std::string& text) { rules.add(file.string(), text); }
    );
}

}  // namespace phantom::intake
