#pragma once

// Grok: expressions with names for their parts. %{NAME} stands for the expression of that name,
// %{NAME:field} also keeps what it took as `field`.

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenario/flaw.h"
#include "scenario/pattern.h"

namespace phantom::scenario {

inline constexpr std::size_t kGrokDepthMax = 16;
inline constexpr std::size_t kGrokNamesMax = 512;

// The names that one parser knows: its own, those of what it stands in, the ones everybody has.
class GrokLibrary {
  public:
    GrokLibrary() = default;
    explicit GrokLibrary(const GrokLibrary* outer) : outer_(outer) {}

    [[nodiscard]] bool add(std::string name, std::string text);
    // Null where nobody has it.
    [[nodiscard]] const std::string* find(std::string_view name) const;

  private:
    const GrokLibrary* outer_ = nullptr;
    std::map<std::string, std::string, std::less<>> texts_;
};

// What every parser may use; null where there is no such name.
[[nodiscard]] const std::string* standard_grok(std::string_view name);

class Grok {
  public:
    [[nodiscard]] static OrFlaw<Grok> compile(std::string_view text, const GrokLibrary& library);

    using Fields = std::vector<std::pair<std::string, std::string>>;
    // Every field of the expression, "" for those that took nothing.
    Pattern::Outcome parse(std::string_view line, Fields& fields) const;

  private:
    struct Field {
        std::string name;
        std::vector<std::size_t> groups;
    };

    Grok(Pattern pattern, std::vector<Field> fields)
        : pattern_(std::move(pattern)), fields_(std::move(fields)) {}

    Pattern pattern_;
    std::vector<Field> fields_;
};

}  // namespace phantom::scenario
