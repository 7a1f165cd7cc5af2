#include "daemon/guard_list.h"

#include <fmt/format.h>

#include "identity/types.h"

namespace phantom::daemon {

namespace {

std::vector<std::string_view> words_of_line(std::string_view line) {
    line = line.substr(0, line.find('#'));
    std::vector<std::string_view> words;
    constexpr std::string_view kBlank = " \t\r";
    while (true) {
        const std::size_t begin = line.find_first_not_of(kBlank);
        if (begin == std::string_view::npos) {
            return words;
        }
        const std::size_t end = std::min(line.find_first_of(kBlank, begin), line.size());
        words.push_back(line.substr(begin, end - begin));
        line.remove_prefix(end);
    }
}

std::optional<remedy::Executor> executor_of(std::string_view word) {
    for (std::size_t number = 1; number <= remedy::kExecutorCount; ++number) {
        const auto executor = static_cast<remedy::Executor>(number);
        if (word == remedy::name_of(executor)) {
            return executor;
        }
    }
    return std::nullopt;
}

}  // namespace

std::expected<std::vector<GuardEntry>, std::string> parse_guard_list(std::string_view text) {
    std::vector<GuardEntry> entries;
    for (std::size_t line = 1; !text.empty(); ++line) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::vector<std::string_view> words = words_of_line(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (words.empty()) {
            continue;
        }
        GuardEntry entry;
        if (words.size() == 2) {
            entry.executor = executor_of(words.front());
        }
        if (words.size() > 2 || (words.size() == 2 && !entry.executor)) {
            return std::unexpected(fmt::format(
                "line {}: an address, a prefix or a member's name, after the kind of action "
                "(firewall, isolation, rate-limit, tunnel, route, credential) or alone",
                line
            ));
        }
        if (const auto prefix = wire::Prefix::parse(words.back())) {
            entry.what = *prefix;
        } else if (identity::Label::parse(words.back())) {
            entry.what = std::string(words.back());
        } else {
            return std::unexpected(
                fmt::format("line {}: neither an address nor a member's name", line)
            );
        }
        entries.push_back(std::move(entry));
    }
    return entries;
}

}  // namespace phantom::daemon
