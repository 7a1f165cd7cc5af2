#include "metrics/reference.h"

#include <iterator>

#include <fmt/format.h>

#include "metrics/families.h"

namespace phantom::metrics {

namespace {

constexpr std::array<std::string_view, kFamilyGroups.size()> kTitles{
    "Tunnel, handshakes, post-quantum keys", "Mesh and peers", "Detection and response",
    "Store, API, process"
};

std::string_view when(Shown shown) {
    switch (shown) {
        case Shown::kAlways:
            return "always";
        case Shown::kWithPeers:
            return "with peers";
        case Shown::kWhenUsed:
            return "when used";
    }
    return "";
}

std::string labels_text(const Family& family) {
    std::string text;
    for (std::size_t at = 0; at < family.label_count(); ++at) {
        text += fmt::format("{}`{}`", at == 0 ? "" : ", ", family.labels[at]);
    }
    return text;
}

}  // namespace

std::string reference_text() {
    std::string text;
    for (std::size_t group = 0; group < kFamilyGroups.size(); ++group) {
        fmt::format_to(
            std::back_inserter(text),
            "\n### {}\n\n| series | type | labels | at most | shown | "
            "|\n|---|---|---|---|---|---|\n",
            kTitles[group]
        );
        for (const Family& each : kFamilyGroups[group]) {
            fmt::format_to(
                std::back_inserter(text), "| `{}` | {} | {} | {} | {} | {} |\n", series_name(each),
                name_of(each.type), labels_text(each),
                each.label_count() == 0 ? 1 : each.series_max, when(each.shown), each.help
            );
        }
    }
    return text;
}

}  // namespace phantom::metrics
