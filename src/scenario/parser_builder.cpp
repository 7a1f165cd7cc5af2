// A document of YAML becomes a parser, or there is a reason why not.

#include <array>
#include <charconv>

#include <fmt/format.h>

#include "scenario/parser_node.h"

namespace phantom::scenario {

namespace {

constexpr auto kNodeKeys = std::to_array<std::string_view>(
    {"name", "description", "filter", "onsuccess", "debug", "pattern_syntax", "grok", "nodes",
     "statics", "whitelist", "stash", "data", "format", "references", "profiling", "author"}
);
constexpr auto kGrokKeys = std::to_array<std::string_view>(
    {"name", "pattern", "apply_on", "expression", "statics", "pattern_syntax"}
);
constexpr auto kStaticKeys = std::to_array<std::string_view>(
    {"meta", "parsed", "enriched", "target", "method", "value", "expression"}
);
constexpr auto kWhitelistKeys =
    std::to_array<std::string_view>({"reason", "ip", "cidr", "expression"});
constexpr auto kStashKeys =
    std::to_array<std::string_view>({"name", "key", "value", "ttl", "size", "strategy"});

class ParserBuilder {
  public:
    explicit ParserBuilder(const DataFiles& files) : files_(files) {}

    OrFlaw<ParserNode> node(const Yaml& yaml, const GrokLibrary* outer, std::size_t depth) {
        if (depth > kNodeDepthMax) {
            return flawed("nodes are nested too deep", yaml.line);
        }
        PM_TRY_FLAW(known_keys(yaml, kNodeKeys));
        GrokLibrary library = outer != nullptr ? GrokLibrary(outer) : GrokLibrary();
        PM_TRY_FLAW(pattern_names(yaml, library));
        ParserNode built;
        built.name = yaml.text_of("name");
        const std::string& success = yaml.text_of("onsuccess");
        if (!success.empty() && success != "next_stage" && success != "continue") {
            return flawed(fmt::format("onsuccess: {} is not known", success), yaml.line);
        }
        built.ends_stage = success == "next_stage";
        built.filter = PM_TRY_FLAW(optional_expression(yaml, "filter"));
        if (const Yaml* found = yaml.find("grok")) {
            built.grok = PM_TRY_FLAW(grok(*found, library));
        }
        if (const Yaml* found = yaml.find("whitelist")) {
            built.whitelist = PM_TRY_FLAW(whitelist(*found));
        }
        built.statics = PM_TRY_FLAW(statics(yaml));
        built.stashes = PM_TRY_FLAW(stashes(yaml));
        if (const Yaml* found = yaml.find("nodes")) {
            for (const Yaml& each : found->items) {
                built.nodes.push_back(PM_TRY_FLAW(node(each, &library, depth + 1)));
            }
        }
        return built;
    }

  private:
    static OrFlaw<void> known_keys(const Yaml& yaml, std::span<const std::string_view> known) {
        if (yaml.kind != Yaml::Kind::kMap) {
            return flawed("names and values are expected", yaml.line);
        }
        if (const Yaml* unknown = yaml.unknown_key(known)) {
            return flawed(fmt::format("{} is not understood", unknown->key), unknown->line);
        }
        return {};
    }

    OrFlaw<Expression> expression(const Yaml& yaml) {
        if (yaml.kind != Yaml::Kind::kScalar) {
            return flawed("an expression is expected", yaml.line);
        }
        return at_line(Expression::compile(yaml.text, files_), yaml.line);
    }

    OrFlaw<std::optional<Expression>> optional_expression(const Yaml& yaml, std::string_view name) {
        const Yaml* found = yaml.find(name);
        if (found == nullptr || found->kind == Yaml::Kind::kNull) {
            return std::nullopt;
        }
        return PM_TRY_FLAW(expression(*found));
    }

    static OrFlaw<void> pattern_names(const Yaml& yaml, GrokLibrary& library) {
        const Yaml* all = yaml.find("pattern_syntax");
        if (all == nullptr) {
            return {};
        }
        for (const Yaml& each : all->items) {
            if (each.kind != Yaml::Kind::kScalar || !library.add(each.key, each.text)) {
                return flawed(fmt::format("the pattern {} cannot be kept", each.key), each.line);
            }
        }
        return {};
    }

