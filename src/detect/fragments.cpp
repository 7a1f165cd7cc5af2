#include "detect/fragments.h"

#include <algorithm>

namespace phantom::detect {

FragmentTable::Outcome FragmentTable::add(const Fragment& fragment) {
    Outcome outcome;
    if (fragment.offset + fragment.bytes.size() > kDatagramSizeMax) {
        outcome.too_large = true;
        return outcome;
    }
    const auto datagram = find(fragment);
    if (datagram->pieces.size() >= kFragmentsMax) {
        return outcome;
    }
    outcome.overlap = insert(*datagram, fragment);
    if (fragment.offset == 0 && datagram->header.empty()) {
        datagram->header.assign(fragment.header.begin(), fragment.header.end());
    }
    if (!fragment.more) {
        datagram->has_end = true;
        datagram->size = fragment.offset + fragment.bytes.size();
    }
    if (is_complete(*datagram)) {
        outcome.joined = join(*datagram);
        datagrams_.erase(datagram);
    }
    return outcome;
}

std::list<FragmentTable::Datagram>::iterator FragmentTable::find(const Fragment& fragment) {
    const auto found = std::ranges::find_if(datagrams_, [&](const Datagram& each) {
        return each.id == fragment.id && each.protocol == fragment.protocol &&
               each.source == fragment.source && each.destination == fragment.destination;
    });
    if (found != datagrams_.end()) {
        if (fragment.time_us - found->begun_us <= kFragmentLifetimeUs) {
            return found;
        }
        datagrams_.erase(found);
    }
    if (datagrams_.size() >= kUnfinishedDatagramsMax) {
        datagrams_.pop_front();
    }
    datagrams_.push_back(
        {.source = fragment.source,
         .destination = fragment.destination,
         .id = fragment.id,
         .protocol = fragment.protocol,
         .begun_us = fragment.time_us,
         .header = {},
         .pieces = {}}
    );
    return std::prev(datagrams_.end());
}

// Bytes that came first stay. True where the new ones lie on them.
bool FragmentTable::insert(Datagram& datagram, const Fragment& fragment) {
    bool overlap = false;
    std::size_t from = fragment.offset;
    const std::size_t end = fragment.offset + fragment.bytes.size();
    std::vector<Piece> added;
    const auto add_until = [&](std::size_t until) {
        if (from < until) {
            const ByteView part = fragment.bytes.subspan(from - fragment.offset, until - from);
            added.push_back({from, {part.begin(), part.end()}});
        }
    };
    for (const Piece& piece : datagram.pieces) {
        const std::size_t piece_end = piece.offset + piece.bytes.size();
        if (piece_end <= from || piece.offset >= end) {
            continue;
        }
        overlap = true;
        add_until(piece.offset);
        from = std::max(from, piece_end);
    }
    add_until(end);
    for (Piece& piece : added) {
        datagram.pieces.push_back(std::move(piece));
    }
    std::ranges::sort(datagram.pieces, {}, &Piece::offset);
    return overlap;
}

bool FragmentTable::is_complete(const Datagram& datagram) {
    if (!datagram.has_end || datagram.header.empty()) {
        return false;
    }
    std::size_t reached = 0;
    for (const Piece& piece : datagram.pieces) {
        if (piece.offset > reached) {
            return false;
        }
        reached = std::max(reached, piece.offset + piece.bytes.size());
    }
    return reached >= datagram.size;
}

FragmentTable::Joined FragmentTable::join(const Datagram& datagram) {
    Joined joined{.header = datagram.header, .bytes = {}};
    for (const Piece& piece : datagram.pieces) {
        joined.bytes.insert(joined.bytes.end(), piece.bytes.begin(), piece.bytes.end());
    }
    joined.bytes.resize(std::min(joined.bytes.size(), datagram.size));
    return joined;
}

}  // namespace phantom::detect
