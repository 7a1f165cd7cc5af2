// The notation of shape.h.

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "api/shape.h"

namespace phantom::api {

namespace {

using Kind = Type::Kind;

constexpr std::string_view kBlank = " \t";

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool is_word(char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
           (each >= '0' && each <= '9') || each == '_';
}

// One type, read from the left.
class TypeParser {
  public:
    explicit TypeParser(std::string_view text) : left_(text) {}

    // None: it is wrong, or something is left behind it.
    std::optional<Type> parse() {
        auto type = read(0);
        return trimmed(left_).empty() ? std::move(type) : std::nullopt;
    }

  private:
    std::optional<Type> read(std::size_t depth) {
        left_ = trimmed(left_);
        if (depth == kShapeDepthMax || left_.empty()) {
            return std::nullopt;
        }
        std::optional<Type> type;
        if (left_.front() == '"') {
            type = read_choice();
        } else if (left_.front() == '[' || left_.front() == '{') {
            type = read_holder(depth);
        } else {
            type = read_word();
        }
        if (type && take('(') && !read_bounds(*type)) {
            return std::nullopt;
        }
        if (type && take('?')) {
            type->may_be_null = true;
        }
        return type;
    }
    std::optional<Type> read_choice() {
        Type type;
        type.kind = Kind::kChoice;
        do {
            left_ = trimmed(left_);
            const std::size_t end = take('"') ? left_.find('"') : std::string_view::npos;
            if (end == std::string_view::npos) {
                return std::nullopt;
            }
            type.choices.emplace_back(left_.substr(0, end));
            left_ = trimmed(left_.substr(end + 1));
        } while (take('|'));
        return type;
    }
    std::optional<Type> read_holder(std::size_t depth) {
        Type type;
        const bool is_list = left_.front() == '[';
        type.kind = is_list ? Kind::kList : Kind::kMap;
        left_.remove_prefix(1);
        auto of = read(depth + 1);
        left_ = trimmed(left_);
        if (!of || !take(is_list ? ']' : '}')) {
            return std::nullopt;
        }
        type.of = std::make_shared<const Type>(std::move(*of));
        return type;
    }
    std::optional<Type> read_word() {
        static const std::map<std::string_view, Kind> kinds{
            {"any", Kind::kAny},       {"bool", Kind::kBool},     {"int", Kind::kInteger},
            {"number", Kind::kNumber}, {"string", Kind::kString}, {"time", Kind::kTime},
        };
        const auto* const end = std::ranges::find_if_not(left_, is_word);
        const auto word = left_.substr(0, static_cast<std::size_t>(end - left_.begin()));
        if (word.empty()) {
            return std::nullopt;
        }
        left_.remove_prefix(word.size());
        Type type;
        if (const auto found = kinds.find(word); found != kinds.end()) {
            type.kind = found->second;
        } else if (word.front() >= 'A' && word.front() <= 'Z') {
            type.kind = Kind::kNamed;
            type.name = word;
        } else {
            return std::nullopt;
        }
        return type;
    }
    // "1..200)", "1..)", "..200)"
    bool read_bounds(Type& type) {
        const bool is_bounded =
            type.kind == Kind::kInteger || type.kind == Kind::kString || type.kind == Kind::kList;
        return is_bounded && read_number(type.least) && take('.') && take('.') &&
               read_number(type.most) && take(')') && type.least <= type.most;
    }
    // Nothing: the bound stays as it is.
    bool read_number(std::int64_t& number) {
        if (left_.empty() || left_.front() == '.' || left_.front() == ')') {
            return true;
        }
        const auto [end, problem] =
            std::from_chars(left_.data(), left_.data() + left_.size(), number);
        left_.remove_prefix(static_cast<std::size_t>(end - left_.data()));
        return problem == std::errc{};
    }
    bool take(char wanted) {
        if (left_.empty() || left_.front() != wanted) {
            return false;
        }
        left_.remove_prefix(1);
        return true;
    }

