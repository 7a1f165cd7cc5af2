// What the control socket asks of RemedyService: "act", "block", "actions", "undo", "action.approve",
// "action.deny", "action.confirm".

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "daemon/control_server.h"
#include "daemon/json_fields.h"
#include "daemon/remedy_service.h"
#include "fields/fields.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

using remedy::Executor;

constexpr const char* kSelf = "@self";
constexpr const char* kNoSuchAction =
    "there is no such action (any more); 'phantom actions' lists those there are";
constexpr const char* kNoSuchKind =
    "\"executor\" is firewall, isolation, rate-limit, tunnel, rekey, route or credential";

std::string wall_text(WallTime time) {
    return time_text({static_cast<std::uint64_t>(time.ns / 1'000'000'000)});
}

Duration seconds_at(const json::object& request, const char* key, std::int64_t otherwise) {
    return std::chrono::seconds(
        std::clamp<std::int64_t>(fields::number_at(request, key, otherwise), 0, INT32_MAX)
    );
}

std::vector<remedy::ActionId> numbers_at(const json::object& request, const char* key) {
    std::vector<remedy::ActionId> numbers;
    const auto* value = request.if_contains(key);
    if (value == nullptr || !value->is_array()) {
        return numbers;
    }
    for (const json::value& each : value->get_array()) {
        const std::int64_t number = each.is_int64() ? each.get_int64() : 0;
        numbers.push_back({static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0))});
    }
    return numbers;
}

// What a request says, as a target; in words where it says none.
class TargetReader {
  public:
    TargetReader(const json::object& request, const MeshNode& node)
        : request_(request), node_(node), text_(fields::text_at(request, "target")) {}

    [[nodiscard]] std::expected<remedy::Target, std::string> read() const {
        const std::string kind = fields::text_at(request_, "executor");
        if (kind == "firewall") {
            return with_address(Executor::kFirewall, 0);
        }
        if (kind == "rate-limit") {
            const auto rate =
                static_cast<std::uint32_t>(fields::number_at(request_, "rate", remedy::kRates[1]));
            return wire::Address::parse(text_) ? with_address(Executor::kRateLimit, rate)
                                               : with_member(Executor::kRateLimit, rate);
        }
        if (kind == "isolation" && text_ == kSelf) {
            return remedy::Target{Executor::kIsolation, remedy::Host{}};
        }
        if (kind == "route") {
            return with_route();
        }
        static constexpr std::array kOfMembers{
            std::tuple{"isolation", Executor::kIsolation, std::uint32_t{0}},
            std::tuple{"tunnel", Executor::kTunnel, remedy::kBar},
            std::tuple{"rekey", Executor::kTunnel, remedy::kRekey},
            std::tuple{"credential", Executor::kCredential, std::uint32_t{0}},
        };
        for (const auto& [name, executor, option] : kOfMembers) {
            if (kind == name) {
                return with_member(executor, option);
            }
        }
        return std::unexpected(kNoSuchKind);
    }

  private:
    [[nodiscard]] std::expected<remedy::Target, std::string> with_address(
        Executor executor, std::uint32_t option
    ) const {
        const auto address = wire::Address::parse(text_);
        if (!address) {
            return std::unexpected("the target is an IPv4 or IPv6 address");
        }
        return remedy::Target{executor, *address, option};
    }
    [[nodiscard]] std::expected<remedy::MemberId, std::string> member(const std::string& name
    ) const {
        const auto* record = node_.mesh().directory().find_name(name);
        if (record == nullptr) {
            return std::unexpected("no member is called so; 'phantom status' lists them");
        }
        return member_id(record->descriptor.node);
    }
    [[nodiscard]] std::expected<remedy::Target, std::string> with_member(
        Executor executor, std::uint32_t option
    ) const {
        const auto id = member(text_);
        if (!id) {
            return std::unexpected(id.error());
        }
        return remedy::Target{executor, *id, option};
    }
    [[nodiscard]] std::expected<remedy::Target, std::string> with_route() const {
        const auto prefix = wire::Prefix::parse(text_);
        if (!prefix) {
            return std::unexpected("the target is a prefix: 198.51.100.0/24");
        }
        const std::string via = fields::text_at(request_, "via");
        if (via.empty()) {
            return remedy::Target{Executor::kRoute, *prefix};
        }
        const auto id = member(via);
        if (!id) {
            return std::unexpected(id.error());
        }
        return remedy::Target{Executor::kRoute, remedy::MemberRoute{*prefix, *id}};
    }

    const json::object& request_;
    const MeshNode& node_;
    std::string text_;
};

const char* kind_text(const remedy::Target& target) {
    const bool is_rekey = target.executor == Executor::kTunnel && target.option == remedy::kRekey;
    return is_rekey ? "rekey" : remedy::name_of(target.executor);
}

}  // namespace

