#include "scenario/xml.h"

#include <array>
#include <charconv>
#include <vector>

namespace phantom::scenario {

namespace {

constexpr std::string_view kXmlBlanks = " \t\r\n";

struct XmlStep {
    std::string_view name;
    std::size_t number = 0;  // from 1; 0 is any
    std::string_view attribute;
    std::string_view value;
};

struct XmlTag {
    std::string_view name;
    std::string_view attributes;
    bool is_end = false;
    bool is_whole = false;  // <name/>
};

// NAME, NAME[1] or NAME[@Attribute='value'].
std::optional<XmlStep> xml_step(std::string_view text) {
    const std::size_t bracket = text.find('[');
    XmlStep step{.name = text.substr(0, bracket), .attribute = {}, .value = {}};
    if (bracket == std::string_view::npos) {
        return step;
    }
    if (!text.ends_with(']')) {
        return std::nullopt;
    }
    const std::string_view inside = text.substr(bracket + 1, text.size() - bracket - 2);
    if (!inside.starts_with('@')) {
        const auto [end, error] = std::from_chars(inside.begin(), inside.end(), step.number);
        const bool is_number = error == std::errc{} && end == inside.end();
        return is_number ? std::optional(step) : std::nullopt;
    }
    const std::size_t equals = inside.find("='");
    if (equals == std::string_view::npos || !inside.ends_with('\'')) {
        return std::nullopt;
    }
    step.attribute = inside.substr(1, equals - 1);
    step.value = inside.substr(equals + 2, inside.size() - equals - 3);
    return step;
}

std::string_view without_prefix(std::string_view name) {
    const std::size_t colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::string unescaped(std::string_view text) {
    struct Entity {
        std::string_view name;
        char meaning;
    };
    // XML 1.0, 4.6.
    constexpr auto kEntities = std::to_array<Entity>(
        {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}}
    );
    std::string made;
    while (!text.empty()) {
        std::size_t taken = 1;
        char meaning = text.front();
        for (const Entity& each : kEntities) {
            if (text.starts_with(each.name)) {
                taken = each.name.size();
                meaning = each.meaning;
            }
        }
        made += meaning;
        text.remove_prefix(taken);
    }
    return made;
}

std::optional<std::string> xml_value_of(std::string_view attributes, std::string_view wanted) {
    while (true) {
        const std::size_t begin = attributes.find_first_not_of(kXmlBlanks);
        const std::size_t equals = attributes.find('=');
        if (begin == std::string_view::npos || equals == std::string_view::npos ||
            equals + 1 >= attributes.size()) {
            return std::nullopt;
        }
        const std::string_view name = attributes.substr(begin, equals - begin);
        const char quote = attributes[equals + 1];
        const std::size_t end = attributes.find(quote, equals + 2);
        if ((quote != '"' && quote != '\'') || end == std::string_view::npos) {
            return std::nullopt;
        }
        if (without_prefix(name) == wanted) {
            return unescaped(attributes.substr(equals + 2, end - equals - 2));
        }
        attributes.remove_prefix(end + 1);
    }
}

class XmlSearch {
  public:
    explicit XmlSearch(std::string_view document) : rest_(document) {}

    // The element's tag; `rest` then begins with what is in it.
    std::optional<XmlTag> find(std::string_view path) {
        if (!read_path(path)) {
            return std::nullopt;
        }
        counts_.assign(steps_.size(), 0);
        while (const auto tag = next_tag()) {
            if (tag->is_end) {
                if (depth_ == 0) {
                    return std::nullopt;
                }
                --depth_;
                matched_ = std::min(matched_, depth_);
                continue;
            }
            const bool is_next = matched_ == depth_ && matched_ < steps_.size() && is_step(*tag);
            if (is_next && matched_ + 1 == steps_.size()) {
                return tag;
            }
            if (tag->is_whole) {
                continue;
            }
            if (is_next) {
                counts_[++matched_] = 0;
            }
            if (++depth_ > kXmlDepthMax) {
                return std::nullopt;
            }
        }
        return std::nullopt;
    }
    [[nodiscard]] std::string_view rest() const { return rest_; }

  private:
    bool read_path(std::string_view path) {
        while (path.starts_with('/')) {
            path.remove_prefix(1);
            const std::size_t end = std::min(path.find('/'), path.size());
            const auto step = xml_step(path.substr(0, end));
            if (!step || steps_.size() == kXmlDepthMax) {
                return false;
            }
            steps_.push_back(*step);
            path.remove_prefix(end);
        }
        return path.empty() && !steps_.empty();
    }

    bool is_step(const XmlTag& tag) {
        const XmlStep& step = steps_[matched_];
        if (without_prefix(tag.name) != step.name) {
            return false;
        }
        ++counts_[matched_];
        if (!step.attribute.empty()) {
            return xml_value_of(tag.attributes, step.attribute) == std::string(step.value);
        }
        return step.number == 0 || counts_[matched_] == step.number;
    }

    // Declarations and comments are passed over.
    std::optional<XmlTag> next_tag() {
        while (true) {
            const std::size_t begin = rest_.find('<');
            const std::size_t end = rest_.find('>', begin);
            if (begin == std::string_view::npos || end == std::string_view::npos) {
                return std::nullopt;
            }
            std::string_view inside = rest_.substr(begin + 1, end - begin - 1);
            rest_.remove_prefix(end + 1);
            if (inside.starts_with('?') || inside.starts_with('!')) {
                continue;
            }
            XmlTag tag{.name = {}, .attributes = {}, .is_end = inside.starts_with('/')};
            tag.is_whole = inside.ends_with('/');
            inside.remove_prefix(tag.is_end ? 1 : 0);
            inside.remove_suffix(tag.is_whole && !inside.empty() ? 1 : 0);
            const std::size_t name_end = std::min(inside.find_first_of(kXmlBlanks), inside.size());
            tag.name = inside.substr(0, name_end);
            tag.attributes = inside.substr(name_end);
            return tag;
        }
    }

    std::string_view rest_;
    std::vector<XmlStep> steps_;
    std::vector<std::size_t> counts_;
    std::size_t depth_ = 0;    // elements that are open
    std::size_t matched_ = 0;  // of those, from the outside, on the path
};

}  // namespace

std::optional<std::string> xml_text(std::string_view document, std::string_view path) {
    XmlSearch search(document);
    const auto tag = search.find(path);
    if (!tag) {
        return std::nullopt;
    }
    if (tag->is_whole) {
        return "";
    }
    return unescaped(search.rest().substr(0, search.rest().find('<')));
}

std::optional<std::string> xml_attribute(
    std::string_view document, std::string_view path, std::string_view attribute
) {
    XmlSearch search(document);
    const auto tag = search.find(path);
    return tag ? xml_value_of(tag->attributes, attribute) : std::nullopt;
}

}  // namespace phantom::scenario
