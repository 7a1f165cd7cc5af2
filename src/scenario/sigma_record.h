#pragma once

// One event of a log as Sigma's rules see it: where it is from, and its fields.

#include <string>
#include <string_view>
#include <vector>

#include "wire/address.h"

namespace phantom::scenario {

inline constexpr std::size_t kSigmaFieldsMax = 512;

// Empty: any (of a rule), or not said (of an event).
struct LogSource {
    std::string category;
    std::string product;
    std::string service;

    friend auto operator<=>(const LogSource&, const LogSource&) = default;
};

struct SigmaField {
    std::string name;
    std::string value;
    std::string folded;  // `value` in lower case: what is not cased is compared with
};

struct SigmaRecord {
    // What it is at once: a line of a web server is of its product and of a category.
    std::vector<LogSource> sources;
    std::vector<SigmaField> fields;  // a name may stand for several values
    SigmaField line;                 // what keywords are looked for in

    // Nothing where there is no room.
    void add(std::string_view name, std::string_view value);
    // Null where there is none. Names are compared as they are.
    [[nodiscard]] const SigmaField* find(std::string_view name) const;
    // Whom it speaks of as the cause, where it says so by an address.
    [[nodiscard]] wire::Address subject() const;
};

// ASCII only, so that no byte changes its length.
[[nodiscard]] std::string folded(std::string_view text);

}  // namespace phantom::scenario
