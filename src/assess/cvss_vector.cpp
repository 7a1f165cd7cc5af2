#include "assess/cvss_vector.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/assert.h"

namespace phantom::assess {

namespace {

// CVSS 3.1, table 15.
constexpr std::array<CvssMetric, static_cast<std::size_t>(Cvss3::kCount)> kCvss3Metrics{{
    {"AV", "N A L P", true},    {"AC", "L H", true},       {"PR", "N L H", true},
    {"UI", "N R", true},        {"S", "U C", true},        {"C", "H L N", true},
    {"I", "H L N", true},       {"A", "H L N", true},      {"E", "X H F P U", false},
    {"RL", "X U W T O", false}, {"RC", "X C R U", false},  {"CR", "X H M L", false},
    {"IR", "X H M L", false},   {"AR", "X H M L", false},  {"MAV", "X N A L P", false},
    {"MAC", "X L H", false},    {"MPR", "X N L H", false}, {"MUI", "X N R", false},
    {"MS", "X U C", false},     {"MC", "X H L N", false},  {"MI", "X H L N", false},
    {"MA", "X H L N", false},
}};

// CVSS 4.0, section 7.
constexpr std::array<CvssMetric, static_cast<std::size_t>(Cvss4::kCount)> kCvss4Metrics{{
    {"AV", "N A L P", true},     {"AC", "L H", true},
    {"AT", "N P", true},         {"PR", "N L H", true},
    {"UI", "N P A", true},       {"VC", "H L N", true},
    {"VI", "H L N", true},       {"VA", "H L N", true},
    {"SC", "H L N", true},       {"SI", "H L N", true},
    {"SA", "H L N", true},       {"E", "X A P U", false},
    {"CR", "X H M L", false},    {"IR", "X H M L", false},
    {"AR", "X H M L", false},    {"MAV", "X N A L P", false},
    {"MAC", "X L H", false},     {"MAT", "X N P", false},
    {"MPR", "X N L H", false},   {"MUI", "X N P A", false},
    {"MVC", "X H L N", false},   {"MVI", "X H L N", false},
    {"MVA", "X H L N", false},   {"MSC", "X H L N", false},
    {"MSI", "X S H L N", false}, {"MSA", "X S H L N", false},
    {"S", "X N P", false},       {"AU", "X N Y", false},
    {"R", "X A U I", false},     {"V", "X D C", false},
    {"RE", "X L M H", false},    {"U", "X Clear Green Amber Red", false},
}};

struct Prefix {
    std::string_view text;
    CvssVersion version;
};
constexpr std::array<Prefix, 3> kPrefixes{{
    {"CVSS:3.0/", CvssVersion::k30},
    {"CVSS:3.1/", CvssVersion::k31},
    {"CVSS:4.0/", CvssVersion::k40},
}};
constexpr std::size_t kQuotedSizeMax = 24;

// Somebody's text inside a sentence: short, and nothing a terminal would obey.
std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char each : text.substr(0, kQuotedSizeMax)) {
        out += each >= ' ' && each <= '~' ? each : '?';
    }
    return out + (text.size() > kQuotedSizeMax ? "...'" : "'");
}

// The word of `values` that is, or begins with, what is asked for; empty: none.
template <class Matches>
std::string_view find_word(std::string_view words, Matches matches) {
    while (!words.empty()) {
        const std::string_view word = words.substr(0, words.find(' '));
        if (matches(word)) {
            return word;
        }
        words.remove_prefix(std::min(words.size(), word.size() + 1));
    }
    return {};
}

std::string_view value_called(const CvssMetric& metric, std::string_view text) {
    return find_word(metric.values, [&](std::string_view word) { return word == text; });
}

std::string_view value_beginning(const CvssMetric& metric, char letter) {
    return find_word(metric.values, [&](std::string_view word) { return word[0] == letter; });
}

bool has_value(const CvssMetric& metric, char letter) {
    return !value_beginning(metric, letter).empty();
}

}  // namespace

class CvssParser {
  public:
    explicit CvssParser(std::string_view text) : text_(text) {}

    OrProblem<CvssVector> parse() {
        if (text_.size() > kCvssTextSizeMax) {
            return problem(
                kCvssTextSizeMax, fmt::format("longer than {} characters", kCvssTextSizeMax)
            );
        }
        const auto* const prefix = std::ranges::find_if(kPrefixes, [&](const Prefix& each) {
            return text_.starts_with(each.text);
        });
        if (prefix == kPrefixes.end()) {
            return problem(0, "a vector begins with CVSS:3.0/, CVSS:3.1/ or CVSS:4.0/");
        }
        CvssVector vector(prefix->version);
        metrics_ = metrics_of(prefix->version);
        std::size_t begin = prefix->text.size();
        while (begin <= text_.size()) {
            const std::size_t end = std::min(text_.find('/', begin), text_.size());
            if (auto wrong = read_field(begin, end, vector)) {
                return std::unexpected(std::move(*wrong));
            }
            begin = end + 1;
        }
        if (auto wrong = find_missing()) {
            return std::unexpected(std::move(*wrong));
        }
        return vector;
    }

