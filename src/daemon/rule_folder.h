#pragma once

// The folder `rules` of the state directory: signatures in files NAME.rules, and below `good` the last good version
// of each. All of it blocks for the disk and the processor: a thread of its own calls it.
//
// A file that is broken (it cannot be read, a line of it is no rule at all, or none of its rules can be used)
// changes nothing: its last good version holds. Where there is none, what can be used of it does. A rule that asks
// for something that there is none of is left out, and its file is none the worse for it.

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "daemon/whole_file.h"
#include "detect/rule_set.h"

namespace phantom::daemon {

// By name; those beyond are told of.
inline constexpr std::size_t kRuleFilesMax = 256;
inline constexpr std::size_t kRuleFileSizeMax = 64U << 20U;
// Of a file, with their reasons; those beyond are counted.
inline constexpr std::size_t kRuleRefusalsMax = 100;

struct LoadedRuleFile {
    enum class Source : std::uint8_t { kNone, kCurrent, kInPart, kLastGood };

    std::string name;
    Source source = Source::kNone;
    std::size_t usable = 0;
    std::size_t unusable = 0;
    WallTime changed;     // the version in force
    WallTime loaded;      // since when it is
    std::string problem;  // with the file as it is now: "line 3: ..."; empty: none
    std::vector<detect::UnusableRule> refusals;
};
[[nodiscard]] const char* name_of(LoadedRuleFile::Source source);

struct LoadedRules {
    std::shared_ptr<const detect::RuleSet> set;  // null: nothing new, what holds stays in force
    std::vector<LoadedRuleFile> files;           // of `set`
    std::string problem;                         // with all of it
    WallTime at;
    Duration took{};
};

class RuleFolder {
  public:
    explicit RuleFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

    [[nodiscard]] const std::filesystem::path& path() const { return folder_; }
    [[nodiscard]] LoadedRules load();
    // Whether a file came, went or is another one than at the last load, and none is being written.
    [[nodiscard]] bool has_changed() const;
    // By name, without their folder. In words where the folder cannot be read; none where there is no folder.
    [[nodiscard]] static std::expected<std::vector<std::string>, std::string> list(
        const std::filesystem::path& folder
    );

  private:
    struct Chosen;

    [[nodiscard]] Chosen choose(const std::string& name) const;
    [[nodiscard]] static detect::RuleSet::Added read_into(
        const std::string& name, Chosen& chosen, detect::RuleSet& set
    );
    [[nodiscard]] std::string keep_good(const std::string& name, const Chosen& chosen) const;
    [[nodiscard]] LoadedRuleFile add(const std::string& name, detect::RuleSet& set, WallTime now);
    void forget_all_but(const std::vector<std::string>& names);
    [[nodiscard]] std::filesystem::path good(const std::string& name) const {
        return folder_ / "good" / name;
    }

    std::filesystem::path folder_;
    std::map<std::string, std::string> marks_;  // of files, by name (whole_file.h)
    struct Since {
        WallTime changed;
        LoadedRuleFile::Source source = LoadedRuleFile::Source::kNone;
        WallTime loaded;
    };
    std::map<std::string, Since> since_;
};

}  // namespace phantom::daemon
