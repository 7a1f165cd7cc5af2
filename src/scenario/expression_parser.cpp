// Precedence climbing, in the order of the language that the files are written in: from "||" up to "??".

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "scenario/data_files.h"
#include "scenario/expression_lexer.h"
#include "scenario/expression_signs.h"
#include "scenario/expression_tree.h"
#include "scenario/functions.h"

namespace phantom::scenario {

namespace {

using Node = ExpressionNode;
using Kind = ExpressionNode::Kind;

constexpr int kUnaryNotStrength = 50;
constexpr int kUnaryMinusStrength = 90;

constexpr auto kEachNames =
    std::to_array<std::string_view>({"any", "all", "none", "one", "filter", "map", "count", "find"}
    );
constexpr auto kMethodNames = std::to_array<std::string_view>(
    {"GetType", "Hour", "Minute", "Weekday", "String", "Unix", "GetMeta"}
);
// Of an event. Anything else (the web application firewall's part) there is not.
constexpr auto kEventMembers = std::to_array<std::string_view>(
    {"Line", "Parsed", "Meta", "Enriched", "Unmarshaled", "StrTime", "StrTimeFormat",
     "MarshaledTime", "Time", "Type", "Stage", "Overflow", "GetType", "GetMeta"}
);
constexpr auto kTextMaps =
    std::to_array<std::string_view>({"Parsed", "Meta", "Enriched", "Labels"});

class ExpressionParser {
  public:
    ExpressionParser(std::vector<Token> tokens, const DataFiles& files)
        : tokens_(std::move(tokens)), files_(files) {}

    OrFlaw<ExpressionTree> run() {
        Node root = PM_TRY_FLAW(sequence());
        if (here().kind != Token::Kind::kEnd) {
            return wrong(fmt::format("\"{}\" is not expected", shown(here())));
        }
        return ExpressionTree{.root = std::move(root), .variables = variables_seen_};
    }

  private:
    // Counts how deep the calls of this parser go, since the text decides it.
    class Level {
      public:
        explicit Level(std::size_t& depth) : depth_(depth) { ++depth_; }
        ~Level() { --depth_; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;

      private:
        std::size_t& depth_;
    };

    [[nodiscard]] const Token& here() const { return tokens_[at_]; }
    [[nodiscard]] const Token& after() const {
        return tokens_[std::min(at_ + 1, tokens_.size() - 1)];
    }
    static std::string shown(const Token& token) {
        return token.kind == Token::Kind::kEnd ? "the end" : token.text;
    }
    [[nodiscard]] std::unexpected<Flaw> wrong(std::string_view what) const {
        return flawed(fmt::format("{} at byte {}", what, here().at));
    }
    bool take(std::string_view text) {
        if (!here().is(text)) {
            return false;
        }
        ++at_;
        return true;
    }
    OrFlaw<void> expect(std::string_view text) {
        if (!take(text)) {
            return wrong(fmt::format("\"{}\" is missing", text));
        }
        return {};
    }
    OrFlaw<Node> made(Kind kind, std::vector<Node> items = {}, std::string name = {}) {
        if (++nodes_ > kExpressionNodesMax) {
            return wrong("too many parts");
        }
        Node node;
        node.kind = kind;
        node.name = std::move(name);
        for (const Node& each : items) {
            node.height = std::max(node.height, each.height + 1);
        }
        if (node.height > kExpressionHeightMax) {
            return wrong("too long a chain");
        }
        node.items = std::move(items);
        return node;
    }
    static std::vector<Node> list_of(Node&& first, Node&& second) {
        std::vector<Node> items;
        items.push_back(std::move(first));
        items.push_back(std::move(second));
        return items;
    }

