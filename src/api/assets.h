#pragma once

// The page of the node: files that were compressed when it was built and lie in the program (web/tools/pack.mjs makes the
// table, cmake/PmPage.cmake builds it). GET and HEAD of "/" and "/assets/NAME"; nothing of it needs a token, for there is
// nothing in it but the page.
//
// A name of /assets has the hash of its content in it, so that it is kept by browsers for good; "/" is asked for each time,
// and answered with 304 while it is the same.
//
// Thread: its owner's (bodies are made when they are first asked for).

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/message.h"

namespace phantom::api {

// Views of what lives as long as the program.
struct Asset {
    std::string_view path;  // "/", "/assets/index-3f2a.js"
    std::string_view type;
    std::string_view etag;  // quoted
    std::string_view plain;
    std::string_view gzip;    // empty: it gains nothing
    std::string_view brotli;  // likewise
};

// Of the page that was built in; empty where none was. Defined in the library pm_page.
[[nodiscard]] std::span<const Asset> embedded_assets();

class Assets {
  public:
    Assets() = default;
    explicit Assets(std::span<const Asset> assets) : assets_(assets), bodies_(assets.size()) {}

    // Nothing: it is none of these, or no way to ask for one. `path`: without a query.
    [[nodiscard]] std::optional<Response> answer(const Request& request, std::string_view path);

  private:
    struct Bodies {
        std::shared_ptr<const std::string> plain;
        std::shared_ptr<const std::string> gzip;
        std::shared_ptr<const std::string> brotli;
    };

    std::span<const Asset> assets_;
    std::vector<Bodies> bodies_;  // of the asset of the same index
};

// Whether an Accept-Encoding (RFC 9110 section 12.5.3) lets `coding` pass.
[[nodiscard]] bool accepts_coding(std::string_view field, std::string_view coding);

}  // namespace phantom::api
