#pragma once

// For tests only: what every signed value of this component must keep.

#include <gtest/gtest.h>

#include "identity/identity_fixture.h"

namespace phantom::identity {

// Encoding what was decoded gives the same bytes, and the value is the same.
template <class Value>
void expect_round_trip(const Value& value) {
    const Bytes encoded = value.encode().value();
    const auto decoded = Value::decode(encoded);
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message();
    EXPECT_EQ(*decoded, value);
    EXPECT_EQ(decoded->encode().value(), encoded);
}

// Every byte flipped: refused by decode, or by `verify`. In one bit of each, because every byte is
// signed or of the signature, and a bit at a time would take minutes.
template <class Value, class Verify>
void expect_any_flipped_byte_is_refused(const Value& value, Verify verify) {
    const Bytes encoded = value.encode().value();
    ASSERT_TRUE(verify(value).has_value());
    for (std::size_t at = 0; at < encoded.size(); ++at) {
        Bytes broken = encoded;
        broken[at] = static_cast<std::uint8_t>(broken[at] ^ (1U << (at % 8)));
        const auto decoded = Value::decode(broken);
        ASSERT_TRUE(!decoded || !verify(*decoded)) << "byte " << at;
    }
}

// Cut at every length, and with something behind it.
template <class Value>
void expect_other_lengths_are_refused(const Value& value) {
    Bytes encoded = value.encode().value();
    for (std::size_t size = 0; size < encoded.size(); ++size) {
        ASSERT_FALSE(Value::decode(ByteView(encoded).first(size)).has_value()) << size;
    }
    encoded.push_back(0);
    EXPECT_FALSE(Value::decode(encoded).has_value());
    encoded.resize(100'000);
    EXPECT_TRUE(Value::decode(encoded).error().is(IdentityError::kTooLarge));
}

template <class Value>
void expect_other_versions_are_refused(const Value& value) {
    Bytes encoded = value.encode().value();
    encoded[0] = 2;
    const auto decoded = Value::decode(encoded);
    ASSERT_FALSE(decoded.has_value());
    EXPECT_TRUE(decoded.error().is(IdentityError::kUnsupportedVersion));
    EXPECT_EQ(decoded.error().detail(), 2U);
}

inline void expect_error(const Status& status, IdentityError code) {
    ASSERT_FALSE(status.has_value());
    EXPECT_TRUE(status.error().is(code)) << status.error().message();
}

}  // namespace phantom::identity
