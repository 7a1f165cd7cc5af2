#pragma once

// Where each input was read up to, kept over restarts as JSON: "phantom.places/1".

#include <map>
#include <string>
#include <string_view>

#include "intake/tail.h"
#include "scenario/flaw.h"

namespace phantom::intake {

inline constexpr std::size_t kPlacesFileMax = 256U << 10U;

struct Place {
    TailPosition tail;   // of a file
    std::string cursor;  // of a journal

    friend bool operator==(const Place&, const Place&) = default;
};
// By InputConfig::name().
using Places = std::map<std::string, Place>;

[[nodiscard]] std::string places_json(const Places& places);
[[nodiscard]] scenario::OrFlaw<Places> parse_places(std::string_view text);

}  // namespace phantom::intake
