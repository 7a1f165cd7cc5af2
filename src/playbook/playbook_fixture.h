#pragma once

// For tests only: playbooks made of a few lines.

#include <string>

#include <fmt/format.h>

namespace phantom::playbook {

// "action--00000000-0000-4000-8000-0000000000NN"
inline std::string test_id(const std::string& type, int number) {
    return fmt::format("{}--00000000-0000-4000-8000-{:012}", type, number);
}

// What stands in `workflow` and in `playbook_variables`.
inline std::string playbook_text(
    const std::string& workflow, const std::string& variables = "", const std::string& more = ""
) {
    return fmt::format(
        R"({{"type":"playbook","spec_version":"cacao-2.0","id":"{}","name":"test","created_by":"{}",
"created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","workflow_start":"{}",{}
"playbook_variables":{{{}}},"agent_definitions":{{"node":{{"type":"phantommesh","name":"this node"}}}},
"target_definitions":{{"one":{{"type":"net-address","name":"one"}},"two":{{"type":"net-address","name":"two"}}}},
"workflow":{{{}}}}})",
        test_id("playbook", 1), test_id("identity", 1), test_id("start", 1), more, variables,
        workflow
    );
}

inline std::string start_to(const std::string& next) {
    return fmt::format(
        R"("{}":{{"type":"start","on_completion":"{}"}},)", test_id("start", 1), next
    );
}

inline std::string end_step(int number = 1) {
    return fmt::format(R"("{}":{{"type":"end"}})", test_id("end", number));
}

// An action of one command; `links` as "on_completion":"...".
inline std::string action(
    int number, const std::string& command, const std::string& links,
    const std::string& type = "phantommesh"
) {
    return fmt::format(
        R"("{}":{{"type":"action","name":"a{}","agent":"node","commands":[{{"type":"{}","command":"{}"}}],{}}},)",
        test_id("action", number), number, type, command, links
    );
}

inline std::string then(const std::string& id) {
    return fmt::format(R"("on_completion":"{}")", id);
}

}  // namespace phantom::playbook
