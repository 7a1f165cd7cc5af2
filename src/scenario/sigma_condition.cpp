#include "scenario/sigma_condition.h"

#include <algorithm>

#include <fmt/format.h>

#include "scenario/sigma_record.h"

namespace phantom::scenario {

namespace {

bool is_of_name(char each) {
    const bool is_letter = (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z');
    return is_letter || (each >= '0' && each <= '9') || each == '_' || each == '*' || each == '-' ||
           each == '.';
}

// "filter_*": one star, at any place.
bool matches_name(std::string_view name, std::string_view pattern) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) {
        return name == pattern;
    }
    const std::string_view before = pattern.substr(0, star);
    const std::string_view behind = pattern.substr(star + 1);
    return name.size() >= before.size() + behind.size() && name.starts_with(before) &&
           name.ends_with(behind);
}

}  // namespace

// or: and {"or" and}; and: not {"and" not}; not: "not" not | "(" or ")" | ("1"|"any"|"all") "of" name | name.
class SigmaConditionParser {
  public:
    SigmaConditionParser(std::string_view text, const std::vector<std::string>& names)
        : text_(text), names_(names) {}

    OrFlaw<SigmaCondition> parse() {
        next();
        SigmaCondition condition;
        condition.root_ = PM_TRY_FLAW(either());
        if (!word_.empty()) {
            return flawed(fmt::format("'{}' is not expected in the condition", word_));
        }
        return condition;
    }

  private:
    using Node = SigmaCondition::Node;
    using Kind = SigmaCondition::Kind;

    void next() {
        while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\t' ||
                                  text_.front() == '\n' || text_.front() == '\r')) {
            text_.remove_prefix(1);
        }
        std::size_t size = 0;
        while (size < text_.size() && is_of_name(text_[size])) {
            ++size;
        }
        size = size == 0 && !text_.empty() ? 1 : size;
        word_ = text_.substr(0, size);
        low_ = folded(word_);
        text_.remove_prefix(size);
    }

    OrFlaw<Node> joined(
        std::string_view with, Kind kind, OrFlaw<Node> (SigmaConditionParser::*of)()
    ) {
        Node first = PM_TRY_FLAW((this->*of)());
        if (low_ != with) {
            return first;
        }
        Node all{.kind = kind, .parts = {}};
        all.parts.push_back(std::move(first));
        while (low_ == with) {
            next();
            all.parts.push_back(PM_TRY_FLAW((this->*of)()));
        }
        return all;
    }
    OrFlaw<Node> either() { return joined("or", Kind::kAny, &SigmaConditionParser::both); }
    OrFlaw<Node> both() { return joined("and", Kind::kAll, &SigmaConditionParser::negated); }

    OrFlaw<Node> negated() {
        if (++depth_ > kConditionDepthMax) {
            return flawed("the condition is nested too deep");
        }
        OrFlaw<Node> node = low_ == "not" ? inverse() : single();
        --depth_;
        return node;
    }

    OrFlaw<Node> inverse() {
        next();
        Node node{.kind = Kind::kNot, .parts = {}};
        node.parts.push_back(PM_TRY_FLAW(negated()));
        return node;
    }

    OrFlaw<Node> single() {
        if (++nodes_ > kConditionNodesMax) {
            return flawed("the condition is too long");
        }
        if (word_ == "(") {
            next();
            Node node = PM_TRY_FLAW(either());
            if (word_ != ")") {
                return flawed("a parenthesis is not closed in the condition");
            }
            next();
            return node;
        }
        if (low_ == "1" || low_ == "any" || low_ == "all") {
            return quantified(low_ == "all" ? Kind::kAll : Kind::kAny);
        }
        if (word_ == "|") {
            return flawed("a condition with an aggregation ('|') is not understood");
        }
        const auto found = std::ranges::find(names_, word_);
        if (word_.empty() || found == names_.end()) {
            return flawed(
                word_.empty() ? "the condition ends too early"
                              : fmt::format("the condition names '{}', which there is not", word_)
            );
        }
        next();
        return Node{.selection = static_cast<std::size_t>(found - names_.begin()), .parts = {}};
    }

    OrFlaw<Node> quantified(Kind kind) {
        const std::string quantity(word_);
        next();
        if (low_ != "of") {
            return flawed(fmt::format("'of' is expected behind '{}' in the condition", quantity));
        }
        next();
        // Names with '_' in front are not meant by "them".
        const bool is_them = low_ == "them";
        Node node{.kind = kind, .parts = {}};
        for (std::size_t index = 0; index < names_.size(); ++index) {
            if (is_them ? !names_[index].starts_with('_') : matches_name(names_[index], word_)) {
                node.parts.push_back({.selection = index, .parts = {}});
            }
        }
        nodes_ += node.parts.size();
        if (node.parts.empty()) {
            return flawed(fmt::format("the condition names '{}', which there is not", word_));
        }
        next();
        return node;
    }

    std::string_view text_;
    const std::vector<std::string>& names_;
    std::string_view word_;  // empty at the end
    std::string low_;
    std::size_t depth_ = 0;
    std::size_t nodes_ = 0;
};

OrFlaw<SigmaCondition> SigmaCondition::parse(
    std::string_view text, const std::vector<std::string>& names
) {
    if (text.size() > kConditionSizeMax) {
        return flawed("the condition is too long");
    }
    return SigmaConditionParser(text, names).parse();
}

bool SigmaCondition::holds(const std::function<bool(std::size_t)>& selected) const {
    return holds(root_, selected);
}

bool SigmaCondition::holds(const Node& node, const std::function<bool(std::size_t)>& selected) {
    const auto part_holds = [&](const Node& part) { return holds(part, selected); };
    switch (node.kind) {
        case Kind::kSelection:
            return selected(node.selection);
        case Kind::kNot:
            return !holds(node.parts.front(), selected);
        case Kind::kAll:
            return std::ranges::all_of(node.parts, part_holds);
        case Kind::kAny:
            return std::ranges::any_of(node.parts, part_holds);
    }
    return false;
}

}  // namespace phantom::scenario
