#pragma once

// For tests only: every code of an error enum has a sentence of its own.

#include <cstdint>
#include <set>
#include <string_view>

#include <gtest/gtest.h>

#include "base/result.h"

namespace phantom {

// `last` is the enum's last code; the sentence after it is the one for "no such code".
template <ErrorEnum E>
void expect_each_code_has_its_own_sentence(E last) {
    const ErrorDomain& domain = error_domain(last);
    const std::string_view unknown = domain.describe(0xffff);
    std::set<std::string_view> seen{unknown};
    for (std::uint16_t code = 0; code <= static_cast<std::uint16_t>(last); ++code) {
        const std::string_view sentence = domain.describe(code);
        EXPECT_GT(sentence.size(), 5U) << domain.name << " " << code;
        EXPECT_TRUE(seen.insert(sentence).second) << domain.name << " " << code << ": " << sentence;
    }
    EXPECT_EQ(domain.describe(static_cast<std::uint16_t>(last) + 1), unknown)
        << domain.name << ": the enum has grown past the test's last code";
}

}  // namespace phantom
