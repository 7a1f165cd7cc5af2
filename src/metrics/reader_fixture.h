#pragma once

// For tests only: reads a page as a scrape would, by the rules of OpenMetrics' section 3, and says what is wrong with it.

#include <map>
#include <set>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace phantom::metrics {

class PageReader {
  public:
    // By series with its labels as they stand: `name{a="b"}`.
    std::map<std::string, std::string> values;
    std::map<std::string, std::string> types;
    std::map<std::string, std::string> units;
    // Empty: none.
    std::string problem;
    bool has_end = false;

    explicit PageReader(std::string_view text) {
        while (!text.empty() && problem.empty()) {
            const std::size_t end = text.find('\n');
            if (end == std::string_view::npos) {
                problem = "the last line does not end";
                return;
            }
            read_line(text.substr(0, end));
            text.remove_prefix(end + 1);
        }
    }

    [[nodiscard]] std::string value(const std::string& series) const {
        const auto found = values.find(series);
        return found == values.end() ? "(none)" : found->second;
    }

  private:
    void read_line(std::string_view line) {
        if (has_end) {
            problem = "something is behind the end";
        } else if (line == "# EOF") {
            has_end = true;
        } else if (line.starts_with("# ")) {
            read_description(line.substr(2));
        } else {
            read_sample(line);
        }
    }

    void read_description(std::string_view line) {
        const std::size_t first = line.find(' ');
        const std::size_t second = line.find(' ', first + 1);
        if (first == std::string_view::npos || second == std::string_view::npos) {
            problem = fmt::format("half a description: {}", line);
            return;
        }
        const std::string kind(line.substr(0, first));
        const std::string name(line.substr(first + 1, second - first - 1));
        const std::string rest(line.substr(second + 1));
        if (kind == "TYPE") {
            family_ = name;
            if (!types.emplace(name, rest).second) {
                problem = fmt::format("{} comes twice", name);
            }
        } else if (name != family_) {
            problem = fmt::format("{} of {} stands in {}", kind, name, family_);
        } else if (kind == "UNIT") {
            units[name] = rest;
            if (!name.ends_with("_" + rest)) {
                problem = fmt::format("{} does not end with its unit {}", name, rest);
            }
        } else if (kind != "HELP") {
            problem = fmt::format("what is {}?", kind);
        }
    }

    void read_sample(std::string_view line) {
        const std::size_t gap = line.rfind(' ');
        if (gap == std::string_view::npos || gap == 0) {
            problem = fmt::format("no sample: {}", line);
            return;
        }
        const std::string series(line.substr(0, gap));
        const std::string name = series.substr(0, series.find('{'));
        if (!name.starts_with(family_) || !has_suffix(name.substr(family_.size()))) {
            problem = fmt::format("{} does not belong to {}", name, family_);
        } else if (!are_labels(std::string_view(series).substr(name.size()))) {
            problem = fmt::format("the labels of {} cannot be read", series);
        } else if (!values.emplace(series, line.substr(gap + 1)).second) {
            problem = fmt::format("{} comes twice", series);
        }
    }

    [[nodiscard]] bool has_suffix(const std::string& suffix) const {
        static const std::map<std::string, std::set<std::string>> kSuffixes{
            {"counter", {"_total"}},
            {"gauge", {""}},
            {"info", {"_info"}},
            {"histogram", {"_bucket", "_count", "_sum"}},
        };
        const std::string& type = types.at(family_);
        // In Prometheus' text the name of a counter has its suffix already.
        return kSuffixes.at(type).contains(suffix) ||
               (type == "counter" && suffix.empty() && family_.ends_with("_total"));
    }

    // Empty, or {name="text",...} with nothing in a text but what is escaped.
    static bool are_labels(std::string_view text) {
        if (text.empty()) {
            return true;
        }
        if (text.size() < 2 || text.front() != '{' || text.back() != '}') {
            return false;
        }
        text = text.substr(1, text.size() - 2);
        while (!text.empty()) {
            const std::size_t equals = text.find("=\"");
            if (equals == std::string_view::npos || equals == 0) {
                return false;
            }
            std::size_t at = equals + 2;
            while (at < text.size() && text[at] != '"') {
                const bool is_escape = text[at] == '\\';
                if (is_escape &&
                    (at + 1 == text.size() ||
                     std::string_view("\\n\"").find(text[at + 1]) == std::string_view::npos)) {
                    return false;
                }
                at += is_escape ? 2 : 1;
            }
            if (at >= text.size()) {
                return false;
            }
            text.remove_prefix(at + 1);
            if (!text.empty()) {
                if (text.front() != ',' || text.size() == 1) {
                    return false;
                }
                text.remove_prefix(1);
            }
        }
        return true;
    }

    std::string family_;
};

}  // namespace phantom::metrics
