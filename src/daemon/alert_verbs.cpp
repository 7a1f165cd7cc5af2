// What `phantom` asks of AlertService.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "alert/alert_json.h"
#include "alert/message_text.h"
#include "alert/state_json.h"
#include "daemon/alert_service.h"
#include "daemon/control_server.h"
#include "daemon/json_fields.h"
#include "fields/fields.h"
#include "incident/record.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr std::int64_t kSilenceMaxS = 365 * 86'400;
constexpr std::size_t kDeadLettersShown = 20;
constexpr std::size_t kCommentMax = 200;

std::string time_or_none(WallTime at) {
    return at.ns == 0 || at == alert::AlertBook::kFar ? "" : incident::time_text(at);
}

// A number of seconds, or a time of RFC 3339.
std::optional<WallTime> time_at(const json::object& request, const char* key, WallTime otherwise) {
    const std::string text = fields::text_at(request, key);
    if (text.empty()) {
        return otherwise;
    }
    const auto read = alert::parse_rfc3339(text);
    return read ? std::optional(*read) : std::nullopt;
}

json::object shift_json(const alert::Shift& shift) {
    return {
        {"who", shift.who},
        {"from", incident::time_text(shift.from)},
        {"until", incident::time_text(shift.until)},
        {"override", shift.is_override},
    };
}

json::object no_store() {
    return control_error(
        "refused", "the store of alerts cannot be used; the daemon's log says why"
    );
}

}  // namespace

bool AlertService::is_verb(std::string_view verb) {
    static constexpr std::array<std::string_view, 11> kVerbs{
        "alerts.reload", "alerts.test", "alerts.delivery", "ack.link",
        "ack.link.show", "silence.add", "silence.expire",  "silences",
        "escalations",   "oncall",      "receivers",
    };
    return std::ranges::find(kVerbs, verb) != kVerbs.end() || verb == "oncall.override";
}

json::object AlertService::answer(const json::object& request) {
    if (teller_ == nullptr) {
        return no_store();
    }
    const std::string verb = fields::text_at(request, "verb");
    if (verb == "alerts.reload") {
        return reload_answer();
    }
    if (verb == "alerts.test") {
        return test(request);
    }
    if (verb == "alerts.delivery") {
        return tell_delivery(request);
    }
    if (verb == "ack.link.show") {
        return show_link(request);
    }
    if (verb == "ack.link") {
        return acknowledge_by_link(request);
    }
    if (verb == "silences") {
        return list_silences();
    }
    if (verb.starts_with("silence.")) {
        return silence(request);
    }
    if (verb == "escalations") {
        return list_escalations();
    }
    if (verb == "receivers") {
        return list_receivers();
    }
    return verb == "oncall" ? list_on_call() : override_on_call(request);
}

// ---- Alerts -----------------------------------------------------------------------------------------

json::object AlertService::describe_told(const telling::Told& told) const {
    json::array numbers;
    for (const alert::Fingerprint& each : told.alerts) {
        if (const std::uint64_t number = number_of(each); number != 0) {
            numbers.push_back(json::value(number));
        }
    }
    return {
        {"key", told.key},
        {"alerts", std::move(numbers)},
        {"receiver", told.receiver},
        {"channel", told.channel},
        {"destination", told.destination},
        {"priority", told.priority},
        {"level", told.level},
        {"resolved", told.is_resolved},
        {"put", incident::time_text(told.put_at)},
        {"state", telling::name_of(told.state)},
        {"attempts", told.attempts},
        {"next", time_or_none(told.next_at)},
        {"done", time_or_none(told.done_at)},
        {"answer", alert::one_line(told.answer)},
    };
}

