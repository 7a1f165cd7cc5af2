#pragma once

// `phantom schema [VERB ...]`: the JSON Schemas of what --json prints, as published in docs/schemas and built into the
// program (cmake/PmSchemas.cmake).

#include <string>
#include <string_view>
#include <vector>

namespace phantom::cli {

// Views of what lives as long as the program.
struct PublishedSchema {
    std::string_view name;  // "phantom.status/1"
    std::string_view text;  // JSON
};

// By name.
[[nodiscard]] const std::vector<PublishedSchema>& published_schemas();

// Those of a verb ("token create"), or the one that is called so ("phantom.token/1"). Empty: there is none.
[[nodiscard]] std::vector<PublishedSchema> schemas_of(std::string_view wanted);

// Prints them, several as one JSON array; of no words a table of all verbs. An exit status.
int show_schemas(const std::vector<std::string>& words, bool as_json);

}  // namespace phantom::cli
