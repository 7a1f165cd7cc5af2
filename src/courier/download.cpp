#include "courier/download.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "courier/easy_handle.h"

namespace phantom::courier {

namespace {

constexpr long kHttpOk = 200;
constexpr long kHttpNotModified = 304;

// Of this machine, or given out by nobody: where services listen that trust whoever asks.
bool is_nearby(const char* address) {
    in_addr v4{};
    in6_addr v6{};
    if (inet_pton(AF_INET, address, &v4) == 1) {
        const std::uint32_t value = ntohl(v4.s_addr);
        return value >> 24U == 127 || value >> 24U == 0 || value >> 16U == 0xa9fe;
    }
    if (inet_pton(AF_INET6, address, &v6) != 1) {
        return false;
    }
    return IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_UNSPECIFIED(&v6) ||
           IN6_IS_ADDR_LINKLOCAL(&v6) ||
           (IN6_IS_ADDR_V4MAPPED(&v6) && (v6.s6_addr[12] == 127 || v6.s6_addr[12] == 0));
}

class Exchange {
  public:
    Exchange(const DownloadRequest& request, const std::atomic<bool>& stop)
        : request_(request), stop_(stop) {}

    [[nodiscard]] Downloaded run();

  private:
    [[nodiscard]] bool set_up();
    [[nodiscard]] bool add_header(const char* name, const std::string& value);
    [[nodiscard]] Downloaded outcome(CURLcode code);
    [[nodiscard]] std::string why(CURLcode code) const;

    static std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* self);
    static std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* self);
    static int look_at_progress(
        void* self, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now
    );
    static int look_at_address(void* self, char* remote, char* own, int port, int own_port);

    const DownloadRequest& request_;
    const std::atomic<bool>& stop_;
    HeaderList headers_;
    std::array<char, CURL_ERROR_SIZE> error_{};
    Downloaded got_;
    bool is_too_long_ = false;
    bool is_led_astray_ = false;
    bool has_connected_ = false;
    bool began_nearby_ = false;
    EasyHandle handle_;  // last: freed first, as it points to the others
};

bool Exchange::add_header(const char* name, const std::string& value) {
    if (value.empty()) {
        return true;
    }
    curl_slist* const longer =
        curl_slist_append(headers_.get(), fmt::format("{}: {}", name, value).c_str());
    if (longer == nullptr) {
        return false;
    }
    static_cast<void>(headers_.release());
    headers_.reset(longer);
    return true;
}

bool Exchange::set_up() {
    EasyOptions options(handle_.get());
    options.set_ours();
    options.set(CURLOPT_URL, request_.url.c_str());
    options.set(CURLOPT_PROTOCOLS_STR, "http,https");
    options.set(CURLOPT_HTTPGET, 1L);
    options.set(CURLOPT_FOLLOWLOCATION, 1L);
    options.set(CURLOPT_MAXREDIRS, kRedirectsMax);
    const bool is_https = request_.url.starts_with("https:");
    options.set(CURLOPT_REDIR_PROTOCOLS_STR, is_https ? "https" : "http,https");
    options.set(
        CURLOPT_ACCEPT_ENCODING, ""
    );  // all that libcurl can unpack; what comes out is counted
    options.set(CURLOPT_ERRORBUFFER, error_.data());
    options.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.connect_timeout.count()));
    options.set(CURLOPT_TIMEOUT_MS, static_cast<long>(request_.timeout.count()));
    options.set(CURLOPT_LOW_SPEED_LIMIT, request_.slow_bytes_per_s);
    options.set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(request_.slow_for.count()));
    options.set(CURLOPT_WRITEFUNCTION, &Exchange::take_body);
    options.set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    options.set(CURLOPT_HEADERFUNCTION, &Exchange::take_header);
    options.set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    options.set(CURLOPT_NOPROGRESS, 0L);
    options.set(CURLOPT_XFERINFOFUNCTION, &Exchange::look_at_progress);
    options.set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
    options.set(CURLOPT_PREREQFUNCTION, &Exchange::look_at_address);
    options.set(CURLOPT_PREREQDATA, static_cast<void*>(this));
    options.set(CURLOPT_FRESH_CONNECT, 1L);
    options.set(CURLOPT_FILETIME, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    options.set(
        CURLOPT_QUICK_EXIT, 1L
    );  // does not wait for a resolver that nobody waits for any more
#endif
    if (!request_.ca_file.empty()) {
        options.set(CURLOPT_CAINFO, request_.ca_file.c_str());
    }
    if (!request_.form.empty()) {
        options.set(CURLOPT_POST, 1L);
        options.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.form.size()));
        options.set(CURLOPT_POSTFIELDS, request_.form.c_str());
        options.set(CURLOPT_FOLLOWLOCATION, 0L);
    }
    if (!request_.user.empty()) {
        options.set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
        options.set(CURLOPT_USERNAME, request_.user.c_str());
        options.set(CURLOPT_PASSWORD, request_.password.c_str());
    }
    if (!add_header("If-None-Match", request_.etag) ||
        !add_header("If-Modified-Since", request_.last_modified)) {
        return false;
    }
    options.set(CURLOPT_HTTPHEADER, headers_.get());
    return options.is_good();
}

