#include <array>
#include <cstdint>
#include <fstream>
#include <iostream>

#include <fmt/format.h>

#include "cli/output.h"
#include "cli/rules.h"
#include "detect/rule_set.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

// Of one file: the largest public sets are 40 MB.
constexpr std::size_t kRuleFileSizeMax = 256U << 20U;

void say_of_rules(const std::string& text) {
    (void)std::fputs(("phantom: " + text + "\n").c_str(), stderr);
}

struct CheckedRules {
    std::string name;
    std::string problem;  // with the file; empty: none
    detect::RuleSet::Added added;
    std::vector<detect::UnusableRule> refusals;
};

CheckedRules check_rule_file(const std::string& name, detect::RuleSet& set) {
    CheckedRules checked;
    checked.name = name;
    const auto text = text_of_rules(name);
    if (!text) {
        checked.problem = "cannot be read";
        return checked;
    }
    if (const auto fault = detect::form_fault(*text)) {
        checked.problem = fmt::format("line {}: {}", fault->line, printable(fault->reason));
    }
    const std::size_t before = set.unusable().size();
    checked.added = set.add(name, *text, detect::Variables::of_mesh());
    const auto& all = set.unusable();
    checked.refusals.assign(all.begin() + static_cast<std::ptrdiff_t>(before), all.end());
    return checked;
}

json::object as_json_of(const CheckedRules& file) {
    json::array refusals;
    for (const detect::UnusableRule& each : file.refusals) {
        refusals.push_back({
            {"line", each.line},
            {"sid", each.problem.sid},
            {"keyword", printable(each.problem.keyword)},
            {"reason", printable(each.problem.reason)},
        });
    }
    return {
        {"name", printable(file.name)},    {"problem", file.problem},
        {"usable", file.added.usable},     {"unusable", file.added.unusable},
        {"refusals", std::move(refusals)},
    };
}

void show_refusals(const CheckedRules& file) {
    for (const detect::UnusableRule& each : file.refusals) {
        print(fmt::format(
            "{}:{}: sid {}: {}: {}\n", printable(file.name), each.line, each.problem.sid,
            printable(each.problem.keyword), printable(each.problem.reason)
        ));
    }
    if (!file.problem.empty()) {
        print(fmt::format(
            "{}: {}: a node would keep its last good version\n", printable(file.name), file.problem
        ));
    }
}

}  // namespace

std::optional<std::string> text_of_rules(const std::string& name) {
    std::ifstream file;
    if (name != "-") {
        file.open(name, std::ios::binary);
        if (!file.is_open()) {
            return std::nullopt;
        }
    }
    std::istream& in = name == "-" ? std::cin : file;
    std::string text;
    std::array<char, 65'536> part{};
    while (in.good() && text.size() <= kRuleFileSizeMax) {
        in.read(part.data(), part.size());
        text.append(part.data(), static_cast<std::size_t>(in.gcount()));
    }
    return in.bad() || text.size() > kRuleFileSizeMax ? std::nullopt
                                                      : std::optional(std::move(text));
}

int check_rules(const RuleArguments& arguments, bool as_json) {
    detect::RuleSet set;
    json::array files;
    bool all_usable = true;
    for (const std::string& name : arguments.files) {
        const CheckedRules file = check_rule_file(name, set);
        all_usable = all_usable && file.problem.empty() && file.added.unusable == 0;
        if (as_json) {
            files.push_back(as_json_of(file));
        } else {
            show_refusals(file);
        }
    }
    const auto finished = set.finish();
    if (!finished) {
        say_of_rules(finished.error());
        return static_cast<int>(Exit::kFailed);
    }
    if (as_json) {
        print_json({
            {"schema", "phantom.rules_check/1"},
            {"usable", set.entries().size()},
            {"unusable", set.unusable_count()},
            {"files", std::move(files)},
        });
    } else {
        print(fmt::format(
            "{} rules can be used, {} cannot.\n", set.entries().size(), set.unusable_count()
        ));
    }
    return static_cast<int>(all_usable ? Exit::kOk : Exit::kFailed);
}

}  // namespace phantom::cli
