#pragma once

// What is to be learned from an incident, in Markdown: measured times, the timeline, what was done and
// whether it still holds, what nobody has answered yet.

#include <map>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "incident/incident.h"

namespace phantom::incident {

// What has become of an action: "active until ...", "taken back".
using ActionOutcomes = std::map<std::uint64_t, std::string>;

// What others know of the incident.
struct Surroundings {
    ActionOutcomes outcomes;
    std::map<std::string, std::string> tactics;  // of its techniques
    std::vector<std::string> evidence;           // a line for each item
    std::string evidence_head;
    std::vector<std::string> playbooks;  // a line for each run
};

[[nodiscard]] std::string post_mortem(const Incident& incident, const Surroundings& known);
// The same for machines: phantom.post_mortem_record/1.
[[nodiscard]] boost::json::object post_mortem_record(
    const Incident& incident, const Surroundings& known
);

}  // namespace phantom::incident
