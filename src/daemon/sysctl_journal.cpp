#include "daemon/sysctl_journal.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "base/log.h"

namespace phantom::daemon {

SysctlJournal::SysctlJournal(identity::StateDirectory& files, std::string file, std::string root)
    : files_(files), file_(std::move(file)), root_(std::move(root)), pending_(files_.has(file_)) {}

std::string SysctlJournal::value_of(const std::string& name) const {
    std::string value;
    std::getline(std::ifstream(root_ + "/" + name), value);
    return value;
}

bool SysctlJournal::write(const Setting& setting) const {
    std::ofstream file(root_ + "/" + setting.name);
    file << setting.value << std::flush;
    return file.good();
}

std::vector<std::string> SysctlJournal::each_of(const std::string& folder, const std::string& name)
    const {
    std::vector<std::string> names{folder + "/all/" + name};
    std::error_code ignored;
    for (const auto& each : std::filesystem::directory_iterator(root_ + "/" + folder, ignored)) {
        const std::string interface = each.path().filename();
        if (interface != "all") {
            names.push_back(fmt::format("{}/{}/{}", folder, interface, name));
        }
    }
    return names;
}

std::optional<std::string> SysctlJournal::set(
    const std::vector<std::string>& touched, const std::vector<Setting>& settings
) {
    std::string text;
    for (const std::string& name : touched) {
        if (const std::string value = value_of(name); !value.empty()) {
            text += fmt::format("{} {}\n", name, value);
        }
    }
    const auto saved =
        files_.write(file_, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    if (!saved) {
        return saved.error().message();
    }
    pending_ = true;
    for (const Setting& setting : settings) {
        if (value_of(setting.name) != setting.value && !write(setting)) {
            return fmt::format("cannot write {}/{}", root_, setting.name);
        }
    }
    return std::nullopt;
}

std::vector<SysctlJournal::Setting> SysctlJournal::read() const {
    const auto bytes = files_.read(file_, kSysctlJournalSizeMax);
    if (!bytes) {
        log::error("{}: {}", file_, bytes.error().message());
        return {};
    }
    std::istringstream lines(
        std::string(reinterpret_cast<const char*>(bytes->view().data()), bytes->view().size())
    );
    std::vector<Setting> settings;
    for (Setting each; lines >> each.name >> each.value;) {
        if (each.name.find("..") == std::string::npos) {
            settings.push_back(each);
        }
    }
    return settings;
}

void SysctlJournal::undo() {
    if (!pending_) {
        return;
    }
    for (const Setting& setting : read()) {
        const std::string now = value_of(setting.name);
        if (!now.empty() && now != setting.value && !write(setting)) {
            log::warning("cannot put back {}/{} to {}", root_, setting.name, setting.value);
        }
    }
    std::error_code ignored;
    std::filesystem::remove(files_.path_of(file_), ignored);
    pending_ = false;
}

}  // namespace phantom::daemon
