#pragma once

// What every signed value does with its body: sign it, verify it, put the signature behind it.
// `SizeMax` is the encoding's maximum; `write_body` writes all that is signed.

#include <array>
#include <string_view>

#include "identity/codec.h"

namespace phantom::identity {

template <class Value>
using WriteBody = void (*)(wire::RecordWriter&, const Value&);

// kTooLong (wire) cannot happen to a value whose fields were checked.
template <std::size_t SizeMax, class Value>
[[nodiscard]] Result<crypto::Signature> sign_body(
    const Value& value, WriteBody<Value> write_body, std::string_view label,
    const crypto::SigningKey& key
) {
    std::array<std::uint8_t, SizeMax> buffer;
    // NOLINTNEXTLINE(misc-const-correctness): write_body, whose type is dependent, writes to it
    wire::RecordWriter writer(buffer);
    write_body(writer, value);
    return key.sign(label, PM_TRY(writer.finish()));
}

template <std::size_t SizeMax, class Value>
[[nodiscard]] Status verify_body(
    const Value& value, WriteBody<Value> write_body, std::string_view label,
    const crypto::VerifyKey& key
) {
    std::array<std::uint8_t, SizeMax> buffer;
    // NOLINTNEXTLINE(misc-const-correctness): write_body, whose type is dependent, writes to it
    wire::RecordWriter writer(buffer);
    write_body(writer, value);
    if (!crypto::verify(key, label, PM_TRY(writer.finish()), value.signature)) {
        return fail(IdentityError::kBadSignature);
    }
    return {};
}

template <std::size_t SizeMax, class Value>
[[nodiscard]] Result<Bytes> encode_signed(const Value& value, WriteBody<Value> write_body) {
    std::array<std::uint8_t, SizeMax> buffer;
    // NOLINTNEXTLINE(misc-const-correctness): write_body, whose type is dependent, writes to it
    wire::RecordWriter writer(buffer);
    write_body(writer, value);
    write_signature(writer, value.signature);
    if (!writer.ok()) {
        return fail(IdentityError::kTooLarge);
    }
    return Bytes(writer.written().begin(), writer.written().end());
}

}  // namespace phantom::identity
