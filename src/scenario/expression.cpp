#include "scenario/expression.h"

#include "scenario/evaluator.h"

namespace phantom::scenario {

OrFlaw<Expression> Expression::compile(std::string_view text, const DataFiles& files) {
    return Expression(PM_TRY_FLAW(parse_expression(text, files)));
}

Result<Value> Expression::evaluate(const Scope& scope) const {
    Evaluator evaluator(*tree_, scope);
    return Value(*PM_TRY(evaluator.evaluate(tree_->root)));
}

bool Expression::holds(const Scope& scope) const {
    Evaluator evaluator(*tree_, scope);
    const auto said = evaluator.evaluate(tree_->root);
    return said && (*said)->is_bool() && (*said)->get_bool();
}

}  // namespace phantom::scenario