    // let NAME = value; what follows
    OrFlaw<Node> sequence() {
        const Level level(depth_);
        if (depth_ > kExpressionDepthMax) {
            return wrong("nested too deep");
        }
        if (!take("let")) {
            return choice();
        }
        if (here().kind != Token::Kind::kName) {
            return wrong("a name is missing");
        }
        const std::string name = here().text;
        ++at_;
        PM_TRY_FLAW(expect("="));
        Node value = PM_TRY_FLAW(choice());
        PM_TRY_FLAW(expect(";"));
        const std::size_t index = variables_seen_++;
        variables_.push_back({name, index});
        Node body = PM_TRY_FLAW(sequence());
        variables_.pop_back();
        Node node = PM_TRY_FLAW(made(Kind::kLet, list_of(std::move(value), std::move(body))));
        node.index = index;
        return node;
    }

    OrFlaw<Node> choice() {
        const Level level(depth_);
        if (depth_ > kExpressionDepthMax) {
            return wrong("nested too deep");
        }
        Node condition = PM_TRY_FLAW(binary(0));
        if (!take("?")) {
            return condition;
        }
        std::vector<Node> items;
        items.push_back(std::move(condition));
        items.push_back(PM_TRY_FLAW(choice()));
        PM_TRY_FLAW(expect(":"));
        items.push_back(PM_TRY_FLAW(choice()));
        return made(Kind::kChoice, std::move(items));
    }

    OrFlaw<Node> binary(int strength_min) {
        Node left = PM_TRY_FLAW(unary());
        std::size_t chained = 0;
        while (true) {
            const bool is_negated = here().is("not");
            const BinarySign* sign = binary_sign(is_negated ? after() : here());
            if (sign == nullptr || sign->strength < strength_min ||
                (is_negated && !may_be_negated(sign->kind))) {
                return left;
            }
            if (++chained > kExpressionNodesMax) {
                return wrong("too many parts");
            }
            at_ += is_negated ? 2 : 1;
            Node right = PM_TRY_FLAW(binary(sign->strength + 1));
            left = PM_TRY_FLAW(joined(*sign, std::move(left), std::move(right)));
            if (is_negated) {
                std::vector<Node> items;
                items.push_back(std::move(left));
                left = PM_TRY_FLAW(made(Kind::kNot, std::move(items)));
            }
        }
    }

    // "a || b || c" is one part with three items, however long the chain.
    OrFlaw<Node> joined(const BinarySign& sign, Node&& left, Node&& right) {
        const bool is_logical = sign.kind == Kind::kAnd || sign.kind == Kind::kOr;
        if (is_logical && left.kind == sign.kind) {
            left.height = std::max(left.height, right.height + 1);
            left.items.push_back(std::move(right));
            return std::move(left);
        }
        const bool has_constant = right.kind == Kind::kLiteral && right.literal.is_string();
        std::shared_ptr<const Pattern> pattern;
        if (sign.kind == Kind::kMatches) {
            if (!has_constant) {
                return wrong("matches wants an expression that is written out");
            }
            pattern =
                std::make_shared<const Pattern>(PM_TRY_FLAW(Pattern::compile(text_of(right.literal))
                ));
        }
        Node node = PM_TRY_FLAW(
            made(sign.kind, list_of(std::move(left), std::move(right)), std::string(sign.text))
        );
        node.pattern = std::move(pattern);
        return node;
    }

    OrFlaw<Node> unary() {
        const Level level(depth_);
        if (depth_ > kExpressionDepthMax) {
            return wrong("nested too deep");
        }
        const bool is_not = here().is("not") || here().is("!");
        if (!is_not && !here().is("-")) {
            return postfix();
        }
        ++at_;
        std::vector<Node> items;
        items.push_back(PM_TRY_FLAW(binary(is_not ? kUnaryNotStrength : kUnaryMinusStrength)));
        return made(is_not ? Kind::kNot : Kind::kMinus, std::move(items));
    }

    OrFlaw<Node> postfix() {
        Node node = PM_TRY_FLAW(primary());
        bool is_optional = false;
        std::size_t chained = 0;
        while (true) {
            if (++chained > kExpressionDepthMax) {
                return wrong("too long a chain");
            }
            if (take("?.")) {
                is_optional = true;
                node = PM_TRY_FLAW(member(std::move(node)));
            } else if (take(".")) {
                node = PM_TRY_FLAW(member(std::move(node)));
            } else if (take("[")) {
                node = PM_TRY_FLAW(indexed(std::move(node)));
            } else {
                return node;
            }
            node.is_optional = is_optional;
        }
    }

