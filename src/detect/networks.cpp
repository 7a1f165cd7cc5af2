#include "detect/networks.h"

#include <fmt/format.h>

#include "detect/text.h"

namespace phantom::detect {

namespace {

using AddressItem = AddressList::Item;
using PortItem = PortList::Item;

OrReason<AddressItem> address_leaf(std::string_view text) {
    const std::size_t dash = text.find('-');
    if (dash != std::string_view::npos) {
        const auto low = wire::Address::parse(trimmed(text.substr(0, dash)));
        const auto high = wire::Address::parse(trimmed(text.substr(dash + 1)));
        if (!low || !high || low->family != high->family || *high < *low) {
            return std::unexpected(fmt::format("\"{}\" is no range of addresses", text));
        }
        return AddressItem{.low = AddressKey::of(*low), .high = AddressKey::of(*high), .items = {}};
    }
    const auto prefix = wire::Prefix::parse(text);
    if (!prefix) {
        return std::unexpected(fmt::format("\"{}\" is no address", text));
    }
    wire::Address last = prefix->address;
    for (unsigned bit = prefix->length; bit < last.bit_count(); ++bit) {
        last.bytes[bit / 8] = static_cast<std::uint8_t>(last.bytes[bit / 8] | 0x80U >> (bit % 8));
    }
    return AddressItem{
        .low = AddressKey::of(prefix->address), .high = AddressKey::of(last), .items = {}
    };
}

OrReason<PortItem> port_leaf(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view first = trimmed(text.substr(0, colon));
    const std::string_view second =
        colon == std::string_view::npos ? first : trimmed(text.substr(colon + 1));
    const auto low =
        first.empty() && colon != std::string_view::npos ? 0 : number<std::uint16_t>(first);
    const auto high =
        second.empty() && colon != std::string_view::npos ? 65'535 : number<std::uint16_t>(second);
    if (!low || !high || *low > *high) {
        return std::unexpected(fmt::format("\"{}\" is no port", text));
    }
    return PortItem{.low = *low, .high = *high, .items = {}};
}

// Lists in lists and variables in both; `leaf` reads what is neither.
template <class Item, class Leaf>
struct ListParser {
    const Variables& variables;
    Leaf leaf;
    std::size_t count = 0;

    // No item at all stands for "any".
    OrReason<std::vector<Item>> parse(std::string_view text, unsigned depth) {
        if (depth > kListNestingMax || ++count > kListItemsMax) {
            return std::unexpected("the list is nested too deep, or too long");
        }
        text = trimmed(text);
        bool negated = false;
        while (text.starts_with('!')) {
            negated = !negated;
            text = trimmed(text.substr(1));
        }
        std::vector<Item> items;
        if (text.starts_with('[') && text.ends_with(']')) {
            items = PM_TRY_REASON(members(text.substr(1, text.size() - 2), depth));
        } else if (text.starts_with('$')) {
            const std::string value = PM_TRY_REASON(variables.value(text.substr(1)));
            items = PM_TRY_REASON(parse(value, depth + 1));
        } else if (text != "any") {
            items.push_back(PM_TRY_REASON(leaf(text)));
        }
        if (!negated) {
            return items;
        }
        if (items.empty()) {
            return std::unexpected("\"!any\" is nothing at all");
        }
        Item all;
        all.negated = true;
        all.items = std::move(items);
        return std::vector<Item>{std::move(all)};
    }

    OrReason<std::vector<Item>> members(std::string_view text, unsigned depth) {
        const auto parts = split_list(text);
        if (!parts) {
            return std::unexpected("brackets do not match");
        }
        std::vector<Item> items;
        for (const std::string_view part : *parts) {
            std::vector<Item> inner = PM_TRY_REASON(parse(part, depth + 1));
            if (inner.empty()) {
                return std::vector<Item>{};  // any
            }
            if (inner.size() == 1) {
                items.push_back(std::move(inner.front()));
            } else {
                Item list;
                list.items = std::move(inner);
                items.push_back(std::move(list));
            }
        }
        return items;
    }
};

template <class List, class Leaf>
OrReason<List> parse_list(std::string_view text, const Variables& variables, Leaf leaf) {
    ListParser<typename List::Item, Leaf> parser{variables, leaf};
    List list;
    for (auto& item : PM_TRY_REASON(parser.parse(text, 0))) {
        list.add(std::move(item));
    }
    return list;
}

}  // namespace

Variables Variables::defaults() {
    Variables variables;
    variables.set("HOME_NET", "[192.168.0.0/16,10.0.0.0/8,172.16.0.0/12]");
    variables.set("EXTERNAL_NET", "!$HOME_NET");
    for (const char* name :
         {"HTTP_SERVERS", "SMTP_SERVERS", "SQL_SERVERS", "DNS_SERVERS", "TELNET_SERVERS",
          "AIM_SERVERS", "DC_SERVERS", "DNP3_SERVER", "DNP3_CLIENT", "MODBUS_CLIENT",
          "MODBUS_SERVER", "ENIP_CLIENT", "ENIP_SERVER"}) {
        variables.set(name, "$HOME_NET");
    }
    variables.set("HTTP_PORTS", "80");
    variables.set("SHELLCODE_PORTS", "!80");
    variables.set("ORACLE_PORTS", "1521");
    variables.set("SSH_PORTS", "22");
    variables.set("DNP3_PORTS", "20000");
    variables.set("MODBUS_PORTS", "502");
    variables.set("FILE_DATA_PORTS", "[$HTTP_PORTS,110,143]");
    variables.set("FTP_PORTS", "21");
    variables.set("GENEVE_PORTS", "6081");
    variables.set("VXLAN_PORTS", "4789");
    variables.set("TEREDO_PORTS", "3544");
    variables.set("SIP_PORTS", "[5060,5061]");
    return variables;
}

Variables Variables::of_mesh() {
    Variables variables = defaults();
    variables.set("HOME_NET", "any");
    variables.set("EXTERNAL_NET", "any");
    return variables;
}

OrReason<std::string> Variables::value(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) {
        return std::unexpected(fmt::format("the variable ${} has no value", name));
    }
    return found->second;
}

OrReason<AddressList> parse_addresses(std::string_view text, const Variables& variables) {
    return parse_list<AddressList>(text, variables, address_leaf);
}

OrReason<PortList> parse_ports(std::string_view text, const Variables& variables) {
    return parse_list<PortList>(text, variables, port_leaf);
}

}  // namespace phantom::detect
