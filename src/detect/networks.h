#pragma once

// The addresses and ports of a rule's header: lists with negation, and names for such lists.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "detect/reason.h"
#include "wire/address.h"

namespace phantom::detect {

inline constexpr unsigned kListNestingMax = 8;
inline constexpr std::size_t kListItemsMax = 4096;

// Values of HOME_NET and its kin, as they are written in a rule.
class Variables {
  public:
    // What an installation has that says nothing else.
    [[nodiscard]] static Variables defaults();
    // As a node of a mesh has them: members attack members, so no side is the home network alone.
    [[nodiscard]] static Variables of_mesh();

    void set(std::string name, std::string value) { values_[std::move(name)] = std::move(value); }
    [[nodiscard]] OrReason<std::string> value(std::string_view name) const;

  private:
    std::map<std::string, std::string, std::less<>> values_;
};

// A list holds what none of its negated members hold, and one of the others, where there are any.
template <class Value>
class ListOf {
  public:
    struct Item {
        bool negated = false;
        Value low{};
        Value high{};
        std::vector<Item> items;  // where it is a list itself
    };

    [[nodiscard]] bool is_any() const { return items_.empty(); }
    [[nodiscard]] bool holds(const Value& value) const {
        return items_.empty() || list_holds(items_, value);
    }
    void add(Item item) { items_.push_back(std::move(item)); }
    [[nodiscard]] const std::vector<Item>& items() const { return items_; }

  private:
    static bool item_holds(const Item& item, const Value& value) {
        return item.items.empty() ? item.low <= value && value <= item.high
                                  : list_holds(item.items, value);
    }
    static bool list_holds(const std::vector<Item>& items, const Value& value) {
        bool has_positive = false;
        bool held = false;
        for (const Item& item : items) {
            if (item.negated) {
                if (item_holds(item, value)) {
                    return false;
                }
            } else {
                has_positive = true;
                held = held || item_holds(item, value);
            }
        }
        return held || !has_positive;
    }

    std::vector<Item> items_;
};

// Families do not meet: an IPv4 range holds no IPv6 address.
struct AddressKey {
    wire::Family family = wire::Family::kNone;
    std::array<std::uint8_t, 16> bytes{};

    friend auto operator<=>(const AddressKey&, const AddressKey&) = default;
    [[nodiscard]] static AddressKey of(const wire::Address& address) {
        return {address.family, address.bytes};
    }
};

using AddressList = ListOf<AddressKey>;
using PortList = ListOf<std::uint16_t>;

[[nodiscard]] OrReason<AddressList> parse_addresses(
    std::string_view text, const Variables& variables
);
[[nodiscard]] OrReason<PortList> parse_ports(std::string_view text, const Variables& variables);

}  // namespace phantom::detect
