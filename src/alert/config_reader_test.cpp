#include "alert/config_reader.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "alert/alert_fixture.h"

namespace phantom::alert {
namespace {

using test::config_of;

std::filesystem::path alertmanager_data() {
    const char* const data =
        std::getenv("PHANTOM_DATA");  // NOLINT(concurrency-mt-unsafe): one thread
    const std::string folder = data != nullptr ? data : PM_SOURCE_DIR "/../shared/data";
    return folder + "/threat/alertmanager";
}

// What Alertmanager itself says of its test files.
const std::set<std::string>& refused_files() {
    static const std::set<std::string> refused{
        "conf.bad.yml",
        "conf.mattermost-both-webhook-url-and-file.yml",
        "conf.mattermost-no-webhook-url.yml",
        "conf.mattermost-valid-receiver-both-webhook-url-and-file.yml",
        "conf.nil-match_re-route.yml",
        "conf.nil-source_match_re-inhibition.yml",
        "conf.nil-target_match_re-inhibition.yml",
        "conf.opsgenie-both-file-and-apikey.yml",
        "conf.opsgenie-default-apikey-old-team.yml",
        "conf.opsgenie-no-apikey.yml",
        "conf.rocketchat-both-token-and-tokenfile.yml",
        "conf.rocketchat-both-tokenid-and-tokenidfile.yml",
        "conf.rocketchat-no-token.yml",
        "conf.slack-both-file-and-token.yml",
        "conf.slack-both-file-and-url.yml",
        "conf.slack-both-url-and-token.yml",
        "conf.slack-no-api-url-or-token.yml",
        "conf.slack-update-message-and-webhook.yml",
        "conf.smtp-both-password-and-file.yml",
        "conf.sns-invalid.yml",
        "conf.telegram-both-bot-token-and-file.yml",
        "conf.telegram-no-bot-token.yml",
        "conf.telegram-valid-receiver-both-bot-token-and-file.yml",
        "conf.victorops-both-file-and-apikey.yml",
        "conf.victorops-no-apikey.yml",
        "conf.wechat-both-file-and-secret.yml",
        "conf.wechat-no-api-secret.yml"
    };
    return refused;
}

std::string first_remark(const std::string& text) {
    const auto config = read_config(text);
    return config ? "read" : config.error().front().text;
}

TEST(AlertConfig, of_alertmanagers_files_the_valid_are_read_and_the_others_refused) {
    if (!std::filesystem::is_directory(alertmanager_data())) {
        GTEST_SKIP() << "no " << alertmanager_data();
    }
    std::size_t count = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(alertmanager_data())) {
        if (file.path().extension() != ".yml") {
            continue;
        }
        ++count;
        std::ifstream stream(file.path());
        const auto config = read_config(std::string(std::istreambuf_iterator<char>(stream), {}));
        const std::string name = file.path().filename();
        EXPECT_EQ(config.has_value(), !refused_files().contains(name))
            << name << ": " << (config ? "read" : config.error().front().text);
    }
    EXPECT_EQ(count, 52U);
}

constexpr const char* kTree = R"(
route:
  receiver: all
  group_by: [alertname]
  routes:
    - matchers: [severity="critical", team=~"db|web"]
      receiver: pager
      group_wait: 1s
      continue: true
    - match: {team: db}
      receiver: mail
      routes:
        - match_re: {host: "db-[0-9]+"}
          receiver: pager
receivers:
  - name: all
  - name: pager
    webhook_configs: [{url: "http://127.0.0.1:1/"}]
  - name: mail
)";

TEST(AlertConfig, an_alert_comes_to_the_innermost_routes_that_match_it) {
    const Config config = config_of(kTree);
    const auto paths = [&](std::vector<Label> labels) {
        std::vector<std::string> found;
        for (const Route* route : routes_of(config, *Labels::make(std::move(labels)))) {
            found.push_back(route->path);
        }
        return found;
    };
    using Paths = std::vector<std::string>;
    EXPECT_EQ(paths({{"team", "web"}}), Paths{"/"});
    EXPECT_EQ(paths({{"severity", "critical"}, {"team", "db"}}), (Paths{"/0", "/1"}));
    EXPECT_EQ(paths({{"host", "db-7"}, {"team", "db"}}), Paths{"/1/0"});
    EXPECT_EQ(paths({{"host", "db-7x"}, {"team", "db"}}), Paths{"/1"});
    EXPECT_EQ(paths({{"severity", "critical"}, {"team", "dbx"}}), Paths{"/"});
}

