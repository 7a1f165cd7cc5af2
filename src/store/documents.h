#pragma once

// Values that their owner writes whole and reads whole: incidents, runs of playbooks. Kept by kind and number,
// without a word about what keeps them.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace phantom::store {

struct Document {
    std::uint64_t number = 0;
    std::string body;
    friend bool operator==(const Document&, const Document&) = default;
};

class Documents {
  public:
    Documents() = default;
    Documents(const Documents&) = delete;
    Documents& operator=(const Documents&) = delete;
    Documents(Documents&&) = delete;
    Documents& operator=(Documents&&) = delete;
    virtual ~Documents() = default;

    // Puts these, in place of those of the same numbers, and takes the others away: all or nothing, and on the disk
    // when it returns.
    [[nodiscard]] virtual Status change(
        std::string_view kind, std::span<const Document> put, std::span<const std::uint64_t> gone
    ) = 0;
    // By number.
    [[nodiscard]] virtual Result<std::vector<Document>> all(std::string_view kind) = 0;
};

class SqliteDocuments final : public Documents {
  public:
    // `store` outlives it.
    explicit SqliteDocuments(Store& store) : store_(store) {}
    [[nodiscard]] Status change(
        std::string_view kind, std::span<const Document> put, std::span<const std::uint64_t> gone
    ) override;
    [[nodiscard]] Result<std::vector<Document>> all(std::string_view kind) override;

  private:
    Store& store_;
};

}  // namespace phantom::store
