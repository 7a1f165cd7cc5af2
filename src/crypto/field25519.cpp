#include "crypto/field25519.h"

#include "base/bytes.h"

namespace phantom::crypto::field25519 {

namespace {

void square_times(Element& out, const Element& a, int times) {
    square(out, a);
    for (int count = 1; count < times; ++count) {
        square(out, out);
    }
}

}  // namespace

// p - 2 = 2^255 - 21: 250 ones, then 01011. `ones_n` is a^(2^n - 1).
void invert(Element& out, const Element& a) {
    Element a2;
    Element a9;
    Element a11;
    Element t;
    square(a2, a);
    square_times(t, a2, 2);
    multiply(a9, t, a);
    multiply(a11, a9, a2);
    Element ones_5;
    square(t, a11);
    multiply(ones_5, t, a9);
    Element ones_10;
    square_times(t, ones_5, 5);
    multiply(ones_10, t, ones_5);
    Element ones_20;
    square_times(t, ones_10, 10);
    multiply(ones_20, t, ones_10);
    square_times(t, ones_20, 20);
    multiply(t, t, ones_20);
    Element ones_50;
    square_times(t, t, 10);
    multiply(ones_50, t, ones_10);
    Element ones_100;
    square_times(t, ones_50, 50);
    multiply(ones_100, t, ones_50);
    square_times(t, ones_100, 100);
    multiply(t, t, ones_100);
    square_times(t, t, 50);
    multiply(t, t, ones_50);
    square_times(t, t, 5);
    multiply(out, t, a11);
}

Element from_bytes(const std::uint8_t* bytes) {
    Element out;
    for (std::size_t index = 0; index < out.word.size(); ++index) {
        out.word[index] = load_le<std::uint64_t>(bytes + 8 * index);
    }
    out.word[3] &= 0x7fffffffffffffffU;
    return out;
}

void to_bytes(std::uint8_t* bytes, const Element& a) {
    // Below 2^256 = 2 p + 38: the top bit as 19, which leaves less than 2^255 + 19, twice; then
    // p is taken off if it is still there, which adding 19 shows in the top bit.
    std::array<std::uint64_t, 4> word = a.word;
    const auto fold = [&word](std::uint64_t addend) {
        for (std::uint64_t& part : word) {
            part += addend;
            addend = part < addend ? 1 : 0;
        }
    };
    for (int time = 0; time < 2; ++time) {
        const std::uint64_t top = word[3] >> 63U;
        word[3] &= 0x7fffffffffffffffU;
        fold(19 * top);
    }
    const std::array<std::uint64_t, 4> kept = word;
    fold(19);
    const std::uint64_t mask = 0 - (word[3] >> 63U);
    word[3] &= 0x7fffffffffffffffU;
    for (std::size_t index = 0; index < word.size(); ++index) {
        store_le(bytes + 8 * index, (word[index] & mask) | (kept[index] & ~mask));
    }
}

}  // namespace phantom::crypto::field25519
