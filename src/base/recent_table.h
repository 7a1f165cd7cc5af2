#pragma once

// A bounded table: the least recently used goes when there are too many. With a hash, whose key nobody outside
// may know; or without one, in the order of the keys.

#include <cstddef>
#include <list>
#include <map>
#include <type_traits>
#include <unordered_map>
#include <utility>

namespace phantom {

template <class Key, class Value, std::size_t Max, class Hash = void>
class RecentTable {
    using Order = std::list<std::pair<Key, Value>>;
    using Place = typename Order::iterator;
    using Places = std::conditional_t<
        std::is_void_v<Hash>, std::map<Key, Place>, std::unordered_map<Key, Place, Hash>>;
    struct NoHash {};

  public:
    RecentTable()
        requires std::is_void_v<Hash>
    = default;
    explicit RecentTable(const std::conditional_t<std::is_void_v<Hash>, NoHash, Hash>& hash)
        requires(!std::is_void_v<Hash>)
        : places_(0, hash) {}
    // A copy's places would be those of the other one.
    RecentTable(const RecentTable&) = delete;
    RecentTable& operator=(const RecentTable&) = delete;
    RecentTable(RecentTable&&) = default;
    RecentTable& operator=(RecentTable&&) = default;
    ~RecentTable() = default;

    [[nodiscard]] std::size_t size() const { return places_.size(); }
    // Null where there is none. It is not used by being looked at.
    [[nodiscard]] Value* find(const Key& key) {
        const auto found = places_.find(key);
        return found == places_.end() ? nullptr : &found->second->second;
    }
    // New where there was none.
    [[nodiscard]] Value& of(const Key& key) {
        if (const auto found = places_.find(key); found != places_.end()) {
            order_.splice(order_.end(), order_, found->second);
            return found->second->second;
        }
        if (order_.size() == Max) {
            places_.erase(order_.front().first);
            order_.pop_front();
        }
        order_.emplace_back(key, Value{});
        places_.emplace(key, std::prev(order_.end()));
        return order_.back().second;
    }
    // Of each, the least recently used first: true, and it goes.
    template <class Goes>
    void erase_if(Goes goes) {
        for (auto each = order_.begin(); each != order_.end();) {
            if (goes(each->second)) {
                places_.erase(each->first);
                each = order_.erase(each);
            } else {
                ++each;
            }
        }
    }
    void erase(const Key& key) {
        if (const auto found = places_.find(key); found != places_.end()) {
            order_.erase(found->second);
            places_.erase(found);
        }
    }

  private:
    Order order_;
    Places places_;
};

}  // namespace phantom
