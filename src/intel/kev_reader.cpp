// CISA's catalogue of vulnerabilities that are known to be exploited.

#include <fmt/format.h>

#include "intel/json_text.h"
#include "intel/reader.h"

namespace phantom::intel {

namespace json = boost::json;

OrFault<FeedContent> read_kev(const FeedDescription& feed, std::string_view text) {
    const auto document = parse_json(text);
    if (!document) {
        return std::unexpected(document.error());
    }
    const json::object* const object = document->if_object();
    const json::array* const list =
        object == nullptr ? nullptr : list_in(*object, "vulnerabilities");
    if (list == nullptr) {
        return std::unexpected(Fault{"", "not the catalogue: {\"vulnerabilities\": [...]}"});
    }
    const json::value* const count = object->if_contains("count");
    if (count != nullptr && count->is_int64() &&
        count->get_int64() != static_cast<std::int64_t>(list->size())) {
        return std::unexpected(Fault{
            "count", fmt::format("says {}, and there are {}", count->get_int64(), list->size())
        });
    }
    FeedContent content;
    for (std::size_t index = 0; index < list->size(); ++index) {
        const auto place = [index] { return fmt::format("vulnerabilities[{}].cveID", index); };
        if (content.rows == feed.rows_max) {
            return too_many_rows(feed, place());
        }
        ++content.rows;
        const json::object* const entry = (*list)[index].if_object();
        const json::string* const id = entry == nullptr ? nullptr : text_in(*entry, "cveID");
        const auto cve = id == nullptr ? std::nullopt : Cve::parse(std::string_view(*id));
        if (!cve) {
            ++content.malformed;
            content.refuse(place(), "not a CVE's number, as CVE-2021-44228");
            continue;
        }
        content.exploited.push_back(*cve);
    }
    return content;
}

}  // namespace phantom::intel
