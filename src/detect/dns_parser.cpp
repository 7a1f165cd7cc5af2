#include "detect/dns_parser.h"

#include "detect/byte_reader.h"

namespace phantom::detect {

namespace {

constexpr std::size_t kDnsHeader = 12;
constexpr unsigned kDnsPointersMax = 32;
constexpr unsigned kDnsOpcodeMax = 6;

struct DnsNameRead {
    std::string text;
    std::size_t end = 0;  // behind the name where it stands
    bool ok = false;
    std::optional<Event> event;
};

// RFC 1035 section 4.1.4: labels, and pointers to earlier ones.
DnsNameRead read_name(ByteView message, std::size_t at) {
    DnsNameRead read;
    bool jumped = false;
    for (unsigned pointers = 0; at < message.size();) {
        const std::uint8_t size = message[at];
        if (size == 0) {
            read.end = jumped ? read.end : at + 1;
            read.ok = true;
            return read;
        }
        if ((size & 0xc0U) == 0xc0U) {
            if (at + 1 >= message.size()) {
                return read;
            }
            if (!jumped) {
                read.end = at + 2;
            }
            jumped = true;
            at = (size & 0x3fU) << 8U | message[at + 1];
            if (++pointers > kDnsPointersMax) {
                read.event = Event::kDnsInfiniteLoop;
                read.ok = true;
                return read;
            }
            continue;
        }
        if (at + 1 + size > message.size()) {
            return read;
        }
        const std::string_view label = as_text(message.subspan(at + 1, size));
        if (read.text.size() + label.size() + 1 > kDnsNameSizeMax) {
            read.event = Event::kDnsNameTooLong;
            read.ok = jumped;
            return read;
        }
        read.text += read.text.empty() ? "" : ".";
        read.text += label;
        at += 1U + size;
    }
    return read;
}

// One name, with its type and class behind it.
struct DnsSection {
    ByteView message;
    Transaction& transaction;
    Direction direction;
    std::size_t at = kDnsHeader;

    bool name(std::initializer_list<BufferId> buffers) {
        const DnsNameRead read = read_name(message, at);
        if (read.event) {
            transaction.note(*read.event, direction);
        }
        if (!read.ok) {
            return false;
        }
        for (const BufferId buffer : buffers) {
            transaction.add(buffer, direction, read.text);
        }
        at = read.end;
        return true;
    }

    bool question() {
        if (!name({BufferId::kDnsQuery, BufferId::kDnsQueryName}) || at + 4 > message.size()) {
            return false;
        }
        type();
        at += 4;
        return true;
    }

    void type() const {
        transaction.numbers.push_back(
            {MessageNumber::kDnsRecordType, direction, load_be<std::uint16_t>(message.data() + at)}
        );
    }

    bool record(BufferId buffer) {
        if (!name({buffer, BufferId::kDnsResponseName}) || at + 10 > message.size()) {
            return false;
        }
        const std::size_t size = load_be<std::uint16_t>(message.data() + at + 8);
        at += 10 + size;
        return at <= message.size();
    }
};

}  // namespace

bool looks_like_dns(ByteView message) {
    if (message.size() < kDnsHeader) {
        return false;
    }
    const auto flags = load_be<std::uint16_t>(message.data() + 2);
    const auto questions = load_be<std::uint16_t>(message.data() + 4);
    const auto answers = load_be<std::uint16_t>(message.data() + 6);
    return (flags >> 11U & 15U) <= kDnsOpcodeMax && questions <= 32 &&
           (questions > 0 || answers > 0) && answers <= 1024;
}

void DnsParser::add(Direction direction, ByteView bytes) {
    if (over_udp_) {
        message(direction, bytes);
        return;
    }
    std::vector<std::uint8_t>& kept = kept_[side(direction)];
    kept.insert(kept.end(), bytes.begin(), bytes.end());
    std::size_t at = 0;
    while (kept.size() - at >= 2) {
        const std::size_t size = load_be<std::uint16_t>(kept.data() + at);
        if (kept.size() - at < 2 + size) {
            break;
        }
        message(direction, ByteView(kept).subspan(at + 2, size));
        at += 2 + size;
    }
    kept.erase(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(at));
}

void DnsParser::message(Direction direction, ByteView bytes) {
    if (bytes.size() < kDnsHeader) {
        return;
    }
    const Transactions::Shared transaction = transactions_.begin();
    transaction->reach(opposite(direction), Stage::kComplete);
    transaction->of(opposite(direction)).is_inspected = true;
    ByteReader header(bytes);
    header.u16();
    const std::uint16_t flags = header.u16();
    const unsigned questions = header.u16();
    const unsigned answers = header.u16();
    const unsigned authorities = header.u16();
    const unsigned additionals = header.u16();
    transaction->numbers.push_back({MessageNumber::kDnsOpcode, direction, flags >> 11U & 15U});
    transaction->numbers.push_back({MessageNumber::kDnsResponseCode, direction, flags & 15U});
    if ((flags & 0x40U) != 0) {
        transaction->note(Event::kDnsZFlag, direction);
    }
    if ((flags >> 11U & 15U) > kDnsOpcodeMax) {
        transaction->note(Event::kDnsInvalidOpcode, direction);
    }
    DnsSection section{bytes, *transaction, direction};
    bool ok = true;
    std::size_t records = 0;
    for (unsigned index = 0; ok && index < questions && ++records <= kDnsRecordsMax; ++index) {
        ok = section.question();
    }
    const auto read = [&](unsigned count, BufferId buffer) {
        for (unsigned index = 0; ok && index < count && ++records <= kDnsRecordsMax; ++index) {
            ok = section.record(buffer);
        }
    };
    read(answers, BufferId::kDnsAnswerName);
    read(authorities, BufferId::kDnsAuthorityName);
    read(additionals, BufferId::kDnsAdditionalName);
    if (!ok) {
        transaction->note(Event::kDnsMalformed, direction);
    }
    transaction->reach(direction, Stage::kComplete);
}

void DnsParser::skip(Direction direction, std::size_t /*size*/) {
    kept_[side(direction)].clear();
}

void DnsParser::end(Direction direction) {
    kept_[side(direction)].clear();
}

}  // namespace phantom::detect