    static bool is_text_map(const Node& node) {
        return node.kind == Kind::kMember &&
               std::ranges::find(kTextMaps, node.name) != kTextMaps.end();
    }

    OrFlaw<Node> member(Node&& subject) {
        if (here().kind != Token::Kind::kName) {
            return wrong("a name is missing");
        }
        const std::string name = here().text;
        ++at_;
        if (subject.kind == Kind::kEvent &&
            std::ranges::find(kEventMembers, name) == kEventMembers.end()) {
            return flawed(fmt::format("evt.{} is not known", name));
        }
        const bool is_text = is_text_map(subject);
        std::vector<Node> items;
        items.push_back(std::move(subject));
        if (!take("(")) {
            Node node = PM_TRY_FLAW(made(Kind::kMember, std::move(items), name));
            node.missing_is_empty = is_text;
            return node;
        }
        if (std::ranges::find(kMethodNames, name) == kMethodNames.end()) {
            return flawed(fmt::format("the method {} is not known", name));
        }
        if (!take(")")) {
            items.push_back(PM_TRY_FLAW(choice()));
            PM_TRY_FLAW(expect(")"));
        }
        if ((items.size() == 2) != (name == "GetMeta")) {
            return flawed(fmt::format("{} has a wrong number of arguments", name));
        }
        return made(Kind::kMethod, std::move(items), name);
    }

    OrFlaw<Node> indexed(Node&& subject) {
        const bool is_text = is_text_map(subject);
        std::vector<Node> items;
        items.push_back(std::move(subject));
        Node nothing;
        if (here().is(":")) {
            items.push_back(nothing);
        } else {
            items.push_back(PM_TRY_FLAW(choice()));
        }
        if (take("]")) {
            Node node = PM_TRY_FLAW(made(Kind::kIndex, std::move(items)));
            node.missing_is_empty = is_text;
            return node;
        }
        PM_TRY_FLAW(expect(":"));
        items.push_back(here().is("]") ? std::move(nothing) : PM_TRY_FLAW(choice()));
        PM_TRY_FLAW(expect("]"));
        return made(Kind::kSlice, std::move(items));
    }

    OrFlaw<Node> primary() {
        const Token& token = here();
        if (token.kind == Token::Kind::kLiteral) {
            Node node = PM_TRY_FLAW(made(Kind::kLiteral));
            node.literal = token.literal;
            ++at_;
            return node;
        }
        if (token.kind == Token::Kind::kName) {
            return named();
        }
        if (take("(")) {
            Node node = PM_TRY_FLAW(sequence());
            PM_TRY_FLAW(expect(")"));
            return node;
        }
        if (take("[")) {
            return list();
        }
        if (here().is("#") || here().is(".")) {
            if (predicates_ == 0) {
                return wrong("# stands for nothing here");
            }
            (void)take("#");  // "." is left for the member
            return made(Kind::kElement);
        }
        return wrong(fmt::format("\"{}\" is not expected", shown(token)));
    }

    OrFlaw<Node> list() {
        std::vector<Node> items;
        while (!take("]")) {
            items.push_back(PM_TRY_FLAW(choice()));
            if (!here().is("]")) {
                PM_TRY_FLAW(expect(","));
            }
        }
        return made(Kind::kList, std::move(items));
    }

    OrFlaw<Node> named() {
        const std::string name = here().text;
        ++at_;
        if (take("(")) {
            return call(name);
        }
        const auto variable =
            std::ranges::find(variables_.rbegin(), variables_.rend(), name, &Variable::name);
        if (variable != variables_.rend()) {
            Node node = PM_TRY_FLAW(made(Kind::kVariable));
            node.index = variable->index;
            return node;
        }
        if (name == "evt" || name == "queue") {
            return made(name == "evt" ? Kind::kEvent : Kind::kQueue);
        }
        if (name == "true" || name == "false" || name == "nil") {
            Node node = PM_TRY_FLAW(made(Kind::kLiteral));
            node.literal = name == "nil" ? Value(nullptr) : Value(name == "true");
            return node;
        }
        return flawed(fmt::format("{} is not known", name));
    }

