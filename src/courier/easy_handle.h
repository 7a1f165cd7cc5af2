#pragma once

// An easy handle of libcurl's, set up as all of ours are. Inside this component only.

#include <memory>

#include <curl/curl.h>

namespace phantom::courier {

struct FreeCurl {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using EasyHandle = std::unique_ptr<CURL, FreeCurl>;
using HeaderList = std::unique_ptr<curl_slist, FreeCurl>;

// libcurl asks for this once a process, before there are threads that use it.
[[nodiscard]] inline bool has_libcurl() {
    static const bool is_ready = curl_global_init(CURL_GLOBAL_ALL) == CURLE_OK;
    return is_ready;
}

// Options of one handle; the first that fails is remembered.
class EasyOptions {
  public:
    explicit EasyOptions(CURL* handle) : handle_(handle) {}

    template <class Value>
    void set(CURLoption option, Value value) {
        is_good_ = is_good_ && curl_easy_setopt(handle_, option, value) == CURLE_OK;
    }
    // No signals, no proxy or .netrc whatever the environment says, no redirect, TLS 1.2 at least. Certificates
    // are checked, as libcurl does by itself.
    void set_ours() {
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_PROXY, "");
        set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
        set(CURLOPT_FOLLOWLOCATION, 0L);
        set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        set(CURLOPT_USERAGENT, "PhantomMesh/" PM_VERSION);
    }
    [[nodiscard]] bool is_good() const { return is_good_; }

  private:
    CURL* handle_;
    bool is_good_ = true;
};

}  // namespace phantom::courier
