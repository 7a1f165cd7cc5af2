// Lists of a line an entry: plain (any value), netset (networks), ipsum ("address<TAB>count"), CSV. '#' and ';'
// begin a comment where a line begins, '#' also behind a blank.

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "intel/reader.h"
#include "intel/value.h"

namespace phantom::intel {

namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view without_blanks(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string_view without_comment(std::string_view line) {
    for (std::size_t at = line.find('#'); at != std::string_view::npos;
         at = line.find('#', at + 1)) {
        if (at == 0 || kBlanks.find(line[at - 1]) != std::string_view::npos) {
            return line.substr(0, at);
        }
    }
    return line;
}

// RFC 4180 section 2, one line: the fields of a row, quotes taken off. Empty: a quote without an end.
std::vector<std::string> fields_of(std::string_view line, char delimiter) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char each = line[at];
        if (quoted && each == '"' && at + 1 < line.size() && line[at + 1] == '"') {
            fields.back() += '"';
            ++at;
        } else if (each == '"') {
            quoted = !quoted;
        } else if (each == delimiter && !quoted) {
            fields.emplace_back();
        } else {
            fields.back() += each;
        }
    }
    return quoted ? std::vector<std::string>{} : fields;
}

class ListReader {
  public:
    ListReader(const FeedDescription& feed, std::string_view text)
        : feed_(feed),
          rules_{
              .kind = feed.kind,
              .networks_only =
                  feed.format == FeedFormat::kNetset || feed.format == FeedFormat::kIpsum
          },
          rest_(text) {}

    OrFault<FeedContent> read() {
        if (rest_.starts_with("\xef\xbb\xbf")) {
            rest_.remove_prefix(3);  // a byte order mark
        }
        while (!rest_.empty() && !fault_) {
            const std::size_t end = std::min(rest_.find('\n'), rest_.size());
            const std::string_view line = rest_.substr(0, end);
            rest_.remove_prefix(std::min(end + 1, rest_.size()));
            ++line_;
            take_line(line);
        }
        if (fault_) {
            return std::unexpected(*fault_);
        }
        return std::move(content_);
    }

  private:
    [[nodiscard]] std::string place() const { return fmt::format("line {}", line_); }

    void malformed(std::string reason) {
        ++content_.malformed;
        content_.refuse(place(), std::move(reason));
    }

    void take_line(std::string_view line) {
        if (line.size() > kLineSizeMax) {
            ++content_.rows;
            malformed("the line is too long");
            return;
        }
        const bool is_csv = feed_.format == FeedFormat::kCsv;
        const std::string_view bare = without_blanks(is_csv ? line : without_comment(line));
        if (bare.empty() || bare.front() == '#' || bare.front() == ';') {
            return;
        }
        if (is_csv && !feed_.csv.column_name.empty() && column_ == 0) {
            find_column(bare);
            return;
        }
        if (content_.rows == feed_.rows_max) {
            fault_ = too_many_rows(feed_, place()).error();
            return;
        }
        ++content_.rows;
        if (is_csv) {
            take_row(bare);
        } else if (feed_.format == FeedFormat::kIpsum) {
            take_counted(bare);
        } else {
            take_word(bare, {});
        }
    }

    void take_word(std::string_view word, const Detail& detail) {
        if (word.find_first_of(kBlanks) != std::string_view::npos) {
            malformed(fmt::format("'{}' is more than one word", shown(word)));
            return;
        }
        take_value(word, detail, rules_, content_, [this] { return place(); });
    }

    void take_counted(std::string_view row) {
        const std::size_t tab = row.find_first_of(kBlanks);
        const std::string_view count =
            tab == std::string_view::npos ? "" : without_blanks(row.substr(tab));
        unsigned lists = 0;
        const char* const end = count.end();
        const auto [stop, error] = std::from_chars(count.begin(), end, lists);
        if (error != std::errc{} || stop != end || lists == 0) {
            malformed(fmt::format("'{}' is not an address and a count", shown(row)));
            return;
        }
        const Detail detail{.lists = static_cast<std::uint8_t>(std::min(lists, 255U))};
        take_word(row.substr(0, tab), detail);
    }

    void take_row(std::string_view row) {
        const auto fields = fields_of(row, feed_.csv.delimiter);
        const std::size_t column = column_ == 0 ? feed_.csv.column : column_;
        if (fields.size() < column) {
            malformed(
                fields.empty() ? "a quote without an end"
                               : fmt::format("{} columns, and not {}", fields.size(), column)
            );
            return;
        }
        take_word(without_blanks(fields[column - 1]), {});
    }

    void find_column(std::string_view row) {
        const auto fields = fields_of(row, feed_.csv.delimiter);
        const auto found = std::ranges::find_if(fields, [this](const std::string& field) {
            return without_blanks(field) == feed_.csv.column_name;
        });
        if (found == fields.end()) {
            fault_ = Fault{
                place(), fmt::format("no column is called '{}'", shown(feed_.csv.column_name))
            };
            return;
        }
        column_ = static_cast<std::size_t>(found - fields.begin()) + 1;
    }

    const FeedDescription& feed_;
    ValueRules rules_;
    std::string_view rest_;
    std::size_t line_ = 0;
    std::size_t column_ = 0;  // by its name, from the first row; 0: not read
    FeedContent content_;
    std::optional<Fault> fault_;
};

}  // namespace

OrFault<FeedContent> read_list(const FeedDescription& feed, std::string_view text) {
    return ListReader(feed, text).read();
}

}  // namespace phantom::intel
