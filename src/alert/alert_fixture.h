#pragma once

// For tests only.

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "alert/alert.h"
#include "alert/config_reader.h"

namespace phantom::alert::test {

inline constexpr WallTime kMorning{1'790'000'000'000'000'000};  // 2026-09-21T14:13:20Z, a Monday

inline Alert alert_of(
    std::vector<Label> labels, Priority priority = Priority::kP3, WallTime starts_at = kMorning
) {
    auto made = make_alert({
        .labels = std::move(labels),
        .annotations = {},
        .priority = priority,
        .starts_at = starts_at,
        .ends_at = {},
    });
    EXPECT_TRUE(made.has_value());
    return std::move(*made);
}

inline Config config_of(const std::string& text) {
    auto config = read_config(text);
    if (!config) {
        for (const Remark& remark : config.error()) {
            ADD_FAILURE() << remark.line << ":" << remark.column << ": " << remark.text;
        }
        return {};
    }
    return std::move(*config);
}

}  // namespace phantom::alert::test
