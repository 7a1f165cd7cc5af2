#include "alert/config.h"

#include <array>

namespace phantom::alert {

namespace {

void add_routes_of(const Route& route, const Labels& labels, std::vector<const Route*>& found) {
    const std::size_t before = found.size();
    for (const Route& child : route.routes) {
        if (!match_all(child.matchers, labels)) {
            continue;
        }
        add_routes_of(child, labels, found);
        if (!child.goes_on) {
            break;
        }
    }
    if (found.size() == before) {
        found.push_back(&route);
    }
}

}  // namespace

const char* name_of(const Channel& channel) {
    constexpr std::array<const char*, 6> kNames{"webhook",   "email",   "slack",
                                                "pagerduty", "msteams", "sms"};
    return kNames.at(channel.kind.index());
}

const Route* route_at(const Route& root, std::string_view path) {
    if (root.path == path) {
        return &root;
    }
    for (const Route& child : root.routes) {
        if (const Route* const found = route_at(child, path)) {
            return found;
        }
    }
    return nullptr;
}

std::vector<const Route*> routes_of(const Config& config, const Labels& labels) {
    std::vector<const Route*> found;
    add_routes_of(config.root, labels, found);
    return found;
}

}  // namespace phantom::alert
