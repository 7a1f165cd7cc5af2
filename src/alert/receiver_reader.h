#pragma once

// The sections of a receiver, and what `global` says for all of them. Inside this component only.

#include "alert/yaml_section.h"

namespace phantom::alert {

struct GlobalOptions {
    HttpOptions http;
    EmailChannel email;
    bool has_auth_secret = false;
    Secret slack_url;
    Secret slack_app_token;
    std::string slack_app_url = "https://slack.com/api/chat.postMessage";
    std::string pagerduty_url = "https://events.pagerduty.com/v2/enqueue";
    // Every key that is given, for channels that we do not have.
    std::set<std::string, std::less<>> given;
};

using Notes = std::vector<Remark>;

[[nodiscard]] GlobalOptions read_global(Section& section, Notes& notes);
[[nodiscard]] Receiver read_receiver(Section& section, const GlobalOptions& global, Notes& notes);

// receivers[].opsgenie_configs and the like: read as Alertmanager reads them, and nothing is sent.
void check_foreign_sections(
    Section& receiver, const std::string& name, const GlobalOptions& global, Notes& notes
);
// The keys of `global` that are theirs.
void check_foreign_globals(Section& section, GlobalOptions& global);

}  // namespace phantom::alert
