#pragma once

// The part of YAML that scenarios and parsers are written in, with bounds: no aliases, so that a short
// text cannot stand for a long one, and a limit on depth, values and size.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/flaw.h"
#include "scenario/value.h"

namespace phantom::scenario {

inline constexpr std::size_t kYamlSizeMax = 1U << 20U;
inline constexpr std::size_t kYamlDepthMax = 24;
inline constexpr std::size_t kYamlValuesMax = 20'000;  // of a document
inline constexpr std::size_t kYamlDocumentsMax = 256;

struct Yaml {
    enum class Kind : std::uint8_t { kNull, kScalar, kList, kMap };

    Kind kind = Kind::kNull;
    bool is_plain = false;  // a scalar without quotes
    std::size_t line = 0;
    std::string key;   // in a map
    std::string text;  // of a scalar
    std::vector<Yaml> items;

    [[nodiscard]] const Yaml* find(std::string_view name) const;
    // "" where there is none, or where it is no scalar.
    [[nodiscard]] const std::string& text_of(std::string_view name) const;
    [[nodiscard]] bool is_true() const;
    // The first key that is not among `known`; null where there is none.
    [[nodiscard]] const Yaml* unknown_key(std::span<const std::string_view> known) const;
};

// Plain scalars as truth and numbers where they are such.
[[nodiscard]] Value value_of(const Yaml& yaml);

// One for each document of the text.
[[nodiscard]] OrFlaw<std::vector<Yaml>> read_yaml(std::string_view text);

}  // namespace phantom::scenario
