#pragma once

// A bounded table: the least recently used goes when there are too many.

#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>

namespace phantom::behaviour {

template <class Key, class Value, std::size_t Max, class Hash>
class RecentTable {
  public:
    explicit RecentTable(const Hash& hash) : places_(0, hash) {}
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
    using Order = std::list<std::pair<Key, Value>>;
    Order order_;
    std::unordered_map<Key, typename Order::iterator, Hash> places_;
};

}  // namespace phantom::behaviour
