#pragma once

// For tests only: known answers in Wycheproof's JSON. The files of tests/vectors always, those of
// $PHANTOM_DATA/vectors where that folder is. One parameter of each test is the file.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

// Boost.JSON 1.81 under -fsanitize=address: GCC 12 sees an empty array copied, which never is.
#pragma GCC diagnostic ignored "-Warray-bounds"
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "crypto/bytes_fixture.h"
#include "crypto/secret.h"

namespace phantom::crypto {

namespace json = boost::json;

inline std::filesystem::path project_root() {
    return PM_SOURCE_DIR;
}

inline std::filesystem::path own(const std::string& name) {
    return project_root() / "tests" / "vectors" / name;
}

inline std::filesystem::path external(const std::string& name) {
    const char* const data = std::getenv("PHANTOM_DATA");
    const std::filesystem::path folder =
        data != nullptr ? std::filesystem::path(data) : project_root() / ".." / "shared" / "data";
    return folder / "vectors" / name;
}

inline std::uint8_t nibble(char digit) {
    return static_cast<std::uint8_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

struct Case {
    const json::object* fields;
    const json::object* group;

    [[nodiscard]] std::string text(const char* name) const {
        return std::string(fields->at(name).as_string());
    }
    [[nodiscard]] Bytes bytes(const char* name) const { return from_hex(text(name)); }
    // For a field that is absent where it would be empty.
    [[nodiscard]] Bytes bytes_if_any(const char* name) const {
        return has(name) ? bytes(name) : Bytes();
    }
    [[nodiscard]] bool has(const char* name) const { return fields->contains(name); }
    // What all cases of one group share, as a public key.
    [[nodiscard]] Bytes group_bytes(const char* name) const {
        return from_hex(std::string(group->at(name).as_string()));
    }
    [[nodiscard]] std::int64_t number(const char* name) const {
        return fields->at(name).to_number<std::int64_t>();
    }
    [[nodiscard]] bool is_valid() const { return text("result") == "valid"; }

    static Bytes from_hex(const std::string& hex) {
        Bytes bytes;
        for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
            bytes.push_back(static_cast<std::uint8_t>(nibble(hex[at]) << 4U | nibble(hex[at + 1])));
        }
        return bytes;
    }
};

class KnownAnswers : public testing::TestWithParam<std::filesystem::path> {
  protected:
    void SetUp() override {
        std::ifstream file(GetParam());
        if (!file) {
            GTEST_SKIP() << "no " << GetParam();
        }
        document_ = json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
    }

    // Calls `check` for each case; a failure names the case.
    template <class Check>
    void for_each_case(Check check) {
        std::size_t count = 0;
        for (const json::value& group : document_.as_object().at("testGroups").as_array()) {
            for (const json::value& test : group.as_object().at("tests").as_array()) {
                const Case known{&test.as_object(), &group.as_object()};
                SCOPED_TRACE("tcId " + std::to_string(known.number("tcId")));
                check(known);
                ++count;
            }
        }
        EXPECT_GT(count, 0U);
    }

  private:
    json::value document_;
};

inline std::string name_of_file(const testing::TestParamInfo<std::filesystem::path>& info) {
    const bool ours = info.param.parent_path().filename() == "vectors" &&
                      info.param.parent_path().parent_path().filename() == "tests";
    return ours ? "own" : "wycheproof";
}

inline Bytes join(Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

inline Key key_of(const Bytes& bytes) {
    EXPECT_EQ(bytes.size(), 32U);
    return Key(std::span<const std::uint8_t, 32>(bytes.data(), 32));
}

template <std::size_t Size>
std::span<const std::uint8_t, Size> exactly(const Bytes& bytes, std::size_t offset = 0) {
    return std::span<const std::uint8_t, Size>(bytes.data() + offset, Size);
}

}  // namespace phantom::crypto
