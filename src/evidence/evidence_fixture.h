#pragma once

// For tests, benchmarks and the fuzzer's first inputs only: a node that collects evidence.

#include <cstdlib>
#include <filesystem>

#include "evidence/folder.h"
#include "identity/identity_fixture.h"

namespace phantom::evidence {

struct Collector {
    // The smaller signature: it is checked once for each byte.
    identity::TestRoot root{1, crypto::SignatureAlgorithm::kMlDsa44Ed25519};
    identity::TestNode node{2, crypto::SignatureAlgorithm::kMlDsa44Ed25519};

    // Unsealed: who signs, and when.
    [[nodiscard]] Manifest manifest(std::uint64_t incident = 7) const {
        return {
            .incident = incident,
            .at = {static_cast<std::int64_t>(identity::kNow.s + 60) * 1'000'000'000},
            .items = {},
            .signer =
                {.certificate = root.certificate(node.keys.first_id()),
                 .descriptor = node.descriptor(root.mesh())},
            .root = root.key.verify_key(),
        };
    }
};

inline Collected collected(std::string what, std::string content) {
    return {
        .what = std::move(what),
        .collector = "test",
        .note = {},
        .content = std::move(content),
        .at = {1'800'000'060'000'000'000},
        .monotonic = {77},
    };
}

class TestFolder {
  public:
    TestFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "evidenceXXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~TestFolder() { std::filesystem::remove_all(path_); }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;

    [[nodiscard]] std::filesystem::path path() const { return path_ / "incident-7"; }
    [[nodiscard]] std::filesystem::path outer() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace phantom::evidence