void AlertService::describe_into(json::object& alert, std::uint64_t number, bool in_full) const {
    const auto known = fingerprints_.find(number);
    if (teller_ == nullptr || known == fingerprints_.end()) {
        return;
    }
    if (const alert::Entry* entry = teller_->dispatcher().find(known->second)) {
        alert["telling"] = alert::name_of(entry->state);
        alert["acknowledged_by"] = entry->acked_by;
    }
    const std::vector<const telling::Told*> told = teller_->told().about(known->second);
    json::array names;
    json::array deliveries;
    for (const telling::Told* each : told) {
        const std::string name = fmt::format("{}/{}", each->receiver, each->channel);
        if (std::ranges::find(names, json::value(name)) == names.end()) {
            names.push_back(json::value(name));
        }
        deliveries.push_back(describe_told(*each));
    }
    alert["told"] = std::move(names);
    alert["told_last"] = told.empty() ? "" : incident::time_text(told.back()->put_at);
    if (in_full) {
        const auto found = pipeline_.alerts().all().find(number);
        if (found != pipeline_.alerts().all().end()) {
            alert["suggested"] = actions_for(found->second);
            alert["history"] = history_of(found->second);
        }
        alert["deliveries"] = std::move(deliveries);
    }
}

json::object AlertService::describe() const {
    if (teller_ == nullptr) {
        return {{"kept", false}};
    }
    const courier::OutgoingCounters& counters = teller_->counters();
    json::array dead;
    json::object channels;
    std::size_t waiting = 0;
    for (const telling::Told* each : teller_->told().all()) {
        const bool is_dead = each->state == telling::Told::State::kDeadLetter;
        const bool waits = each->state == telling::Told::State::kWaiting;
        waiting += waits ? 1 : 0;
        if (is_dead) {
            dead.push_back(describe_told(*each));
        }
        json::object& channel =
            channels.emplace(fmt::format("{}/{}", each->receiver, each->channel), json::object())
                .first->value()
                .as_object();
        channel[telling::name_of(each->state)] =
            (channel.contains(telling::name_of(each->state))
                 ? channel.at(telling::name_of(each->state)).to_number<std::int64_t>()
                 : 0) +
            1;
        channel["last_answer"] = alert::one_line(each->answer);
        if (each->next_at.ns != 0) {
            channel["held_until"] = incident::time_text(each->next_at);
        }
    }
    const std::size_t dead_count = dead.size();
    if (dead.size() > kDeadLettersShown) {
        dead.erase(dead.begin(), dead.end() - kDeadLettersShown);
    }
    return {
        {"kept", true},
        {"config", config_path_},
        {"config_read", has_config_},
        {"config_problem", config_problem_},
        {"waiting", waiting},
        {"delivered", counters.delivered_total},
        {"retries", counters.retries_total},
        {"shed", counters.shed_total + teller_->dispatcher().shed_total()},
        {"dead_letters", dead_count},
        {"dead_letters_last", std::move(dead)},
        {"channels", std::move(channels)},
        {"silences", teller_->dispatcher().silences().all().size()},
        {"escalations", teller_->escalations().all().size()},
    };
}

json::object AlertService::reload_answer() {
    if (const auto problem = read_config_file()) {
        return control_error("refused", *problem + ". The one before stays in force.");
    }
    return {
        {"schema", "phantom.alerts_reload/1"},
        {"config", config_path_},
        {"config_read", has_config_},
        {"receivers", teller_->receivers().size()},
    };
}

// For somebody who has a link and nothing else: what stood in the message, in short.
json::array AlertService::describe_linked(const std::vector<alert::Fingerprint>& alerts) const {
    json::array list;
    for (const alert::Fingerprint& each : alerts) {
        const auto found = pipeline_.alerts().all().find(number_of(each));
        if (found != pipeline_.alerts().all().end()) {
            list.push_back(json::object{
                {"number", found->first},
                {"priority", assess::name_of(found->second.priority)},
                {"rule", found->second.rule},
                {"text", alert::one_line(found->second.text)},
            });
        }
    }
    return list;
}

json::object AlertService::show_link(const json::object& request) {
    const auto offer = teller_->look_at_link(fields::text_at(request, "token"), wall_now());
    if (!offer) {
        return control_error("refused", offer.error().what());
    }
    return {
        {"schema", "phantom.ack_link/1"},
        {"by", offer->would.by},
        {"expires", incident::time_text(offer->expires_at)},
        {"alerts", describe_linked(offer->would.alerts)},
    };
}

