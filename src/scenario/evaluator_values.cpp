#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "scenario/evaluator.h"
#include "scenario/go_time.h"

namespace phantom::scenario {

namespace {

using OperationKind = ExpressionNode::Kind;

const Value kEmptyText("");
const Value kNoValue;

std::optional<double> real_of(const Value& value) {
    if (value.is_int64()) {
        return static_cast<double>(value.get_int64());
    }
    return value.is_double() ? std::optional(value.get_double()) : std::nullopt;
}

template <class T>
bool ordered(std::string_view sign, const T& left, const T& right) {
    if (sign == "<") {
        return left < right;
    }
    if (sign == ">") {
        return left > right;
    }
    return sign == "<=" ? left <= right : left >= right;
}

Result<Value> reckon_whole(char sign, std::int64_t left, std::int64_t right) {
    std::int64_t made = 0;
    bool overflows = false;
    switch (sign) {
        case '+':
            overflows = __builtin_add_overflow(left, right, &made);
            break;
        case '-':
            overflows = __builtin_sub_overflow(left, right, &made);
            break;
        case '*':
            overflows = __builtin_mul_overflow(left, right, &made);
            break;
        default:
            if (right == 0) {
                return fail(ExpressionError::kDividedByZero);
            }
            if (sign == '/') {
                return Value(static_cast<double>(left) / static_cast<double>(right));
            }
            made = right == -1 ? 0 : left % right;
    }
    if (overflows) {
        return fail(ExpressionError::kNotANumber);
    }
    return Value(made);
}

Result<Value> reckon_real(char sign, double left, double right) {
    switch (sign) {
        case '+':
            return Value(left + right);
        case '-':
            return Value(left - right);
        case '*':
            return Value(left * right);
        case '/':
            return Value(left / right);
        default:
            return fail(ExpressionError::kWrongType);
    }
}

}  // namespace

Result<const Value*> Evaluator::operation(const Node& node) {
    switch (node.kind) {
        case OperationKind::kMember:
            return member(node);
        case OperationKind::kIndex:
            return indexed(node);
        case OperationKind::kSlice:
            return slice(node);
        case OperationKind::kMethod:
            return method(node);
        case OperationKind::kCompare:
            return compare(node);
        case OperationKind::kReckon:
            return reckon(node);
        case OperationKind::kIn:
            return is_in(node);
        case OperationKind::kMinus: {
            const Value* value = PM_TRY(evaluate(node.items[0]));
            if (value->is_double()) {
                return keep(-value->get_double());
            }
            if (!value->is_int64()) {
                return fail(ExpressionError::kWrongType);
            }
            return keep(PM_TRY(reckon_whole('-', 0, value->get_int64())));
        }
        default:
            return about_text(node);
    }
}

Result<const Value*> Evaluator::missing(const Node& node) const {
    return node.missing_is_empty ? &kEmptyText : &kNoValue;
}

Result<const Value*> Evaluator::member(const Node& node) {
    const Value* subject = PM_TRY(evaluate(node.items[0]));
    if (subject->is_null()) {
        if (node.is_optional) {
            return &kNoValue;
        }
        return fail(ExpressionError::kMemberOfNothing);
    }
    const boost::json::object* map = subject->if_object();
    if (map == nullptr) {
        return fail(ExpressionError::kWrongType);
    }
    const Value* found = map->if_contains(node.name);
    return found != nullptr ? Result<const Value*>(found) : missing(node);
}

Result<const Value*> Evaluator::indexed(const Node& node) {
    const Value* subject = PM_TRY(evaluate(node.items[0]));
    const Value* index = PM_TRY(evaluate(node.items[1]));
    if (subject->is_null()) {
        if (node.is_optional) {
            return &kNoValue;
        }
        return fail(ExpressionError::kMemberOfNothing);
    }
    if (const boost::json::object* map = subject->if_object()) {
        const Value* found = map->if_contains(text_of(*index));
        return found != nullptr ? Result<const Value*>(found) : missing(node);
    }
    const boost::json::array* list = subject->if_array();
    if (list == nullptr || !index->is_int64()) {
        return fail(ExpressionError::kWrongType);
    }
    // From the end where negative.
    const auto size = static_cast<std::int64_t>(list->size());
    const std::int64_t wanted = index->get_int64();
    if (wanted >= size || wanted < -size) {
        return fail(ExpressionError::kNoSuchItem);
    }
    return &(*list)[static_cast<std::size_t>(wanted < 0 ? wanted + size : wanted)];
}

Result<std::size_t> Evaluator::bound(const Node& node, std::size_t size, std::size_t absent) {
    const Value* value = PM_TRY(evaluate(node));
    if (value->is_null()) {
        return absent;
    }
    if (!value->is_int64()) {
        return fail(ExpressionError::kWrongType);
    }
    const std::int64_t wanted = value->get_int64();
    const auto all = static_cast<std::int64_t>(size);
    return static_cast<std::size_t>(
        std::clamp(wanted < 0 ? std::max(wanted, -all) + all : wanted, std::int64_t{0}, all)
    );
}

Result<const Value*> Evaluator::slice(const Node& node) {
    const Value* subject = PM_TRY(evaluate(node.items[0]));
    const bool is_text = subject->is_string();
    if (!is_text && !subject->is_array()) {
        return fail(ExpressionError::kWrongType);
    }
    const std::size_t size = is_text ? text_of(*subject).size() : subject->get_array().size();
    const std::size_t begin = PM_TRY(bound(node.items[1], size, 0));
    const std::size_t end = std::max(begin, PM_TRY(bound(node.items[2], size, size)));
    if (is_text) {
        return keep(Value(text_of(*subject).substr(begin, end - begin)));
    }
    const boost::json::array& list = subject->get_array();
    boost::json::array part;
    part.insert(part.end(), list.begin() + begin, list.begin() + end);
    return keep(std::move(part));
}

Result<const Value*> Evaluator::method(const Node& node) {
    const Value* subject = PM_TRY(evaluate(node.items[0]));
    const bool is_event = subject->is_object();
    if (node.name == "GetType" && is_event) {
        const Value* type = subject->get_object().if_contains("Type");
        return type != nullptr ? type : &kEmptyText;
    }
    if (node.name == "GetMeta" && is_event) {
        const std::string_view key = PM_TRY(text(node.items[1]));
        const Value* meta = subject->get_object().if_contains("Meta");
        const Value* found =
            meta != nullptr && meta->is_object() ? meta->get_object().if_contains(key) : nullptr;
        return found != nullptr ? found : &kEmptyText;
    }
    if (node.name == "String" && subject->is_string()) {
        return subject;
    }
    if (!subject->is_int64()) {
        return fail(ExpressionError::kWrongType);
    }
    const CivilTime time = civil_time(subject->get_int64());
    if (node.name == "Hour") {
        return keep(std::int64_t{time.hour});
    }
    if (node.name == "Minute") {
        return keep(std::int64_t{time.minute});
    }
    if (node.name == "Unix") {
        return keep(subject->get_int64() / kNanosecondsPerSecond);
    }
    if (node.name == "Weekday") {
        return keep(Value(weekday_name(time)));
    }
    return fail(ExpressionError::kWrongType);
}

Result<const Value*> Evaluator::compare(const Node& node) {
    const Value* left = PM_TRY(evaluate(node.items[0]));
    const Value* right = PM_TRY(evaluate(node.items[1]));
    if (node.name == "==" || node.name == "!=") {
        return keep(are_equal(*left, *right) == (node.name == "=="));
    }
    if (left->is_int64() && right->is_int64()) {
        return keep(ordered(node.name, left->get_int64(), right->get_int64()));
    }
    if (left->is_string() && right->is_string()) {
        return keep(ordered(node.name, text_of(*left), text_of(*right)));
    }
    const auto first = real_of(*left);
    const auto second = real_of(*right);
    if (!first || !second) {
        return fail(ExpressionError::kWrongType);
    }
    return keep(ordered(node.name, *first, *second));
}

Result<const Value*> Evaluator::reckon(const Node& node) {
    const Value* left = PM_TRY(evaluate(node.items[0]));
    const Value* right = PM_TRY(evaluate(node.items[1]));
    const char sign = node.name.front();
    if (sign == '+' && left->is_string() && right->is_string()) {
        made_ += text_of(*left).size() + text_of(*right).size();
        if (made_ > kMadeSizeMax) {
            return fail(ExpressionError::kTooMuchWork);
        }
        return keep(Value(fmt::format("{}{}", text_of(*left), text_of(*right))));
    }
    if (left->is_int64() && right->is_int64()) {
        return keep(PM_TRY(reckon_whole(sign, left->get_int64(), right->get_int64())));
    }
    const auto first = real_of(*left);
    const auto second = real_of(*right);
    if (!first || !second) {
        return fail(ExpressionError::kWrongType);
    }
    return keep(PM_TRY(reckon_real(sign, *first, *second)));
}

Result<const Value*> Evaluator::is_in(const Node& node) {
    const Value* wanted = PM_TRY(evaluate(node.items[0]));
    const Node& place = node.items[1];
    if (place.kind == OperationKind::kList) {
        // Looked through as it is written, not made first.
        for (const Node& item : place.items) {
            if (are_equal(*wanted, *PM_TRY(evaluate(item)))) {
                return keep(true);
            }
        }
        return keep(false);
    }
    const Value* in = PM_TRY(evaluate(place));
    if (const boost::json::object* map = in->if_object()) {
        return keep(wanted->is_string() && map->contains(text_of(*wanted)));
    }
    if (const boost::json::array* list = in->if_array()) {
        return keep(std::ranges::any_of(*list, [&](const Value& each) {
            return are_equal(*wanted, each);
        }));
    }
    if (in->is_null()) {
        return keep(false);
    }
    return fail(ExpressionError::kWrongType);
}

Result<const Value*> Evaluator::about_text(const Node& node) {
    const std::string_view whole = PM_TRY(text(node.items[0]));
    if (node.kind == OperationKind::kMatches) {
        switch (node.pattern->search(whole)) {
            case Pattern::Outcome::kMatch:
                return keep(true);
            case Pattern::Outcome::kNone:
                return keep(false);
            case Pattern::Outcome::kGaveUp:
                return fail(ExpressionError::kTooMuchWork);
        }
    }
    const std::string_view part = PM_TRY(text(node.items[1]));
    switch (node.kind) {
        case OperationKind::kContains:
            return keep(whole.find(part) != std::string_view::npos);
        case OperationKind::kStartsWith:
            return keep(whole.starts_with(part));
        case OperationKind::kEndsWith:
            return keep(whole.ends_with(part));
        default:
            return fail(ExpressionError::kWrongType);
    }
}

}  // namespace phantom::scenario
