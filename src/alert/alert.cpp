#include "alert/alert.h"

#include <vector>

#include "crypto/sha256.h"

namespace phantom::alert {

namespace {

constexpr std::array<const char*, kPriorityCount> kPriorityNames{"P1", "P2", "P3", "P4", "P5"};

// Each text is led by its size, so that no two lists of labels are the same bytes.
void append_sized(std::vector<std::uint8_t>& to, std::string_view text) {
    std::array<std::uint8_t, 4> size;
    store_le<std::uint32_t>(size.data(), static_cast<std::uint32_t>(text.size()));
    to.insert(to.end(), size.begin(), size.end());
    to.insert(to.end(), text.begin(), text.end());
}

}  // namespace

const char* name_of(Priority priority) {
    return kPriorityNames.at(index_of(priority));
}

Result<Priority> parse_priority(std::string_view text) {
    for (std::size_t index = 0; index < kPriorityCount; ++index) {
        if (text == kPriorityNames.at(index)) {
            return static_cast<Priority>(index + 1);
        }
    }
    return fail(AlertError::kPriority);
}

Fingerprint fingerprint_of(const Labels& labels) {
    std::vector<std::uint8_t> bytes;
    bytes.reserve(labels.size_bytes() + 8 * labels.count());
    for (const auto& [name, value] : labels) {
        append_sized(bytes, name);
        append_sized(bytes, value);
    }
    return crypto::sha256({bytes});
}

std::string to_hex(ByteView bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * bytes.size());
    for (const std::uint8_t byte : bytes) {
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
}

Result<Alert> make_alert(AlertFields fields) {
    if (fields.labels.empty()) {
        return fail(AlertError::kNoLabels);
    }
    const std::size_t count = fields.labels.size() + fields.annotations.size();
    if (count > kLabelsMax) {
        return fail(AlertError::kTooManyLabels, static_cast<std::uint32_t>(count));
    }
    // Not within the braces: leaving from there would not destroy the members made so far.
    auto labels = PM_TRY(Labels::make(std::move(fields.labels)));
    auto annotations = PM_TRY(Labels::make(std::move(fields.annotations)));
    Alert made{
        .labels = std::move(labels),
        .annotations = std::move(annotations),
        .priority = fields.priority,
        .starts_at = fields.starts_at,
        .ends_at = fields.ends_at
    };
    made.labels.set("priority", name_of(made.priority));
    const std::size_t size = made.labels.size_bytes() + made.annotations.size_bytes();
    if (size > kAlertSizeMax) {
        return fail(AlertError::kAlertTooLarge, static_cast<std::uint32_t>(size));
    }
    made.fingerprint = fingerprint_of(made.labels);
    return made;
}

}  // namespace phantom::alert