json::object RemedyService::describe(const remedy::Action& action) const {
    const remedy::Target& target = action.target;
    const auto* address = std::get_if<wire::Address>(&target.key);
    const auto left_s = (action.ends.ns - wall_now().ns) / 1'000'000'000;
    json::array depends_on;
    for (const remedy::ActionId& id : action.terms.depends_on) {
        depends_on.emplace_back(id.number);
    }
    json::object out{
        {"number", action.id.number},
        {"executor", kind_text(target)},
        {"target", target_text(target, node_)},
        {"address", address == nullptr ? "" : address->to_string()},
        {"state", remedy::name_of(action.state)},
        {"until", wall_text(action.ends)},
        {"remaining_s", std::max<std::int64_t>(left_s, 0)},
        {"renews", action.terms.renews},
        {"depends_on", std::move(depends_on)},
        {"confirm_by", nullptr},
        {"reason", action.reason},
    };
    if (target.executor == Executor::kRateLimit) {
        out["rate"] = target.option;
    }
    if (const auto confirm_by = action.confirm_by(); confirm_by && !action.is_proposed()) {
        out["confirm_by"] = wall_text(*confirm_by);
    }
    return out;
}

json::object RemedyService::block(const json::object& request) {
    const auto address = wire::Address::parse(fields::text_at(request, "address"));
    if (!address) {
        return control_error("bad_request", "\"address\" is an IPv4 or IPv6 address");
    }
    remedy::Request wanted;
    wanted.target = {Executor::kFirewall, *address};
    wanted.terms.duration = seconds_at(request, "for_s", 3'600);
    wanted.is_approved = true;  // who can open the socket owns the machine
    wanted.reason = fields::text_at(request, "reason");
    return answer_act(request, wanted, "phantom.block/1");
}

json::object RemedyService::act(const json::object& request) {
    const auto target = TargetReader(request, node_).read();
    if (!target) {
        return control_error("bad_request", target.error());
    }
    const std::int64_t confirm_otherwise =
        target->kind() == remedy::KeyKind::kHost
            ? std::chrono::duration_cast<std::chrono::seconds>(kConfirmSelf).count()
            : 0;
    const remedy::Request wanted{
        .target = *target,
        .terms =
            {.duration = seconds_at(request, "for_s", 3'600),
             .confirm_within = seconds_at(request, "confirm_s", confirm_otherwise),
             .renews = fields::is_true(request, "renew"),
             .depends_on = numbers_at(request, "after")},
        .is_approved = true,
        .reason = fields::text_at(request, "reason"),
    };
    return answer_act(request, wanted, "phantom.act/1");
}

json::object RemedyService::answer_act(
    const json::object& request, const remedy::Request& wanted, const char* schema
) {
    const Way way = fields::is_true(request, "dry_run")   ? Way::kOnlySay
                    : fields::is_true(request, "propose") ? Way::kPropose
                                                          : Way::kAct;
    json::object out;
    if (way == Way::kOnlySay) {
        if (const auto may = check(wanted, way); !may) {
            return control_error("refused", may.error());
        }
        remedy::Action would;
        would.target = wanted.target;
        out = describe(would);
        for (const char* key : {"number", "state", "until", "remaining_s"}) {
            out[key] = nullptr;
        }
        out["effect"] = to_json(effect_of(wanted.target, node_, flows_));
    } else {
        json::object effect = to_json(effect_of(wanted.target, node_, flows_));  // before it is so
        const auto action = carry_out(wanted, way, wall_now());
        if (!action) {
            return control_error("refused", action.error());
        }
        out = describe(*action);
        out["effect"] = std::move(effect);
    }
    out["schema"] = schema;
    return out;
}

json::object RemedyService::about_one(const json::object& request) {
    if (const auto problem = open_what_is_there()) {
        return control_error("refused", *problem);
    }
    const std::string verb = fields::text_at(request, "verb");
    const std::int64_t number = fields::number_at(request, "number", 0);
    const remedy::ActionId id{static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0))};
    if (remedy_ == nullptr || remedy_->ledger().find(id) == nullptr) {
        return control_error("not_found", kNoSuchAction);
    }
    if (verb == "undo" && fields::is_true(request, "dry_run")) {
        return would_undo(id);
    }
    const WallTime now = wall_now();
    Status done;
    std::string schema = "phantom.undo/1";
    if (verb == "undo") {
        done = remedy_->undo(
            id, now,
            fields::is_true(request, "cascade") ? remedy::Remedy::Cascade::kYes
                                                : remedy::Remedy::Cascade::kNo
        );
    } else if (verb == "action.confirm") {
        schema = "phantom.confirm/1";
        done = remedy_->confirm(id, now);
    } else if (verb == "action.deny") {
        schema = "phantom.deny/1";
        done = remedy_->deny(id, now);
    } else {
        schema = "phantom.approve/1";
        const remedy::Target target = remedy_->ledger().find(id)->target;
        const auto guarded = look_at_guarded();
        if (!guarded) {
            return control_error("refused", guarded.error());
        }
        if (const auto problem = make_ready(target, *guarded)) {
            return control_error("refused", *problem);
        }
        done = remedy_->approve(id, now);
    }
    if (!done) {
        return control_error("refused", done.error().what());
    }
    return {{"schema", schema}, {"number", number}};
}

