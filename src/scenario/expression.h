#pragma once

// What scenarios and parsers ask about an event, in the language that they are written in. Compiled once;
// asked as often as there are lines. One thread at a time.
//
//     const auto asked = PM_TRY_FLAW(Expression::compile("evt.Meta.service == 'ssh'", files));
//     const bool yes = asked.holds(scope);

#include <memory>
#include <string_view>

#include "base/result.h"
#include "scenario/errors.h"
#include "scenario/expression_tree.h"
#include "scenario/functions.h"
#include "scenario/value.h"

namespace phantom::scenario {

// Of one evaluation: so many parts are looked at, so many values made.
inline constexpr std::size_t kEvaluationStepsMax = 400'000;
// Of one text or list that an expression makes.
inline constexpr std::size_t kMadeSizeMax = 1U << 20U;

struct Scope {
    Value* event = nullptr;
    const Value* queue = nullptr;  // {"Queue": [events]}
    Stash* stash = nullptr;
    std::int64_t now_ns = 0;
};

class Expression {
  public:
    [[nodiscard]] static OrFlaw<Expression> compile(std::string_view text, const DataFiles& files);

    [[nodiscard]] Result<Value> evaluate(const Scope& scope) const;
    // False where it cannot be evaluated.
    [[nodiscard]] bool holds(const Scope& scope) const;

  private:
    explicit Expression(ExpressionTree tree)
        : tree_(std::make_shared<const ExpressionTree>(std::move(tree))) {}

    std::shared_ptr<const ExpressionTree> tree_;
};

}  // namespace phantom::scenario
