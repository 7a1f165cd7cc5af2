#include "scenario/bucket_config.h"

#include <array>
#include <charconv>

#include <fmt/format.h>

#include "scenario/go_time.h"

namespace phantom::scenario {

namespace {

constexpr auto kScenarioKeys = std::to_array<std::string_view>(
    {"type",      "name",      "description",     "filter",    "groupby",    "distinct",
     "capacity",  "leakspeed", "duration",        "blackhole", "cache_size", "reprocess",
     "condition", "cancel_on", "overflow_filter", "scope",     "labels",     "data",
     "debug",     "format",    "references",      "author",    "version"}
);
constexpr auto kScopeKeys = std::to_array<std::string_view>({"type", "expression"});

struct BucketTypeName {
    std::string_view name;
    BucketConfig::Type type;
};
constexpr auto kBucketTypeNames = std::to_array<BucketTypeName>(
    {{"trigger", BucketConfig::Type::kTrigger},
     {"leaky", BucketConfig::Type::kLeaky},
     {"counter", BucketConfig::Type::kCounter},
     {"conditional", BucketConfig::Type::kConditional}}
);

class ScenarioBuilder {
  public:
    ScenarioBuilder(const Yaml& yaml, const DataFiles& files) : yaml_(yaml), files_(files) {}

    OrFlaw<BucketConfig> run() {
        if (const Yaml* unknown = yaml_.unknown_key(kScenarioKeys)) {
            return flawed(fmt::format("{} is not understood", unknown->key), unknown->line);
        }
        PM_TRY_FLAW(type());
        built_.name = yaml_.text_of("name");
        built_.description = yaml_.text_of("description");
        if (built_.name.empty()) {
            return flawed("a scenario has a name", yaml_.line);
        }
        built_.filter = PM_TRY_FLAW(expression(yaml_, "filter"));
        built_.group_by = PM_TRY_FLAW(expression(yaml_, "groupby"));
        built_.distinct = PM_TRY_FLAW(expression(yaml_, "distinct"));
        built_.condition = PM_TRY_FLAW(expression(yaml_, "condition"));
        built_.cancel_on = PM_TRY_FLAW(expression(yaml_, "cancel_on"));
        built_.overflow_filter = PM_TRY_FLAW(expression(yaml_, "overflow_filter"));
        built_.leak_ns = PM_TRY_FLAW(duration("leakspeed"));
        built_.duration_ns = PM_TRY_FLAW(duration("duration"));
        built_.blackhole_ns = PM_TRY_FLAW(duration("blackhole"));
        built_.cache_size =
            static_cast<std::size_t>(std::max(PM_TRY_FLAW(whole("cache_size", 0)), std::int64_t{0})
            );
        const Yaml* reprocess = yaml_.find("reprocess");
        built_.is_reprocessed = reprocess != nullptr && reprocess->is_true();
        PM_TRY_FLAW(capacity());
        PM_TRY_FLAW(scope());
        const Yaml* labels = yaml_.find("labels");
        built_.labels = labels != nullptr ? value_of(*labels) : Value(boost::json::object());
        PM_TRY_FLAW(is_complete());
        return std::move(built_);
    }

  private:
    OrFlaw<void> type() {
        const std::string& wanted = yaml_.text_of("type");
        for (const BucketTypeName& each : kBucketTypeNames) {
            if (each.name == wanted) {
                built_.type = each.type;
                return {};
            }
        }
        return flawed(fmt::format("the type {} is not known", wanted), yaml_.line);
    }

    OrFlaw<std::optional<Expression>> expression(const Yaml& in, std::string_view name) {
        const Yaml* found = in.find(name);
        if (found == nullptr || found->kind == Yaml::Kind::kNull) {
            return std::nullopt;
        }
        if (found->kind != Yaml::Kind::kScalar) {
            return flawed(fmt::format("{} is no expression", name), found->line);
        }
        return PM_TRY_FLAW(at_line(Expression::compile(found->text, files_), found->line));
    }

    OrFlaw<std::int64_t> duration(std::string_view name) {
        const Yaml* found = yaml_.find(name);
        if (found == nullptr) {
            return 0;
        }
        const auto length = parse_duration(found->text);
        if (!length || *length > kBucketDurationMaxNs) {
            return flawed(fmt::format("{} is no duration", name), found->line);
        }
        return *length;
    }

    OrFlaw<std::int64_t> whole(std::string_view name, std::int64_t otherwise) {
        const Yaml* found = yaml_.find(name);
        if (found == nullptr) {
            return otherwise;
        }
        std::int64_t number = 0;
        const char* const end = found->text.data() + found->text.size();
        const auto [stop, error] = std::from_chars(found->text.data(), end, number);
        if (error != std::errc{} || stop != end || number < -1 || number > kCapacityMax) {
            return flawed(fmt::format("{} is no number that can be used", name), found->line);
        }
        return number;
    }

    OrFlaw<void> capacity() {
        const std::int64_t given = PM_TRY_FLAW(whole("capacity", 0));
        if (built_.type == BucketConfig::Type::kTrigger) {
            built_.capacity = 0;
        } else if (given >= 0 && built_.type != BucketConfig::Type::kCounter) {
            built_.capacity = given;
        }
        return {};
    }

    OrFlaw<void> scope() {
        const Yaml* found = yaml_.find("scope");
        if (found == nullptr) {
            return {};
        }
        if (const Yaml* unknown = found->unknown_key(kScopeKeys)) {
            return flawed(fmt::format("{} is not understood", unknown->key), unknown->line);
        }
        built_.scope = found->text_of("type");
        built_.scope_value = PM_TRY_FLAW(expression(*found, "expression"));
        if (built_.scope == "Ip") {
            built_.scope_value.reset();  // evt.Meta.source_ip, whatever stands there
        } else if (built_.scope.empty() || !built_.scope_value) {
            return flawed("a scope has a type and an expression", found->line);
        }
        return {};
    }

    OrFlaw<void> is_complete() {
        if (!built_.filter) {
            return flawed("a scenario has a filter", yaml_.line);
        }
        if (built_.type == BucketConfig::Type::kLeaky &&
            (!built_.capacity || *built_.capacity == 0 || built_.leak_ns == 0)) {
            return flawed("a leaky bucket has a capacity and a leakspeed", yaml_.line);
        }
        if (built_.type == BucketConfig::Type::kCounter && built_.duration_ns == 0) {
            return flawed("a counter has a duration", yaml_.line);
        }
        if ((built_.type == BucketConfig::Type::kConditional) != built_.condition.has_value()) {
            return flawed("a condition belongs to a conditional bucket", yaml_.line);
        }
        return {};
    }

    const Yaml& yaml_;
    const DataFiles& files_;
    BucketConfig built_;
};

}  // namespace

std::int64_t BucketConfig::lifetime_ns() const {
    if (type == Type::kConditional) {
        return leak_ns;
    }
    return type == Type::kCounter ? duration_ns : (capacity.value_or(0) + 1) * leak_ns;
}

OrFlaw<BucketConfig> build_scenario(const Yaml& yaml, const DataFiles& files) {
    return ScenarioBuilder(yaml, files).run();
}

}  // namespace phantom::scenario
