// Channels of Alertmanager's that we do not have. A configuration that uses them is read all the same, with
// Alertmanager's own rules, so that one file serves both; that nothing is sent is said.

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "alert/receiver_reader.h"

namespace phantom::alert {

namespace {

// KEY or KEY_file in the section, or `global` or its _file; empty: there is none for all.
struct Credential {
    std::string_view key;
    std::string_view global;
};

struct ForeignSection {
    std::string_view name;
    std::string_view keys;  // besides send_resolved, http_config and the credentials
    std::array<Credential, 2> credentials;
    std::string_view one_of;  // at least one of these
};

constexpr std::array<ForeignSection, 12> kForeignSections{{
    {"opsgenie_configs",
     "api_url message alias description source details entity responders actions tags note "
     "priority "
     "update_alerts timeout",
     {{{"api_key", "opsgenie_api_key"}}},
     ""},
    {"victorops_configs",
     "api_url routing_key message_type state_message entity_display_name monitoring_tool "
     "custom_fields timeout",
     {{{"api_key", "victorops_api_key"}}},
     "routing_key"},
    {"pushover_configs",
     "title message url url_title device sound priority retry expire ttl html monospace timeout",
     {{{"user_key", ""}, {"token", ""}}},
     ""},
    {"sns_configs",
     "api_url sigv4 topic_arn phone_number target_arn subject message attributes timeout",
     {},
     "topic_arn phone_number target_arn"},
    {"telegram_configs",
     "api_url chat_id chat_id_file message_thread_id message disable_notifications parse_mode "
     "timeout",
     {{{"bot_token", "telegram_bot_token"}}},
     "chat_id chat_id_file"},
    {"wechat_configs",
     "corp_id message api_url to_user to_party to_tag agent_id message_type timeout",
     {{{"api_secret", "wechat_api_secret"}}},
     ""},
    {"discord_configs",
     "content title message username avatar_url timeout",
     {{{"webhook_url", ""}}},
     ""},
    {"webex_configs", "api_url room_id message timeout", {}, "room_id"},
    {"jira_configs",
     "api_url api_type project summary description labels priority issue_type reopen_transition "
     "resolve_transition wont_fix_resolution reopen_duration fields timeout",
     {},
     "project"},
    {"rocketchat_configs",
     "api_url channel color title title_link text fields short_fields image_url thumb_url "
     "link_names "
     "actions emoji icon_url timeout",
     {{{"token", "rocketchat_token"}, {"token_id", "rocketchat_token_id"}}},
     ""},
    {"mattermost_configs",
     "channel username text fallback color pretext author_name author_link author_icon title "
     "title_link "
     "fields thumb_url footer footer_icon image_url icon_url icon_emoji attachments type props "
     "priority "
     "timeout",
     {{{"webhook_url", "mattermost_webhook_url"}}},
     ""},
    {"incidentio_configs",
     "url url_file max_alerts timeout metadata",
     {{{"alert_source_token", ""}}},
     "url url_file"},
}};

constexpr std::array<std::string_view, 7> kForeignUrls{"opsgenie_api_url",   "victorops_api_url",
                                                       "telegram_api_url",   "wechat_api_url",
                                                       "rocketchat_api_url", "webex_api_url",
                                                       "jira_api_url"};

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        words.push_back(word);
        text.remove_prefix(std::min(text.size(), word.size() + 1));
    }
    return words;
}

void check_credential(Section& section, const Credential& credential, const GlobalOptions& global) {
    const Secret secret = section.secret(credential.key);
    const bool is_in_global = !credential.global.empty() &&
                              (global.given.contains(credential.global) ||
                               global.given.contains(std::string(credential.global) + "_file"));
    if (!secret.is_given() && !is_in_global) {
        section.fault(fmt::format("{}: '{}' is missing", section.what(), credential.key));
    }
}

void check_entry(
    const YAML::Node& node, const ForeignSection& form, Section& receiver,
    const GlobalOptions& global
) {
    Section section(node, std::string(form.name), receiver.faults());
    static_cast<void>(section.flag("send_resolved", true));
    static_cast<void>(section.pass_over({"http_config"}));
    for (const std::string_view key : words_of(form.keys)) {
        static_cast<void>(section.pass_over({key}));
    }
    for (const Credential& credential : form.credentials) {
        if (!credential.key.empty()) {
            check_credential(section, credential, global);
        }
    }
    const std::vector<std::string_view> one_of = words_of(form.one_of);
    if (!one_of.empty() &&
        std::ranges::none_of(one_of, [&](std::string_view key) { return section.has(key); })) {
        section.fault(fmt::format("{}: one of these is missing: {}", form.name, form.one_of));
    }
    section.refuse_others();
}

}  // namespace

void check_foreign_sections(
    Section& receiver, const std::string& name, const GlobalOptions& global, Notes& notes
) {
    for (const ForeignSection& form : kForeignSections) {
        for (const YAML::Node& node : receiver.list(form.name)) {
            check_entry(node, form, receiver, global);
            notes.push_back(remark_at(
                node.Mark(),
                fmt::format(
                    "receiver '{}': {} are not spoken here: NOTHING is sent", name, form.name
                )
            ));
        }
    }
}

void check_foreign_globals(Section& section, GlobalOptions& global) {
    const auto remember = [&](std::string_view key) {
        if (section.has(key)) {
            global.given.emplace(key);
        }
    };
    for (const ForeignSection& form : kForeignSections) {
        for (const Credential& credential : form.credentials) {
            if (!credential.global.empty()) {
                static_cast<void>(section.secret(credential.global));
                remember(credential.global);
                remember(std::string(credential.global) + "_file");
            }
        }
    }
    for (const std::string_view key : kForeignUrls) {
        static_cast<void>(section.url(key));
    }
    static_cast<void>(section.pass_over({"wechat_api_corp_id"}));
}

}  // namespace phantom::alert
