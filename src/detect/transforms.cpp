#include "detect/transforms.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "detect/base64.h"
#include "detect/byte_reader.h"
#include "detect/digest.h"
#include "detect/inflate.h"
#include "detect/text.h"
#include "detect/url_decode.h"

namespace phantom::detect {

namespace {

using ByteString = std::vector<std::uint8_t>;
using enum Transform::Kind;

constexpr std::size_t kInflatedSizeDefault = 1024;
constexpr std::size_t kInflatedSizeMax = 65'536;

struct Named {
    std::string_view name;
    Transform::Kind kind;
};

constexpr std::array kTransformNames{
    Named{"dotprefix", kDotPrefix},
    Named{"to_lowercase", kLowercase},
    Named{"to_uppercase", kUppercase},
    Named{"strip_whitespace", kStripWhitespace},
    Named{"compress_whitespace", kCompressWhitespace},
    Named{"strip_pseudo_headers", kStripPseudoHeaders},
    Named{"header_lowercase", kHeaderLowercase},
    Named{"url_decode", kUrlDecode},
    Named{"to_md5", kMd5},
    Named{"to_sha1", kSha1},
    Named{"to_sha256", kSha256},
    Named{"xor", kXor},
    Named{"pcrexform", kRegex},
    Named{"from_base64", kBase64},
    Named{"gunzip", kGunzip},
    Named{"zlib_deflate", kInflateZlib},
};

ByteString as_bytes(std::string_view text) {
    return {text.begin(), text.end()};
}

OrReason<std::string> hex_key(std::string_view text) {
    std::string key;
    if (text.empty() || text.size() % 2 != 0 || text.size() / 2 > kXorKeyMax) {
        return std::unexpected("the key is 1 to 256 bytes in hexadecimal");
    }
    for (std::size_t at = 0; at < text.size(); at += 2) {
        const int high = hex_digit(text[at]);
        const int low = hex_digit(text[at + 1]);
        if (high < 0 || low < 0) {
            return std::unexpected("the key is 1 to 256 bytes in hexadecimal");
        }
        key += static_cast<char>(high * 16 + low);
    }
    return key;
}

// "offset 1,extract 4 0" or a key in hexadecimal, with quotes or without.
OrReason<void> read_xor(Transform& transform, std::string_view value) {
    for (const std::string_view part : split(value, ',')) {
        const std::vector<std::string_view> words = split(part, ' ');
        if (words[0] == "offset" && words.size() == 2) {
            const auto offset = number<std::size_t>(words[1]);
            if (!offset) {
                return std::unexpected("the offset is no number");
            }
            transform.offset = *offset;
        } else if (words[0] == "extract" && words.size() == 3) {
            const auto size = number<std::size_t>(words[1]);
            const auto at = number<std::size_t>(words[2]);
            if (!size || !at || *size == 0 || *size > kXorKeyMax) {
                return std::unexpected("extract needs a size and a place");
            }
            transform.size = *size;
            transform.key_at = *at;
        } else {
            std::string_view key = part;
            if (key.size() >= 2 && key.front() == '"' && key.back() == '"') {
                key = key.substr(1, key.size() - 2);
            }
            transform.text = PM_TRY_REASON(hex_key(key));
        }
    }
    if (transform.text.empty() && transform.size == 0) {
        return std::unexpected("the key is missing");
    }
    return {};
}

// "bytes 4, offset 13, mode rfc4648", "max-size 8".
OrReason<void> read_sizes(Transform& transform, std::string_view value) {
    if (trimmed(value).empty()) {
        return {};
    }
    for (const std::string_view part : split(value, ',')) {
        const std::vector<std::string_view> words = split(part, ' ');
        if (words[0] == "mode" && transform.kind == kBase64) {
            continue;
        }
        const auto parsed = words.size() == 2 ? number<std::size_t>(words[1]) : std::nullopt;
        if (!parsed) {
            return std::unexpected(fmt::format("\"{}\" is not understood", part));
        }
        const std::size_t size = *parsed;
        if (words[0] == "offset") {
            transform.offset = size;
        } else if (words[0] == "bytes") {
            transform.size = size;
        } else if (words[0] == "max-size") {
            transform.size_max = std::min(size, kInflatedSizeMax);
        } else {
            return std::unexpected(fmt::format("\"{}\" is not understood", part));
        }
    }
    return {};
}

ByteString with_xor(const Transform& transform, const ByteString& in) {
    ByteString out = in;
    std::string key = transform.text;
    if (transform.size != 0) {
        if (transform.key_at > in.size() || transform.size > in.size() - transform.key_at) {
            return out;
        }
        key = as_text(in).substr(transform.key_at, transform.size);
    }
    for (std::size_t at = transform.offset; at < out.size(); ++at) {
        out[at] ^= static_cast<std::uint8_t>(key[(at - transform.offset) % key.size()]);
    }
    return out;
}

ByteString without_blanks(const ByteString& in, bool keep_one) {
    ByteString out;
    const auto blank = [](std::uint8_t each) { return (each >= 9 && each <= 13) || each == ' '; };
    for (std::size_t at = 0; at < in.size(); ++at) {
        if (!blank(in[at]) || (keep_one && (at == 0 || !blank(in[at - 1])))) {
            out.push_back(in[at]);
        }
    }
    return out;
}

// Names of headers in small letters, values as they are; or lines that begin with ":" left out.
ByteString by_line(const ByteString& in, Transform::Kind kind) {
    std::string out;
    std::string_view rest = as_text(in);
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        const std::string_view line =
            rest.substr(0, end == std::string_view::npos ? rest.size() : end + 1);
        rest.remove_prefix(line.size());
        if (kind == kStripPseudoHeaders) {
            out += line.starts_with(':') ? std::string_view() : line;
        } else {
            const std::size_t colon = std::min(line.find(':'), line.size());
            out += lowered(line.substr(0, colon));
            out += line.substr(colon);
        }
    }
    return as_bytes(out);
}

ByteString decoded_base64(const Transform& transform, const ByteString& in) {
    ByteView part(in);
    part = part.subspan(std::min(transform.offset, part.size()));
    if (transform.size != 0) {
        part = part.first(std::min(transform.size, part.size()));
    }
    return decode_base64(part);
}

ByteString inflated(const Transform& transform, const ByteString& in) {
    const std::size_t size_max =
        transform.size_max == 0 ? kInflatedSizeDefault : transform.size_max;
    return inflate_all(
        transform.kind == kGunzip ? Compression::kGzip : Compression::kZlib, in, size_max
    );
}

ByteString applied(const Transform& transform, ByteString in) {
    switch (transform.kind) {
        case kDotPrefix:
            in.insert(in.begin(), '.');
            return in;
        case kLowercase:
            return as_bytes(lowered(as_text(in)));
        case kUppercase:
            std::ranges::transform(in, in.begin(), [](std::uint8_t each) {
                return each >= 'a' && each <= 'z' ? static_cast<std::uint8_t>(each - 32) : each;
            });
            return in;
        case kStripWhitespace:
            return without_blanks(in, false);
        case kCompressWhitespace:
            return without_blanks(in, true);
        case kStripPseudoHeaders:
        case kHeaderLowercase:
            return by_line(in, transform.kind);
        case kUrlDecode:
            return as_bytes(url_decoded(as_text(in), true));
        case kMd5:
            return digest(Digest::kMd5, in);
        case kSha1:
            return digest(Digest::kSha1, in);
        case kSha256:
            return digest(Digest::kSha256, in);
        case kXor:
            return with_xor(transform, in);
        case kRegex: {
            if (!transform.regex) {
                return in;
            }
            const auto match = transform.regex->find(in, 0);
            return match && match->group_end > 0
                       ? as_bytes(as_text(in).substr(
                             match->group_begin, match->group_end - match->group_begin
                         ))
                       : in;
        }
        case kBase64:
            return decoded_base64(transform, in);
        case kGunzip:
        case kInflateZlib:
            return inflated(transform, in);
    }
    return in;
}

}  // namespace

bool is_transform(std::string_view name) {
    return std::ranges::find(kTransformNames, name, &Named::name) != kTransformNames.end();
}

OrReason<Transform> parse_transform(std::string_view name, std::string_view value) {
    const auto found = std::ranges::find(kTransformNames, name, &Named::name);
    if (found == kTransformNames.end()) {
        return std::unexpected("no such transform");
    }
    Transform transform;
    transform.kind = found->kind;
    switch (transform.kind) {
        case kXor:
            PM_TRY_REASON(read_xor(transform, value));
            break;
        case kRegex:
            transform.text = value;
            transform.regex = PM_TRY_REASON(Regex::compile(value, ""));
            break;
        case kBase64:
        case kGunzip:
        case kInflateZlib:
            PM_TRY_REASON(read_sizes(transform, value));
            break;
        default:
            break;
    }
    return transform;
}

std::vector<std::uint8_t> apply(const std::vector<Transform>& transforms, ByteView bytes) {
    ByteString out(bytes.begin(), bytes.end());
    for (const Transform& transform : transforms) {
        out = applied(transform, std::move(out));
    }
    return out;
}

}  // namespace phantom::detect
