#include <array>
#include <bit>
#include <cstring>

#include <cpuid.h>

#include "base/assert.h"
#include "crypto/field25519.h"
#include "crypto/x25519_backends.h"

namespace phantom::crypto {

namespace {

using namespace field25519;

// RFC 7748 section 5: (486662 - 2) / 4.
constexpr std::uint64_t kA24 = 121665;

// u = x / z.
struct Point {
    Element x;
    Element z;
};

constexpr Element kOne{{1, 0, 0, 0}};

// Bits of a scalar, clamped (RFC 7748 section 5, decodeScalar25519).
class Scalar {
  public:
    explicit Scalar(ByteView32 key) {
        std::memcpy(bytes_.data(), key.data(), bytes_.size());
        bytes_[0] &= 248;
        bytes_[31] &= 127;
        bytes_[31] |= 64;
    }
    ~Scalar() { explicit_bzero(bytes_.data(), bytes_.size()); }
    Scalar(const Scalar&) = delete;
    Scalar& operator=(const Scalar&) = delete;

    [[nodiscard]] std::uint64_t bit(std::size_t index) const {
        return (bytes_[index / 8] >> (index % 8)) & 1U;
    }

  private:
    std::array<std::uint8_t, 32> bytes_;
};

void double_point(Point& p) {
    Element a;
    Element b;
    Element e;
    add(a, p.x, p.z);
    subtract(b, p.x, p.z);
    square(a, a);
    square(b, b);
    subtract(e, a, b);
    multiply(p.x, a, b);
    multiply_small(b, e, kA24);
    add(b, b, a);
    multiply(p.z, e, b);
}

void to_affine(MutableBytes32 out, const Point& p) {
    Element inverse;
    invert(inverse, p.z);
    multiply(inverse, inverse, p.x);
    to_bytes(out.data(), inverse);
    explicit_bzero(&inverse, sizeof inverse);
}

struct Ladder {
    Point p2;  // n P
    Point p3;  // (n + 1) P
    Element a, b, c, d, e;
};

// RFC 7748 section 5, one turn of the loop, with its names.
void step(Ladder& l, const Element& x1) {
    add(l.a, l.p2.x, l.p2.z);
    subtract(l.b, l.p2.x, l.p2.z);
    add(l.c, l.p3.x, l.p3.z);
    subtract(l.d, l.p3.x, l.p3.z);
    multiply(l.d, l.d, l.a);  // DA
    multiply(l.c, l.c, l.b);  // CB
    square(l.a, l.a);         // AA
    square(l.b, l.b);         // BB
    add(l.p3.x, l.d, l.c);
    subtract(l.p3.z, l.d, l.c);
    subtract(l.e, l.a, l.b);
    multiply(l.p2.x, l.a, l.b);
    square(l.p3.x, l.p3.x);
    square(l.p3.z, l.p3.z);
    multiply_small(l.b, l.e, kA24);
    add(l.b, l.b, l.a);
    multiply(l.p3.z, l.p3.z, x1);
    multiply(l.p2.z, l.e, l.b);
}

// A scalar is 8 k, and k has this many bits.
constexpr std::size_t kBaseBits = 252;

// For each i: (u + 1) / (u - 1) of 2^i times the base point. Public, so made once at first use.
class BaseTable {
  public:
    BaseTable() {
        // One inversion for all: `before` holds the products of the denominators so far.
        std::array<Element, kBaseBits> before;
        std::array<Element, kBaseBits> denominator;
        Element product = kOne;
        Point point{{{9, 0, 0, 0}}, kOne};
        for (std::size_t index = 0; index < kBaseBits; ++index) {
            add(ratio_[index], point.x, point.z);
            subtract(denominator[index], point.x, point.z);
            before[index] = product;
            multiply(product, product, denominator[index]);
            double_point(point);
        }
        invert(product, product);
        for (std::size_t index = kBaseBits; index-- > 0;) {
            multiply(before[index], before[index], product);
            multiply(ratio_[index], ratio_[index], before[index]);
            multiply(product, product, denominator[index]);
        }
    }
    [[nodiscard]] const Element& ratio(std::size_t index) const { return ratio_[index]; }

  private:
    std::array<Element, kBaseBits> ratio_;
};

// With S the point of order 4 with u = 1: the u of base point - S. The roots of t^2 - s t + 1, with
// s = 2 ((u + 1)^2 + 2 A u) / (u - 1)^2 at u = 9, are this for S and for -S; either will do.
constexpr Element kBaseMinusS{
    {0x816b1e0137d48290U, 0x440f6a51eb4d1207U, 0x52385f46dca2b71dU, 0x215132111d8354cbU}
};

struct BaseLadder {
    Point sum;         // S + the multiples of the base point so far
    Point difference;  // 2^i base points - sum
    Element a, b;
};

// If the bit is set, `sum` gains 2^i base points and `difference` stays; if not, the other way
// round. Either is a differential addition whose difference is the point that stays, so a swap
// decides. Two squarings and three multiplications, where a Montgomery step takes four and five.
void base_step(BaseLadder& l, const Element& ratio) {
    add(l.a, l.sum.x, l.sum.z);
    subtract(l.b, l.sum.x, l.sum.z);
    multiply(l.b, l.b, ratio);
    add(l.sum.x, l.b, l.a);
    subtract(l.sum.z, l.b, l.a);
    square(l.sum.x, l.sum.x);
    square(l.sum.z, l.sum.z);
    multiply(l.sum.x, l.sum.x, l.difference.z);
    multiply(l.sum.z, l.sum.z, l.difference.x);
}

}  // namespace

bool is_own_x25519_supported() {
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    constexpr unsigned kNeeded = bit_BMI2 | bit_ADX;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & kNeeded) == kNeeded;
}

void x25519_own(ByteView32 key, ByteView32 peer, MutableBytes32 out) {
    const Scalar scalar(key);
    const Element x1 = from_bytes(peer.data());
    Ladder ladder{.p2 = {kOne, {}}, .p3 = {x1, kOne}, .a{}, .b{}, .c{}, .d{}, .e{}};
    std::uint64_t swapped = 0;
    for (std::size_t index = 255; index-- > 0;) {
        const std::uint64_t bit = scalar.bit(index);
        swap_if(swapped ^ bit, ladder.p2.x, ladder.p3.x);
        swap_if(swapped ^ bit, ladder.p2.z, ladder.p3.z);
        swapped = bit;
        step(ladder, x1);
    }
    // The lowest bits of a scalar are zero, so nothing is left swapped.
    to_affine(out, ladder.p2);
    explicit_bzero(&ladder, sizeof ladder);
}

void x25519_public_own(ByteView32 key, MutableBytes32 out) {
    static const BaseTable table;
    const Scalar scalar(key);
    BaseLadder ladder{.sum = {kOne, kOne}, .difference = {kBaseMinusS, kOne}, .a{}, .b{}};
    std::uint64_t swapped = 0;
    for (std::size_t index = 0; index < kBaseBits; ++index) {
        const std::uint64_t stay = scalar.bit(index + 3) ^ 1U;
        swap_if(swapped ^ stay, ladder.sum.x, ladder.difference.x);
        swap_if(swapped ^ stay, ladder.sum.z, ladder.difference.z);
        swapped = stay;
        base_step(ladder, table.ratio(index));
    }
    // The highest bit of k is set, so `sum` is in its place. Eight times it: S, of order 4, goes.
    double_point(ladder.sum);
    double_point(ladder.sum);
    double_point(ladder.sum);
    to_affine(out, ladder.sum);
    explicit_bzero(&ladder, sizeof ladder);
}

}  // namespace phantom::crypto
