#include <array>

#include <fmt/format.h>

#include "detect/rule_options.h"
#include "detect/text.h"

namespace phantom::detect {

namespace {

constexpr std::size_t kContentSizeMax = 8192;

// "GET|20 2f|": bytes in hexadecimal between bars, a backslash before what would mean something.
OrReason<std::string> content_bytes(std::string_view text) {
    std::string bytes;
    bool in_hex = false;
    int high = -1;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char each = text[at];
        if (each == '|') {
            if (high >= 0) {
                return std::unexpected("half a byte between bars");
            }
            in_hex = !in_hex;
        } else if (!in_hex) {
            if (each == '\\' && at + 1 < text.size()) {
                ++at;
            }
            bytes += text[at];
        } else if (!is_blank(each)) {
            const int digit = hex_digit(each);
            if (digit < 0) {
                return std::unexpected("only hexadecimal digits stand between bars");
            }
            if (high >= 0) {
                bytes += static_cast<char>(high * 16 + digit);
                high = -1;
            } else {
                high = digit;
            }
        }
    }
    if (in_hex) {
        return std::unexpected("a bar has no second one");
    }
    if (bytes.empty() || bytes.size() > kContentSizeMax) {
        return std::unexpected(fmt::format("a content has 1 to {} bytes", kContentSizeMax));
    }
    return bytes;
}

OrReason<ContentMatch> read_content_value(const RuleOption& option) {
    ContentMatch content;
    content.pattern = PM_TRY_REASON(content_bytes(option.value));
    content.negated = option.negated;
    return content;
}

OrReason<void> read_content(RuleBuilder& builder, const RuleOption& option) {
    builder.add(PM_TRY_REASON(read_content_value(option)));
    return {};
}

OrReason<void> read_uricontent(RuleBuilder& builder, const RuleOption& option) {
    builder.add_to(BufferId::kHttpUri, PM_TRY_REASON(read_content_value(option)));
    return {};
}

OrReason<void> read_nocase(RuleBuilder& builder, const RuleOption& option) {
    ContentMatch* content = PM_TRY_REASON(builder.last_content(option.name));
    content->ignores_case = true;
    content->pattern = lowered(content->pattern);
    return {};
}

OrReason<void> read_position(RuleBuilder& builder, const RuleOption& option) {
    ContentMatch* content = PM_TRY_REASON(builder.last_content(option.name));
    const Operand where = PM_TRY_REASON(builder.operand(option.value));
    const auto size = static_cast<std::int64_t>(content->pattern.size());
    if (option.name == "offset") {
        content->offset = where;
    } else if (option.name == "distance") {
        content->distance = where;
    } else if (where.variable < 0 && where.value < size) {
        return std::unexpected(
            fmt::format("{} is {}, the content has {} bytes", option.name, where.value, size)
        );
    } else if (option.name == "depth") {
        content->depth = where;
    } else {
        content->within = where;
    }
    return {};
}

OrReason<void> read_starts_with(RuleBuilder& builder, const RuleOption& option) {
    ContentMatch* content = PM_TRY_REASON(builder.last_content(option.name));
    if (content->offset || content->depth || content->is_relative()) {
        return std::unexpected("startswith says where the content is already");
    }
    content->starts_with = true;
    return {};
}

OrReason<void> read_ends_with(RuleBuilder& builder, const RuleOption& option) {
    ContentMatch* content = PM_TRY_REASON(builder.last_content(option.name));
    content->ends_with = true;
    return {};
}

// "fast_pattern", also with ":only" or ":offset,length", which change only where it is looked for.
OrReason<void> read_fast_pattern(RuleBuilder& builder, const RuleOption& option) {
    ContentMatch* content = PM_TRY_REASON(builder.last_content(option.name));
    content->fast_pattern = true;
    return {};
}

OrReason<void> nothing_to_do(RuleBuilder& /*builder*/, const RuleOption& /*option*/) {
    return {};
}

std::optional<BufferId> buffer_of_flag(char flag) {
    switch (flag) {
        case 'U':
            return BufferId::kHttpUri;
        case 'I':
            return BufferId::kHttpUriRaw;
        case 'P':
            return BufferId::kHttpRequestBody;
        case 'Q':
            return BufferId::kHttpResponseBody;
        case 'H':
            return BufferId::kHttpHeader;
        case 'D':
            return BufferId::kHttpHeaderRaw;
        case 'M':
            return BufferId::kHttpMethod;
        case 'C':
            return BufferId::kHttpCookie;
        case 'S':
            return BufferId::kHttpStatCode;
        case 'Y':
            return BufferId::kHttpStatMessage;
        case 'V':
            return BufferId::kHttpUserAgent;
        case 'W':
            return BufferId::kHttpHost;
        case 'Z':
            return BufferId::kHttpHostRaw;
        default:
            return std::nullopt;
    }
}

// "/expression/flags": R for relative, B and O for nothing here, a letter for a buffer.
OrReason<void> read_pcre(RuleBuilder& builder, const RuleOption& option) {
    std::string_view text = option.value;
    bool negated = option.negated;
    if (text.starts_with('!')) {
        negated = true;
        text = trimmed(text.substr(1));
    }
    const std::size_t last = text.rfind('/');
    if (!text.starts_with('/') || last == 0) {
        return std::unexpected("an expression stands between slashes");
    }
    const std::string_view after = text.substr(last + 1);
    // What captures are called, for Lua and logs: "/(.*)/,flow:name".
    if (after.contains(',')) {
        return std::unexpected("captures into variables are not supported");
    }
    bool relative = false;
    std::optional<BufferId> buffer;
    std::string flags;
    for (const char flag : after) {
        if (flag == 'R') {
            relative = true;
        } else if (const auto chosen = buffer_of_flag(flag)) {
            buffer = chosen;
        } else if (flag != 'B' && flag != 'O') {
            flags += flag;
        }
    }
    Regex regex = PM_TRY_REASON(Regex::compile(text.substr(1, last - 1), flags));
    const RegexMatch match{.regex = std::move(regex), .negated = negated, .relative = relative};
    if (buffer) {
        builder.add_to(*buffer, match);
    } else if (relative) {
        builder.add_relative(match);
    } else {
        builder.add(match);
    }
    return {};
}

OrReason<void> read_isdataat(RuleBuilder& builder, const RuleOption& option) {
    DataAt data;
    const std::vector<std::string_view> parts = split(option.value, ',');
    std::string_view at = parts[0];
    if (at.starts_with('!')) {
        data.negated = true;
        at = trimmed(at.substr(1));
    }
    data.at = PM_TRY_REASON(builder.operand(at));
    for (std::size_t index = 1; index < parts.size(); ++index) {
        if (parts[index] == "relative") {
            data.relative = true;
        } else if (parts[index] != "rawbytes") {
            return std::unexpected(fmt::format("\"{}\" is not understood", parts[index]));
        }
    }
    if (data.relative) {
        builder.add_relative(data);
    } else {
        builder.add(data);
    }
    return {};
}

OrReason<void> read_bsize(RuleBuilder& builder, const RuleOption& option) {
    builder.add(SizeMatch{PM_TRY_REASON(integer_of(option))});
    return {};
}

OrReason<void> read_absent(RuleBuilder& builder, const RuleOption& option) {
    if (option.has_value && trimmed(option.value) != "or_else") {
        return std::unexpected("only \"or_else\" can follow");
    }
    builder.add(AbsentMatch{.or_else = option.has_value});
    return {};
}

OrReason<void> read_payload(RuleBuilder& builder, const RuleOption& /*option*/) {
    builder.select(BufferId::kPayload);
    return {};
}

constexpr std::array kContentOptions{
    NamedOption{"content", read_content},    NamedOption{"uricontent", read_uricontent},
    NamedOption{"nocase", read_nocase},      NamedOption{"offset", read_position},
    NamedOption{"depth", read_position},     NamedOption{"distance", read_position},
    NamedOption{"within", read_position},    NamedOption{"startswith", read_starts_with},
    NamedOption{"endswith", read_ends_with}, NamedOption{"fast_pattern", read_fast_pattern},
    NamedOption{"rawbytes", nothing_to_do},  NamedOption{"prefilter", nothing_to_do},
    NamedOption{"replace", nothing_to_do},   NamedOption{"pcre", read_pcre},
    NamedOption{"isdataat", read_isdataat},  NamedOption{"bsize", read_bsize},
    NamedOption{"absent", read_absent},      NamedOption{"pkt_data", read_payload},
};

}  // namespace

OptionReader content_option(std::string_view name) {
    return look_up_option(kContentOptions, name);
}

}  // namespace phantom::detect
