#pragma once

// DNS messages, as far as a small server of one zone needs them: it reads queries of one question,
// writes responses, and recognises the response to a query that it passed on.
// Source: RFC 1035 section 4, RFC 6891 (EDNS0). No allocation.

#include <optional>

#include "wire/address.h"
#include "wire/dns_name.h"

namespace phantom::wire {

// RFC 1035 section 4.2.1: what a datagram may have where the query says nothing else.
inline constexpr std::size_t kDnsDatagramSize = 512;
// RFC 9715 section 3.2: fits every path without fragments. More is not sent, whatever is asked.
inline constexpr std::size_t kDnsDatagramSizeMax = 1232;
// Records after the question of a query: EDNS0, and at most one signature.
inline constexpr std::size_t kDnsAdditionalMax = 2;

enum class DnsType : std::uint16_t {
    kA = 1,
    kNs = 2,
    kSoa = 6,
    kPtr = 12,
    kAaaa = 28,
    kOpt = 41,
    kAny = 255,
};
inline constexpr std::uint16_t kDnsClassInternet = 1;

enum class DnsCode : std::uint16_t {
    kNoError = 0,
    kServerFailure = 2,
    kNameError = 3,  // NXDOMAIN
    kNotImplemented = 4,
    kRefused = 5,
    kBadVersion = 16,  // RFC 6891 section 9
};

struct DnsQuestion {
    DnsName name;
    std::uint16_t type = 0;
    std::uint16_t class_number = 0;

    [[nodiscard]] bool is(DnsType wanted) const {
        return type == static_cast<std::uint16_t>(wanted);
    }
    friend bool operator==(const DnsQuestion&, const DnsQuestion&) = default;
};

struct DnsQuery {
    struct Edns {
        std::uint16_t datagram_size;
        std::uint8_t version;
    };

    std::uint16_t id = 0;
    std::uint8_t opcode = 0;
    bool recursion_desired = false;
    // None where the opcode is not QUERY: what follows has another form then, and is not read.
    std::optional<DnsQuestion> question;
    std::optional<Edns> edns;

    // What a response by datagram may have.
    [[nodiscard]] std::size_t datagram_size() const;
};

// kBadDnsMessage, kBadRecord, kTrailingBytes.
[[nodiscard]] Result<DnsQuery> parse_dns_query(ByteView message);

// The beginning of somebody else's response.
struct DnsReply {
    std::uint16_t id = 0;
    DnsQuestion question;
};
[[nodiscard]] Result<DnsReply> parse_dns_reply(ByteView message);

// A response, written straight down: answers, then what stands in the authority section. What does
// not fit is left out as a whole, and the response says so (TC).
class DnsWriter {
  public:
    // `out`, borrowed, has the size that the response may have: kDnsDatagramSize at least.
    DnsWriter(MutableBytes out, const DnsQuery& query);

    void set_code(DnsCode code) { code_ = code; }
    void set_authoritative() { authoritative_ = true; }
    void set_recursion_available() { recursion_available_ = true; }

    // Owned by the name that was asked for.
    void answer(std::uint32_t ttl_s, const Address& address);
    void answer(DnsType type, std::uint32_t ttl_s, const DnsName& target);

    struct Soa {
        DnsName zone;
        DnsName primary;
        DnsName mailbox;
        std::uint32_t ttl_s;
        std::uint32_t negative_ttl_s;
    };
    void answer(const Soa& soa);
    // After every answer. RFC 2308 section 3: how long to believe that there is none.
    void authority(const Soa& soa);

    // Says TC, whatever was written.
    void truncate();
    [[nodiscard]] ByteView finish();

  private:
    void begin_record(DnsType type, std::uint32_t ttl_s, std::size_t data_size);
    void soa_data(const Soa& soa);
    void write_head();

    MutableBytes out_;
    DnsQuery query_;
    RecordWriter records_;
    std::size_t records_at_ = 0;
    DnsCode code_ = DnsCode::kNoError;
    bool authoritative_ = false;
    bool recursion_available_ = false;
    bool truncated_ = false;
    std::uint16_t answer_count_ = 0;
    std::uint16_t authority_count_ = 0;
};

}  // namespace phantom::wire
