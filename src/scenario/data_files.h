#pragma once

// Lists of words and expressions that scenarios name.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/flaw.h"
#include "scenario/pattern.h"

namespace phantom::scenario {

inline constexpr std::size_t kDataLinesMax = 100'000;
inline constexpr std::size_t kDataExpressionsMax = 2'000;

struct DataFile {
    std::vector<std::string> lines;
    std::vector<Pattern> patterns;  // of RegexpInFile
};

class DataFiles {
  public:
    // One entry a line; lines that begin with '#' say nothing.
    [[nodiscard]] OrFlaw<void> add(std::string name, std::string_view text);
    // Null where there is none.
    [[nodiscard]] std::shared_ptr<const DataFile> find(std::string_view name) const;
    [[nodiscard]] OrFlaw<std::shared_ptr<const DataFile>> patterns_of(std::string_view name) const;

  private:
    std::map<std::string, std::shared_ptr<const DataFile>, std::less<>> files_;
};

}  // namespace phantom::scenario
