#include "wire/dns.h"

#include "base/assert.h"

namespace phantom::wire {

namespace {

constexpr std::size_t kHeaderSize = 12;
// RFC 1035 section 4.1.1, from the highest bit of the third byte on.
constexpr std::uint16_t kResponse = 0x8000;
constexpr unsigned kOpcodeShift = 11;
constexpr std::uint16_t kOpcodeMask = 0xf;
constexpr std::uint16_t kAuthoritative = 0x0400;
constexpr std::uint16_t kTruncated = 0x0200;
constexpr std::uint16_t kRecursionDesired = 0x0100;
constexpr std::uint16_t kRecursionAvailable = 0x0080;
// A pointer to the question's name, which always stands at the same place.
constexpr std::uint16_t kQuestionPointer = 0xc000 | kHeaderSize;
// RFC 6891 section 6.1.2: root, type, class, ttl, no options.
constexpr std::size_t kOptSize = 11;
constexpr std::uint32_t kSoaSerial = 1;  // nobody transfers the zone
constexpr std::uint32_t kSoaIntervalS = 3600;
constexpr std::size_t kSoaNumbersSize = 20;

struct Header {
    std::uint16_t id;
    std::uint16_t flags;
    std::array<std::uint16_t, 4> counts;

    [[nodiscard]] std::uint8_t opcode() const {
        return static_cast<std::uint8_t>((flags >> kOpcodeShift) & kOpcodeMask);
    }
};

Header read_header(RecordReader& reader) {
    Header header{};
    header.id = reader.u16();
    header.flags = reader.u16();
    for (std::uint16_t& count : header.counts) {
        count = reader.u16();
    }
    return header;
}

DnsQuestion read_question(RecordReader& reader) {
    DnsQuestion question;
    question.name = DnsName::read(reader);
    question.type = reader.u16();
    question.class_number = reader.u16();
    return question;
}

void read_additional(RecordReader& reader, DnsQuery& query) {
    RecordReader first_label = reader;
    const bool at_root = first_label.u8() == 0;
    DnsName::skip(reader);
    const std::uint16_t type = reader.u16();
    const std::uint16_t datagram_size = reader.u16();
    const std::uint32_t flags = reader.u32();
    (void)reader.sized_bytes();
    if (type != static_cast<std::uint16_t>(DnsType::kOpt)) {
        return;
    }
    // RFC 6891 section 6.1.1: at the root, and once.
    if (!at_root || query.edns) {
        reader.reject();
        return;
    }
    query.edns = DnsQuery::Edns{
        .datagram_size = datagram_size, .version = static_cast<std::uint8_t>(flags >> 16U)
    };
}

}  // namespace

std::size_t DnsQuery::datagram_size() const {
    return edns
               ? std::clamp<std::size_t>(edns->datagram_size, kDnsDatagramSize, kDnsDatagramSizeMax)
               : kDnsDatagramSize;
}

Result<DnsQuery> parse_dns_query(ByteView message) {
    RecordReader reader(message);
    const Header header = read_header(reader);
    const auto& [questions, answers, authorities, additional] = header.counts;
    if (!reader.ok() || (header.flags & kResponse) != 0) {
        return fail(WireError::kBadDnsMessage);
    }
    DnsQuery query;
    query.id = header.id;
    query.opcode = header.opcode();
    query.recursion_desired = (header.flags & kRecursionDesired) != 0;
    if (query.opcode != 0) {
        return query;
    }
    if (questions != 1 || answers != 0 || authorities != 0 || additional > kDnsAdditionalMax) {
        return fail(WireError::kBadDnsMessage);
    }
    query.question = read_question(reader);
    for (unsigned index = 0; index < additional; ++index) {
        read_additional(reader, query);
    }
    PM_TRY(reader.finish());
    return query;
}

Result<DnsReply> parse_dns_reply(ByteView message) {
    RecordReader reader(message);
    const Header header = read_header(reader);
    if ((header.flags & kResponse) == 0 || header.opcode() != 0 || header.counts.front() != 1) {
        return fail(WireError::kBadDnsMessage);
    }
    DnsReply reply{.id = header.id, .question = read_question(reader)};
    if (!reader.ok()) {
        return fail(WireError::kBadRecord);
    }
    return reply;
}

// ---- Responses ----------------------------------------------------------------------------------

DnsWriter::DnsWriter(MutableBytes out, const DnsQuery& query)
    : out_(out), query_(query), records_({}) {
    PM_ASSERT(out.size() >= kDnsDatagramSize);
    records_at_ = kHeaderSize;
    if (query_.question) {
        RecordWriter question(out_.subspan(kHeaderSize));
        question.bytes(query_.question->name.bytes());
        question.u16(query_.question->type);
        question.u16(query_.question->class_number);
        PM_ASSERT(question.ok());
        records_at_ += question.written().size();
    }
    const std::size_t reserved = query_.edns ? kOptSize : 0;
    records_ = RecordWriter(out_.subspan(records_at_, out_.size() - records_at_ - reserved));
}

void DnsWriter::begin_record(DnsType type, std::uint32_t ttl_s, std::size_t data_size) {
    records_.u16(static_cast<std::uint16_t>(type));
    records_.u16(kDnsClassInternet);
    records_.u32(ttl_s);
    records_.u16(static_cast<std::uint16_t>(data_size));
}

void DnsWriter::answer(std::uint32_t ttl_s, const Address& address) {
    PM_ASSERT(query_.question && authority_count_ == 0);
    const bool v4 = address.family == Family::kV4;
    records_.u16(kQuestionPointer);
    begin_record(v4 ? DnsType::kA : DnsType::kAaaa, ttl_s, address.size_bytes());
    records_.bytes(ByteView(address.bytes).first(address.size_bytes()));
    ++answer_count_;
}

void DnsWriter::answer(DnsType type, std::uint32_t ttl_s, const DnsName& target) {
    PM_ASSERT(query_.question && authority_count_ == 0);
    records_.u16(kQuestionPointer);
    begin_record(type, ttl_s, target.bytes().size());
    records_.bytes(target.bytes());
    ++answer_count_;
}

void DnsWriter::answer(const Soa& soa) {
    PM_ASSERT(query_.question && authority_count_ == 0);
    records_.u16(kQuestionPointer);
    soa_data(soa);
    ++answer_count_;
}

void DnsWriter::authority(const Soa& soa) {
    records_.bytes(soa.zone.bytes());
    soa_data(soa);
    ++authority_count_;
}

void DnsWriter::soa_data(const Soa& soa) {
    const std::size_t names = soa.primary.bytes().size() + soa.mailbox.bytes().size();
    begin_record(DnsType::kSoa, soa.ttl_s, names + kSoaNumbersSize);
    records_.bytes(soa.primary.bytes());
    records_.bytes(soa.mailbox.bytes());
    records_.u32(kSoaSerial);
    for (int interval = 0; interval < 3; ++interval) {  // refresh, retry, expire
        records_.u32(kSoaIntervalS);
    }
    records_.u32(soa.negative_ttl_s);
}

void DnsWriter::truncate() {
    truncated_ = true;
    answer_count_ = 0;
    authority_count_ = 0;
}

void DnsWriter::write_head() {
    const auto code = static_cast<std::uint16_t>(code_);
    auto flags = static_cast<std::uint16_t>(kResponse | (query_.opcode << kOpcodeShift));
    flags |= static_cast<std::uint16_t>(code & 0xfU);
    flags |= authoritative_ ? kAuthoritative : 0;
    flags |= truncated_ ? kTruncated : 0;
    flags |= query_.recursion_desired ? kRecursionDesired : 0;
    flags |= recursion_available_ ? kRecursionAvailable : 0;
    RecordWriter head(out_.first(kHeaderSize));
    head.u16(query_.id);
    head.u16(flags);
    head.u16(query_.question ? 1 : 0);
    head.u16(answer_count_);
    head.u16(authority_count_);
    head.u16(query_.edns ? 1 : 0);
    PM_ASSERT(head.ok());
}

ByteView DnsWriter::finish() {
    if (!records_.ok()) {
        truncate();
    }
    write_head();
    std::size_t size = records_at_ + (truncated_ ? 0 : records_.written().size());
    if (query_.edns) {
        RecordWriter opt(out_.subspan(size, kOptSize));
        opt.u8(0);
        opt.u16(static_cast<std::uint16_t>(DnsType::kOpt));
        opt.u16(kDnsDatagramSizeMax);
        opt.u32(static_cast<std::uint32_t>(code_) >> 4U << 24U);  // the upper bits of the code
        opt.u16(0);
        PM_ASSERT(opt.ok());
        size += kOptSize;
    }
    return out_.first(size);
}

}  // namespace phantom::wire
