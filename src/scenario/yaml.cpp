#include "scenario/yaml.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

namespace phantom::scenario {

namespace {

// Carries a flaw through the library, which knows exceptions only.
struct YamlRefused {
    Flaw flaw;
};

class YamlTree final : public YAML::EventHandler {
  public:
    [[nodiscard]] Yaml take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
        add(mark, Yaml::Kind::kNull, {});
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
        refuse(mark, "an alias (*name) is not understood");
    }
    void OnScalar(
        const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
        const std::string& value
    ) override {
        const bool is_plain = tag == "?";
        const bool is_null = is_plain && (value.empty() || value == "~" || value == "null");
        // A key is always a name.
        Yaml* const added =
            add(mark, is_null && !awaits_key() ? Yaml::Kind::kNull : Yaml::Kind::kScalar, value);
        if (added != nullptr) {
            added->is_plain = is_plain;
        }
    }
    void OnSequenceStart(
        const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
        YAML::EmitterStyle::value /*style*/
    ) override {
        open(mark, Yaml::Kind::kList);
    }
    void OnSequenceEnd() override { open_.pop_back(); }
    void OnMapStart(
        const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
        YAML::EmitterStyle::value /*style*/
    ) override {
        open(mark, Yaml::Kind::kMap);
    }
    void OnMapEnd() override { open_.pop_back(); }

  private:
    struct Level {
        Yaml* value;
        bool has_key = false;
        std::string key;
    };

    [[noreturn]] static void refuse(const YAML::Mark& mark, const char* reason) {
        throw YamlRefused{{reason, static_cast<std::size_t>(std::max(mark.line, 0)) + 1}};
    }

    [[nodiscard]] bool awaits_key() const {
        return !open_.empty() && open_.back().value->kind == Yaml::Kind::kMap &&
               !open_.back().has_key;
    }

    // Null for the key of a map, which is kept until its value comes.
    Yaml* add(const YAML::Mark& mark, Yaml::Kind kind, const std::string& text) {
        if (++count_ > kYamlValuesMax) {
            refuse(mark, "too many values");
        }
        if (awaits_key()) {
            if (kind != Yaml::Kind::kScalar) {
                refuse(mark, "a key must be a name");
            }
            open_.back().key = text;
            open_.back().has_key = true;
            return nullptr;
        }
        Yaml* added = &root_;
        if (!open_.empty()) {
            Level& level = open_.back();
            if (level.has_key && level.value->find(level.key) != nullptr) {
                refuse(mark, "a key stands twice");
            }
            added = &level.value->items.emplace_back();
            added->key = std::exchange(level.key, {});
            level.has_key = false;
        }
        added->kind = kind;
        added->line = static_cast<std::size_t>(std::max(mark.line, 0)) + 1;
        added->text = text;
        return added;
    }

    void open(const YAML::Mark& mark, Yaml::Kind kind) {
        if (open_.size() >= kYamlDepthMax) {
            refuse(mark, "nested too deep");
        }
        open_.push_back({.value = add(mark, kind, {}), .key = {}});
    }

    Yaml root_;
    // A value is only added to the innermost list or map, so those further out do not move.
    std::vector<Level> open_;
    std::size_t count_ = 0;
};

}  // namespace

const Yaml* Yaml::find(std::string_view name) const {
    const auto found = std::ranges::find(items, name, &Yaml::key);
    return kind == Kind::kMap && found != items.end() ? &*found : nullptr;
}

const std::string& Yaml::text_of(std::string_view name) const {
    static const std::string nothing;
    const Yaml* found = find(name);
    return found != nullptr && found->kind == Kind::kScalar ? found->text : nothing;
}

bool Yaml::is_true() const {
    return kind == Kind::kScalar &&
           (text == "true" || text == "yes" || text == "on" || text == "True" || text == "TRUE");
}

const Yaml* Yaml::unknown_key(std::span<const std::string_view> known) const {
    const auto found = std::ranges::find_if(items, [known](const Yaml& each) {
        return std::ranges::find(known, each.key) == known.end();
    });
    return kind == Kind::kMap && found != items.end() ? &*found : nullptr;
}

Value value_of(const Yaml& yaml) {
    if (yaml.kind == Yaml::Kind::kMap) {
        boost::json::object map;
        for (const Yaml& each : yaml.items) {
            map[each.key] = value_of(each);
        }
        return map;
    }
    if (yaml.kind == Yaml::Kind::kList) {
        boost::json::array list;
        for (const Yaml& each : yaml.items) {
            list.push_back(value_of(each));
        }
        return list;
    }
    if (yaml.kind == Yaml::Kind::kNull) {
        return nullptr;
    }
    if (yaml.is_plain && (yaml.text == "true" || yaml.text == "false")) {
        return yaml.text == "true";
    }
    std::int64_t number = 0;
    const char* const end = yaml.text.data() + yaml.text.size();
    const auto [stop, error] = std::from_chars(yaml.text.data(), end, number);
    if (yaml.is_plain && error == std::errc{} && stop == end) {
        return number;
    }
    return boost::json::string(yaml.text);
}

OrFlaw<std::vector<Yaml>> read_yaml(std::string_view text) {
    if (text.size() > kYamlSizeMax) {
        return flawed("the file is too long");
    }
    std::istringstream stream{std::string(text)};
    std::vector<Yaml> documents;
    try {
        YAML::Parser parser(stream);
        while (true) {
            YamlTree tree;
            if (!parser.HandleNextDocument(tree)) {
                break;
            }
            documents.push_back(tree.take());
            // The library finds documents without end in a text that begins with a comma.
            if (documents.size() > kYamlDocumentsMax) {
                return flawed("too many documents");
            }
        }
    } catch (const YamlRefused& refused) {
        return std::unexpected(refused.flaw);
    } catch (const YAML::Exception& error) {
        return flawed(error.msg, static_cast<std::size_t>(std::max(error.mark.line, 0)) + 1);
    }
    return documents;
}

}  // namespace phantom::scenario
