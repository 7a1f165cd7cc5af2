// A warning list of MISP: {"type": "cidr", "list": [...]}. Types cidr, hostname and string; the others (substring,
// regex) say more than a set can hold.

#include <fmt/format.h>

#include "intel/json_text.h"
#include "intel/reader.h"
#include "intel/value.h"

namespace phantom::intel {

namespace json = boost::json;

OrFault<FeedContent> read_misp(const FeedDescription& feed, std::string_view text) {
    const auto document = parse_json(text);
    if (!document) {
        return std::unexpected(document.error());
    }
    const json::object* const object = document->if_object();
    const json::string* const type = object == nullptr ? nullptr : text_in(*object, "type");
    const json::array* const list = object == nullptr ? nullptr : list_in(*object, "list");
    if (type == nullptr || list == nullptr) {
        return std::unexpected(
            Fault{"", "not a warning list of MISP: {\"type\": ..., \"list\": [...]}"}
        );
    }
    if (*type != "cidr" && *type != "hostname" && *type != "string") {
        return std::unexpected(Fault{
            "type",
            fmt::format("'{}' is not understood; cidr, hostname and string are", shown(*type))
        });
    }
    FeedContent content;
    for (std::size_t index = 0; index < list->size(); ++index) {
        const auto place = [index] { return fmt::format("list[{}]", index); };
        if (content.rows == feed.rows_max) {
            return too_many_rows(feed, place());
        }
        ++content.rows;
        const json::string* const value = (*list)[index].if_string();
        if (value == nullptr) {
            ++content.malformed;
            content.refuse(place(), "not a text");
            continue;
        }
        take_value(std::string_view(*value), {}, {feed.kind, *type == "cidr"}, content, place);
    }
    return content;
}

}  // namespace phantom::intel
