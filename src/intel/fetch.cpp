#include "intel/fetch.h"

#include <algorithm>

#include <boost/json.hpp>

#include "intel/json_text.h"

namespace phantom::intel {

namespace {

namespace json = boost::json;
using std::chrono::seconds;

constexpr std::string_view kFetchSchema = "phantom.fetch/1";
constexpr std::size_t kValidatorSizeMax = 256;

std::string_view authority_of(std::string_view url) {
    const std::size_t begin = url.find("://");
    if (begin == std::string_view::npos) {
        return "";
    }
    const std::string_view rest = url.substr(begin + 3);
    return rest.substr(0, rest.find_first_of("/?#"));
}

// It goes back to the server as a header: one line of ASCII.
bool can_be_sent(std::string_view text) {
    return text.size() <= kValidatorSizeMax &&
           std::ranges::all_of(text, [](char each) { return each >= ' ' && each <= '~'; });
}

seconds spread(seconds wait, std::int64_t percent, Random& random) {
    const std::int64_t most = std::max<std::int64_t>(wait.count() * percent / 100, 1);
    return seconds(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most) + 1)));
}

}  // namespace

std::string to_record(const FetchState& state) {
    return json::serialize(json::object{
        {"schema", kFetchSchema},
        {"url", state.url},
        {"etag", state.etag},
        {"last_modified", state.last_modified},
        {"fetched_ns", state.fetched.ns},
        {"checked_ns", state.checked.ns},
    });
}

OrFault<FetchState> fetch_state_from(std::string_view record) {
    if (record.size() > kFetchStateSizeMax) {
        return std::unexpected(Fault{"", "too long"});
    }
    const auto value = parse_json(record);
    if (!value) {
        return std::unexpected(value.error());
    }
    const json::object* const object = value->if_object();
    const auto* const schema = object == nullptr ? nullptr : text_in(*object, "schema");
    if (schema == nullptr || *schema != kFetchSchema) {
        return std::unexpected(Fault{"schema", "is not phantom.fetch/1"});
    }
    const auto text_of = [&](std::string_view key) {
        const auto* const text = text_in(*object, key);
        return text == nullptr ? std::string() : std::string(*text);
    };
    const auto time_of = [&](std::string_view key) {
        const json::value* const at = object->if_contains(key);
        const bool is_time = at != nullptr && at->is_int64() && at->get_int64() >= 0;
        return WallTime{is_time ? at->get_int64() : 0};
    };
    FetchState state{
        .url = text_of("url"),
        .etag = text_of("etag"),
        .last_modified = text_of("last_modified"),
        .fetched = time_of("fetched_ns"),
        .checked = time_of("checked_ns"),
    };
    if (!is_fetch_url(state.url)) {
        return std::unexpected(Fault{"url", "is none"});
    }
    if (!can_be_sent(state.etag) || !can_be_sent(state.last_modified)) {
        return std::unexpected(Fault{"etag, last_modified", "cannot be a header"});
    }
    return state;
}

seconds wait_after_success(seconds interval, Random& random) {
    const seconds tenth = interval / 10;
    return interval - tenth + spread(2 * tenth, 100, random);
}

seconds wait_after_failure(
    unsigned failures, seconds interval, seconds retry_after, Random& random
) {
    const seconds most = std::max(std::min(interval, kFetchBackoffMax), kFetchBackoffFirst);
    const unsigned doublings = std::min(failures == 0 ? 0 : failures - 1, 16U);
    const seconds backoff = std::min(kFetchBackoffFirst * (std::int64_t{1} << doublings), most);
    const seconds wait = std::max(backoff, std::min(retry_after, kFetchRetryAfterMax));
    return wait + spread(wait, 25, random);
}

seconds first_wait(const FetchState& state, seconds interval, WallTime now) {
    if (state.fetched.ns == 0 || state.checked.ns == 0 || state.checked > now) {
        return seconds(0);  // the clock was set back, or nothing is there
    }
    const auto since = std::chrono::duration_cast<seconds>(Duration(now.ns - state.checked.ns));
    return std::max(interval - since, seconds(0));
}

bool is_fetch_url(std::string_view url) {
    const std::string_view authority = authority_of(url);
    const bool is_printable =
        std::ranges::all_of(url, [](char each) { return each > ' ' && each <= '~'; });
    return (url.starts_with("https://") || url.starts_with("http://")) &&
           url.size() <= kFetchUrlSizeMax && is_printable && !authority.empty() &&
           authority.front() != ':' && !authority.contains('@');
}

std::string origin_of(std::string_view url) {
    return std::string(url.substr(0, url.find("://"))) + "://" + std::string(authority_of(url));
}

}  // namespace phantom::intel
