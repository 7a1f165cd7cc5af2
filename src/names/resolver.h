#pragma once

// A query in, and what to do with it out. Owns the names of the mesh and says so; everything else is
// for the servers that this machine asked before, where they are known. No I/O, no state.
//
// Example (from resolver_test.cpp):
//
//     const Resolution done = resolve(query, members, {.datagram = true}, buffer);
//     if (done.verdict == Verdict::kAnswer) { send(done.response); }

#include "names/zone.h"
#include "wire/dns.h"

namespace phantom::names {

// Short: a member that was put out is gone from the next question on, and asking costs nothing, since
// the server is on this machine.
inline constexpr std::uint32_t kTtlS = 5;
// 100.64.0.0/10, where members have their IPv4 addresses; nobody else answers for it (RFC 7793).
[[nodiscard]] const wire::Prefix& overlay_v4();

struct MemberNames {
    std::string name;
    wire::Address v4;  // may be none
    wire::Address v6;
};

// Who is in the mesh at this moment.
class Members {
  public:
    Members() = default;
    Members(const Members&) = delete;
    Members& operator=(const Members&) = delete;
    virtual ~Members() = default;

    // `name` in lower case.
    [[nodiscard]] virtual std::optional<MemberNames> by_name(std::string_view name) const = 0;
    [[nodiscard]] virtual std::optional<MemberNames> by_address(const wire::Address& address
    ) const = 0;
    // This node: it is the name server of its own zone.
    [[nodiscard]] virtual MemberNames self() const = 0;
};

enum class Verdict : std::uint8_t {
    kDrop,    // not a query
    kAnswer,  // with `response`
    kForward  // not ours; only where there is somebody to ask
};

struct Resolution {
    Verdict verdict = Verdict::kDrop;
    ByteView response;  // in the caller's buffer
    wire::DnsQuery query;
};

struct ResolveOptions {
    bool datagram = true;  // then the response may be truncated
    bool may_forward = false;
};

// `out` has kDnsDatagramSizeMax bytes at least.
[[nodiscard]] Resolution resolve(
    ByteView query, const Members& members, const ResolveOptions& options, MutableBytes out
);

// For a query that came to nothing: SERVFAIL, or "ask by TCP".
[[nodiscard]] ByteView answer_failure(const wire::DnsQuery& query, MutableBytes out);
[[nodiscard]] ByteView answer_truncated(const wire::DnsQuery& query, MutableBytes out);

}  // namespace phantom::names