Downloaded Exchange::run() {
    handle_.reset(has_libcurl() ? curl_easy_init() : nullptr);
    if (handle_ == nullptr || !set_up()) {
        got_.problem = "libcurl cannot begin";
        return std::move(got_);
    }
    return outcome(curl_easy_perform(handle_.get()));
}

std::string Exchange::why(CURLcode code) const {
    if (is_too_long_) {
        return fmt::format("longer than {} bytes", request_.size_max);
    }
    if (is_led_astray_) {
        return "a redirect leads to this machine or its link";
    }
    const std::string_view said = error_.front() != '\0' ? error_.data() : curl_easy_strerror(code);
    std::string shown;
    for (const char each : said.substr(0, kValidatorSizeMax)) {
        shown += each >= ' ' && each <= '~' ? each : '?';
    }
    return shown;
}

Downloaded Exchange::outcome(CURLcode code) {
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    got_.status = static_cast<int>(status);
    curl_off_t retry_after_s = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RETRY_AFTER, &retry_after_s);
    got_.retry_after = std::chrono::seconds(
        std::clamp<curl_off_t>(retry_after_s, 0, kDownloadRetryAfterMax.count())
    );
    curl_off_t modified_s = -1;
    curl_easy_getinfo(handle_.get(), CURLINFO_FILETIME_T, &modified_s);
    got_.modified_s = std::max<std::int64_t>(modified_s, 0);
    if (stop_.load(std::memory_order_relaxed)) {
        got_.kind = Downloaded::Kind::kStopped;
    } else if (code != CURLE_OK) {
        got_.kind = Downloaded::Kind::kFailed;
        got_.problem = why(code);
    } else if (status == kHttpOk) {
        got_.kind = Downloaded::Kind::kNew;
        return std::move(got_);
    } else if (status == kHttpNotModified &&
               !(request_.etag.empty() && request_.last_modified.empty())) {
        got_.kind = Downloaded::Kind::kUnchanged;
    } else {
        got_.kind = Downloaded::Kind::kRefused;
        got_.problem = fmt::format("the server answers {}", status);
    }
    got_.body.clear();
    return std::move(got_);
}

std::size_t Exchange::take_body(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto* const exchange = static_cast<Exchange*>(self);
    const std::size_t length = size * count;
    if (length > exchange->request_.size_max - exchange->got_.body.size()) {
        exchange->is_too_long_ = true;
        return 0;  // libcurl hangs up
    }
    exchange->got_.body.append(bytes, length);
    return length;
}

// A header is one line. Of a redirect and of where it leads each has its own: the last ones count.
std::size_t Exchange::take_header(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto* const exchange = static_cast<Exchange*>(self);
    const std::size_t length = size * count;
    const std::string_view line(bytes, length);
    if (line.starts_with("HTTP/")) {
        exchange->got_.etag.clear();
        exchange->got_.last_modified.clear();
        exchange->got_.body.clear();
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
        return length;
    }
    std::string name(line.substr(0, colon));
    std::ranges::transform(name, name.begin(), [](char each) {
        return each >= 'A' && each <= 'Z' ? static_cast<char>(each + ('a' - 'A')) : each;
    });
    std::string_view value = line.substr(colon + 1);
    const std::size_t begin = value.find_first_not_of(" \t");
    const std::size_t end = value.find_last_not_of(" \t\r\n");
    value = begin == std::string_view::npos ? "" : value.substr(begin, end + 1 - begin);
    const bool can_be_said_again =
        value.size() <= kValidatorSizeMax &&
        std::ranges::all_of(value, [](char each) { return each >= ' ' && each <= '~'; });
    if (can_be_said_again && name == "etag") {
        exchange->got_.etag = value;
    } else if (can_be_said_again && name == "last-modified") {
        exchange->got_.last_modified = value;
    }
    return length;
}

int Exchange::look_at_progress(
    void* self, curl_off_t /*total*/, curl_off_t /*now*/, curl_off_t /*up_total*/,
    curl_off_t /*up_now*/
) {
    return static_cast<Exchange*>(self)->stop_.load(std::memory_order_relaxed) ? 1 : 0;
}

// Before each request, with the address that it goes to, whatever its name was.
int Exchange::
    look_at_address(void* self, char* remote, char* /*own*/, int /*port*/, int /*own_port*/) {
    auto* const exchange = static_cast<Exchange*>(self);
    if (!std::exchange(exchange->has_connected_, true)) {
        exchange->began_nearby_ = is_nearby(remote);
    } else if (!exchange->began_nearby_ && is_nearby(remote)) {
        exchange->is_led_astray_ = true;
        return CURL_PREREQFUNC_ABORT;
    }
    return CURL_PREREQFUNC_OK;
}

}  // namespace

Downloaded download(const DownloadRequest& request, const std::atomic<bool>& stop) {
    return Exchange(request, stop).run();
}

}  // namespace phantom::courier
