#include "mcp/tools.h"

#include <algorithm>

namespace phantom::mcp {

namespace json = boost::json;

json::object describe(const Tool& tool) {
    return {
        {"name", tool.name},
        {"title", tool.title},
        {"description", tool.description},
        {"inputSchema", json::parse(tool.input)},
        {"outputSchema", json::parse(tool.output)},
        {"annotations",
         json::object{
             {"title", tool.title},
             {"readOnlyHint", !tool.writes},
             {"destructiveHint", tool.destroys},
             {"idempotentHint", !tool.writes},
             {"openWorldHint", false},
         }},
    };
}

void cut_list(json::object& body, std::string_view key, std::int64_t limit, Keep keep) {
    json::value* list = body.if_contains(key);
    if (list == nullptr || !list->is_array()) {
        return;
    }
    json::array& entries = list->get_array();
    const std::size_t total = entries.size();
    const std::size_t kept = std::min(total, static_cast<std::size_t>(limit));
    if (keep == Keep::kFirst) {
        entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(kept), entries.end());
    } else {
        entries.erase(entries.begin(), entries.end() - static_cast<std::ptrdiff_t>(kept));
    }
    body["total"] = total;
    body["left_out"] = total - kept;
}

void make_plain(json::value& value) {
    if (value.is_string()) {
        json::string& text = value.get_string();
        const bool is_cut = text.size() > kTextSizeMax;
        text.resize(std::min(text.size(), kTextSizeMax));
        for (char& each : text) {
            each = each == '\n' || (each >= ' ' && each <= '~') ? each : '?';
        }
        if (is_cut) {
            text += " ... (cut)";
        }
    } else if (value.is_array()) {
        for (json::value& each : value.get_array()) {
            make_plain(each);
        }
    } else if (value.is_object()) {
        for (auto& each : value.get_object()) {
            make_plain(each.value());
        }
    }
}

}  // namespace phantom::mcp
