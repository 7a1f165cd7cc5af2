#include "names/forwarder.h"

#include "base/assert.h"

namespace phantom::names {

void Forwarder::set_servers(std::vector<wire::SocketAddress> servers) {
    servers.resize(std::min(servers.size(), kUpstreamsMax));
    servers_ = std::move(servers);
}

std::optional<Forwarder::Attempt> Forwarder::begin(
    ByteView message, const Pending& pending, Instant now, Random& random
) {
    const auto free = std::ranges::find(entries_, false, &Entry::used);
    if (servers_.empty() || free == entries_.end() || message.size() > kForwardQuerySizeMax) {
        return std::nullopt;
    }
    PM_ASSERT(pending.query.question.has_value());
    free->used = true;
    free->pending = pending;
    free->message.assign(message.begin(), message.end());
    free->attempts = 0;
    return attempt(static_cast<Slot>(free - entries_.begin()), now, random);
}

Forwarder::Attempt Forwarder::attempt(Slot slot, Instant now, Random& random) {
    Entry& entry = entries_[slot];
    const wire::SocketAddress& server = servers_[entry.attempts % servers_.size()];
    ++entry.attempts;
    entry.deadline = now + kForwardPatience;
    entry.id = static_cast<std::uint16_t>(random.below(0x10000));
    store_be(entry.message.data(), entry.id);
    return {slot, server, entry.message, entry.pending.stream};
}

bool Forwarder::accept(Slot slot, MutableBytes reply) {
    Entry& entry = entries_[slot];
    const auto parsed = wire::parse_dns_reply(reply);
    if (!entry.used || !parsed || parsed->id != entry.id ||
        parsed->question != entry.pending.query.question) {
        return false;
    }
    store_be(reply.data(), entry.pending.query.id);
    entry.used = false;
    return true;
}

std::vector<Forwarder::Slot> Forwarder::due(Instant now) const {
    std::vector<Slot> slots;
    for (Slot slot = 0; slot < entries_.size(); ++slot) {
        if (entries_[slot].used && entries_[slot].deadline <= now) {
            slots.push_back(slot);
        }
    }
    return slots;
}

std::optional<Forwarder::Attempt> Forwarder::retry(Slot slot, Instant now, Random& random) {
    Entry& entry = entries_[slot];
    PM_ASSERT(entry.used);
    if (entry.attempts >= kForwardAttemptsMax || servers_.empty()) {
        entry.used = false;
        return std::nullopt;
    }
    return attempt(slot, now, random);
}

std::size_t Forwarder::pending_count() const {
    return static_cast<std::size_t>(std::ranges::count(entries_, true, &Entry::used));
}

}  // namespace phantom::names
