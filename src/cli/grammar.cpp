#include "cli/grammar.h"

#include <algorithm>

#include <CLI/CLI.hpp>

namespace phantom::cli {

namespace {

void collect(const CLI::App& app, std::vector<const CLI::App*>& out) {
    for (const CLI::App* each :
         app.get_subcommands(static_cast<bool (*)(const CLI::App*)>(nullptr))) {
        if (each->get_require_subcommand_min() == 0) {
            out.push_back(each);
        }
        collect(*each, out);
    }
}

const std::vector<VerbGrammar> kVerbs{
    // ---- The node
    {.path = "init",
     .schemas = {"phantom.token/1"},
     .examples = "  sudo phantom init --name amber\n"
                 "  sudo phantom init --name amber --endpoint vpn.example.org:51820"},
    {.path = "join",
     .schemas = {"phantom.status/1"},
     .examples =
         "  sudo phantom join phantom1aea... --name birch\n"
         "  sudo phantom join --token-file - < token    never on a command line that others see"},
    {.path = "up",
     .examples = "  sudo phantom up\n"
                 "  sudo phantom up --no-port-mapping           for this run only"},
    {.path = "down",
     .examples = "  sudo phantom down                           'phantom up' starts it again"},
    {.path = "status",
     .reads = true,
     .schemas = {"phantom.status/1"},
     .examples = "  phantom status --watch\n"
                 "  phantom status --check ready && echo all peers are there"},
    {.path = "peers",
     .reads = true,
     .schemas = {"phantom.status/1"},
     .examples = "  phantom peers\n"
                 "  phantom peers --json"},
    {.path = "ping",
     .schemas = {"phantom.ping/1"},
     .examples = "  phantom ping birch\n"
                 "  phantom ping birch --count 1"},
    {.path = "netcheck",
     .reads = true,
     .schemas = {"phantom.netcheck/1"},
     .examples = "  phantom netcheck                            its last lines say what to do"},
    {.path = "wait", .examples = "  phantom wait --timeout 60 && rsync ..."},
    {.path = "rotate",
     .schemas = {"phantom.rotate/1"},
     .examples = "  phantom rotate                              also after a copy of the keys "
                 "may have been seen"},
    {.path = "revoke",
     .schemas = {"phantom.revoke/1"},
     .examples =
         "  phantom revoke birch                        on a node that holds the root; for good"},
    {.path = "doctor", .reads = true, .schemas = {"phantom.doctor/1"}},
    {.path = "top", .schemas = {"phantom.top/1"}},
    {.path = "mcp"},
    {.path = "meshes",
     .reads = true,
     .schemas = {"phantom.meshes/1"},
     .examples = "  phantom meshes\n"
                 "  phantom --mesh work status                  of one of them"},
    {.path = "schema",
     .reads = true,
     .schemas = {"phantom.schemas/1"},
     .examples = "  phantom schema                              which verb has which\n"
                 "  phantom schema token create\n"
                 "  phantom schema phantom.status/1 > status.schema.json"},
    {.path = "version", .examples = "  phantom version"},
    {.path = "completion",
     .examples = "  phantom completion bash | sudo tee /etc/bash_completion.d/phantom >/dev/null\n"
                 "  phantom completion zsh | sudo tee /usr/local/share/zsh/site-functions/_phantom "
                 ">/dev/null\n"
                 "  phantom completion fish > ~/.config/fish/completions/phantom.fish"},
    {.path = "manual",
     .examples = "  phantom manual | man -l -\n"
                 "  phantom manual | sudo tee /usr/local/share/man/man1/phantom.1 >/dev/null"},
    {.path = "reference", .examples = "  phantom reference > docs/reference/cli.md"},
    // ---- Invitations and API tokens
    {.path = "token create",
     .schemas = {"phantom.token/1"},
     .examples = "  phantom token create\n"
                 "  phantom token create --uses 5 --lifetime 3600 --tag db"},
    {.path = "token list",
     .reads = true,
     .schemas = {"phantom.tokens/1"},
     .examples = "  phantom token list"},
    {.path = "token revoke",
     .schemas = {"phantom.token.revoke/1"},
     .examples = "  phantom token revoke 7d21c0ab"},
    {.path = "api-token create",
     .schemas = {"phantom.api_token/1"},
     .examples = "  phantom api-token create grafana --role viewer --lifetime 365d"},
    {.path = "api-token members",
     .schemas = {"phantom.api_members/1"},
     .examples = "  phantom api-token members                   what members may here that show "
                 "their keys\n"
                 "  phantom api-token members viewer"},
    {.path = "api get"},
    {.path = "api-token list",
     .reads = true,
     .schemas = {"phantom.api_tokens/1"},
     .examples = "  phantom api-token list"},
    {.path = "api-token revoke",
     .schemas = {"phantom.api_token.revoke/1"},
     .examples = "  phantom api-token revoke grafana"},

    // ---- Policy, routes, names, root
    {.path = "policy set",
     .schemas = {"phantom.policy/1"},
     .examples = "  phantom policy set mesh.hujson              on a node that holds the root"},
    {.path = "policy check",
     .schemas = {"phantom.policy.check/1"},
     .examples = "  phantom policy check mesh.hujson\n"
                 "  phantom policy check - < mesh.hujson"},
    {.path = "policy show",
     .reads = true,
     .schemas = {"phantom.policy/1"},
     .examples = "  phantom policy show > mesh.hujson"},
    {.path = "policy clear",
     .schemas = {"phantom.policy/1"},
     .examples = "  phantom policy clear                        everybody reaches everybody"},
    {.path = "policy explain",
     .reads = true,
     .schemas = {"phantom.policy.explain/1"},
     .examples = "  phantom policy explain ann db1 5432\n"
                 "  phantom policy explain ann db1 udp:53",
     .exits = "4: denied"},
    {.path = "import",
     .schemas = {"phantom.import/1"},
     .examples = "  phantom import /etc/wireguard/wg0.conf\n"
                 "  phantom import --list"},
    {.path = "dns on",
     .schemas = {"phantom.dns/1"},
     .examples = "  sudo phantom dns on && ping birch.mesh"},
    {.path = "dns off", .schemas = {"phantom.dns/1"}, .examples = "  sudo phantom dns off"},
    {.path = "dns status",
     .reads = true,
     .schemas = {"phantom.dns/1"},
     .examples = "  phantom dns status"},
    {.path = "route list",
     .reads = true,
     .schemas = {"phantom.routes/1"},
     .examples = "  phantom route list"},
    {.path = "route offer",
     .schemas = {"phantom.routes/1"},
     .examples = "  phantom route offer 192.168.7.0/24          a network behind this node\n"
                 "  phantom route offer exit                    everything"},
    {.path = "route withdraw",
     .schemas = {"phantom.routes/1"},
     .examples = "  phantom route withdraw exit"},
    {.path = "route use exit",
     .schemas = {"phantom.routes/1"},
     .examples =
         "  phantom route use exit cedar\n"
         "  phantom route use exit none                 each packet takes its own way again"},
    {.path = "root split",
     .schemas = {"phantom.root.split/1"},
     .examples = "  phantom root split --threshold 2 --shares 3 prints three lines, this once"},
    {.path = "root seal",
     .schemas = {"phantom.root/1"},
     .examples = "  phantom root seal                           asks for the shares, then "
                 "erases the key"},
    {.path = "root unseal",
     .schemas = {"phantom.root/1"},
     .examples = "  phantom root unseal --for 15m"},
    {.path = "root status",
     .reads = true,
     .schemas = {"phantom.root/1"},
     .examples = "  phantom root status"},

    // ---- Against attacks
    {.path = "cvss", .schemas = {"phantom.cvss/1"}},
    {.path = "block",
     .schemas = {"phantom.block/1"},
     .examples = "  phantom block 203.0.113.9 --dry-run\n"
                 "  phantom block 203.0.113.9 --for 2h --reason 'guesses passwords'"},
    {.path = "act", .schemas = {"phantom.act/1"}},
    {.path = "actions",
     .reads = true,
     .schemas = {"phantom.actions/1", "phantom.approve/1", "phantom.deny/1"},
     .writes_with = {"verdict"}},
    {.path = "undo",
     .schemas = {"phantom.undo/1"},
     .examples = "  phantom undo 3\n"
                 "  phantom undo 3 --cascade                    and what depends on it"},
    {.path = "confirm",
     .schemas = {"phantom.confirm/1"},
     .examples = "  phantom confirm 4                           after 'phantom act ... "
                 "--confirm-within 2m'"},
    {.path = "defence", .reads = true, .schemas = {"phantom.defence/1"}, .writes_with = {"mode"}},
    {.path = "inputs", .reads = true, .schemas = {"phantom.inputs/1"}},
    {.path = "incidents",
     .reads = true,
     .schemas =
         {"phantom.incidents/1", "phantom.incident/1", "phantom.incident_close/1",
          "phantom.post_mortem/1"},
     .writes_with = {"--close", "--false-positive"}},
    {.path = "incidents merge",
     .schemas = {"phantom.incident_change/1"},
     .examples = "  phantom incidents merge 4 3                 4 becomes part of 3"},
    {.path = "incidents split",
     .schemas = {"phantom.incident_change/1"},
     .examples = "  phantom incidents split 3 7 8               alerts 7 and 8 are another one"},
    {.path = "incidents reopen",
     .schemas = {"phantom.incident_change/1"},
     .examples = "  phantom incidents reopen 3"},
    {.path = "incidents note",
     .schemas = {"phantom.incident_change/1"},
     .examples = "  phantom incidents note 3 'spoke to the owner of birch'"},
    {.path = "alerts",
     .reads = true,
     .schemas =
         {"phantom.alerts/1", "phantom.alert/1", "phantom.alerts_test/1", "phantom.alerts_reload/1"
         },
     .writes_with = {"what=test", "what=reload"}},
    {.path = "ack", .schemas = {"phantom.ack/1"}},
    {.path = "silence add",
     .schemas = {"phantom.silence/1"},
     .examples = "  phantom silence add peer=birch alertname=port-scan --for 2h --comment 'our "
                 "own scan'"},
    {.path = "silence list",
     .reads = true,
     .schemas = {"phantom.silences/1"},
     .examples = "  phantom silence list"},
    {.path = "silence expire",
     .schemas = {"phantom.silence_expire/1"},
     .examples = "  phantom silence expire 2"},
    {.path = "escalations",
     .reads = true,
     .schemas = {"phantom.escalations/1"},
     .examples = "  phantom escalations                         who is told next, and when"},
    {.path = "oncall", .reads = true, .schemas = {"phantom.oncall/1"}, .writes_with = {"rota"}},
    {.path = "audit", .reads = true, .schemas = {"phantom.audit/1", "phantom.audit_verify/1"}},
    {.path = "backup",
     .schemas = {"phantom.backup/1"},
     .examples = "  phantom backup /var/backups/phantom.db"},
    {.path = "restore",
     .schemas = {"phantom.restore/1"},
     .examples = "  phantom down && phantom restore /var/backups/phantom.db && phantom up"},
    {.path = "evidence", .reads = true, .schemas = {"phantom.evidence_list/1"}},
    {.path = "evidence collect",
     .schemas = {"phantom.evidence_collect/1"},
     .examples = "  phantom evidence collect 3"},
    {.path = "evidence verify",
     .schemas = {"phantom.evidence_verify/1"},
     .examples = "  phantom evidence verify 3\n"
                 "  phantom evidence verify DIR --trust MESH    a copy, without the node"},
    {.path = "playbook list",
     .reads = true,
     .schemas = {"phantom.playbooks/1"},
     .examples = "  phantom playbook list"},
    {.path = "playbook check",
     .schemas = {"phantom.playbook_check/1"},
     .examples = "  phantom playbook check contain.json"},
    {.path = "playbook run",
     .schemas = {"phantom.playbook_run/1", "phantom.playbook_dry_run/1"},
     .examples = "  phantom playbook run contain --incident 3 --dry-run"},
    {.path = "playbook status",
     .reads = true,
     .schemas = {"phantom.playbook_runs/1"},
     .examples = "  phantom playbook status\n"
                 "  phantom playbook status 1 --watch"},
    {.path = "playbook done",
     .schemas = {"phantom.playbook_run/1"},
     .examples = "  phantom playbook done 1 4 --text 'the cable is out'"},
    {.path = "playbook stop",
     .schemas = {"phantom.playbook_run/1"},
     .examples = "  phantom playbook stop 1"},
    {.path = "detect", .schemas = {"phantom.flow/1", "phantom.sign/1"}},
    {.path = "flows", .reads = true, .schemas = {"phantom.flows/1"}},
    {.path = "detections", .reads = true, .schemas = {"phantom.detections/1", "phantom.detection/1"}
    },
    {.path = "rules", .reads = true, .schemas = {"phantom.rules/1"}},
    {.path = "rules check",
     .schemas = {"phantom.rules_check/1"},
     .examples = "  phantom rules check local.rules             asks no daemon"},
    {.path = "rules reload", .schemas = {"phantom.rules/1"}, .examples = "  phantom rules reload"},
    {.path = "feeds", .reads = true, .schemas = {"phantom.feeds/1"}},
    {.path = "feeds check",
     .schemas = {"phantom.feeds_check/1"},
     .examples = "  phantom feeds check ipsum.txt --format ipsum"},
    {.path = "feeds lookup",
     .reads = true,
     .schemas = {"phantom.feeds_lookup/1"},
     .examples = "  phantom feeds lookup 203.0.113.9"},
    {.path = "feeds reload", .schemas = {"phantom.feeds/1"}, .examples = "  phantom feeds reload"},
    {.path = "feeds fetch", .schemas = {"phantom.feeds/1"}, .examples = "  phantom feeds fetch"},
    {.path = "alert check",
     .schemas = {"phantom.alert-check/1"},
     .examples = "  phantom alert check alertmanager.yml"},
    {.path = "alert test",
     .schemas = {"phantom.alert-test/1"},
     .examples = "  phantom alert test alertmanager.yml --receiver oncall"},
    {.path = "alert send",
     .schemas = {"phantom.alert-send/1"},
     .examples = "  phantom alert send alertmanager.yml --outbox out.db < alerts.jsonl"},
};

}  // namespace

const std::vector<VerbGrammar>& grammar() {
    return kVerbs;
}

const VerbGrammar* grammar_of(std::string_view path) {
    const auto found = std::ranges::find(grammar(), path, &VerbGrammar::path);
    return found == grammar().end() ? nullptr : &*found;
}

std::string path_of(const CLI::App& verb) {
    const CLI::App* parent = verb.get_parent();
    if (parent == nullptr) {
        return {};
    }
    const std::string above = path_of(*parent);
    return above.empty() ? verb.get_name() : above + " " + verb.get_name();
}

std::vector<const CLI::App*> all_verbs(const CLI::App& app) {
    std::vector<const CLI::App*> verbs;
    collect(app, verbs);
    return verbs;
}

bool only_reads(const CLI::App& verb) {
    const VerbGrammar* own = grammar_of(path_of(verb));
    if (own == nullptr || !own->reads) {
        return false;
    }
    return std::ranges::none_of(own->writes_with, [&verb](std::string_view each) {
        const std::size_t at = each.find('=');
        const CLI::Option* option = verb.get_option_no_throw(std::string(each.substr(0, at)));
        if (option == nullptr || option->count() == 0) {
            return false;
        }
        return at == std::string_view::npos || option->results().front() == each.substr(at + 1);
    });
}

void add_examples(CLI::App& app) {
    for (CLI::App* each : app.get_subcommands(static_cast<bool (*)(CLI::App*)>(nullptr))) {
        const VerbGrammar* own = grammar_of(path_of(*each));
        if (own != nullptr && !own->examples.empty()) {
            std::string text = "\nExamples:\n" + std::string(own->examples) + "\n";
            if (!own->exits.empty()) {
                text +=
                    "\nExit status, beside those that all verbs have: " + std::string(own->exits) +
                    ".\n";
            }
            each->footer(text);
        }
        add_examples(*each);
    }
}

}  // namespace phantom::cli
