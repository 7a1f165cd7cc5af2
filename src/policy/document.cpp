#include "policy/document.h"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "policy/names.h"

namespace phantom::policy {

namespace {

using Keys = std::vector<std::string_view>;

// Reads straight down and remembers the first problem, so that nothing below asks after each step.
class Reader {
  public:
    OrProblem<Document> read(const Value& root) {
        if (want(root, Value::Kind::kObject, "a policy is one {...}")) {
            const Keys sections{"groups", "tags", "hosts", "grants", "routes", "tests"};
            check_keys(root, sections);
            // What is referred to comes first, wherever it stands.
            section(root, "tags", &Reader::read_tags);
            section(root, "hosts", &Reader::read_hosts);
            section(root, "groups", &Reader::read_groups);
            section(root, "grants", &Reader::read_grants);
            section(root, "routes", &Reader::read_routes);
            section(root, "tests", &Reader::read_tests);
        }
        if (problem_) {
            return std::unexpected(*problem_);
        }
        return std::move(document_);
    }

  private:
    void fail(Position at, std::string text) {
        if (!problem_) {
            problem_ = Problem{at, std::move(text)};
        }
    }

    bool want(const Value& value, Value::Kind kind, std::string_view otherwise) {
        if (value.kind != kind) {
            fail(value.at, std::string(otherwise));
        }
        return value.kind == kind;
    }

    bool want_at_most(const Value& value, std::size_t count_max) {
        if (value.items.size() > count_max) {
            fail(value.at, fmt::format("{} of at most {}", value.items.size(), count_max));
        }
        return value.items.size() <= count_max;
    }

    void check_keys(const Value& object, const Keys& known) {
        if (object.kind != Value::Kind::kObject) {
            return;  // whoever reads it says so
        }
        for (const Value& each : object.items) {
            if (std::ranges::find(known, each.key) == known.end()) {
                fail(
                    each.key_at,
                    fmt::format(
                        "\"{}\" is not known here; there are {}", each.key, fmt::join(known, ", ")
                    )
                );
            }
        }
    }

    static const Value* find(const Value& object, std::string_view key) {
        const auto at = std::ranges::find(object.items, key, &Value::key);
        return at == object.items.end() ? nullptr : &*at;
    }

    void section(const Value& root, std::string_view key, void (Reader::*take)(const Value&)) {
        if (const Value* value = find(root, key)) {
            (this->*take)(*value);
        }
    }

    // Each text of a list of 1 to `count_max`.
    template <class Take>
    void each_text(const Value& list, std::size_t count_max, Take take) {
        if (!want(list, Value::Kind::kArray, "a list [\"...\", ...] is needed here") ||
            !want_at_most(list, count_max)) {
            return;
        }
        if (list.items.empty()) {
            fail(list.at, "this list is empty; take it out, or say who or what");
        }
        for (const Value& item : list.items) {
            if (want(item, Value::Kind::kString, "a text \"...\" is needed here")) {
                take(item);
            }
        }
    }

    void read_tags(const Value& value) {
        tags_.emplace();
        each_text(value, kTagsMax, [&](const Value& item) {
            if (!item.text.starts_with("tag:") || !is_label(item.text.substr(4))) {
                fail(item.at, fmt::format("\"{}\" is no tag; write tag:NAME", item.text));
            }
            tags_->insert(item.text.substr(std::min<std::size_t>(4, item.text.size())));
        });
    }

    void read_hosts(const Value& value) {
        if (!want(value, Value::Kind::kObject, "hosts are {\"name\": \"address\", ...}") ||
            !want_at_most(value, kHostsMax)) {
            return;
        }
        for (const Value& host : value.items) {
            if (!is_label(host.key)) {
                fail(
                    host.key_at,
                    fmt::format("\"{}\": a name is 1 to 63 of a-z, 0-9 and -", host.key)
                );
            }
            if (want(
                    host, Value::Kind::kString, "an address or a network \"...\" is needed here"
                )) {
                document_.hosts.emplace(host.key, read_prefix(host, host.at));
            }
        }
    }

    wire::Prefix read_prefix(const Value& value, Position at) {
        return read_prefix(value.text, at);
    }
    wire::Prefix read_prefix(std::string_view text, Position at) {
        const auto prefix = wire::Prefix::parse(text);
        if (!prefix) {
            fail(
                at, fmt::format(
                        "\"{}\" is neither an address nor a network, like 192.168.7.4 or "
                        "192.168.7.0/24",
                        text
                    )
            );
            return {};
        }
        return *prefix;
    }

    void read_groups(const Value& value) {
        if (!want(value, Value::Kind::kObject, "groups are {\"group:name\": [...], ...}") ||
            !want_at_most(value, kGroupsMax)) {
            return;
        }
        for (const Value& group : value.items) {
            const auto name = parse_selector(group.key);
            if (!name || name->kind != Selector::Kind::kGroup) {
                fail(group.key_at, fmt::format("\"{}\" is no group; write group:NAME", group.key));
                continue;
            }
            std::vector<Selector>& members = document_.groups[name->name];
            each_text(group, kGroupMembersMax, [&](const Value& item) {
                Selector member = read_selector(item.text, item.at);
                if (member.kind != Selector::Kind::kNode && member.kind != Selector::Kind::kTag) {
                    fail(item.at, "a group holds names of nodes, and tags");
                }
                members.push_back(std::move(member));
            });
        }
    }

