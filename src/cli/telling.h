#pragma once

// `phantom alerts`, `ack`, `silence`, `escalations`, `oncall`: who was told what, and what people answer.

#include <cstdint>
#include <string>
#include <vector>

#include "cli/client.h"

namespace phantom::cli {

struct TellingArguments {
    std::string what;          // of alerts: a number, "test" or "reload"; empty: all
    std::string receiver;      // of a test
    std::uint64_t number = 0;  // of an alert or a silence
    std::string link;
    std::vector<std::string> matchers;
    std::uint32_t for_s = 3'600;
    std::string author;
    std::string comment;
    std::string rota;
    std::string who;
    std::string from;
};

int show_alerts(const Places& places, const TellingArguments& arguments, bool as_json);
int acknowledge_alert(const Places& places, const TellingArguments& arguments, bool as_json);
int add_silence(const Places& places, const TellingArguments& arguments, bool as_json);
int list_silences(const Places& places, bool as_json);
int expire_silence(const Places& places, const TellingArguments& arguments, bool as_json);
int list_escalations(const Places& places, bool as_json);
int show_on_call(const Places& places, const TellingArguments& arguments, bool as_json);

}  // namespace phantom::cli
