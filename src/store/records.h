#pragma once

// What a component has to know again after a crash: texts of its own making, by kind and key. Each call is on the
// disk when it returns, unless it is made inside Store::in_transaction, which then decides.

#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace phantom::store {

struct Record {
    std::string key;
    std::string value;
};

class Records {
  public:
    // `store` outlives it.
    explicit Records(Store& store) : store_(store) {}

    // The one that was there is replaced.
    [[nodiscard]] Status put(std::string_view kind, const Record& record);
    // Also where there is none.
    [[nodiscard]] Status remove(std::string_view kind, std::string_view key);
    // By key, at most so many.
    [[nodiscard]] Result<std::vector<Record>> all(std::string_view kind, std::size_t count_max);

  private:
    Store& store_;
};

}  // namespace phantom::store
