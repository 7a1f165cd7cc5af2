#include "detect/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8  // NOLINT(readability-identifier-naming): asked for by the library
#include <fmt/format.h>
#include <pcre2.h>

#include "base/assert.h"

namespace phantom::detect {

namespace {

// One for each thread: what a search needs beside the expression.
struct MatchSpace {
    pcre2_match_data* data;
    pcre2_match_context* context;

    MatchSpace()
        : data(pcre2_match_data_create(4, nullptr)), context(pcre2_match_context_create(nullptr)) {
        PM_ASSERT(data != nullptr);
        PM_ASSERT(context != nullptr);
        pcre2_set_match_limit(context, kRegexMatchLimit);
        pcre2_set_depth_limit(context, kRegexDepthLimit);
    }
    ~MatchSpace() {
        pcre2_match_data_free(data);
        pcre2_match_context_free(context);
    }
    MatchSpace(const MatchSpace&) = delete;
    MatchSpace& operator=(const MatchSpace&) = delete;
};

std::optional<std::uint32_t> option_of(char flag) {
    switch (flag) {
        case 'i':
            return PCRE2_CASELESS;
        case 's':
            return PCRE2_DOTALL;
        case 'm':
            return PCRE2_MULTILINE;
        case 'x':
            return PCRE2_EXTENDED;
        case 'A':
            return PCRE2_ANCHORED;
        case 'E':
            return PCRE2_DOLLAR_ENDONLY;
        case 'G':
            return PCRE2_UNGREEDY;
        default:
            return std::nullopt;
    }
}

}  // namespace

void Regex::Free::operator()(void* code) const {
    pcre2_code_free(static_cast<pcre2_code*>(code));
}

OrReason<Regex> Regex::compile(std::string_view pattern, std::string_view flags) {
    std::uint32_t options = 0;
    for (const char flag : flags) {
        const auto option = option_of(flag);
        if (!option) {
            return std::unexpected(fmt::format("the flag \"{}\" is not known", flag));
        }
        options |= *option;
    }
    int error = 0;
    PCRE2_SIZE at = 0;
    pcre2_code* code = pcre2_compile(
        reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), options, &error, &at, nullptr
    );
    if (code == nullptr) {
        return std::unexpected(fmt::format("the expression is wrong at byte {}", at));
    }
    // Without it, searches are slower and nothing else.
    (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    return Regex(code);
}

std::optional<Regex::Match> Regex::find(ByteView in, std::size_t from) const {
    thread_local const MatchSpace space;
    if (from > in.size()) {
        return std::nullopt;
    }
    static constexpr std::uint8_t kEmpty = 0;
    const int count = pcre2_match(
        static_cast<const pcre2_code*>(code_.get()), in.empty() ? &kEmpty : in.data(), in.size(),
        from, 0, space.data, space.context
    );
    if (count < 0) {
        return std::nullopt;
    }
    const PCRE2_SIZE* found = pcre2_get_ovector_pointer(space.data);
    // \K can make a match begin behind its end.
    Match match{.begin = found[0], .end = std::max(found[0], found[1])};
    if (count != 1 && found[2] != PCRE2_UNSET && found[2] <= found[3]) {
        match.group_begin = found[2];
        match.group_end = found[3];
    }
    return match;
}

}  // namespace phantom::detect