// The action, and all that depends on it by way of whatever.
json::object RemedyService::would_undo(remedy::ActionId id) const {
    std::set<remedy::ActionId> goes{id};
    json::array dependents;
    for (std::size_t before = 0; before != goes.size();) {
        before = goes.size();
        for (const auto& [number, action] : remedy_->ledger().actions()) {
            const bool depends = std::ranges::any_of(
                action.terms.depends_on, [&](remedy::ActionId on) { return goes.contains(on); }
            );
            if (depends && goes.insert(number).second) {
                dependents.emplace_back(number.number);
            }
        }
    }
    return {
        {"schema", "phantom.undo/1"},
        {"number", id.number},
        {"action", describe(*remedy_->ledger().find(id))},
        {"dependents", std::move(dependents)},
    };
}

json::object RemedyService::list() {
    if (const auto problem = open_what_is_there()) {
        return control_error("refused", *problem);
    }
    json::array actions;
    if (remedy_ != nullptr) {
        for (const auto& [id, action] : remedy_->ledger().actions()) {
            json::object each = describe(action);
            if (action.is_proposed()) {
                each["effect"] = to_json(effect_of(action.target, node_, flows_));
            }
            actions.push_back(std::move(each));
        }
    }
    return {{"schema", "phantom.actions/1"}, {"actions", std::move(actions)}};
}

bool RemedyService::is_verb(std::string_view verb) {
    static constexpr std::array<std::string_view, 7> kVerbs{
        "act", "block", "actions", "undo", "action.approve", "action.deny", "action.confirm",
    };
    return std::ranges::find(kVerbs, verb) != kVerbs.end();
}

json::object RemedyService::answer(const json::object& request) {
    const std::string verb = fields::text_at(request, "verb");
    if (verb == "block") {
        return block(request);
    }
    if (verb == "act") {
        return act(request);
    }
    return verb == "actions" ? list() : about_one(request);
}

}  // namespace phantom::daemon
