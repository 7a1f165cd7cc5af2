#include "wire/dns_name.h"

#include "base/assert.h"

namespace phantom::wire {

namespace {

// RFC 1035 section 4.1.4: the two high bits of a length tell a label from a pointer.
constexpr std::uint8_t kPointerBits = 0xc0;

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

}  // namespace

bool same_label(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

Result<DnsName> DnsName::parse(std::string_view text) {
    DnsName name;
    while (!text.empty()) {
        const std::size_t dot = text.find('.');
        const bool last = dot == std::string_view::npos;
        if (!name.append(text.substr(0, dot)) || (!last && dot + 1 == text.size())) {
            return fail(WireError::kBadDnsName);
        }
        text = last ? std::string_view() : text.substr(dot + 1);
    }
    return name;
}

// Ends: every turn takes a byte of the record, and append refuses beyond kSizeMax.
DnsName DnsName::read(RecordReader& reader) {
    DnsName name;
    for (std::size_t size = reader.u8(); size != 0; size = reader.u8()) {
        const ByteView label = reader.bytes(size);
        if (!name.append({reinterpret_cast<const char*>(label.data()), label.size()})) {
            reader.reject();
        }
    }
    return name;
}

void DnsName::skip(RecordReader& reader) {
    std::size_t skipped = 1;
    for (std::uint8_t size = reader.u8(); size != 0; size = reader.u8()) {
        if ((size & kPointerBits) == kPointerBits) {
            (void)reader.u8();
            return;
        }
        skipped += size + 1U;
        if (size > kLabelSizeMax || skipped > kSizeMax) {
            reader.reject();
            return;
        }
        (void)reader.bytes(size);
    }
}

bool DnsName::append(std::string_view label) {
    if (label.empty() || label.size() > kLabelSizeMax || size_ + label.size() + 1 > kSizeMax) {
        return false;
    }
    std::size_t at = size_ - 1;  // over the root
    bytes_[at] = static_cast<std::uint8_t>(label.size());
    for (const char each : label) {
        bytes_[++at] = static_cast<std::uint8_t>(each);
    }
    bytes_[at + 1] = 0;
    size_ += label.size() + 1;
    ++label_count_;
    return true;
}

std::string_view DnsName::label(std::size_t index) const {
    PM_ASSERT(index < label_count_);
    std::size_t at = 0;
    while (index-- != 0) {
        at += bytes_[at] + 1U;
    }
    return {reinterpret_cast<const char*>(&bytes_[at + 1]), bytes_[at]};
}

bool DnsName::is_within(const DnsName& zone) const {
    if (label_count_ < zone.label_count_) {
        return false;
    }
    const std::size_t below = label_count_ - zone.label_count_;
    for (std::size_t index = 0; index < zone.label_count_; ++index) {
        if (!same_label(label(below + index), zone.label(index))) {
            return false;
        }
    }
    return true;
}

DnsName DnsName::suffix(std::size_t count) const {
    PM_ASSERT(count <= label_count_);
    DnsName name;
    for (std::size_t index = label_count_ - count; index < label_count_; ++index) {
        PM_ASSERT(name.append(label(index)));
    }
    return name;
}

}  // namespace phantom::wire
