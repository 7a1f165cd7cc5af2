#include "io/offloads.h"

#include <fmt/format.h>

namespace phantom::io {

std::string Offloads::to_string() const {
    std::string text;
    const auto add = [&text](bool on, std::string_view name) {
        if (on) {
            text += text.empty() ? "" : " ";
            text += name;
        }
    };
    add(tso, "tso");
    add(uso, "uso");
    add(gso, fmt::format("gso({})", gso_segments_max));
    add(gro, "gro");
    return text.empty() ? "none" : text;
}

bool Offloads::restrict_by(std::string_view text) {
    Offloads restricted = *this;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        const std::string_view word = text.substr(0, comma);
        text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
        if (word == "-tso") {
            restricted.tso = false;
        } else if (word == "-uso") {
            restricted.uso = false;
        } else if (word == "-gso") {
            restricted.gso = false;
        } else if (word == "-gro") {
            restricted.gro = false;
        } else if (!word.empty()) {
            return false;
        }
    }
    *this = restricted;
    return true;
}

}  // namespace phantom::io
