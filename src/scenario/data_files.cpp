#include "scenario/data_files.h"

#include <fmt/format.h>

namespace phantom::scenario {

OrFlaw<void> DataFiles::add(std::string name, std::string_view text) {
    auto file = std::make_shared<DataFile>();
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (line.empty() || line.starts_with('#')) {
            continue;
        }
        if (file->lines.size() == kDataLinesMax) {
            return flawed("the data file has too many lines");
        }
        file->lines.emplace_back(line);
    }
    files_.insert_or_assign(std::move(name), std::move(file));
    return {};
}

std::shared_ptr<const DataFile> DataFiles::find(std::string_view name) const {
    const auto found = files_.find(name);
    return found != files_.end() ? found->second : nullptr;
}

OrFlaw<std::shared_ptr<const DataFile>> DataFiles::patterns_of(std::string_view name) const {
    const std::shared_ptr<const DataFile> lines = find(name);
    if (lines == nullptr) {
        return nullptr;
    }
    if (lines->lines.size() > kDataExpressionsMax) {
        return flawed(fmt::format("{} has too many expressions", name));
    }
    auto compiled = std::make_shared<DataFile>();
    for (const std::string& line : lines->lines) {
        compiled->patterns.push_back(PM_TRY_FLAW(Pattern::compile(line)));
    }
    return std::shared_ptr<const DataFile>(std::move(compiled));
}

}  // namespace phantom::scenario