    // With groups, tags and hosts looked up.
    Selector read_selector(std::string_view text, Position at) {
        auto parsed = parse_selector(text);
        if (!parsed) {
            fail(at, parsed.error());
            return {};
        }
        Selector& selector = *parsed;
        selector.at = at;
        if (selector.kind == Selector::Kind::kTag && tags_ && !tags_->contains(selector.name)) {
            fail(at, fmt::format("tag:{} is not among \"tags\"", selector.name));
        }
        if (selector.kind == Selector::Kind::kGroup && !document_.groups.contains(selector.name)) {
            fail(at, fmt::format("group:{} is not among \"groups\"", selector.name));
        }
        const auto host = document_.hosts.find(selector.name);
        if (selector.kind == Selector::Kind::kNode && host != document_.hosts.end()) {
            selector.kind = Selector::Kind::kPrefix;
            selector.prefix = host->second;
        }
        return selector;
    }

    std::vector<Selector> read_selectors(const Value& list) {
        std::vector<Selector> selectors;
        each_text(list, kListMax, [&](const Value& item) {
            selectors.push_back(read_selector(item.text, item.at));
        });
        return selectors;
    }

    // The values under each of `keys`, all of which there must be; none where one is missing.
    std::vector<const Value*> parts(const Value& object, const Keys& keys) {
        std::vector<const Value*> found;
        if (!want(object, Value::Kind::kObject, "a {...} is needed here")) {
            return found;
        }
        for (const std::string_view key : keys) {
            if (const Value* value = find(object, key)) {
                found.push_back(value);
            } else {
                fail(object.at, fmt::format("\"{}\" is missing", key));
                return {};
            }
        }
        return found;
    }

    void read_grants(const Value& value) {
        if (!want(value, Value::Kind::kArray, "grants are a list [{...}, ...]") ||
            !want_at_most(value, kGrantsMax)) {
            return;
        }
        const Keys keys{"src", "dst", "ip"};
        for (const Value& item : value.items) {
            check_keys(item, keys);
            const auto found = parts(item, keys);
            if (found.empty()) {
                return;
            }
            Grant& grant = document_.grants.emplace_back();
            grant.at = item.at;
            grant.sources = read_selectors(*found[0]);
            grant.destinations = read_selectors(*found[1]);
            each_text(*found[2], kListMax, [&](const Value& service) {
                const auto parsed = parse_service(service.text);
                if (!parsed) {
                    fail(service.at, parsed.error());
                    return;
                }
                grant.services.push_back(*parsed);
            });
        }
    }

    void read_routes(const Value& value) {
        if (!want(value, Value::Kind::kObject, "routes are {\"network\": [nodes], ...}") ||
            !want_at_most(value, kRoutesMax)) {
            return;
        }
        for (const Value& item : value.items) {
            const auto host = document_.hosts.find(item.key);
            Route& route = document_.routes.emplace_back();
            route.prefix =
                host != document_.hosts.end() ? host->second : read_prefix(item.key, item.key_at);
            each_text(item, kListMax, [&](const Value& node) {
                if (read_selector(node.text, node.at).kind != Selector::Kind::kNode) {
                    fail(node.at, "a route goes by nodes; write their names");
                }
                route.nodes.push_back(node.text);
            });
        }
    }

    void read_tests(const Value& value) {
        if (!want(value, Value::Kind::kArray, "tests are a list [{...}, ...]") ||
            !want_at_most(value, kTestsMax)) {
            return;
        }
        for (const Value& item : value.items) {
            check_keys(item, {"src", "accept", "deny"});
            const auto source = parts(item, {"src"});
            if (source.empty() ||
                !want(*source[0], Value::Kind::kString, "a test asks for one \"src\"")) {
                return;
            }
            Test& test = document_.tests.emplace_back();
            test.text = source[0]->text;
            test.source = read_selector(test.text, source[0]->at);
            read_targets(item, "accept", test);
            read_targets(item, "deny", test);
            if (test.targets.empty()) {
                fail(item.at, "a test asks for \"accept\" or \"deny\"");
            }
        }
    }

    void read_targets(const Value& item, std::string_view key, Test& test) {
        const Value* list = find(item, key);
        if (list == nullptr) {
            return;
        }
        each_text(*list, kListMax, [&](const Value& target) {
            const auto split = split_target(target.text);
            if (!split) {
                fail(target.at, split.error());
                return;
            }
            test.targets.push_back({
                .destination = read_selector(split->first, target.at),
                .service = split->second,
                .accept = key == "accept",
                .text = target.text,
            });
        });
    }

    Document document_;
    std::optional<std::set<std::string>> tags_;
    std::optional<Problem> problem_;
};

}  // namespace

OrProblem<Document> parse_document(std::string_view text) {
    if (text.size() > kTextSizeMax) {
        return std::unexpected(
            Problem{{}, fmt::format("{} bytes; a policy has at most {}", text.size(), kTextSizeMax)}
        );
    }
    const auto root = parse_hujson(text);
    if (!root) {
        return std::unexpected(root.error());
    }
    return Reader().read(*root);
}

}  // namespace phantom::policy
