#pragma once

// One evaluation of an expression. What it returns lives as long as it does, and as the event.

#include <concepts>
#include <forward_list>
#include <vector>

#include "base/result.h"
#include "scenario/expression.h"

namespace phantom::scenario {

class Evaluator {
  public:
    Evaluator(const ExpressionTree& tree, const Scope& scope)
        : scope_(scope), variables_(tree.variables) {}

    Result<const Value*> evaluate(const ExpressionNode& node);

  private:
    using Node = ExpressionNode;

    const Value* keep(Value value);
    // Most of what is said is yes or no: that is not kept anew each time.
    static const Value* keep(std::same_as<bool> auto truth) { return truth_value(truth); }
    static const Value* truth_value(bool truth);
    Result<bool> truth(const Node& node);
    Result<std::string_view> text(const Node& node);

    // evaluator.cpp: what goes one way or another.
    Result<const Value*> choose(const Node& node);
    Result<const Value*> logical(const Node& node);
    Result<const Value*> each(const Node& node);
    Result<const Value*> call(const Node& node);
    Result<const Value*> list(const Node& node);
    // evaluator_values.cpp: what values say of each other, and parts of them.
    Result<const Value*> operation(const Node& node);
    Result<const Value*> member(const Node& node);
    Result<const Value*> indexed(const Node& node);
    Result<const Value*> slice(const Node& node);
    Result<const Value*> method(const Node& node);
    Result<const Value*> compare(const Node& node);
    Result<const Value*> reckon(const Node& node);
    Result<const Value*> is_in(const Node& node);
    Result<const Value*> about_text(const Node& node);
    Result<const Value*> missing(const Node& node) const;
    Result<std::size_t> bound(const Node& node, std::size_t size, std::size_t absent);

    const Scope& scope_;
    std::vector<const Value*> variables_;
    const Value* element_ = nullptr;
    std::forward_list<Value> kept_;  // places that never move
    std::size_t steps_ = 0;
    std::size_t made_ = 0;
};

}  // namespace phantom::scenario
