#include "courier/post.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "courier/easy_handle.h"

namespace phantom::courier {

namespace {

constexpr std::size_t kPostAnswerMax = 64U << 10U;

// What is answered is of no use here, but somebody may answer without end.
struct Ignored {
    std::size_t size = 0;
};

std::size_t ignore_body(char* /*bytes*/, std::size_t size, std::size_t count, void* self) {
    auto* const ignored = static_cast<Ignored*>(self);
    ignored->size += size * count;
    return ignored->size > kPostAnswerMax ? 0 : size * count;
}

// What it points to is const, as cURL's argument is not.
struct StopFlag {
    const std::atomic<bool>& flag;
};

int is_stopped(
    void* stop, curl_off_t /*total*/, curl_off_t /*now*/, curl_off_t /*up_total*/, curl_off_t /*up*/
) {
    return static_cast<const StopFlag*>(stop)->flag.load(std::memory_order_relaxed) ? 1 : 0;
}

Posted::Kind kind_of(long status) {
    // OTLP over HTTP, "Retryable Response Codes".
    const bool is_later = status == 429 || status == 502 || status == 503 || status == 504;
    return status >= 200 && status < 300 ? Posted::Kind::kTaken
           : is_later                    ? Posted::Kind::kLater
                                         : Posted::Kind::kRefused;
}

std::string ascii_line(std::string_view said) {
    std::string shown;
    for (const char each : said.substr(0, CURL_ERROR_SIZE)) {
        shown += each >= ' ' && each <= '~' ? each : '?';
    }
    return shown;
}

}  // namespace

Posted post(const PostRequest& request, const std::atomic<bool>& stop) {
    Posted posted;
    posted.problem = "libcurl cannot begin";
    std::array<char, CURL_ERROR_SIZE> error{};
    Ignored ignored;
    const HeaderList headers(
        curl_slist_append(nullptr, fmt::format("Content-Type: {}", request.content_type).c_str())
    );
    const EasyHandle handle(has_libcurl() ? curl_easy_init() : nullptr);
    if (handle == nullptr || headers == nullptr) {
        return posted;
    }
    EasyOptions options(handle.get());
    options.set_ours();
    options.set(CURLOPT_URL, request.url.c_str());
    options.set(CURLOPT_PROTOCOLS_STR, "http,https");
    options.set(CURLOPT_POST, 1L);
    options.set(CURLOPT_POSTFIELDS, request.body.data());
    options.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    options.set(CURLOPT_HTTPHEADER, headers.get());
    options.set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    options.set(CURLOPT_ERRORBUFFER, error.data());
    options.set(CURLOPT_WRITEFUNCTION, &ignore_body);
    options.set(CURLOPT_WRITEDATA, static_cast<void*>(&ignored));
    StopFlag stop_flag{stop};
    options.set(CURLOPT_NOPROGRESS, 0L);
    options.set(CURLOPT_XFERINFOFUNCTION, &is_stopped);
    options.set(CURLOPT_XFERINFODATA, static_cast<void*>(&stop_flag));
    if (!options.is_good()) {
        return posted;
    }
    const CURLcode code = curl_easy_perform(handle.get());
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    posted.status = static_cast<int>(status);
    if (stop.load(std::memory_order_relaxed)) {
        posted.kind = Posted::Kind::kStopped;
    } else if (code != CURLE_OK) {
        posted.problem =
            ascii_line(error.front() != '\0' ? error.data() : curl_easy_strerror(code));
    } else {
        posted.kind = kind_of(status);
        posted.problem = posted.kind == Posted::Kind::kTaken
                             ? ""
                             : fmt::format("the collector answers {}", status);
    }
    return posted;
}

}  // namespace phantom::courier
