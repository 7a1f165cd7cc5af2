#include "names/resolver.h"

#include "base/assert.h"

namespace phantom::names {

namespace {

using wire::DnsCode;
using wire::DnsQuestion;
using wire::DnsType;
using wire::DnsWriter;

// The second label of an IPv4 address's reverse name is a zone of its own, so that 64.100.in-addr.arpa
// up to 127.100.in-addr.arpa can be ours and the rest of 100.in-addr.arpa is not (RFC 7793 section 2).
constexpr std::size_t kV4ReverseZoneLabels = 4;
// The mesh's /64.
constexpr std::size_t kV6ReverseZoneLabels = 18;
constexpr std::uint8_t kMeshPrefixLength = 64;

DnsWriter::Soa soa_of(const wire::DnsName& zone, const Members& members) {
    return {
        .zone = zone,
        .primary = name_of_member(members.self().name),
        .mailbox = zone,  // nobody reads mail for it
        .ttl_s = kTtlS,
        .negative_ttl_s = kTtlS,
    };
}

// NXDOMAIN, or NODATA where the name is known.
void answer_none(
    DnsWriter& writer, bool name_exists, const wire::DnsName& zone, const Members& members
) {
    writer.set_code(name_exists ? DnsCode::kNoError : DnsCode::kNameError);
    writer.authority(soa_of(zone, members));
}

void answer_apex(DnsWriter& writer, const DnsQuestion& question, const Members& members) {
    const bool any = question.is(DnsType::kAny);
    if (!any && !question.is(DnsType::kSoa) && !question.is(DnsType::kNs)) {
        answer_none(writer, true, mesh_zone(), members);
        return;
    }
    if (any || question.is(DnsType::kSoa)) {
        writer.answer(soa_of(mesh_zone(), members));
    }
    if (any || question.is(DnsType::kNs)) {
        writer.answer(DnsType::kNs, kTtlS, name_of_member(members.self().name));
    }
}

void answer_member(DnsWriter& writer, const DnsQuestion& question, const Members& members) {
    const auto name = member_name(question.name);
    const auto member = name ? members.by_name(*name) : std::nullopt;
    if (!member) {
        answer_none(writer, false, mesh_zone(), members);
        return;
    }
    const bool any = question.is(DnsType::kAny);
    const bool v4 = (any || question.is(DnsType::kA)) && !member->v4.is_none();
    const bool v6 = (any || question.is(DnsType::kAaaa)) && !member->v6.is_none();
    if (!v4 && !v6) {
        answer_none(writer, true, mesh_zone(), members);
        return;
    }
    if (v4) {
        writer.answer(kTtlS, member->v4);
    }
    if (v6) {
        writer.answer(kTtlS, member->v6);
    }
}

void answer_reverse(
    DnsWriter& writer, const DnsQuestion& question, const wire::Address& address,
    const Members& members
) {
    const auto member = members.by_address(address);
    const bool asked = question.is(DnsType::kPtr) || question.is(DnsType::kAny);
    if (member && asked) {
        writer.answer(DnsType::kPtr, kTtlS, name_of_member(member->name));
        return;
    }
    const bool v4 = address.family == wire::Family::kV4;
    const std::size_t labels = v4 ? kV4ReverseZoneLabels : kV6ReverseZoneLabels;
    answer_none(writer, member.has_value(), question.name.suffix(labels), members);
}

bool is_of_mesh(const wire::Address& address, const Members& members) {
    return overlay_v4().contains(address) ||
           wire::Prefix::of(members.self().v6, kMeshPrefixLength).contains(address);
}

// False: it is no name of ours.
bool answer_own(DnsWriter& writer, const DnsQuestion& question, const Members& members) {
    if (question.name == mesh_zone()) {
        answer_apex(writer, question, members);
        return true;
    }
    if (question.name.is_within(mesh_zone())) {
        answer_member(writer, question, members);
        return true;
    }
    const auto address = address_of_reverse(question.name);
    if (address && is_of_mesh(*address, members)) {
        answer_reverse(writer, question, *address, members);
        return true;
    }
    return false;
}

// What can be said without knowing any names; none where it takes them.
std::optional<DnsCode> refuse_early(const wire::DnsQuery& query) {
    if (!query.question) {
        return DnsCode::kNotImplemented;
    }
    if (query.edns && query.edns->version != 0) {
        return DnsCode::kBadVersion;
    }
    if (query.question->class_number != wire::kDnsClassInternet) {
        return DnsCode::kRefused;
    }
    return std::nullopt;
}

}  // namespace

const wire::Prefix& overlay_v4() {
    static const wire::Prefix prefix = *wire::Prefix::parse("100.64.0.0/10");
    return prefix;
}

Resolution resolve(
    ByteView query, const Members& members, const ResolveOptions& options, MutableBytes out
) {
    PM_ASSERT(out.size() >= wire::kDnsDatagramSizeMax);
    const auto parsed = wire::parse_dns_query(query);
    if (!parsed) {
        return {};
    }
    Resolution done{.verdict = Verdict::kAnswer, .response = {}, .query = *parsed};
    DnsWriter writer(options.datagram ? out.first(parsed->datagram_size()) : out, *parsed);
    if (options.may_forward) {
        writer.set_recursion_available();
    }
    if (const auto refused = refuse_early(*parsed)) {
        writer.set_code(*refused);
        // NOLINTNEXTLINE(bugprone-unchecked-optional-access): without a question it was refused
    } else if (answer_own(writer, *parsed->question, members)) {
        writer.set_authoritative();
    } else if (options.may_forward) {
        done.verdict = Verdict::kForward;
        return done;
    } else {
        writer.set_code(DnsCode::kRefused);
    }
    done.response = writer.finish();
    return done;
}

ByteView answer_failure(const wire::DnsQuery& query, MutableBytes out) {
    DnsWriter writer(out.first(query.datagram_size()), query);
    writer.set_recursion_available();
    writer.set_code(DnsCode::kServerFailure);
    return writer.finish();
}

ByteView answer_truncated(const wire::DnsQuery& query, MutableBytes out) {
    DnsWriter writer(out.first(query.datagram_size()), query);
    writer.set_recursion_available();
    writer.truncate();
    return writer.finish();
}

}  // namespace phantom::names