    OrFlaw<Node> call(const std::string& name) {
        if (std::ranges::find(kEachNames, name) != kEachNames.end()) {
            return each(name);
        }
        const Function* function = find_function(name);
        if (function == nullptr) {
            return flawed(fmt::format("the function {} is not known", name));
        }
        Node node = PM_TRY_FLAW(list_until(")"));
        node.kind = Kind::kCall;
        node.name = name;
        node.function = function;
        if (node.items.size() < function->arguments_min ||
            node.items.size() > function->arguments_max) {
            return flawed(fmt::format("{} has a wrong number of arguments", name));
        }
        if (function->file_argument >= 0) {
            PM_TRY_FLAW(find_file(node));
        }
        return folded(std::move(node));
    }

    // Upper('abc') is 'ABC', now and ever.
    static Node folded(Node&& node) {
        const auto texts = text_functions();
        const bool is_about_text =
            node.function >= texts.data() && node.function < texts.data() + texts.size();
        const bool is_constant = std::ranges::all_of(node.items, [](const Node& each) {
            return each.kind == Kind::kLiteral;
        });
        if (!is_about_text || !is_constant) {
            return std::move(node);
        }
        std::vector<const Value*> arguments;
        arguments.reserve(node.items.size());
        for (const Node& each : node.items) {
            arguments.push_back(&each.literal);
        }
        CallScope scope;
        const auto made = node.function->call(scope, arguments);
        if (!made) {
            return std::move(node);
        }
        Node literal;
        literal.literal = *made;
        return literal;
    }

    OrFlaw<Node> list_until(std::string_view end) {
        std::vector<Node> items;
        while (!take(end)) {
            items.push_back(PM_TRY_FLAW(choice()));
            if (!here().is(end)) {
                PM_TRY_FLAW(expect(","));
            }
        }
        return made(Kind::kList, std::move(items));
    }

    OrFlaw<void> find_file(Node& node) {
        const Node& argument = node.items[static_cast<std::size_t>(node.function->file_argument)];
        if (argument.kind != Kind::kLiteral || !argument.literal.is_string()) {
            return wrong("the name of a data file must be written out");
        }
        const std::string_view name = text_of(argument.literal);
        node.file = node.function->file_has_patterns ? PM_TRY_FLAW(files_.patterns_of(name))
                                                     : files_.find(name);
        if (node.file == nullptr) {
            return flawed(fmt::format("the data file {} is not there", name));
        }
        return {};
    }

    // any(LIST, {PREDICATE}); the braces may be left out.
    OrFlaw<Node> each(const std::string& name) {
        Node over = PM_TRY_FLAW(choice());
        PM_TRY_FLAW(expect(","));
        ++predicates_;
        const bool has_brace = take("{");
        Node predicate = PM_TRY_FLAW(sequence());
        if (has_brace) {
            PM_TRY_FLAW(expect("}"));
        }
        --predicates_;
        PM_TRY_FLAW(expect(")"));
        return made(Kind::kEach, list_of(std::move(over), std::move(predicate)), name);
    }

    struct Variable {
        std::string name;
        std::size_t index;
    };

    std::vector<Token> tokens_;
    const DataFiles& files_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::size_t nodes_ = 0;
    std::size_t predicates_ = 0;
    std::size_t variables_seen_ = 0;
    std::vector<Variable> variables_;
};

}  // namespace

OrFlaw<ExpressionTree> parse_expression(std::string_view text, const DataFiles& files) {
    return ExpressionParser(PM_TRY_FLAW(expression_tokens(text)), files).run();
}

}  // namespace phantom::scenario
