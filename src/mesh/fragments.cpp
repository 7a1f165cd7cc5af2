#include "mesh/fragments.h"

#include <algorithm>

#include "base/assert.h"
#include "crypto/noise.h"

namespace phantom::mesh {

namespace {

template <class Name>
Name name_of(ByteView message) {
    const crypto::Hash hash = crypto::blake2s(message);
    Name name;
    std::copy_n(hash.begin(), name.size(), name.begin());
    return name;
}

}  // namespace

std::vector<Message> cut(ByteView message) {
    PM_ASSERT(!message.empty());
    PM_ASSERT(message.size() <= kMessageSizeMax);
    const auto name = name_of<std::array<std::uint8_t, 8>>(message);
    const std::size_t count = (message.size() + kFragmentDataMax - 1) / kFragmentDataMax;
    std::vector<Message> fragments(count);
    for (std::size_t index = 0; index < count; ++index) {
        const std::size_t at = index * kFragmentDataMax;
        const ByteView part = message.subspan(at, std::min(kFragmentDataMax, message.size() - at));
        Message& fragment = fragments[index];
        fragment.reserve(kFragmentHeaderSize + part.size());
        fragment.assign(name.begin(), name.end());
        fragment.push_back(static_cast<std::uint8_t>(index));
        fragment.push_back(static_cast<std::uint8_t>(count));
        fragment.insert(fragment.end(), part.begin(), part.end());
    }
    return fragments;
}

std::optional<Message> Assembler::add(ByteView fragment, Instant now) {
    if (fragment.size() <= kFragmentHeaderSize) {
        return std::nullopt;
    }
    Name name;
    std::copy_n(fragment.begin(), name.size(), name.begin());
    const std::size_t index = fragment[8];
    const std::size_t count = fragment[9];
    const ByteView data = fragment.subspan(kFragmentHeaderSize);
    const bool is_last = index + 1 == count;
    if (count == 0 || count > kFragmentCountMax || index >= count ||
        data.size() > kFragmentDataMax || (!is_last && data.size() != kFragmentDataMax)) {
        return std::nullopt;
    }
    Partial& partial = slot_for(name, count, now);
    partial.present |= 1U << index;
    std::ranges::copy(
        data, partial.bytes.begin() + static_cast<std::ptrdiff_t>(index * kFragmentDataMax)
    );
    if (is_last) {
        partial.size = index * kFragmentDataMax + data.size();
    }
    if (partial.present != (1U << count) - 1) {
        return std::nullopt;
    }
    Message whole = std::move(partial.bytes);
    whole.resize(partial.size);
    partial = {};
    // Fragments of different messages under one name would end here.
    return name_of<Name>(whole) == name ? std::optional(std::move(whole)) : std::nullopt;
}

Assembler::Partial& Assembler::slot_for(const Name& name, std::size_t fragment_count, Instant now) {
    for (Partial& partial : partials_) {
        if (!partial.begun.is_never() && partial.name == name &&
            partial.fragment_count == fragment_count) {
            return partial;
        }
    }
    Partial& oldest = *std::ranges::min_element(partials_, {}, &Partial::begun);
    oldest = {
        .name = name,
        .begun = now,
        .fragment_count = fragment_count,
        .bytes = Message(fragment_count * kFragmentDataMax),
    };
    return oldest;
}

}  // namespace phantom::mesh
