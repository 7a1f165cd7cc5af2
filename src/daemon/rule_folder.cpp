#include "daemon/rule_folder.h"

#include <algorithm>
#include <array>
#include <system_error>

#include <fmt/format.h>

#include "intel/indicator.h"

namespace phantom::daemon {

namespace {

namespace fs = std::filesystem;

constexpr const char* kRuleExtension = ".rules";
constexpr std::array<const char*, 4> kRuleSourceNames{"none", "current", "in part", "last good"};

// A rule file may have anything in it, and what is wrong with it is told in its own words.
std::string said_of_fault(const detect::FormFault& fault) {
    return fmt::format("line {}: {}", fault.line, intel::shown(fault.reason));
}

}  // namespace

const char* name_of(LoadedRuleFile::Source source) {
    return kRuleSourceNames.at(static_cast<std::size_t>(source));
}

// Which version of a file is to be in force.
struct RuleFolder::Chosen {
    LoadedRuleFile::Source source = LoadedRuleFile::Source::kNone;
    std::optional<WholeFile> version;
    std::optional<WholeFile> last_good;
    std::string problem;
};

RuleFolder::Chosen RuleFolder::choose(const std::string& name) const {
    using Source = LoadedRuleFile::Source;
    Chosen chosen;
    auto current = read_whole(folder_ / name, kRuleFileSizeMax);
    if (auto last = read_whole(good(name), kRuleFileSizeMax)) {
        chosen.last_good = std::move(*last);
    }
    if (current) {
        const auto fault = detect::form_fault(current->text);
        chosen.problem = fault ? said_of_fault(*fault) : "";
    } else {
        chosen.problem = current.error();
    }
    if (chosen.problem.empty()) {
        chosen.source = Source::kCurrent;
        chosen.version = std::move(*current);
    } else if (chosen.last_good) {
        chosen.source = Source::kLastGood;
        chosen.version = chosen.last_good;
    } else if (current) {
        chosen.source = Source::kInPart;
        chosen.version = std::move(*current);
    }
    return chosen;
}

// What of the chosen version can be used; of a file without anything that can, of the last good one.
detect::RuleSet::Added RuleFolder::read_into(
    const std::string& name, Chosen& chosen, detect::RuleSet& set
) {
    using Source = LoadedRuleFile::Source;
    const detect::Variables variables = detect::Variables::of_mesh();
    detect::RuleSet::Added added;
    if (chosen.version) {
        added = set.add(name, chosen.version->text, variables);
    }
    if (chosen.source == Source::kCurrent && added.usable == 0 && added.unusable > 0) {
        chosen.problem = fmt::format("none of its {} rules can be used", added.unusable);
        chosen.source = Source::kNone;
        if (chosen.last_good) {
            chosen.source = Source::kLastGood;
            chosen.version = chosen.last_good;
            added.usable = set.add(name, chosen.last_good->text, variables).usable;
        }
    }
    return added;
}

// A good version that is another one than was kept. In words where it cannot be kept.
std::string RuleFolder::keep_good(const std::string& name, const Chosen& chosen) const {
    if (chosen.source != LoadedRuleFile::Source::kCurrent || !chosen.version ||
        (chosen.last_good && chosen.last_good->text == chosen.version->text)) {
        return "";
    }
    const auto kept = keep_whole(good(name), *chosen.version);
    return kept ? "" : fmt::format("good/{}: {}", name, kept.error());
}

LoadedRuleFile RuleFolder::add(const std::string& name, detect::RuleSet& set, WallTime now) {
    Chosen chosen = choose(name);
    const std::size_t refused_before = set.unusable().size();
    const detect::RuleSet::Added added = read_into(name, chosen, set);
    if (std::string problem = keep_good(name, chosen); !problem.empty()) {
        chosen.problem = std::move(problem);
    }
    LoadedRuleFile file{
        .name = name,
        .source = chosen.source,
        .usable = added.usable,
        .unusable = added.unusable,
        .changed = chosen.version ? chosen.version->modified : WallTime{},
        .loaded = {},
        .problem = std::move(chosen.problem),
        .refusals = {},
    };
    for (std::size_t at = refused_before;
         at < set.unusable().size() && file.refusals.size() < kRuleRefusalsMax; ++at) {
        file.refusals.push_back(set.unusable()[at]);
    }
    Since& since = since_[name];
    if (since.changed != file.changed || since.source != file.source || since.loaded.ns == 0) {
        since = {.changed = file.changed, .source = file.source, .loaded = now};
    }
    file.loaded = since.loaded;
    return file;
}

std::expected<std::vector<std::string>, std::string> RuleFolder::list(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        if (at->path().extension() == kRuleExtension) {
            names.push_back(at->path().filename().string());
        }
    }
    if (error && error != std::errc::no_such_file_or_directory) {
        return std::unexpected(fmt::format("{}: {}", folder.string(), error.message()));
    }
    std::ranges::sort(names);
    return names;
}

// A file that was taken out of the folder is wanted no more, and neither is what was kept of it.
void RuleFolder::forget_all_but(const std::vector<std::string>& names) {
    std::erase_if(since_, [&](const auto& each) {
        return !std::ranges::binary_search(names, each.first);
    });
    if (const auto kept = list(folder_ / "good")) {
        for (const std::string& name : *kept) {
            std::error_code error;
            if (!std::ranges::binary_search(names, name)) {
                fs::remove(good(name), error);
            }
        }
    }
}

LoadedRules RuleFolder::load() {
    const Instant begun = monotonic_now();
    LoadedRules loaded{.set = {}, .files = {}, .problem = {}, .at = wall_now()};
    auto names = list(folder_);
    if (!names) {
        loaded.problem = names.error();
        return loaded;
    }
    marks_.clear();
    for (const std::string& name : *names) {
        marks_[name] = mark_of(folder_ / name);
    }
    if (names->size() > kRuleFilesMax) {
        loaded.problem =
            fmt::format("{} files; only the first {} are read", names->size(), kRuleFilesMax);
        names->resize(kRuleFilesMax);
    }
    auto set = std::make_shared<detect::RuleSet>();
    for (const std::string& name : *names) {
        loaded.files.push_back(add(name, *set, loaded.at));
    }
    forget_all_but(*names);
    if (const auto finished = set->finish(); finished) {
        loaded.set = std::move(set);
    } else {
        loaded.problem = finished.error();
    }
    loaded.took = monotonic_now() - begun;
    return loaded;
}

bool RuleFolder::has_changed() const {
    const auto names = list(folder_);
    if (!names) {
        return false;  // it was read before, and is told of when it is asked for
    }
    std::map<std::string, std::string> marks;
    for (const std::string& name : *names) {
        if (is_being_written(folder_ / name)) {
            return false;
        }
        marks[name] = mark_of(folder_ / name);
    }
    return marks != marks_;
}

}  // namespace phantom::daemon
