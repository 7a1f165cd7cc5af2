#pragma once

// What a component has to know again after a crash: texts of its own making, by kind and key. Its owner writes and reads
// them whole. Each call is on the disk when it returns; put and remove may be made inside Store::in_transaction, which
// then decides.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace phantom::store {

// Read at once, unless it is said otherwise.
inline constexpr std::size_t kRecordsReadMax = 1'000'000;

struct Record {
    std::string key;
    std::string value;
    friend bool operator==(const Record&, const Record&) = default;
};

// A number as a key: keys are then in the order of numbers.
[[nodiscard]] std::string number_key(std::uint64_t number);
[[nodiscard]] std::vector<std::string> number_keys(std::span<const std::uint64_t> numbers);
// 0: it is none.
[[nodiscard]] std::uint64_t number_of_key(std::string_view key);

class Records {
  public:
    // `store` outlives it.
    explicit Records(Store& store) : store_(store) {}

    // The one that was there is replaced.
    [[nodiscard]] Status put(std::string_view kind, const Record& record);
    // Also where there is none.
    [[nodiscard]] Status remove(std::string_view kind, std::string_view key);
    // Both for several: all or nothing. Not inside a transaction.
    [[nodiscard]] Status change(
        std::string_view kind, std::span<const Record> put, std::span<const std::string> gone
    );
    // By key, at most so many.
    [[nodiscard]] Result<std::vector<Record>> all(
        std::string_view kind, std::size_t count_max = kRecordsReadMax
    );

  private:
    Store& store_;
};

}  // namespace phantom::store
