#include "daemon/incident_store.h"

#include <charconv>
#include <filesystem>

#include "base/log.h"
#include "incident/record.h"

namespace phantom::daemon {

namespace {

constexpr std::string_view kIncidentPrefix = "incident.";
constexpr std::size_t kIncidentFileMax = 1U << 20U;
constexpr std::string_view kIncidentKind = "incident";

bool is_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

void IncidentStore::load(incident::IncidentBook& book) {
    if (records_ == nullptr) {
        return;
    }
    const auto kept = records_->all(kIncidentKind);
    if (!kept) {
        log::error("incidents: {}", kept.error().message());
        return;
    }
    for (const store::Record& each : *kept) {
        auto incident = incident::parse_incident(each.value);
        if (!incident) {
            log::error(
                "incident {}: {}", store::number_of_key(each.key), incident.error().message()
            );
            continue;
        }
        book.restore(std::move(*incident));
    }
    take_over_files(book);
}

// In the database first, and only then gone as files: killed in between, they are taken over again.
void IncidentStore::take_over_files(incident::IncidentBook& book) {
    std::vector<std::filesystem::path> taken;
    std::vector<store::Record> records;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(files_.path_of(""), error)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(kIncidentPrefix) || !is_number(name.substr(kIncidentPrefix.size()))) {
            continue;
        }
        const auto text = files_.read(name, kIncidentFileMax);
        auto incident = text ? incident::parse_incident(text->text())
                             : Result<incident::Incident>(std::unexpected(text.error()));
        if (!incident) {
            log::error("{}: {}", name, incident.error().message());
            continue;
        }
        records.push_back({store::number_key(incident->number), std::string(text->text())});
        book.restore(std::move(*incident));
        taken.push_back(entry.path());
    }
    if (const Status put = records_->change(kIncidentKind, records, {}); !put) {
        log::error("incidents: {}", put.error().message());
        return;
    }
    for (const auto& path : taken) {
        std::filesystem::remove(path, error);
    }
}

void IncidentStore::save(
    std::span<const incident::Incident* const> changed, std::span<const std::uint64_t> gone
) {
    if (records_ == nullptr || (changed.empty() && gone.empty())) {
        return;
    }
    std::vector<store::Record> records;
    records.reserve(changed.size());
    for (const incident::Incident* each : changed) {
        records.push_back(
            {store::number_key(each->number), boost::json::serialize(incident::to_json(*each))}
        );
    }
    if (const Status put = records_->change(kIncidentKind, records, store::number_keys(gone));
        !put) {
        log::error("incidents: {}", put.error().message());
    }
}

}  // namespace phantom::daemon
