#pragma once

// What parsers keep from one line for a later one, by name and key, for a while.

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <string_view>

namespace phantom::scenario {

inline constexpr std::size_t kStashEntriesMax = 10'000;
inline constexpr std::size_t kStashesMax = 64;

class Stash {
  public:
    // At most `entries_max` are kept, the newest.
    [[nodiscard]] bool declare(
        const std::string& name, std::size_t entries_max, std::int64_t ttl_ns
    );
    void put(std::string_view name, std::string key, std::string value, std::int64_t now_ns);
    // "" where there is nothing, or nothing any more.
    [[nodiscard]] std::string get(std::string_view name, std::string_view key, std::int64_t now_ns)
        const;

  private:
    struct Entry {
        std::string key;
        std::string value;
        std::int64_t expires_ns;
    };
    struct Drawer {
        std::size_t entries_max;
        std::int64_t ttl_ns;
        std::list<Entry> entries;  // the newest last
    };
    std::map<std::string, Drawer, std::less<>> drawers_;
};

}  // namespace phantom::scenario
