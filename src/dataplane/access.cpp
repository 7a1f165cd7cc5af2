#include "dataplane/access.h"

namespace phantom::dataplane {

namespace {

std::uint32_t reply_lifetime_s(std::uint8_t protocol) {
    if (protocol == wire::kProtocolTcp) {
        return kTcpReplyS;
    }
    const bool icmp = protocol == policy::kProtocolIcmp || protocol == policy::kProtocolIcmpV6;
    return icmp ? kIcmpReplyS : kUdpReplyS;
}

// What went out matters under any policy.
constexpr std::uint32_t kAnyPolicy = 1;

// Marks a print as one of fragments: the identification field alone may be zero.
std::uint64_t fragment_key(std::uint32_t fragment_id) {
    return std::uint64_t{1} << 32U | fragment_id;
}

policy::Flow without_ports(const policy::Flow& flow) {
    return {.source = flow.source, .destination = flow.destination, .protocol = flow.protocol};
}

}  // namespace

// Says of a packet what policy::view_packet does, or nothing (access_test.cpp holds the two together).
std::optional<AccessFilter::Glance> AccessFilter::glance(ByteView packet, const wire::IpPacket& ip)
    const {
    const auto words = FlowHash::words_of(packet, ip);
    if (!words) {
        return std::nullopt;
    }
    const std::uint8_t* transport = packet.data() + ip.header_size;
    constexpr std::uint8_t kSynAndAck = 0x12;
    constexpr std::uint8_t kSyn = 0x02;
    const bool tcp = ip.protocol == wire::kProtocolTcp;
    return Glance{
        state_.hash.print(*words), ip.protocol, tcp && (transport[13] & kSynAndAck) == kSyn
    };
}

bool AccessFilter::judge(ByteView packet, const wire::IpPacket& ip) {
    if (const auto seen = glance(packet, ip)) {
        if (const auto* known = came_in_.find(seen->print, rules_->generation)) {
            return admits_known(static_cast<Known>(known->state), *seen);
        }
    }
    return judge_closely(packet, ip);
}

bool AccessFilter::judge_closely(ByteView packet, const wire::IpPacket& ip) {
    using enum policy::PacketView::Role;
    const auto view = policy::view_packet(packet, ip);
    if (!view) {
        return false;
    }
    switch (view->role) {
        case kWhole:
            return admits_flow(view->flow, view->begins_tcp);
        case kIcmpError:
            // The quoted packet went out from here: what would answer it?
            return admits_flow(view->flow.reversed(), false);
        case kFirstFragment: {
            const bool admitted = admits_flow(view->flow, view->begins_tcp);
            if (admitted) {
                came_in_.insert(
                    state_.hash.print(without_ports(view->flow), fragment_key(view->fragment_id)),
                    rules_->generation, static_cast<std::uint32_t>(Known::kGranted)
                );
            }
            return admitted;
        }
        case kLaterFragment:
            return came_in_.find(
                       state_.hash.print(view->flow, fragment_key(view->fragment_id)),
                       rules_->generation
                   ) != nullptr;
    }
    return false;
}

bool AccessFilter::admits_flow(const policy::Flow& flow, bool begins_tcp) {
    const FlowPrint print = state_.hash.print(flow);
    const FlowCache::Entry* known = came_in_.find(print, rules_->generation);
    if (known == nullptr) {
        const policy::CompiledPolicy& policy = *rules_->policy;
        const Known found = policy.allows(flow)              ? Known::kGranted
                            : policy.allows(flow.reversed()) ? Known::kAnswer
                                                             : Known::kNeither;
        known = &came_in_.insert(print, rules_->generation, static_cast<std::uint32_t>(found));
    }
    return admits_known(static_cast<Known>(known->state), {print, flow.protocol, begins_tcp});
}

bool AccessFilter::admits_known(Known known, const Glance& glance) const {
    switch (known) {
        case Known::kGranted:
            return true;
        case Known::kNeither:
            return false;
        case Known::kAnswer:
            break;
    }
    if (glance.begins_tcp) {
        return false;  // a question, in an answer's clothes
    }
    const std::uint32_t noted_s = state_.replies.noted_s(glance.print);
    return noted_s != 0 && now_s_ <= noted_s + reply_lifetime_s(glance.protocol);
}

void AccessFilter::remember(ByteView packet, const wire::IpPacket& ip) {
    using enum policy::PacketView::Role;
    if (const auto seen = glance(packet, ip)) {
        const FlowCache::Entry* known = went_out_.find(seen->print, kAnyPolicy);
        if (known != nullptr && now_s_ < known->state + kReplyRefreshS) {
            return;
        }
    }
    const auto view = policy::view_packet(packet, ip);
    if (!view || (view->role != kWhole && view->role != kFirstFragment)) {
        return;
    }
    const FlowPrint print = state_.hash.print(view->flow);
    const FlowCache::Entry* known = went_out_.find(print, kAnyPolicy);
    if (known != nullptr && now_s_ < known->state + kReplyRefreshS) {
        return;
    }
    went_out_.insert(print, kAnyPolicy, now_s_);
    state_.replies.note(state_.hash.print(view->flow.reversed()), now_s_);
}

}  // namespace phantom::dataplane
