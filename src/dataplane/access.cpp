#include "dataplane/access.h"

namespace phantom::dataplane {

namespace {

std::uint32_t reply_lifetime_s(const policy::Flow& flow) {
    if (flow.protocol == wire::kProtocolTcp) {
        return kTcpReplyS;
    }
    return flow.is_icmp() ? kIcmpReplyS : kUdpReplyS;
}

// Marks a print as one of fragments: the identification field alone may be zero.
std::uint64_t fragment_key(std::uint32_t fragment_id) {
    return std::uint64_t{1} << 32U | fragment_id;
}

policy::Flow without_ports(const policy::Flow& flow) {
    return {.source = flow.source, .destination = flow.destination, .protocol = flow.protocol};
}

}  // namespace

bool AccessFilter::judge(ByteView packet, const wire::IpPacket& ip) {
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
    switch (static_cast<Known>(known->state)) {
        case Known::kGranted:
            return true;
        case Known::kNeither:
            return false;
        case Known::kAnswer:
            break;
    }
    if (begins_tcp) {
        return false;  // a question, in an answer's clothes
    }
    const std::uint32_t noted_s = state_.replies.noted_s(print);
    return noted_s != 0 && now_s_ <= noted_s + reply_lifetime_s(flow);
}

void AccessFilter::remember(ByteView packet, const wire::IpPacket& ip) {
    using enum policy::PacketView::Role;
    const auto view = policy::view_packet(packet, ip);
    if (!view || (view->role != kWhole && view->role != kFirstFragment)) {
        return;
    }
    const FlowPrint print = state_.hash.print(view->flow);
    // What went out matters under any policy: generation 1 for all.
    FlowCache::Entry* known = went_out_.find(print, 1);
    if (known != nullptr && now_s_ < known->state + kReplyRefreshS) {
        return;
    }
    went_out_.insert(print, 1, now_s_);
    state_.replies.note(state_.hash.print(view->flow.reversed()), now_s_);
}

}  // namespace phantom::dataplane
