#include "detect/matches.h"

#include <algorithm>
#include <cstring>

#include "detect/base64.h"
#include "detect/byte_options.h"
#include "detect/text.h"

namespace phantom::detect {

namespace {

char fold(std::uint8_t each) {
    return lower(static_cast<char>(each));
}

// The first place at or after `from` where `content` begins and ends before `until`.
std::optional<std::size_t> find_content(
    const ContentMatch& content, ByteView buffer, std::size_t from, std::size_t until
) {
    const std::size_t size = content.pattern.size();
    if (until > buffer.size() || from > until || until - from < size) {
        return std::nullopt;
    }
    const ByteView in = buffer.subspan(from, until - from);
    if (!content.ignores_case) {
        const void* found = memmem(in.data(), in.size(), content.pattern.data(), size);
        if (found == nullptr) {
            return std::nullopt;
        }
        return static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - buffer.data());
    }
    const auto found = std::ranges::search(in, content.pattern, {}, fold);
    if (found.empty() && size > 0) {
        return std::nullopt;
    }
    return from + static_cast<std::size_t>(found.begin() - in.begin());
}

// One walk over a buffer's matches. `cursor` is where the last one ended.
class Walk {
  public:
    Walk(const std::vector<BufferMatch>& matches, ByteView buffer, MatchContext& context)
        : matches_(matches), buffer_(buffer), context_(context) {}

    bool from(std::size_t index, std::size_t cursor) {
        if (index == matches_.size()) {
            return true;
        }
        return std::visit(
            [&](const auto& match) { return step(match, index, cursor); }, matches_[index]
        );
    }

  private:
    struct Window {
        std::size_t from = 0;
        std::size_t until = 0;
        bool possible = true;
    };

    // Whether another place for this match can make a difference to the next one.
    [[nodiscard]] bool next_is_relative(std::size_t index) const {
        if (index + 1 >= matches_.size()) {
            return false;
        }
        return std::visit(
            [](const auto& match) {
                using Match = std::remove_cvref_t<decltype(match)>;
                if constexpr (std::is_same_v<Match, ContentMatch>) {
                    return match.is_relative();
                } else if constexpr (std::is_same_v<Match, RegexMatch> ||
                                     std::is_same_v<Match, DataAt> ||
                                     std::is_same_v<Match, Base64Decode>) {
                    return match.relative;
                } else if constexpr (requires { match.form; }) {
                    return match.form.relative;
                } else {
                    return false;
                }
            },
            matches_[index + 1]
        );
    }

    [[nodiscard]] Window window(const ContentMatch& content, std::size_t cursor) const {
        const auto size = static_cast<std::int64_t>(buffer_.size());
        const ByteVariables& variables = context_.variables;
        std::int64_t from = 0;
        std::int64_t until = size;
        if (content.is_relative()) {
            const auto base = static_cast<std::int64_t>(cursor);
            const std::int64_t distance = content.distance ? content.distance->in(variables) : 0;
            from = std::max<std::int64_t>(base + distance, 0);
            if (content.within) {
                until = std::min(until, base + distance + content.within->in(variables));
            }
        }
        if (content.offset) {
            from = std::max(from, content.offset->in(variables));
        }
        if (content.depth) {
            const std::int64_t base = content.offset ? content.offset->in(variables) : 0;
            until = std::min(until, base + content.depth->in(variables));
        }
        const auto pattern = static_cast<std::int64_t>(content.pattern.size());
        if (content.starts_with) {
            until = std::min(until, from + pattern);
        }
        if (content.ends_with) {
            from = std::max(from, until == size ? size - pattern : size);
        }
        if (from < 0 || until < from || until - from < pattern) {
            return {.possible = false};
        }
        return {static_cast<std::size_t>(from), static_cast<std::size_t>(until)};
    }

    bool step(const ContentMatch& content, std::size_t index, std::size_t cursor) {
        const Window where = window(content, cursor);
        std::size_t from_here = where.from;
        while (steps_++ < kMatchStepsMax) {
            const auto found = where.possible
                                   ? find_content(content, buffer_, from_here, where.until)
                                   : std::nullopt;
            if (content.negated) {
                return !found && from(index + 1, cursor);
            }
            if (!found) {
                return false;
            }
            if (from(index + 1, *found + content.pattern.size())) {
                return true;
            }
            if (!next_is_relative(index)) {
                return false;
            }
            from_here = *found + 1;
        }
        return false;
    }

    bool step(const RegexMatch& match, std::size_t index, std::size_t cursor) {
        const std::size_t base = match.relative ? cursor : 0;
        if (base > buffer_.size()) {
            return match.negated && from(index + 1, cursor);
        }
        const ByteView in = buffer_.subspan(base);
        std::size_t at = 0;
        while (steps_++ < kMatchStepsMax) {
            const auto found = match.regex.find(in, at);
            if (match.negated) {
                return !found && from(index + 1, cursor);
            }
            if (!found) {
                return false;
            }
            if (from(index + 1, base + found->end)) {
                return true;
            }
            if (!next_is_relative(index)) {
                return false;
            }
            at = found->begin + 1;
        }
        return false;
    }

    bool step(const ByteTest& test, std::size_t index, std::size_t cursor) {
        return holds(test, buffer_, cursor, context_) && from(index + 1, cursor);
    }

    bool step(const ByteJump& jump, std::size_t index, std::size_t cursor) {
        const auto landed = land(jump, buffer_, cursor, context_);
        return landed && from(index + 1, *landed);
    }

    bool step(const ByteExtract& extract, std::size_t index, std::size_t cursor) {
        const auto landed = extract_number(extract, buffer_, cursor, context_);
        return landed && from(index + 1, *landed);
    }

    bool step(const ByteMath& math, std::size_t index, std::size_t cursor) {
        const auto landed = compute(math, buffer_, cursor, context_);
        return landed && from(index + 1, *landed);
    }

    bool step(const DataAt& data, std::size_t index, std::size_t cursor) {
        const std::int64_t at = data.at.in(context_.variables);
        const auto size = static_cast<std::int64_t>(buffer_.size());
        const bool there =
            data.relative ? static_cast<std::int64_t>(cursor) + at <= size : at < size;
        return there != data.negated && from(index + 1, cursor);
    }

    bool step(const SizeMatch& size, std::size_t index, std::size_t cursor) {
        return size.test.holds(buffer_.size()) && from(index + 1, cursor);
    }

    // The engine asks for what is absent; here something is there.
    bool step(const AbsentMatch& absent, std::size_t index, std::size_t cursor) {
        return absent.or_else && from(index + 1, cursor);
    }

    bool step(const Base64Decode& decode, std::size_t index, std::size_t cursor) {
        const std::int64_t base =
            (decode.relative ? static_cast<std::int64_t>(cursor) : 0) + decode.offset;
        if (base < 0 || base > static_cast<std::int64_t>(buffer_.size())) {
            return false;
        }
        ByteView in = buffer_.subspan(static_cast<std::size_t>(base));
        if (decode.bytes != 0 && decode.bytes < in.size()) {
            in = in.first(decode.bytes);
        }
        context_.base64 = decode_base64(in);
        return !context_.base64.empty() && from(index + 1, cursor);
    }

    const std::vector<BufferMatch>& matches_;
    ByteView buffer_;
    MatchContext& context_;
    unsigned steps_ = 0;
};

}  // namespace

bool holds_on(const std::vector<BufferMatch>& matches, ByteView buffer, MatchContext& context) {
    return Walk(matches, buffer, context).from(0, 0);
}

}  // namespace phantom::detect
