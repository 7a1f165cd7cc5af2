#include "scenario/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8  // NOLINT(readability-identifier-naming): asked for by the library
#include <fmt/format.h>
#include <pcre2.h>

#include "base/assert.h"

namespace phantom::scenario {

namespace {

constexpr std::size_t kJitStackSize = 32U << 10U;
constexpr std::size_t kJitStackSizeMax = 1U << 20U;
constexpr std::uint32_t kPatternNestingMax = 250;
constexpr std::size_t kPatternReasonMax = 256;

// One for each thread: what a search needs beside the expression.
struct SearchSpace {
    pcre2_match_context* context;
    pcre2_jit_stack* stack;

    SearchSpace()
        : context(pcre2_match_context_create(nullptr)),
          stack(pcre2_jit_stack_create(kJitStackSize, kJitStackSizeMax, nullptr)) {
        PM_ASSERT(context != nullptr);
        PM_ASSERT(stack != nullptr);
        pcre2_set_match_limit(context, kPatternStepsMax);
        pcre2_set_depth_limit(context, kPatternStepsMax);
        pcre2_set_heap_limit(context, kPatternHeapMaxKiB);
        pcre2_jit_stack_assign(context, nullptr, stack);
    }
    ~SearchSpace() {
        pcre2_match_context_free(context);
        pcre2_jit_stack_free(stack);
    }
    SearchSpace(const SearchSpace&) = delete;
    SearchSpace& operator=(const SearchSpace&) = delete;
};

struct CompileSettings {
    pcre2_compile_context* context = pcre2_compile_context_create(nullptr);

    CompileSettings() {
        PM_ASSERT(context != nullptr);
        pcre2_set_newline(context, PCRE2_NEWLINE_LF);
        pcre2_set_parens_nest_limit(context, kPatternNestingMax);
    }
    ~CompileSettings() { pcre2_compile_context_free(context); }
    CompileSettings(const CompileSettings&) = delete;
    CompileSettings& operator=(const CompileSettings&) = delete;
};

std::string reason_of(int error, PCRE2_SIZE at) {
    std::string text(kPatternReasonMax, '\0');
    const int size =
        pcre2_get_error_message(error, reinterpret_cast<PCRE2_UCHAR*>(text.data()), text.size());
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return fmt::format("the expression is wrong at byte {}: {}", at, text);
}

}  // namespace

OrFlaw<Pattern> Pattern::compile(std::string_view text) {
    if (text.size() > kPatternSizeMax) {
        return flawed("the expression is too long");
    }
    const CompileSettings settings;
    int error = 0;
    PCRE2_SIZE at = 0;
    // Bytes, not characters: a line that is not UTF-8 must not escape. "$" is the end, as in Go, whose
    // expressions these are; they may give one name to several groups.
    pcre2_code* code = pcre2_compile(
        reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
        PCRE2_DOLLAR_ENDONLY | PCRE2_DUPNAMES | PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UTF, &error,
        &at, settings.context
    );
    if (code == nullptr) {
        return flawed(reason_of(error, at));
    }
    std::shared_ptr<void> owned(code, [](void* each) {
        pcre2_code_free(static_cast<pcre2_code*>(each));
    });
    // Without it, searches are slower and nothing else.
    (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    return Pattern(std::move(owned));
}

Pattern::Outcome Pattern::search(std::string_view in, std::vector<std::string_view>& groups) const {
    thread_local const SearchSpace space;
    const auto* code = static_cast<const pcre2_code*>(code_.get());
    const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(
        pcre2_match_data_create_from_pattern(code, nullptr), pcre2_match_data_free
    );
    PM_ASSERT(data != nullptr);
    const char* const begin = in.data() != nullptr ? in.data() : "";
    const int count = pcre2_match(
        code, reinterpret_cast<PCRE2_SPTR>(begin), in.size(), 0, 0, data.get(), space.context
    );
    groups.clear();
    if (count < 0) {
        return count == PCRE2_ERROR_NOMATCH ? Outcome::kNone : Outcome::kGaveUp;
    }
    const PCRE2_SIZE* found = pcre2_get_ovector_pointer(data.get());
    groups.resize(pcre2_get_ovector_count(data.get()));
    for (std::size_t group = 0; group < static_cast<std::size_t>(count); ++group) {
        const PCRE2_SIZE first = found[2 * group];
        const PCRE2_SIZE last = found[2 * group + 1];
        // \K can make a match begin behind its end.
        if (first != PCRE2_UNSET && first <= last) {
            groups[group] = std::string_view(begin, in.size()).substr(first, last - first);
        }
    }
    return Outcome::kMatch;
}

Pattern::Outcome Pattern::search(std::string_view in) const {
    std::vector<std::string_view> groups;
    return search(in, groups);
}

std::vector<Pattern::Name> Pattern::names() const {
    const auto* code = static_cast<const pcre2_code*>(code_.get());
    std::uint32_t count = 0;
    std::uint32_t size = 0;
    PCRE2_SPTR table = nullptr;
    (void)pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &count);
    (void)pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    (void)pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, static_cast<void*>(&table));
    std::vector<Name> found;
    // pcre2api(3), "Information about a compiled pattern": two bytes of number, then the name.
    for (std::uint32_t index = 0; index < count; ++index) {
        const PCRE2_SPTR entry = table + static_cast<std::size_t>(index) * size;
        const std::size_t group = (static_cast<std::size_t>(entry[0]) << 8U) | entry[1];
        found.push_back({reinterpret_cast<const char*>(entry + 2), group});
    }
    return found;
}

}  // namespace phantom::scenario
