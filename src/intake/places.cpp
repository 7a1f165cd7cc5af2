#include "intake/places.h"

#include <boost/json.hpp>

#include "fields/fields.h"
#include "intake/config.h"
#include "intake/journal.h"

namespace phantom::intake {

namespace {

namespace json = boost::json;

constexpr std::string_view kPlacesSchema = "phantom.places/1";

}  // namespace

std::string places_json(const Places& places) {
    json::object all;
    for (const auto& [name, place] : places) {
        all[name] = json::object{
            {"device", place.tail.device},
            {"inode", place.tail.inode},
            {"offset", place.tail.offset},
            {"cursor", place.cursor},
        };
    }
    return json::serialize(json::object{{"schema", kPlacesSchema}, {"places", std::move(all)}});
}

scenario::OrFlaw<Places> parse_places(std::string_view text) {
    boost::system::error_code error;
    const json::value value = json::parse(text, error);
    const json::object* top = error ? nullptr : value.if_object();
    const json::value* schema = top == nullptr ? nullptr : top->if_contains("schema");
    const json::value* list = top == nullptr ? nullptr : top->if_contains("places");
    if (schema == nullptr || *schema != json::value(kPlacesSchema) || list == nullptr ||
        !list->is_object() || list->get_object().size() > kInputsMax) {
        return scenario::flawed("it is not what was written");
    }
    Places places;
    for (const auto& [name, each] : list->get_object()) {
        const json::object* of = each.if_object();
        if (of == nullptr) {
            return scenario::flawed("it is not what was written");
        }
        const json::value* cursor = of->if_contains("cursor");
        const bool has_cursor = cursor != nullptr && cursor->is_string() &&
                                cursor->get_string().size() <= kCursorSizeMax;
        places[name] = {
            .tail =
                {.device = fields::count_at(*of, "device"),
                 .inode = fields::count_at(*of, "inode"),
                 .offset = fields::count_at(*of, "offset")},
            .cursor = has_cursor ? std::string(cursor->get_string()) : "",
        };
    }
    return places;
}

}  // namespace phantom::intake
