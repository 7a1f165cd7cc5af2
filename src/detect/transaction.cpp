#include "detect/transaction.h"

#include <algorithm>

namespace phantom::detect {

void Transaction::add(BufferId id_of_buffer, Direction direction, std::string bytes) {
    if (buffers.size() >= kBuffersMax) {
        return;
    }
    if (bytes.size() > kBufferSizeMax) {
        bytes.resize(kBufferSizeMax);
    }
    held += bytes.size();
    buffers.push_back({id_of_buffer, direction, std::move(bytes)});
}

void Transaction::append_body(Direction direction, ByteView part) {
    std::vector<std::uint8_t>& body = of(direction).body;
    const std::size_t size =
        std::min(part.size(), kBodySizeMax - std::min(body.size(), kBodySizeMax));
    body.insert(body.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(size));
    held += size;
}

std::vector<ByteView> Transaction::views(BufferId id_of_buffer, Direction direction) const {
    const bool is_body = id_of_buffer == BufferId::kHttpRequestBody ||
                         id_of_buffer == BufferId::kHttpResponseBody ||
                         (id_of_buffer == BufferId::kFileData && direction == Direction::kToClient);
    std::vector<ByteView> found;
    if (is_body) {
        if (!of(direction).body.empty()) {
            found.emplace_back(of(direction).body);
        }
        return found;
    }
    for (const Buffer& each : buffers) {
        if (each.id == id_of_buffer && each.direction == direction) {
            found.emplace_back(
                reinterpret_cast<const std::uint8_t*>(each.bytes.data()), each.bytes.size()
            );
        }
    }
    return found;
}

std::string_view Transaction::text(BufferId id_of_buffer) const {
    const auto found = std::ranges::find(buffers, id_of_buffer, &Buffer::id);
    return found == buffers.end() ? std::string_view() : std::string_view(found->bytes);
}

Transactions::Shared Transactions::begin() {
    if (all_.size() >= kTransactionsMax) {
        all_.pop_front();
    }
    all_.push_back(std::make_shared<Transaction>(next_id_++));
    return all_.back();
}

Transactions::Shared Transactions::first_open(Direction direction) {
    for (const auto& each : all_) {
        if (each->of(direction).stage != Stage::kComplete) {
            return each;
        }
    }
    return nullptr;
}

std::size_t Transactions::held() const {
    std::size_t total = 0;
    for (const Shared& each : all_) {
        total += sizeof(Transaction) + each->held;
    }
    return total;
}

void Transactions::drop_finished() {
    while (!all_.empty() && all_.front()->is_complete() && all_.front()->sides[0].is_inspected &&
           all_.front()->sides[1].is_inspected) {
        all_.pop_front();
    }
}

}  // namespace phantom::detect
