#include "alert/pattern.h"

#include <array>

#include <fmt/format.h>

#define PCRE2_CODE_UNIT_WIDTH 8  // NOLINT(readability-identifier-naming): PCRE2's own
#include <pcre2.h>

#include "base/assert.h"

namespace phantom::alert {

namespace {

PCRE2_SPTR8 as_pcre(std::string_view text) {
    return reinterpret_cast<PCRE2_SPTR8>(text.data());
}

std::string pcre_message(int code) {
    std::array<PCRE2_UCHAR8, 256> text{};
    pcre2_get_error_message_8(code, text.data(), text.size());
    return reinterpret_cast<const char*>(text.data());
}

}  // namespace

struct Pattern::Code {
    struct Free {
        void operator()(pcre2_code_8* object) const { pcre2_code_free_8(object); }
        void operator()(pcre2_match_context_8* object) const { pcre2_match_context_free_8(object); }
        void operator()(pcre2_match_data_8* object) const { pcre2_match_data_free_8(object); }
    };

    std::unique_ptr<pcre2_code_8, Free> code;
    std::unique_ptr<pcre2_match_context_8, Free> limits;
    std::unique_ptr<pcre2_match_data_8, Free> result;
};

std::expected<Pattern, std::string> Pattern::make(std::string_view text) {
    if (text.size() > kPatternSizeMax) {
        return std::unexpected(fmt::format("longer than {} bytes", kPatternSizeMax));
    }
    // \C would cut characters, and is the one thing with which UTF-8 mode is not safe. Labels that are not
    // UTF-8 match nothing.
    constexpr std::uint32_t kOptions = PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_UTF |
                                       PCRE2_NEVER_BACKSLASH_C | PCRE2_DOTALL |
                                       PCRE2_NO_AUTO_CAPTURE;
    int error = 0;
    PCRE2_SIZE at = 0;
    auto code = std::make_shared<Code>();
    code->code.reset(pcre2_compile_8(as_pcre(text), text.size(), kOptions, &error, &at, nullptr));
    if (code->code == nullptr) {
        return std::unexpected(fmt::format("{} at character {}", pcre_message(error), at + 1));
    }
    code->limits.reset(pcre2_match_context_create_8(nullptr));
    code->result.reset(pcre2_match_data_create_8(1, nullptr));
    PM_ASSERT(code->limits != nullptr);
    PM_ASSERT(code->result != nullptr);
    pcre2_set_match_limit_8(code->limits.get(), kPatternStepsMax);
    pcre2_set_heap_limit_8(code->limits.get(), kPatternHeapMaxKib);
    return Pattern(std::move(code));
}

bool Pattern::matches(std::string_view text) const {
    return pcre2_match_8(
               code_->code.get(), as_pcre(text), text.size(), 0, 0, code_->result.get(),
               code_->limits.get()
           ) >= 0;
}

}  // namespace phantom::alert
