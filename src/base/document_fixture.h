#pragma once

// A document of which a part is made by the code: it fails where that is not what stands there.

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace phantom {

// `made` is what follows the line `begin`, to the end. PM_RENEW_DOCS=1 writes it.
inline void expect_made(const std::string& path, std::string_view begin, std::string_view made) {
    std::ifstream file(path);
    ASSERT_TRUE(file) << path;
    std::stringstream read;
    read << file.rdbuf();
    const std::string text = read.str();
    const std::size_t at = text.find(begin);
    ASSERT_NE(at, std::string::npos) << path << " has no line " << begin;
    const std::string wanted = text.substr(0, at + begin.size()) + std::string(made);
    if (std::getenv("PM_RENEW_DOCS") != nullptr) {  // NOLINT(concurrency-mt-unsafe): one thread
        std::ofstream(path) << wanted;
        return;
    }
    EXPECT_TRUE(text == wanted) << path << " is old: the same test with PM_RENEW_DOCS=1 writes it";
}

}  // namespace phantom
