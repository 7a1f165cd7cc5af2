#pragma once

// The tables of docs/metrics.md, made from families.h. Pure.

#include <string>

namespace phantom::metrics {

// All families, in groups, as Markdown.
[[nodiscard]] std::string reference_text();

}  // namespace phantom::metrics
