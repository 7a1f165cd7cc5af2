#include "policy/compiled.h"

#include <algorithm>

namespace phantom::policy {

namespace {

using AddressRange = IntervalTable<AddressKey>::Range;
using PortRange = IntervalTable<std::uint32_t>::Range;

AddressKey key_of(const wire::Address& address) {
    AddressKey key;
    key.bytes[0] = static_cast<std::uint8_t>(address.family);
    std::ranges::copy(address.bytes, key.bytes.begin() + 1);
    return key;
}

// The key behind the last address of the prefix.
AddressKey end_of(const wire::Prefix& prefix) {
    AddressKey key = key_of(prefix.address);
    for (std::size_t bit = prefix.length; bit < 128; ++bit) {
        key.bytes[1 + bit / 8] |= static_cast<std::uint8_t>(0x80U >> bit % 8);
    }
    for (std::size_t at = key.bytes.size(); at-- > 0;) {
        if (++key.bytes[at] != 0) {
            break;
        }
    }
    return key;
}

// The prefixes among a list's selectors, for the grant.
void add_ranges(
    const std::vector<Selector>& selectors, std::size_t grant, std::vector<AddressRange>& ranges
) {
    for (const Selector& each : selectors) {
        if (each.kind == Selector::Kind::kPrefix) {
            ranges.push_back({key_of(each.prefix.address), end_of(each.prefix), grant});
        }
    }
}

bool covers_any(
    const std::vector<Selector>& selectors, const Member& member, const Document& document
) {
    return std::ranges::any_of(selectors, [&](const Selector& each) {
        return covers(each, member, document);
    });
}

bool is_this_address(const wire::Prefix& prefix, const wire::Address& address) {
    return prefix.length == address.bit_count() && prefix.address == address;
}

}  // namespace

bool covers(const Selector& selector, const Member& member, const Document& document) {
    switch (selector.kind) {
        case Selector::Kind::kEveryone:
            return true;
        case Selector::Kind::kNode:
            return member.name == selector.name;
        case Selector::Kind::kTag:
            return std::ranges::find(member.tags, selector.name) != member.tags.end();
        case Selector::Kind::kGroup: {
            const auto group = document.groups.find(selector.name);
            return group != document.groups.end() && covers_any(group->second, member, document);
        }
        case Selector::Kind::kPrefix:
            return std::ranges::any_of(member.addresses, [&](const wire::Address& address) {
                return is_this_address(selector.prefix, address);
            });
    }
    return false;
}

CompiledPolicy::CompiledPolicy(Document document, std::vector<Member> members)
    : document_(std::move(document)), members_(std::move(members)) {
    std::vector<AddressRange> sources;
    std::vector<AddressRange> destinations;
    for (std::size_t index = 0; index < document_.grants.size(); ++index) {
        add_ranges(document_.grants[index].sources, index, sources);
        add_ranges(document_.grants[index].destinations, index, destinations);
    }
    sources_ = IntervalTable<AddressKey>(sources);
    destinations_ = IntervalTable<AddressKey>(destinations);
    add_services();
    for (const Member& member : members_) {
        for (const wire::Address& address : member.addresses) {
            add_subject({member.name, member.tags, {address}});
        }
    }
    std::ranges::sort(subjects_, {}, &Subject::address);
}

void CompiledPolicy::add_services() {
    std::vector<PortRange> tcp;
    std::vector<PortRange> udp;
    for (std::size_t index = 0; index < document_.grants.size(); ++index) {
        for (const Service& service : document_.grants[index].services) {
            const PortRange ports{service.port_first, service.port_last + std::uint32_t{1}, index};
            const bool any = service.protocol == Protocol::kAny;
            if (any || service.protocol == Protocol::kTcp) {
                tcp.push_back(ports);
            }
            if (any || service.protocol == Protocol::kUdp) {
                udp.push_back(ports);
            }
            if (any || service.protocol == Protocol::kIcmp) {
                icmp_.add(index);
            }
            if (any) {
                any_.add(index);
            }
        }
    }
    tcp_ = IntervalTable<std::uint32_t>(tcp);
    udp_ = IntervalTable<std::uint32_t>(udp);
}

// `member` with one of its addresses: a grant may name that one and not the other.
void CompiledPolicy::add_subject(const Member& member) {
    Subject& subject = subjects_.emplace_back();
    subject.address = member.addresses.front();
    for (std::size_t index = 0; index < document_.grants.size(); ++index) {
        if (covers_any(document_.grants[index].sources, member, document_)) {
            subject.as_source.add(index);
        }
        if (covers_any(document_.grants[index].destinations, member, document_)) {
            subject.as_destination.add(index);
        }
    }
}

const CompiledPolicy::Subject* CompiledPolicy::find(const wire::Address& address) const {
    const auto at = std::ranges::lower_bound(subjects_, address, {}, &Subject::address);
    return at == subjects_.end() || at->address != address ? nullptr : &*at;
}

GrantSet CompiledPolicy::grants_between(
    const wire::Address& source, const wire::Address& destination
) const {
    const Subject* from = find(source);
    const Subject* to = find(destination);
    return (from != nullptr ? from->as_source : sources_.find(key_of(source))) &
           (to != nullptr ? to->as_destination : destinations_.find(key_of(destination)));
}

GrantSet CompiledPolicy::grants_for(const Flow& flow) const {
    if (flow.protocol == wire::kProtocolTcp) {
        return tcp_.find(flow.destination_port);
    }
    if (flow.protocol == wire::kProtocolUdp) {
        return udp_.find(flow.destination_port);
    }
    return flow.is_icmp() ? icmp_ : any_;
}

std::optional<std::size_t> CompiledPolicy::grant_of(const Flow& flow) const {
    return (grants_between(flow.source, flow.destination) & grants_for(flow)).first();
}

}  // namespace phantom::policy
