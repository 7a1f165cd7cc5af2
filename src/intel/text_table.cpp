#include "intel/text_table.h"

#include <algorithm>
#include <tuple>

namespace phantom::intel {

TextTable::TextTable(std::vector<Record> records, const HashKey& key)
    : key_(key), records_(std::move(records)), slots_(records_.size()), filter_(records_.size()) {
    const auto order = [](const Record& record) { return std::tie(record.kind, record.text); };
    std::ranges::sort(records_, {}, [](const Record& record) {
        return std::tie(record.kind, record.text, record.feed);
    });
    for (std::uint32_t at = 0; at < records_.size(); ++at) {
        if (at > 0 && order(records_[at - 1]) == order(records_[at])) {
            continue;
        }
        const Record& record = records_[at];
        std::uint64_t hash = 0;
        for (std::size_t left = record.text.size(); left-- > 0;) {
            hash = key_.step(hash, record.text[left]);
        }
        hash = key_.finished(hash, static_cast<std::uint64_t>(record.kind));
        slots_.add(hash, at);
        filter_.add(hash);
    }
}

bool TextTable::same(TextKind kind, std::string_view record, std::string_view asked) {
    if (kind != TextKind::kDomain) {
        return record == asked;
    }
    return std::ranges::equal(record, asked, {}, {}, lowered);
}

std::size_t TextTable::size_bytes() const {
    std::size_t texts = 0;
    for (const Record& record : records_) {
        texts += record.text.capacity();
    }
    return records_.capacity() * sizeof(Record) + texts + slots_.size_bytes() +
           filter_.size_bytes();
}

}  // namespace phantom::intel
