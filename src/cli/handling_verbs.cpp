#include "cli/handling_verbs.h"

#include <CLI/CLI.hpp>

#include "cli/durations.h"

namespace phantom::cli {

namespace {

constexpr const char* kAuditExamples = R"(
Examples:
  phantom audit                       the last 100 entries
  phantom audit --since 2h
  phantom audit --verify              finds whatever was altered, removed or put in another order
  phantom audit --verify --file FILE  the same of a backup
)";

constexpr const char* kEvidenceExamples = R"(
Examples:
  phantom evidence                          of which incidents there is some
  phantom evidence 3                        what was collected
  phantom evidence collect 3                what is there now, too
  phantom evidence verify 3
  phantom evidence verify DIR --trust MESH  a copy, without the node; MESH has 64 digits
)";

constexpr const char* kPlaybookExamples = R"(
Examples:
  phantom playbook check contain.json
  phantom playbook list
  phantom playbook run contain --incident 3 --dry-run
  phantom playbook run contain --incident 3 --var __minutes__=10
  phantom playbook status 1
  phantom playbook done 1 4 --text "the cable is out"
)";

void add_audit_verbs(CLI::App& app, HandlingArguments& given, const AddVerb& verb) {
    CLI::App* audit =
        verb(app, "audit", "what was decided and done, by whom", [](const Arguments& all) {
            return show_audit(all.places, all.handling, all.as_json);
        });
    audit->footer(kAuditExamples);
    audit->add_option("--since", given.since_s, "no older than this: 90s, 15m, 2h, 7d")
        ->transform(duration_in_seconds());
    audit->add_option("--count", given.count, "the newest, at most 1000")
        ->check(CLI::Range(1, 1'000))
        ->capture_default_str();
    audit->add_flag("--verify", given.verify, "whether it is what was written");
    audit->add_option("--file", given.file, "of this database, with --verify");
    verb(
        app, "backup", "copy incidents and the audit log into a file",
        [](const Arguments& all) { return back_up(all.places, all.handling, all.as_json); }
    )
        ->add_option("file", given.file, "which is not there yet")
        ->required();
    verb(
        app, "restore", "put such a copy in place; the node does not run",
        [](const Arguments& all) { return restore(all.places, all.handling, all.as_json); }
    )
        ->add_option("file", given.file, "what 'phantom backup' wrote")
        ->required();
}

void add_incident_verbs(CLI::App& incidents, HandlingArguments& given, const AddVerb& verb) {
    CLI::App* merge = verb(incidents, "merge", "it is part of another", [](const Arguments& all) {
        return merge_incidents(all.places, all.handling, all.as_json);
    });
    merge->add_option("incident", given.number, "it is new, or in triage")->required();
    merge->add_option("into", given.into, "the other")->required();
    CLI::App* split =
        verb(incidents, "split", "some of its alerts are another", [](const Arguments& all) {
            return split_incident(all.places, all.handling, all.as_json);
        });
    split->add_option("incident", given.number, "it is open")->required();
    split->add_option("alerts", given.alerts, "as 'phantom alerts' shows them")->required();
    verb(
        incidents, "reopen", "it is not over",
        [](const Arguments& all) { return reopen_incident(all.places, all.handling, all.as_json); }
    )
        ->add_option("incident", given.number, "it is closed")
        ->required();
    CLI::App* note = verb(incidents, "note", "write into its timeline", [](const Arguments& all) {
        return note_incident(all.places, all.handling, all.as_json);
    });
    note->add_option("incident", given.number, "which one")->required();
    note->add_option("text", given.text, "at most 400 characters")->required();
}

void add_evidence_verbs(CLI::App& app, HandlingArguments& given, const AddVerb& verb) {
    CLI::App* evidence =
        verb(app, "evidence", "what was there when an incident opened", [](const Arguments& all) {
            return show_evidence(all.places, all.handling, all.as_json);
        });
    evidence->footer(kEvidenceExamples);
    evidence->add_option("number", given.number, "of this incident");
    verb(
        *evidence, "collect", "what is there now",
        [](const Arguments& all) { return collect_evidence(all.places, all.handling, all.as_json); }
    )
        ->add_option("incident", given.number, "for this one")
        ->required();
    CLI::App* verify =
        verb(*evidence, "verify", "whether it is what was collected", [](const Arguments& all) {
            return verify_evidence(all.places, all.handling, all.as_json);
        });
    verify->add_option("what", given.what, "an incident, or a folder")->required();
    verify->add_option("--trust", given.mesh, "the mesh that has to have certified the signer");
}

void add_playbook_verbs(CLI::App& app, HandlingArguments& given, const AddVerb& verb) {
    CLI::App* playbook =
        app.add_subcommand("playbook", "what is done about an incident, step by step");
    playbook->require_subcommand(1);
    playbook->footer(kPlaybookExamples);
    verb(*playbook, "list", "those there are", [](const Arguments& all) {
        return list_playbooks(all.places, all.as_json);
    });
    verb(
        *playbook, "check", "whether a file is one",
        [](const Arguments& all) { return check_playbook(all.handling, all.as_json); }
    )
        ->add_option("file", given.file, "CACAO 2.0")
        ->required();
    CLI::App* run = verb(*playbook, "run", "start one", [](const Arguments& all) {
        return run_playbook(all.places, all.handling, all.as_json);
    });
    run->add_option("name", given.name, "as 'list' shows it")->required();
    run->add_option("--incident", given.number, "that it is about");
    run->add_option("--var", given.variables, "__NAME__=VALUE, of an external variable");
    run->add_flag("--dry-run", given.dry_run, "only say what it would do");
    verb(*playbook, "status", "runs, and what they wait for", [](const Arguments& all) {
        return show_runs(all.places, all.handling, all.as_json);
    })->add_option("run", given.run, "one of them, with its log");
    CLI::App* done = verb(*playbook, "done", "a manual step is done", [](const Arguments& all) {
        return end_step(all.places, all.handling, all.as_json);
    });
    done->add_option("run", given.run, "as 'status' shows it")->required();
    done->add_option("step", given.step, "likewise")->required();
    done->add_option("--text", given.text, "what came of it: the value of its out_arg");
    done->add_flag("--failed", given.failed, "it could not be done");
    verb(
        *playbook, "stop", "do not go on",
        [](const Arguments& all) { return stop_run(all.places, all.handling, all.as_json); }
    )
        ->add_option("run", given.run, "as 'status' shows it")
        ->required();
}

}  // namespace

void add_handling_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    HandlingArguments& given = arguments.handling;
    add_audit_verbs(app, given, verb);
    add_incident_verbs(*app.get_subcommand("incidents"), given, verb);
    add_evidence_verbs(app, given, verb);
    add_playbook_verbs(app, given, verb);
}

}  // namespace phantom::cli
