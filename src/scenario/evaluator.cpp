#include "scenario/evaluator.h"

#include <algorithm>

namespace phantom::scenario {

namespace {

using EvaluatedKind = ExpressionNode::Kind;

const Value kNothing;
const Value kTrue(true);
const Value kFalse(false);

}  // namespace

const Value* Evaluator::truth_value(bool truth) {
    return truth ? &kTrue : &kFalse;
}

const Value* Evaluator::keep(Value value) {
    return &kept_.emplace_front(std::move(value));
}

Result<bool> Evaluator::truth(const Node& node) {
    const Value* value = PM_TRY(evaluate(node));
    if (!value->is_bool()) {
        return fail(ExpressionError::kWrongType);
    }
    return value->get_bool();
}

Result<std::string_view> Evaluator::text(const Node& node) {
    const Value* value = PM_TRY(evaluate(node));
    if (!value->is_string()) {
        return fail(ExpressionError::kWrongType);
    }
    return text_of(*value);
}

Result<const Value*> Evaluator::evaluate(const Node& node) {
    if (++steps_ > kEvaluationStepsMax) {
        return fail(ExpressionError::kTooMuchWork);
    }
    switch (node.kind) {
        case EvaluatedKind::kLiteral:
            return &node.literal;
        case EvaluatedKind::kEvent:
            return scope_.event != nullptr ? scope_.event : &kNothing;
        case EvaluatedKind::kQueue:
            return scope_.queue != nullptr ? scope_.queue : &kNothing;
        case EvaluatedKind::kElement:
            return element_ != nullptr ? element_ : &kNothing;
        case EvaluatedKind::kVariable:
            return variables_[node.index];
        case EvaluatedKind::kLet:
            variables_[node.index] = PM_TRY(evaluate(node.items[0]));
            return evaluate(node.items[1]);
        case EvaluatedKind::kNot:
            return truth_value(!PM_TRY(truth(node.items[0])));
        case EvaluatedKind::kAnd:
        case EvaluatedKind::kOr:
            return logical(node);
        case EvaluatedKind::kChoice:
        case EvaluatedKind::kOtherwise:
            return choose(node);
        case EvaluatedKind::kList:
            return list(node);
        case EvaluatedKind::kEach:
            return each(node);
        case EvaluatedKind::kCall:
            return call(node);
        default:
            return operation(node);
    }
}

Result<const Value*> Evaluator::choose(const Node& node) {
    if (node.kind == EvaluatedKind::kOtherwise) {
        const auto first = evaluate(node.items[0]);
        const bool is_nothing =
            first ? (*first)->is_null() : first.error().is(ExpressionError::kMemberOfNothing);
        return is_nothing ? evaluate(node.items[1]) : first;
    }
    return evaluate(node.items[PM_TRY(truth(node.items[0])) ? 1 : 2]);
}

Result<const Value*> Evaluator::logical(const Node& node) {
    const bool ends_with = node.kind == EvaluatedKind::kOr;
    for (const Node& item : node.items) {
        if (PM_TRY(truth(item)) == ends_with) {
            return truth_value(ends_with);
        }
    }
    return truth_value(!ends_with);
}

Result<const Value*> Evaluator::list(const Node& node) {
    boost::json::array items;
    for (const Node& item : node.items) {
        items.push_back(*PM_TRY(evaluate(item)));
    }
    made_ += items.size();
    if (made_ > kMadeSizeMax) {
        return fail(ExpressionError::kTooMuchWork);
    }
    return keep(std::move(items));
}

Result<const Value*> Evaluator::each(const Node& node) {
    const Value* over = PM_TRY(evaluate(node.items[0]));
    const boost::json::array* all = over->if_array();
    if (all == nullptr) {
        return fail(ExpressionError::kWrongType);
    }
    const Value* const outer = element_;
    boost::json::array taken;
    std::int64_t count = 0;
    for (const Value& item : *all) {
        element_ = &item;
        auto said = evaluate(node.items[1]);
        element_ = outer;
        const Value* value = PM_TRY(std::move(said));
        if (node.name == "map") {
            taken.push_back(*value);
            continue;
        }
        if (!value->is_bool()) {
            return fail(ExpressionError::kWrongType);
        }
        if (!value->get_bool()) {
            if (node.name == "all") {
                return &kFalse;
            }
            continue;
        }
        ++count;
        if (node.name == "any") {
            return &kTrue;
        }
        if (node.name == "none") {
            return &kFalse;
        }
        if (node.name == "find") {
            return &item;
        }
        if (node.name == "filter") {
            taken.push_back(item);
        }
    }
    made_ += taken.size();
    if (made_ > kMadeSizeMax) {
        return fail(ExpressionError::kTooMuchWork);
    }
    if (node.name == "map" || node.name == "filter") {
        return keep(std::move(taken));
    }
    if (node.name == "count") {
        return keep(count);
    }
    if (node.name == "find") {
        return &kNothing;
    }
    return truth_value(node.name == "one" ? count == 1 : node.name != "any");
}

Result<const Value*> Evaluator::call(const Node& node) {
    std::vector<const Value*> arguments;
    arguments.reserve(node.items.size());
    for (const Node& item : node.items) {
        arguments.push_back(PM_TRY(evaluate(item)));
    }
    std::vector<Value> replaced;
    CallScope scope{
        .event = scope_.event,
        .stash = scope_.stash,
        .now_ns = scope_.now_ns,
        .file = node.file.get(),
        .replaced = &replaced
    };
    auto made = node.function->call(scope, arguments);
    for (Value& each : replaced) {
        (void)keep(std::move(each));
    }
    Value value = PM_TRY(std::move(made));
    made_ += text_of(value).size();
    if (made_ > kMadeSizeMax) {
        return fail(ExpressionError::kTooMuchWork);
    }
    return keep(std::move(value));
}

}  // namespace phantom::scenario