json::object AlertService::acknowledge_by_link(const json::object& request) {
    const WallTime now = wall_now();
    const auto done = teller_->acknowledge_by_link(fields::text_at(request, "token"), now);
    if (!done) {
        return control_error("refused", done.error().message());
    }
    json::array numbers;
    for (const alert::Fingerprint& each : done->alerts) {
        if (const std::uint64_t number = number_of(each); number != 0) {
            (void)pipeline_.acknowledge(number, now);
            changed_.insert(number);
            numbers.push_back(json::value(number));
        }
    }
    return {
        {"schema", "phantom.ack/1"},
        {"number", numbers.empty() ? json::value(0) : numbers.front()},
        {"numbers", std::move(numbers)},
        {"by", done->by},
        {"alerts", describe_linked(done->alerts)},
    };
}

json::object AlertService::test(const json::object& request) {
    const std::string name = fields::text_at(request, "receiver");
    const auto receiver = teller_->receivers().find(name);
    if (receiver == teller_->receivers().end()) {
        std::string known;
        for (const auto& [each, of] : teller_->receivers()) {
            known += (known.empty() ? "" : ", ") + each;
        }
        return control_error(
            "not_found", fmt::format("there is no receiver '{}'; there are: {}", name, known)
        );
    }
    if (receiver->second.channels.empty()) {
        return control_error("refused", "this receiver has no channel: nobody is told");
    }
    const auto keys = teller_->test(name, wall_now());
    if (!keys) {
        return control_error("refused", keys.error().message());
    }
    json::array list;
    for (const std::string& key : *keys) {
        list.push_back(json::value(key));
    }
    return {{"schema", "phantom.alerts_test/1"}, {"receiver", name}, {"keys", std::move(list)}};
}

json::object AlertService::tell_delivery(const json::object& request) const {
    const telling::Told* told = teller_->told().find(fields::text_at(request, "key"));
    if (told == nullptr) {
        return control_error("not_found", "there is no such delivery");
    }
    json::object answer = describe_told(*told);
    answer["schema"] = "phantom.alerts_delivery/1";
    return answer;
}

// ---- Silences ---------------------------------------------------------------------------------------

json::object AlertService::silence(const json::object& request) {
    const WallTime now = wall_now();
    if (fields::text_at(request, "verb") == "silence.expire") {
        const auto id = static_cast<alert::SilenceId>(fields::number_at(request, "number", 0));
        if (const Status done = teller_->expire_silence(id, now); !done) {
            return control_error("not_found", done.error().message());
        }
        return {{"schema", "phantom.silence_expire/1"}, {"number", id}};
    }
    auto matchers = alert::parse_matchers(fields::text_at(request, "matchers"));
    if (!matchers) {
        return control_error("bad_request", matchers.error());
    }
    const std::int64_t for_s = fields::number_at(request, "for_s", 0);
    if (for_s < 1 || for_s > kSilenceMaxS) {
        return control_error("bad_request", "a silence is for 1 second to 365 days");
    }
    const WallTime ends_at = alert::later(now, std::chrono::seconds(for_s));
    const auto id = teller_->add_silence(
        {.matchers = std::move(*matchers),
         .starts_at = now,
         .ends_at = ends_at,
         .author = fields::text_at(request, "author").substr(0, kCommentMax),
         .comment = fields::text_at(request, "comment").substr(0, kCommentMax)},
        now
    );
    if (!id) {
        return control_error("refused", id.error().message());
    }
    return {
        {"schema", "phantom.silence/1"},
        {"number", *id},
        {"until", incident::time_text(ends_at)},
    };
}

