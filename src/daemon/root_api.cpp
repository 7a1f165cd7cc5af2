#include "daemon/root_api.h"

#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "daemon/control_server.h"
#include "daemon/json_fields.h"
#include "daemon/wiped_json.h"
#include "fields/fields.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

json::object describe_split(const identity::RootSplit& split) {
    return {
        {"threshold", split.threshold},
        {"shares", split.count},
        {"made", time_text(split.made)},
    };
}

json::object show_root(const MeshNode& node) {
    const RootHold& root = node.state().root;
    json::object out{{"schema", "phantom.root/1"}, {"held", static_cast<bool>(root)}};
    out["kept"] = root.is_for_good();
    out["until"] = nullptr;
    if (const auto& until = root.until()) {
        out["until"] = time_text(*until);
    }
    out["split"] = nullptr;
    if (const auto& split = node.state().split) {
        out["split"] = describe_split(*split);
    }
    json::array holders;
    for (const std::string& name : node.holders()) {
        holders.emplace_back(name);
    }
    out["holders"] = std::move(holders);
    return out;
}

json::object split(const json::object& request, MeshNode& node) {
    const std::int64_t threshold = fields::number_at(request, "threshold", 0);
    const std::int64_t count = fields::number_at(request, "shares", 0);
    const auto narrow = [](std::int64_t number) {  // what is out of range stays so
        return static_cast<std::uint8_t>(number < 0 || number > UINT8_MAX ? UINT8_MAX : number);
    };
    const auto shares = node.split_root(narrow(threshold), narrow(count));
    if (!shares) {
        return control_error("refused", shares.error());
    }
    const json::storage_ptr wiped = wiped_storage();
    json::array texts(wiped);
    for (const identity::RootShare& share : *shares) {
        texts.emplace_back(share.text().text());
    }
    json::object out(wiped);
    out["schema"] = "phantom.root.split/1";
    out["threshold"] = threshold;
    out["shares"] = std::move(texts);
    return out;
}

// Views into the request.
std::optional<std::vector<std::string_view>> shares_in(const json::object& request) {
    std::vector<std::string_view> shares;
    const auto* list = request.if_contains("shares");
    if (list == nullptr) {
        return shares;
    }
    if (!list->is_array() || list->get_array().size() > crypto::kSharesMax) {
        return std::nullopt;
    }
    for (const json::value& each : list->get_array()) {
        if (!each.is_string()) {
            return std::nullopt;
        }
        shares.emplace_back(each.get_string());
    }
    return shares;
}

json::object change_hold(std::string_view verb, const json::object& request, MeshNode& node) {
    const auto shares = shares_in(request);
    const std::int64_t for_s = fields::number_at(request, "for_s", kUnsealDefaultS);
    if (!shares || for_s < 1 || for_s > kUnsealMaxS) {
        return control_error(
            "bad_request", fmt::format(
                               "shares is a list of at most {} texts, for_s 1 to {}",
                               crypto::kSharesMax, kUnsealMaxS
                           )
        );
    }
    const auto problem = verb == "root.seal"
                             ? node.seal_root(*shares, fields::is_true(request, "force"))
                             : node.unseal_root(
                                   *shares, {.for_s = static_cast<std::uint32_t>(for_s),
                                             .keep = fields::is_true(request, "keep")}
                               );
    return problem ? control_error("refused", *problem) : show_root(node);
}

}  // namespace

std::optional<json::object> answer_root(
    std::string_view verb, const json::object& request, MeshNode& node
) {
    if (verb == "root.status") {
        return show_root(node);
    }
    if (verb == "root.split") {
        return split(request, node);
    }
    if (verb == "root.seal" || verb == "root.unseal") {
        return change_hold(verb, request, node);
    }
    return std::nullopt;
}

}  // namespace phantom::daemon
