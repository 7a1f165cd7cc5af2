#include "identity/codec.h"

#include <algorithm>

#include "wire/relay_frame.h"

namespace phantom::identity {

void write_label(wire::RecordWriter& writer, const Label& label) {
    writer.text(label.text());
}

Label read_label(wire::RecordReader& reader) {
    const auto label = Label::parse(reader.text(Label::kSizeMax));
    if (!label) {
        reader.reject();
        return {};
    }
    return *label;
}

void write_tags(wire::RecordWriter& writer, std::span<const Label> tags) {
    writer.u8(static_cast<std::uint8_t>(tags.size()));
    for (const Label& tag : tags) {
        write_label(writer, tag);
    }
}

std::vector<Label> read_tags(wire::RecordReader& reader) {
    const std::size_t count = reader.u8();
    if (count > kTagsMax) {
        reader.reject();
        return {};
    }
    std::vector<Label> tags;
    for (std::size_t index = 0; index < count && reader.ok(); ++index) {
        tags.push_back(read_label(reader));
    }
    return tags;
}

void write_time(wire::RecordWriter& writer, UnixTime time) {
    writer.u64(time.s);
}

UnixTime read_time(wire::RecordReader& reader) {
    return {reader.u64()};
}

void write_v4(wire::RecordWriter& writer, const wire::Address& address) {
    writer.bytes(ByteView(address.bytes).first(4));
}

wire::Address read_v4(wire::RecordReader& reader) {
    const auto bytes = reader.array<4>();
    return bytes == std::array<std::uint8_t, 4>{} ? wire::Address{}
                                                  : wire::Address::v4(bytes.data());
}

void write_address(wire::RecordWriter& writer, const wire::Address& address) {
    writer.u8(static_cast<std::uint8_t>(address.family));
    writer.bytes(ByteView(address.bytes).first(address.size_bytes()));
}

wire::Address read_address(wire::RecordReader& reader) {
    switch (static_cast<wire::Family>(reader.u8())) {
        case wire::Family::kV4:
            return wire::Address::v4(reader.array<4>().data());
        case wire::Family::kV6:
            return wire::Address::v6(reader.array<16>().data());
        case wire::Family::kNone:
            break;
    }
    reader.reject();
    return {};
}

void write_verify_key(wire::RecordWriter& writer, const crypto::VerifyKey& key) {
    writer.sized_bytes(key.encoded());
}

crypto::VerifyKey read_verify_key(wire::RecordReader& reader) {
    const auto key = crypto::VerifyKey::decode(reader.sized_bytes(crypto::kVerifyKeySizeMax));
    if (!key) {
        reader.reject();
        return {};
    }
    return *key;
}

void write_signature(wire::RecordWriter& writer, const crypto::Signature& signature) {
    writer.sized_bytes(signature.encoded());
}

crypto::Signature read_signature(wire::RecordReader& reader) {
    const auto signature = crypto::Signature::decode(reader.sized_bytes(crypto::kSignatureSizeMax));
    if (!signature) {
        reader.reject();
        return {};
    }
    return *signature;
}

bool is_reachable_form(const wire::SocketAddress& endpoint) {
    const auto& bytes = endpoint.address.bytes;
    const bool is_zero = std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
    if (is_zero || endpoint.port == 0 || endpoint.scope != 0 || wire::is_relay(endpoint)) {
        return false;
    }
    if (endpoint.address.family == wire::Family::kV4) {
        return bytes[0] != 0 && bytes[0] < 224;  // "this network"; multicast and reserved
    }
    // RFC 4291 section 2.5.5.2: ::ffff:0:0/96.
    const bool is_mapped =
        std::all_of(bytes.begin(), bytes.begin() + 10, [](auto byte) { return byte == 0; }) &&
        bytes[10] == 0xff && bytes[11] == 0xff;
    // RFC 4291 section 2.5.6: means another host on each link.
    const bool is_link_local = bytes[0] == 0xfe && (bytes[1] & 0xc0U) == 0x80;
    return endpoint.address.family == wire::Family::kV6 && bytes[0] != 0xff && !is_mapped &&
           !is_link_local;
}

Status check_record(ByteView record, std::size_t size_max, std::uint8_t version) {
    if (record.size() > size_max) {
        return fail(IdentityError::kTooLarge, static_cast<std::uint32_t>(record.size()));
    }
    if (record.empty()) {
        return fail(IdentityError::kMalformed);
    }
    if (record[0] != version) {
        return fail(IdentityError::kUnsupportedVersion, record[0]);
    }
    return {};
}

}  // namespace phantom::identity
