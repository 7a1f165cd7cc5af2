#include "api/assets.h"

#include <algorithm>
#include <cctype>

#include "api/page.h"

namespace phantom::api {

namespace {

// Everything is the page's own and a file of its own; the page may ask its node and nobody else, is put into no frame, and
// makes no markup out of text.
constexpr const char* kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
constexpr const char* kForever = "public, max-age=31536000, immutable";
constexpr const char* kAskFirst = "no-cache";

std::string_view without_blanks(std::string_view text) {
    constexpr std::string_view kBlank = " \t";
    const std::size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool is_same_word(std::string_view one, std::string_view other) {
    return std::ranges::equal(one, other, [](unsigned char a, unsigned char b) {
        return std::tolower(a) == std::tolower(b);
    });
}

// "q=0", "q=0.000": not that one.
bool is_refused(std::string_view parameters) {
    const std::size_t equals = parameters.find('=');
    if (equals == std::string_view::npos ||
        !is_same_word(without_blanks(parameters.substr(0, equals)), "q")) {
        return false;
    }
    const std::string_view weight = without_blanks(parameters.substr(equals + 1));
    return weight.starts_with('0') && weight.find_first_not_of("0.") == std::string_view::npos;
}

std::shared_ptr<const std::string> body_of(
    std::shared_ptr<const std::string>& kept, std::string_view bytes
) {
    if (kept == nullptr) {
        kept = std::make_shared<const std::string>(bytes);
    }
    return kept;
}

}  // namespace

bool accepts_coding(std::string_view field, std::string_view coding) {
    while (!field.empty()) {
        const std::size_t comma = std::min(field.find(','), field.size());
        const std::string_view one = field.substr(0, comma);
        field.remove_prefix(std::min(comma + 1, field.size()));
        const std::size_t semicolon = std::min(one.find(';'), one.size());
        if (is_same_word(without_blanks(one.substr(0, semicolon)), coding)) {
            return semicolon == one.size() || !is_refused(one.substr(semicolon + 1));
        }
    }
    return false;
}

std::optional<Response> Assets::answer(const Request& request, std::string_view path) {
    const auto found = std::ranges::find(assets_, path, &Asset::path);
    const bool is_read = request.method == Method::kGet || request.method == Method::kHead;
    if (found == assets_.end() || !is_read) {
        return std::nullopt;
    }
    const Asset& asset = *found;
    Bodies& bodies = bodies_.at(static_cast<std::size_t>(found - assets_.begin()));
    Response response;
    response.content_type = asset.type;
    response.headers = {
        {"Content-Security-Policy", kPagePolicy},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cache-Control", path == "/" ? kAskFirst : kForever},
        {"ETag", std::string(asset.etag)},
        {"Vary", "Accept-Encoding"},
    };
    if (!request.if_none_match.empty() && names_tag(request.if_none_match, asset.etag)) {
        response.status = 304;
        return response;
    }
    if (!asset.brotli.empty() && accepts_coding(request.accept_encoding, "br")) {
        response.headers.emplace_back("Content-Encoding", "br");
        response.body = body_of(bodies.brotli, asset.brotli);
    } else if (!asset.gzip.empty() && accepts_coding(request.accept_encoding, "gzip")) {
        response.headers.emplace_back("Content-Encoding", "gzip");
        response.body = body_of(bodies.gzip, asset.gzip);
    } else {
        response.body = body_of(bodies.plain, asset.plain);
    }
    return response;
}

}  // namespace phantom::api
