#include "intel/network_table.h"

#include <algorithm>
#include <tuple>

namespace phantom::intel {

NetworkTable::NetworkTable(std::vector<Record> records, const HashKey& key)
    : key_(key), records_(std::move(records)), slots_(records_.size()), filter_(records_.size()) {
    std::ranges::sort(records_, {}, [](const Record& record) {
        return std::tie(record.network, record.feed);
    });
    std::bitset<129> seen_v4;
    std::bitset<129> seen_v6;
    for (std::uint32_t at = 0; at < records_.size(); ++at) {
        const wire::Prefix& network = records_[at].network;
        if (at > 0 && records_[at - 1].network == network) {
            continue;
        }
        const std::uint64_t hash =
            hash_of(halves_of(network.address), network.length, network.address.family);
        slots_.add(hash, at);
        filter_.add(hash);
        (network.address.family == wire::Family::kV4 ? seen_v4 : seen_v6).set(network.length);
    }
    for (unsigned length = 129; length-- > 0;) {
        if (seen_v4.test(length)) {
            lengths_v4_.push_back(static_cast<std::uint8_t>(length));
        }
        if (seen_v6.test(length)) {
            lengths_v6_.push_back(static_cast<std::uint8_t>(length));
        }
    }
}

bool NetworkTable::covers(const wire::Prefix& network) const {
    bool found = false;
    each_of(network.address, network.length, [&](const Record&) {
        found = true;
        return false;
    });
    return found;
}

std::size_t NetworkTable::size_bytes() const {
    return records_.capacity() * sizeof(Record) + slots_.size_bytes() + filter_.size_bytes();
}

}  // namespace phantom::intel