    std::string_view left_;
};

class ShapesParser {
  public:
    std::optional<std::string> parse(std::string_view text) {
        while (!text.empty()) {
            ++line_;
            const std::size_t end = std::min(text.find('\n'), text.size());
            const std::string_view line = text.substr(0, end);
            text.remove_prefix(std::min(end + 1, text.size()));
            const std::size_t hash = line.find('#');
            const std::string_view does =
                hash == std::string_view::npos ? "" : trimmed(line.substr(hash + 1));
            if (const char* problem = take(trimmed(line.substr(0, hash)), does)) {
                return fmt::format("line {}: {}", line_, problem);
            }
        }
        return open_ == nullptr ? unknown_name() : fmt::format("line {}: '}}' is missing", line_);
    }
    std::map<std::string, Shape, std::less<>> shapes;

  private:
    const char* take(std::string_view line, std::string_view does) {
        if (line.empty()) {
            return nullptr;
        }
        if (open_ == nullptr) {
            return begin(line, does);
        }
        if (line == "}") {
            open_ = nullptr;
            return nullptr;
        }
        return line.starts_with("...") ? take_over(line.substr(3)) : add(line, does);
    }
    const char* begin(std::string_view line, std::string_view does) {
        if (line.back() != '{') {
            return "a shape begins with 'Name {'";
        }
        const std::string name(trimmed(line.substr(0, line.size() - 1)));
        const bool is_name = !name.empty() && name.front() >= 'A' && name.front() <= 'Z' &&
                             std::ranges::all_of(name, is_word);
        if (!is_name || shapes.contains(name)) {
            return "a shape has a name of its own, beginning with a capital letter";
        }
        open_ = &shapes[name];
        open_->name = name;
        open_->does = does;
        return nullptr;
    }
    const char* take_over(std::string_view name) {
        const auto found = shapes.find(trimmed(name));
        if (found == shapes.end() || &found->second == open_) {
            return "what is taken over has to stand above";
        }
        for (const Field& field : found->second.fields) {
            if (open_->find(field.name) == nullptr) {
                open_->fields.push_back(field);
            }
        }
        return nullptr;
    }
    const char* add(std::string_view line, std::string_view does) {
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) {
            return "a field is written 'name: type'";
        }
        std::string_view name = trimmed(line.substr(0, colon));
        const bool is_optional = name.ends_with('?');
        name.remove_suffix(is_optional ? 1 : 0);
        auto type = TypeParser(line.substr(colon + 1)).parse();
        if (!type) {
            return "what type is that?";
        }
        if (name.empty() || !std::ranges::all_of(name, is_word)) {
            return "a field's name has letters, digits and '_'";
        }
        note_names(*type);
        Field field{std::string(name), std::move(*type), is_optional, std::string(does)};
        const auto same = std::ranges::find(open_->fields, name, &Field::name);
        if (same == open_->fields.end()) {
            open_->fields.push_back(std::move(field));
        } else {
            *same = std::move(field);  // said more narrowly than where it was taken over from
        }
        return nullptr;
    }
    void note_names(const Type& type) {
        if (type.kind == Kind::kNamed) {
            used_.insert(type.name);
        }
        if (type.of != nullptr) {
            note_names(*type.of);
        }
    }
    [[nodiscard]] std::optional<std::string> unknown_name() const {
        for (const std::string& name : used_) {
            if (!shapes.contains(name)) {
                return fmt::format("there is no shape '{}'", name);
            }
        }
        return std::nullopt;
    }

    std::size_t line_ = 0;
    Shape* open_ = nullptr;
    std::set<std::string> used_;
};

}  // namespace

std::expected<Shapes, std::string> Shapes::parse(std::string_view text) {
    ShapesParser parser;
    if (auto problem = parser.parse(text)) {
        return std::unexpected(std::move(*problem));
    }
    Shapes shapes;
    shapes.shapes_ = std::move(parser.shapes);
    return shapes;
}

}  // namespace phantom::api