json::object AlertService::list_silences() const {
    json::array list;
    const WallTime now = wall_now();
    for (const auto& [id, silence] : teller_->dispatcher().silences().all()) {
        if (silence.ends_at > now) {
            list.push_back(json::object{
                {"number", id},
                {"matchers", alert::matchers_text(silence.matchers)},
                {"from", incident::time_text(silence.starts_at)},
                {"until", incident::time_text(silence.ends_at)},
                {"author", silence.author},
                {"comment", silence.comment},
            });
        }
    }
    return {{"schema", "phantom.silences/1"}, {"silences", std::move(list)}};
}

// ---- Escalations and rotas --------------------------------------------------------------------------

json::object AlertService::list_escalations() const {
    json::array list;
    for (const auto& [key, escalation] : teller_->escalations().all()) {
        json::array alerts;
        const alert::Group* group = teller_->dispatcher().find_group(key);
        std::string receiver;
        if (group != nullptr) {
            receiver = group->route->receiver;
            for (const alert::Fingerprint& each : group->alerts) {
                alerts.push_back(json::value(number_of(each)));
            }
        }
        const auto policy = teller_->config().escalations.find(escalation.policy);
        list.push_back(json::object{
            {"policy", escalation.policy},
            {"receiver", receiver},
            {"alerts", std::move(alerts)},
            {"began", incident::time_text(escalation.began_at)},
            {"round", escalation.round + 1},
            {"next_level", escalation.level + 1},
            {"levels", policy == teller_->config().escalations.end()
                           ? std::size_t{0}
                           : policy->second.levels.size()},
            {"next", incident::time_text(escalation.next_at)},
        });
    }
    return {{"schema", "phantom.escalations/1"}, {"escalations", std::move(list)}};
}

json::object AlertService::list_receivers() const {
    json::array receivers;
    for (const auto& [name, receiver] : teller_->receivers()) {
        json::array channels;
        for (const alert::Channel& each : receiver.channels) {
            channels.emplace_back(alert::name_of(each));
        }
        receivers.push_back(json::object{{"name", name}, {"channels", std::move(channels)}});
    }
    json::array policies;
    for (const auto& [name, policy] : teller_->config().escalations) {
        json::array levels;
        for (const alert::EscalationLevel& each : policy.levels) {
            levels.push_back(json::object{
                {"after_s", std::chrono::duration_cast<std::chrono::seconds>(each.after).count()},
                {"targets", json::array(each.targets.begin(), each.targets.end())},
            });
        }
        policies.push_back(json::object{
            {"name", name},
            {"priority", alert::name_of(policy.priority)},
            {"levels", std::move(levels)},
            {"repeats", policy.repeats},
        });
    }
    return {
        {"schema", "phantom.receivers/1"},
        {"config", config_path_},
        {"receivers", std::move(receivers)},
        {"policies", std::move(policies)},
    };
}

json::object AlertService::list_on_call() const {
    json::array list;
    for (const telling::OnCall& each : teller_->on_call(wall_now())) {
        list.push_back(json::object{
            {"rota", each.rota},
            {"time_zone", each.time_zone},
            {"now", shift_json(each.now)},
            {"next", shift_json(each.next)},
        });
    }
    return {{"schema", "phantom.oncall/1"}, {"rotas", std::move(list)}};
}

json::object AlertService::override_on_call(const json::object& request) {
    const WallTime now = wall_now();
    const auto from = time_at(request, "from", now);
    const std::int64_t for_s = fields::number_at(request, "for_s", 0);
    const std::string who = fields::text_at(request, "who");
    if (!from || for_s < 1 || for_s > kSilenceMaxS) {
        return control_error(
            "bad_request",
            "an override begins at a time as 2026-12-24T09:00:00+01:00, and is for 1 second to 365 "
            "days"
        );
    }
    if (!teller_->receivers().contains(who)) {
        return control_error("not_found", fmt::format("there is no receiver '{}'", who));
    }
    const WallTime until = alert::later(*from, std::chrono::seconds(for_s));
    const Status done = teller_->add_override(
        fields::text_at(request, "rota"), {.from = *from, .until = until, .who = who}, now
    );
    if (!done) {
        return control_error("not_found", done.error().message());
    }
    return list_on_call();
}

}  // namespace phantom::daemon