TEST(AlertConfig, a_child_has_from_its_parent_what_it_does_not_say) {
    const Config config = config_of(kTree);
    EXPECT_EQ(config.root.routes[0].group_by, std::vector<std::string>{"alertname"});
    EXPECT_EQ(config.root.routes[0].group_wait, std::chrono::seconds(1));
    EXPECT_EQ(config.root.routes[1].group_wait, std::chrono::seconds(30));
    EXPECT_FALSE(config.root.routes[1].goes_on);
}

TEST(AlertConfig, says_where_and_what_is_wrong_all_at_once) {
    const auto config = read_config(
        "route:\n  receiver: a\n  group_wiat: 3s\n  group_interval: soon\n"
        "receivers:\n  - name: b\n"
    );
    ASSERT_FALSE(config.has_value());
    std::vector<std::string> said;
    for (const Remark& remark : config.error()) {
        said.push_back(std::to_string(remark.line) + ":" + std::to_string(remark.column));
    }
    EXPECT_EQ(said, (std::vector<std::string>{"2:13", "3:3", "4:19"}));
    EXPECT_EQ(config.error()[1].text, "'group_wiat' is not known in route");
}

TEST(AlertConfig, refuses_what_cannot_be_meant) {
    const std::string receivers = "receivers: [{name: a}]\n";
    EXPECT_NE(first_remark("route: {receiver: b}\n" + receivers), "read");
    EXPECT_NE(first_remark("route: {receiver: a, matchers: [x=\"y\"]}\n" + receivers), "read");
    EXPECT_NE(first_remark("route: {receiver: a, continue: true}\n" + receivers), "read");
    EXPECT_NE(first_remark("route: {receiver: a, group_by: [x, '...']}\n" + receivers), "read");
    EXPECT_NE(first_remark("route: {receiver: a, group_by: [x, x]}\n" + receivers), "read");
    EXPECT_NE(first_remark("route: {receiver: a, repeat_interval: 0s}\n" + receivers), "read");
    EXPECT_NE(
        first_remark(
            "route: {receiver: a, routes: [{mute_time_intervals: [night]}]}\n" + receivers
        ),
        "read"
    );
    EXPECT_NE(first_remark("route: {receiver: a}\nroute: {receiver: a}\n" + receivers), "read");
    EXPECT_NE(
        first_remark("route: {receiver: a, routes: [{matchers: ['x=~(']}]}\n" + receivers), "read"
    );
    EXPECT_NE(first_remark("route: {receiver: a}\nreceivers: [{name: a}, {name: a}]\n"), "read");
    EXPECT_NE(
        first_remark("route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: "
                     "'file:///etc/passwd'}]}]\n"),
        "read"
    );
    EXPECT_EQ(first_remark("route: {receiver: a}\n" + receivers), "read");
}

TEST(AlertConfig, says_of_a_channel_it_does_not_have_that_nothing_is_sent) {
    const Config config = config_of(
        "route: {receiver: a}\nreceivers:\n- name: a\n  pushover_configs: [{user_key: k, token: "
        "t}]\n"
    );
    ASSERT_EQ(config.notes.size(), 1U);
    EXPECT_NE(config.notes[0].text.find("NOTHING is sent"), std::string::npos);
    EXPECT_EQ(config.notes[0].line, 4U);
}

TEST(AlertConfig, aliases_that_multiply_or_contain_themselves_are_refused) {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int level = 1; level < 9; ++level) {
        const std::string below = "*a" + std::to_string(level - 1);
        bomb += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [";
        for (int count = 0; count < 10; ++count) {
            bomb += below + ", ";
        }
        bomb += below + "]\n";
    }
    EXPECT_FALSE(read_config(bomb).has_value());
    EXPECT_FALSE(read_config("a: &a [*a]\n").has_value());
    EXPECT_FALSE(read_config(std::string(50'000, '[')).has_value());
}

TEST(AlertConfig, secrets_are_read_from_their_files) {
    Config config = config_of(
        "route: {receiver: a}\nreceivers:\n- name: a\n  webhook_configs:\n"
        "  - {url_file: /there, hmac_secret_file: /key}\n"
    );
    Receiver receiver = config.receivers.at("a");
    const auto read = [](const std::string& path) -> Result<std::string> {
        return path == "/there" ? Result<std::string>("http://x/") : Result<std::string>("");
    };
    const Status resolved = resolve_secrets(receiver, read);
    ASSERT_FALSE(resolved.has_value());
    EXPECT_TRUE(resolved.error().is(AlertError::kSecretFile));
    EXPECT_EQ(std::get<WebhookChannel>(receiver.channels[0].kind).url.text, "http://x/");
}

}  // namespace
}  // namespace phantom::alert
