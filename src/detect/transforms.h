#pragma once

// What a rule does to a buffer before it looks into it: to_lowercase, url_decode, dotprefix...

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "detect/reason.h"
#include "detect/regex.h"

namespace phantom::detect {

inline constexpr std::size_t kTransformsMax = 8;
inline constexpr std::size_t kXorKeyMax = 256;

struct Transform {
    enum class Kind : std::uint8_t {
        kDotPrefix,
        kLowercase,
        kUppercase,
        kStripWhitespace,
        kCompressWhitespace,
        kStripPseudoHeaders,
        kHeaderLowercase,
        kUrlDecode,
        kMd5,
        kSha1,
        kSha256,
        kXor,
        kRegex,
        kBase64,
        kGunzip,
        kInflateZlib,
    };

    Kind kind = Kind::kDotPrefix;
    std::size_t offset = 0;
    std::size_t size = 0;    // kBase64: bytes taken; kXor: bytes of the key in the buffer
    std::size_t key_at = 0;  // kXor
    std::size_t size_max = 0;
    std::string text;  // kXor: the key; kRegex: the expression
    std::optional<Regex> regex;

    // The same name and arguments do the same.
    [[nodiscard]] bool same_as(const Transform& other) const {
        return kind == other.kind && offset == other.offset && size == other.size &&
               key_at == other.key_at && size_max == other.size_max && text == other.text;
    }
};

[[nodiscard]] bool is_transform(std::string_view name);
[[nodiscard]] OrReason<Transform> parse_transform(std::string_view name, std::string_view value);

[[nodiscard]] std::vector<std::uint8_t> apply(
    const std::vector<Transform>& transforms, ByteView bytes
);

}  // namespace phantom::detect
