#pragma once

// For tests only: a folder that logs are in.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace phantom::intake::test {

// A folder of its own, gone afterwards.
class IntakeFolder : public testing::Test {
  protected:
    void SetUp() override {
        std::string name =
            (std::filesystem::temp_directory_path() / "phantom-intake-XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string path(const char* name) const { return (folder_ / name).string(); }
    void append(const char* name, std::string_view text) const {
        std::ofstream(path(name), std::ios::app | std::ios::binary) << text;
    }

    std::filesystem::path folder_;
};

}  // namespace phantom::intake::test
