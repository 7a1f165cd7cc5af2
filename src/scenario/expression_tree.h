#pragma once

// An expression, parsed.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenario/flaw.h"
#include "scenario/pattern.h"
#include "scenario/value.h"

namespace phantom::scenario {

struct Function;
struct DataFile;
class DataFiles;

inline constexpr std::size_t kExpressionDepthMax = 64;
// Of the tree, which is walked by calls; a chain of sums is as high as it is long.
inline constexpr std::size_t kExpressionHeightMax = 128;
inline constexpr std::size_t kExpressionNodesMax = 50'000;

struct ExpressionNode {
    enum class Kind : std::uint8_t {
        kLiteral,
        kEvent,     // evt
        kQueue,     // queue
        kElement,   // #, and what a member without a subject is of
        kVariable,  // by `index`
        kMember,    // items[0] . name
        kIndex,     // items[0] [ items[1] ]
        kSlice,     // items[0] [ items[1] : items[2] ], either may be absent
        kList,
        kNot,
        kMinus,
        kAnd,  // of all items
        kOr,
        kChoice,     // items[0] ? items[1] : items[2]
        kOtherwise,  // items[0] ?? items[1]
        kLet,        // variable `index` is items[0] in items[1]
        kCompare,    // by `name`: == != < > <= >=
        kReckon,     // by `name`: + - * / %
        kIn,
        kContains,
        kStartsWith,
        kEndsWith,
        kMatches,
        kCall,   // `function` of items
        kEach,   // `name` (any, all, ...) over items[0] with items[1] for each
        kMethod  // `name` of items[0]
    };

    Kind kind = Kind::kLiteral;
    bool is_optional = false;       // ?. : nothing is a member of nothing
    bool missing_is_empty = false;  // a map of texts: what is not there is ""
    std::string name;
    Value literal;
    std::size_t index = 0;
    std::size_t height = 1;
    std::vector<ExpressionNode> items;
    const Function* function = nullptr;
    std::shared_ptr<const Pattern> pattern;
    std::shared_ptr<const DataFile> file;
};

struct ExpressionTree {
    ExpressionNode root;
    std::size_t variables = 0;
};

[[nodiscard]] OrFlaw<ExpressionTree> parse_expression(
    std::string_view text, const DataFiles& files
);

}  // namespace phantom::scenario
