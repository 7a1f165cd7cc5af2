#pragma once

// A rule while its options are read one after the other.

#include <map>
#include <string>
#include <vector>

#include "detect/reason.h"
#include "detect/rule.h"
#include "detect/rule_text.h"

namespace phantom::detect {

class RuleBuilder {
  public:
    Rule rule;

    // The section that contents and their kin go to now.
    [[nodiscard]] Section& section();
    void select(BufferId buffer);
    [[nodiscard]] OrReason<void> add_transform(Transform transform);
    void add(BufferMatch match);
    // Beside the last match, which it is relative to, where no sticky buffer says otherwise.
    void add_relative(BufferMatch match);
    void add_to(BufferId buffer, BufferMatch match);

    // The last content, for its modifiers; a reason where there is none.
    [[nodiscard]] OrReason<ContentMatch*> last_content(std::string_view modifier);
    // http_uri and its kin: moves the last content, or what stands there, to another section.
    [[nodiscard]] OrReason<void> move_last_to(BufferId buffer);

    // byte_extract and byte_math name variables; a number, or a variable that has a name already.
    [[nodiscard]] OrReason<std::size_t> define_variable(std::string_view name);
    [[nodiscard]] OrReason<Operand> operand(std::string_view text) const;

    // Where a section has nothing to say, as after "http.uri;" alone.
    void drop_empty_sections();

  private:
    Section& section_of(BufferId buffer);

    std::map<std::string, std::size_t, std::less<>> variables_;
    std::optional<std::size_t> selected_;  // index of the section; none: the payload
    std::optional<std::size_t> last_;      // where the last match went
};

// Reads one option into the rule. The reason names what is wrong with it.
[[nodiscard]] OrReason<void> read_rule_option(RuleBuilder& builder, const RuleOption& option);

}  // namespace phantom::detect
