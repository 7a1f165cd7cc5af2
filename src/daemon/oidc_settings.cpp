#include "daemon/oidc_settings.h"

#include <algorithm>

#include <fmt/format.h>

#include "daemon/settings_value.h"
#include "oidc/provider.h"

namespace phantom::daemon {

namespace {

using policy::Value;

std::map<std::string, api::Role, std::less<>> read_roles(const Value& value) {
    std::map<std::string, api::Role, std::less<>> roles;
    for (const Value& each : object_setting(value)) {
        const auto role = api::role_of(text_setting(each));
        if (!role) {
            refuse_setting(each.at, role.error().what());
        }
        if (roles.size() == kOidcRolesMax) {
            refuse_setting(each.at, fmt::format("{} at most", kOidcRolesMax));
        }
        roles[each.key] = *role;
    }
    return roles;
}

std::string read_place(const Value& value) {
    std::string place = text_setting(value);
    if (!oidc::is_safe_place(place, place) || place.find_first_of("?#") != std::string::npos) {
        refuse_setting(value.at, "this is an address that begins with https://");
    }
    return place;
}

std::string read_file_name(const Value& value) {
    std::string name = text_setting(value);
    if (name.find('/') != std::string::npos || name.starts_with('.')) {
        refuse_setting(value.at, "this is the name of a file in the state directory");
    }
    return name;
}

void read_oidc_key(const Value& each, OidcSettings& settings) {
    if (each.key == "issuer") {
        settings.issuer = read_place(each);
    } else if (each.key == "client_id") {
        settings.client_id = text_setting(each);
    } else if (each.key == "secret_file") {
        settings.secret_file = read_file_name(each);
    } else if (each.key == "page") {
        settings.page = read_place(each);
    } else if (each.key == "scopes") {
        settings.scopes.clear();
        for (const Value& scope : list_setting(each, kOidcScopesMax)) {
            settings.scopes.push_back(text_setting(scope));
        }
    } else if (each.key == "claim") {
        settings.claim = text_setting(each);
    } else if (each.key == "roles") {
        settings.roles = read_roles(each);
    } else if (each.key == "name") {
        settings.name = text_setting(each);
    } else if (each.key == "ca_file") {
        settings.ca_file = text_setting(each);
    } else {
        refuse_key(each);
    }
}

OidcSettings read_oidc_settings(const Value& root) {
    OidcSettings settings;
    for (const Value& each : object_setting(root)) {
        read_oidc_key(each, settings);
    }
    const auto need = [&](bool is_there, const char* key) {
        if (!is_there) {
            refuse_setting(root.at, fmt::format("\"{}\" is missing", key));
        }
    };
    need(!settings.issuer.empty(), "issuer");
    need(!settings.client_id.empty(), "client_id");
    need(!settings.page.empty(), "page");
    need(!settings.roles.empty(), "roles");
    if (std::ranges::find(settings.scopes, "openid") == settings.scopes.end()) {
        settings.scopes.insert(settings.scopes.begin(), "openid");
    }
    if (settings.name.empty()) {
        settings.name = settings.issuer;
    }
    return settings;
}

std::string oidc_sentence(const policy::Problem& problem) {
    return fmt::format("{}:{}:{}: {}", kOidcFile, problem.at.line, problem.at.column, problem.text);
}

}  // namespace

std::string OidcSettings::redirect_uri() const {
    const bool has_slash = page.ends_with('/');
    return fmt::format("{}{}sign-in/openid/done", page, has_slash ? "" : "/");
}

std::optional<api::Role> OidcSettings::role_of(const std::vector<std::string>& values) const {
    std::optional<api::Role> highest;
    for (const std::string& each : values) {
        const auto found = roles.find(each);
        if (found != roles.end() && (!highest || found->second > *highest)) {
            highest = found->second;
        }
    }
    return highest;
}

OrSentence<OidcSettings> OidcSettings::parse(std::string_view text) {
    const auto root = policy::parse_hujson(text);
    if (!root) {
        return std::unexpected(oidc_sentence(root.error()));
    }
    try {
        return read_oidc_settings(*root);
    } catch (const policy::Problem& problem) {
        return std::unexpected(oidc_sentence(problem));
    }
}

}  // namespace phantom::daemon