  private:
    using Wrong = std::optional<Problem>;

    static std::unexpected<Problem> problem(std::size_t at, std::string text) {
        return std::unexpected(Problem{at + 1, std::move(text)});
    }

    Wrong read_field(std::size_t begin, std::size_t end, CvssVector& vector) {
        const std::string_view field = text_.substr(begin, end - begin);
        const std::size_t colon = field.find(':');
        if (colon == std::string_view::npos) {
            return Problem{begin + 1, fmt::format("{} is no METRIC:VALUE", quoted(field))};
        }
        const std::string_view name = field.substr(0, colon);
        const auto metric = std::ranges::find(metrics_, name, &CvssMetric::name);
        if (metric == metrics_.end()) {
            return Problem{
                begin + 1,
                fmt::format("{} is no metric of CVSS {}", quoted(name), name_of(vector.version()))
            };
        }
        const auto index = static_cast<std::size_t>(metric - metrics_.begin());
        if (seen_[index]) {
            return Problem{begin + 1, fmt::format("{} stands here a second time", name)};
        }
        // CVSS 4.0, section 7: in this order and no other.
        if (vector.version() == CvssVersion::k40 && index < next_) {
            return Problem{
                begin + 1, fmt::format("{} belongs before {}", name, metrics_[next_ - 1].name)
            };
        }
        const std::string_view value = value_called(*metric, field.substr(colon + 1));
        if (value.empty()) {
            return Problem{
                begin + colon + 2, fmt::format(
                                       "{} is no value of {}; it has {}",
                                       quoted(field.substr(colon + 1)), name, metric->values
                                   )
            };
        }
        seen_[index] = true;
        next_ = index + 1;
        vector.values_[index] = value[0];
        return std::nullopt;
    }

    [[nodiscard]] Wrong find_missing() const {
        for (std::size_t index = 0; index < metrics_.size(); ++index) {
            if (metrics_[index].mandatory && !seen_[index]) {
                return Problem{
                    text_.size() + 1, fmt::format("{} is missing", metrics_[index].name)
                };
            }
        }
        return std::nullopt;
    }

    std::string_view text_;
    std::span<const CvssMetric> metrics_;
    std::array<bool, static_cast<std::size_t>(Cvss4::kCount)> seen_{};
    std::size_t next_ = 0;  // what may follow, where the order counts
};

std::string_view name_of(CvssVersion version) {
    return kPrefixes[static_cast<std::size_t>(version)].text.substr(5, 3);
}

std::span<const CvssMetric> metrics_of(CvssVersion version) {
    if (version == CvssVersion::k40) {
        return kCvss4Metrics;
    }
    return kCvss3Metrics;
}

char CvssVector::at(Cvss3 metric) const {
    PM_ASSERT(version_ != CvssVersion::k40);
    return values_[static_cast<std::size_t>(metric)];
}

char CvssVector::at(Cvss4 metric) const {
    PM_ASSERT(version_ == CvssVersion::k40);
    return values_[static_cast<std::size_t>(metric)];
}

void CvssVector::set(Cvss3 metric, char value) {
    PM_ASSERT(version_ != CvssVersion::k40);
    PM_ASSERT(has_value(kCvss3Metrics[static_cast<std::size_t>(metric)], value));
    values_[static_cast<std::size_t>(metric)] = value;
}

void CvssVector::set(Cvss4 metric, char value) {
    PM_ASSERT(version_ == CvssVersion::k40);
    PM_ASSERT(has_value(kCvss4Metrics[static_cast<std::size_t>(metric)], value));
    values_[static_cast<std::size_t>(metric)] = value;
}

std::string CvssVector::to_string() const {
    const auto metrics = metrics_of(version_);
    std::string text = fmt::format("CVSS:{}", name_of(version_));
    for (std::size_t index = 0; index < metrics.size(); ++index) {
        if (values_[index] != kNotDefined) {
            text += fmt::format(
                "/{}:{}", metrics[index].name, value_beginning(metrics[index], values_[index])
            );
        }
    }
    return text;
}

OrProblem<CvssVector> parse_cvss(std::string_view text) {
    return CvssParser(text).parse();
}

}  // namespace phantom::assess
