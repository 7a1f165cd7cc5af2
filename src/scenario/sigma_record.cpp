#include "scenario/sigma_record.h"

#include <algorithm>
#include <array>

namespace phantom::scenario {

namespace {

// How those who write logs call the address of who asks. The first that is there counts.
constexpr auto kSubjectFields = std::to_array<std::string_view>({
    "c-ip",
    "id.orig_h",
    "src_ip",
    "SourceIp",
    "srcip",
    "addr",
    "rhost",
    "remote_addr",
    "client_ip",
});

}  // namespace

std::string folded(std::string_view text) {
    std::string low(text);
    for (char& each : low) {
        each = each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
    }
    return low;
}

void SigmaRecord::add(std::string_view name, std::string_view value) {
    if (fields.size() < kSigmaFieldsMax) {
        fields.push_back(
            {.name = std::string(name), .value = std::string(value), .folded = folded(value)}
        );
    }
}

const SigmaField* SigmaRecord::find(std::string_view name) const {
    const auto found = std::ranges::find(fields, name, &SigmaField::name);
    return found == fields.end() ? nullptr : &*found;
}

wire::Address SigmaRecord::subject() const {
    for (const std::string_view name : kSubjectFields) {
        if (const SigmaField* field = find(name)) {
            if (const auto address = wire::Address::parse(field->value)) {
                return *address;
            }
        }
    }
    return {};
}

}  // namespace phantom::scenario