    OrFlaw<GrokStep> grok(const Yaml& yaml, const GrokLibrary& library) {
        PM_TRY_FLAW(known_keys(yaml, kGrokKeys));
        GrokStep built;
        const std::string& name = yaml.text_of("name");
        const Yaml* pattern = yaml.find("pattern");
        if (name.empty() == (pattern == nullptr)) {
            return flawed("a grok has a name or a pattern", yaml.line);
        }
        built.grok = PM_TRY_FLAW(at_line(
            Grok::compile(
                pattern != nullptr ? pattern->text : fmt::format("%{{{}}}", name), library
            ),
            pattern != nullptr ? pattern->line : yaml.line
        ));
        built.apply_on = yaml.text_of("apply_on");
        built.expression = PM_TRY_FLAW(optional_expression(yaml, "expression"));
        if (built.apply_on.empty() == !built.expression) {
            return flawed("a grok has apply_on or an expression", yaml.line);
        }
        built.statics = PM_TRY_FLAW(statics(yaml));
        return built;
    }

    OrFlaw<std::vector<Static>> statics(const Yaml& yaml) {
        std::vector<Static> built;
        const Yaml* all = yaml.find("statics");
        if (all != nullptr) {
            for (const Yaml& each : all->items) {
                built.push_back(PM_TRY_FLAW(one_static(each)));
            }
        }
        return built;
    }

    OrFlaw<Static> one_static(const Yaml& yaml) {
        PM_TRY_FLAW(known_keys(yaml, kStaticKeys));
        Static built;
        PM_TRY_FLAW(destination(yaml, built));
        built.value = yaml.text_of("value");
        built.expression = PM_TRY_FLAW(optional_expression(yaml, "expression"));
        return built;
    }

    static OrFlaw<void> destination(const Yaml& yaml, Static& built) {
        const std::string& method = yaml.text_of("method");
        if (!method.empty()) {
            built.into = Static::Into::kDate;
            if (method != "ParseDate") {
                return flawed(
                    fmt::format("the method {} needs what there is not", method), yaml.line
                );
            }
            return {};
        }
        struct Place {
            std::string_view key;
            Static::Into into;
        };
        constexpr auto kPlaces = std::to_array<Place>(
            {{"meta", Static::Into::kMeta},
             {"parsed", Static::Into::kParsed},
             {"enriched", Static::Into::kEnriched},
             {"target", Static::Into::kTarget}}
        );
        for (const Place& each : kPlaces) {
            if (!yaml.text_of(each.key).empty()) {
                built.into = each.into;
                built.name = yaml.text_of(each.key);
            }
        }
        if (built.name.empty()) {
            return flawed("a static says nothing of where it goes", yaml.line);
        }
        if (built.into == Static::Into::kTarget && !is_event_target(built.name)) {
            return flawed(fmt::format("the target {} is not known", built.name), yaml.line);
        }
        return {};
    }

    OrFlaw<Whitelist> whitelist(const Yaml& yaml) {
        PM_TRY_FLAW(known_keys(yaml, kWhitelistKeys));
        Whitelist built;
        for (const Yaml& list : yaml.items) {
            if (list.kind != Yaml::Kind::kList) {
                continue;
            }
            for (const Yaml& each : list.items) {
                if (list.key == "expression") {
                    built.expressions.push_back(PM_TRY_FLAW(expression(each)));
                    continue;
                }
                const auto prefix = wire::Prefix::parse(each.text);
                if (!prefix) {
                    return flawed(fmt::format("{} is no address", each.text), each.line);
                }
                built.prefixes.push_back(*prefix);
            }
        }
        return built;
    }

    OrFlaw<std::vector<StashStep>> stashes(const Yaml& yaml) {
        std::vector<StashStep> built;
        const Yaml* all = yaml.find("stash");
        if (all == nullptr) {
            return built;
        }
        for (const Yaml& each : all->items) {
            PM_TRY_FLAW(known_keys(each, kStashKeys));
            const Yaml* key = each.find("key");
            const Yaml* value = each.find("value");
            const auto ttl = parse_duration(each.text_of("ttl"));
            const std::string& size_text = each.text_of("size");
            std::size_t size = 0;
            (void)std::from_chars(size_text.data(), size_text.data() + size_text.size(), size);
            if (key == nullptr || value == nullptr || !ttl || size == 0 ||
                size > kStashEntriesMax || each.text_of("name").empty()) {
                return flawed("a stash has a name, a key, a value, a ttl and a size", each.line);
            }
            auto key_expression = PM_TRY_FLAW(expression(*key));
            auto value_expression = PM_TRY_FLAW(expression(*value));
            built.push_back(
                {.name = each.text_of("name"),
                 .key = std::move(key_expression),
                 .value = std::move(value_expression),
                 .size = size,
                 .ttl_ns = *ttl}
            );
        }
        return built;
    }

    const DataFiles& files_;
};

}  // namespace

OrFlaw<ParserNode> build_parser(const Yaml& yaml, const DataFiles& files) {
    return ParserBuilder(files).node(yaml, nullptr, 0);
}

}  // namespace phantom::scenario
