// phantom evidence, and what is said of incidents.

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "cli/handling.h"
#include "cli/output.h"
#include "cli/show.h"
#include "evidence/folder.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

std::string evidence_cell(const json::object& of, const char* key) {
    return printable(std::string_view(of.at(key).as_string()));
}

std::uint64_t evidence_number(const json::object& of, const char* key) {
    return of.at(key).to_number<std::uint64_t>();
}

std::string evidence_table(const json::object& body) {
    std::vector<std::vector<std::string>> rows{{"INCIDENT", "ITEMS", "SEALED", "FOLDER"}};
    for (const json::value& each : body.at("evidence").as_array()) {
        const json::object& one = each.as_object();
        rows.push_back(
            {std::to_string(evidence_number(one, "incident")),
             std::to_string(one.at("items").as_array().size()), evidence_cell(one, "sealed_at"),
             evidence_cell(one, "folder")}
        );
    }
    return rows.size() == 1 ? "There is no evidence yet: it is collected when an incident opens.\n"
                            : show_table(rows);
}

std::string evidence_items(const json::object& body) {
    const json::object& one = body.at("evidence").as_array().at(0).as_object();
    std::vector<std::vector<std::string>> rows{{"FILE", "SIZE", "AT", "FROM", "NOTE"}};
    for (const json::value& each : one.at("items").as_array()) {
        const json::object& item = each.as_object();
        rows.push_back(
            {evidence_cell(item, "file"), std::to_string(evidence_number(item, "size")),
             evidence_cell(item, "at"), evidence_cell(item, "collector"),
             evidence_cell(item, "note")}
        );
    }
    return fmt::format(
        "{}\n\n{}\nSealed {} with head {}.\n", evidence_cell(one, "folder"), show_table(rows),
        evidence_cell(one, "sealed_at"), evidence_cell(one, "head")
    );
}

bool is_all_digits(const std::string& text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char each) { return each >= '0' && each <= '9'; });
}

struct Wanted {
    std::string folder;
    std::string head;  // as the node knows it; empty: it was not asked
    std::string mesh;  // that is trusted; empty: none is known
};

int tell_evidence_verdict(
    const evidence::FolderVerdict& verdict, const std::string& problem, bool is_compared,
    bool as_json
) {
    const bool holds = problem.empty();
    if (as_json) {
        print_json({
            {"schema", "phantom.evidence_verify/1"},
            {"holds", holds},
            {"problem", problem},
            {"incident", verdict.incident},
            {"items", verdict.items},
            {"signer", verdict.signer},
            {"node", verdict.node},
            {"mesh", verdict.mesh},
            {"mesh_is_trusted", is_compared},
            {"head", verdict.head},
        });
    } else if (!holds) {
        print(fmt::format("The evidence does not hold: {}.\n", printable(problem)));
    } else {
        print(fmt::format(
            "{} items of incident {} are what {} signed (node {:.16}, mesh {}).\n{}", verdict.items,
            verdict.incident, verdict.signer, verdict.node, verdict.mesh,
            is_compared ? "That is the mesh that was asked for.\n"
                        : "Compare the mesh with the one you trust, or say --trust MESH.\n"
        ));
    }
    return static_cast<int>(holds ? Exit::kOk : Exit::kFailed);
}

int say_change(const Answer& answer, bool as_json, const char* done) {
    return tell(answer, as_json, [&](const json::object& body) {
        return fmt::format(
            "Incident {} {}; its state is {}.\n", evidence_number(body, "number"), done,
            evidence_cell(body, "state")
        );
    });
}

}  // namespace

int show_evidence(const Places& places, const HandlingArguments& given, bool as_json) {
    return tell(
        ask(places, {{"verb", "evidence.show"}, {"number", given.number}}), as_json,
        given.number == 0 ? evidence_table : evidence_items
    );
}

int collect_evidence(const Places& places, const HandlingArguments& given, bool as_json) {
    return tell(
        ask(places, {{"verb", "evidence.collect"}, {"number", given.number}}), as_json,
        [&](const json::object& /*body*/) {
            return fmt::format(
                "It is being collected; 'phantom evidence {}' shows it.\n", given.number
            );
        }
    );
}

int verify_evidence(const Places& places, const HandlingArguments& given, bool as_json) {
    Wanted wanted{.folder = given.what, .head = {}, .mesh = given.mesh};
    if (is_all_digits(given.what) && !std::filesystem::exists(given.what)) {
        const Answer answer =
            ask(places, {{"verb", "evidence.show"}, {"number", std::stoull(given.what)}});
        if (answer.exit != Exit::kOk) {
            return fail_with(answer);
        }
        const json::object& one = answer.body.at("evidence").as_array().at(0).as_object();
        wanted.folder = one.at("folder").as_string();
        wanted.head = one.at("head").as_string();
        wanted.mesh =
            wanted.mesh.empty() ? std::string(answer.body.at("mesh").as_string()) : wanted.mesh;
    }
    const evidence::FolderVerdict verdict = evidence::verify_folder(wanted.folder);
    std::string problem = verdict.problem;
    if (problem.empty() && !wanted.mesh.empty() && verdict.mesh != wanted.mesh) {
        problem = fmt::format("it was signed in another mesh: {}", verdict.mesh);
    }
    if (problem.empty() && !wanted.head.empty() && verdict.head != wanted.head) {
        problem = "it ends with another item than the node knows of";
    }
    return tell_evidence_verdict(verdict, problem, !wanted.mesh.empty(), as_json);
}

int merge_incidents(const Places& places, const HandlingArguments& given, bool as_json) {
    const Answer answer =
        ask(places, {{"verb", "incident.merge"}, {"number", given.number}, {"into", given.into}});
    return tell(answer, as_json, [&](const json::object& /*body*/) {
        return fmt::format("Incident {} is part of incident {} now.\n", given.number, given.into);
    });
}

int split_incident(const Places& places, const HandlingArguments& given, bool as_json) {
    json::array alerts;
    for (const std::uint64_t each : given.alerts) {
        alerts.emplace_back(each);
    }
    return say_change(
        ask(places,
            {{"verb", "incident.split"}, {"number", given.number}, {"alerts", std::move(alerts)}}),
        as_json, "has these alerts now"
    );
}

int reopen_incident(const Places& places, const HandlingArguments& given, bool as_json) {
    return say_change(
        ask(places, {{"verb", "incident.reopen"}, {"number", given.number}}), as_json,
        "is open again"
    );
}

int note_incident(const Places& places, const HandlingArguments& given, bool as_json) {
    return say_change(
        ask(places, {{"verb", "incident.note"}, {"number", given.number}, {"text", given.text}}),
        as_json, "has the note"
    );
}

}  // namespace phantom::cli
