#pragma once

// Arithmetic modulo p = 2^255 - 19 for x25519.cpp, in four 64-bit words. Numbers are below 2^256 and
// not unique (2^256 = 38 modulo p) until to_bytes(). Inside this component only; multiplications
// need BMI2 and ADX. Assembly, because GCC 12 adds 128-bit products through memory. No branch or
// address depends on a value.

#include <array>
#include <cstdint>

#include "crypto/poly1305.h"

namespace phantom::crypto::field25519 {

struct Element {
    std::array<std::uint64_t, 4> word;
};

// clang-format off

// r8..r11 += r12..r15 * 38, then the carries out of 2^256 as 38 each, then stored at (rbx).
#define PM_REDUCE_AND_STORE                                         \
    "movl $38,%%edx\n\t"                                            \
    "xorl %%eax,%%eax\n\t"                                          \
    "mulxq %%r12,%%rax,%%rcx\n\t"                                   \
    "adcxq %%rax,%%r8\n\t"   "adoxq %%rcx,%%r9\n\t"                 \
    "mulxq %%r13,%%rax,%%rcx\n\t"                                   \
    "adcxq %%rax,%%r9\n\t"   "adoxq %%rcx,%%r10\n\t"                \
    "mulxq %%r14,%%rax,%%rcx\n\t"                                   \
    "adcxq %%rax,%%r10\n\t"  "adoxq %%rcx,%%r11\n\t"                \
    "mulxq %%r15,%%rax,%%r12\n\t"                                   \
    "adcxq %%rax,%%r11\n\t"                                         \
    "movl $0,%%eax\n\t"                                             \
    "adoxq %%rax,%%r12\n\t"  "adcxq %%rax,%%r12\n\t"                \
    PM_REDUCE_WORD_AND_STORE

// The same for r12 alone, at most a few hundred million. After the second carry r8 is small, so a
// third cannot come.
#define PM_REDUCE_WORD_AND_STORE                                    \
    "imulq $38,%%r12,%%r12\n\t"                                     \
    "addq %%r12,%%r8\n\t"                                           \
    "adcq $0,%%r9\n\t" "adcq $0,%%r10\n\t" "adcq $0,%%r11\n\t"      \
    "sbbq %%rax,%%rax\n\t"                                          \
    "andq $38,%%rax\n\t"                                            \
    "addq %%rax,%%r8\n\t"                                           \
    "movq %%r8,(%%rbx)\n\t"    "movq %%r9,8(%%rbx)\n\t"             \
    "movq %%r10,16(%%rbx)\n\t" "movq %%r11,24(%%rbx)\n\t"

// Adds b * rdx to the words w0..w3 and makes the next one, w4. Two carry chains side by side.
#define PM_MULTIPLY_ROW(w0, w1, w2, w3, w4)                         \
    "xorl %%eax,%%eax\n\t"                                          \
    "mulxq (%%rdi),%%rax,%%rcx\n\t"                                 \
    "adcxq %%rax," w0 "\n\t" "adoxq %%rcx," w1 "\n\t"               \
    "mulxq 8(%%rdi),%%rax,%%rcx\n\t"                                \
    "adcxq %%rax," w1 "\n\t" "adoxq %%rcx," w2 "\n\t"               \
    "mulxq 16(%%rdi),%%rax,%%rcx\n\t"                               \
    "adcxq %%rax," w2 "\n\t" "adoxq %%rcx," w3 "\n\t"               \
    "mulxq 24(%%rdi),%%rax," w4 "\n\t"                              \
    "adcxq %%rax," w3 "\n\t"                                        \
    "movl $0,%%eax\n\t"                                             \
    "adoxq %%rax," w4 "\n\t" "adcxq %%rax," w4 "\n\t"

#define PM_CLOBBERS                                                 \
    "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "cc", "memory"

// The results below may be their operands.
PM_ALWAYS_INLINE void multiply(Element& out, const Element& a, const Element& b) {
    asm volatile(
        "movq (%%rsi),%%rdx\n\t"
        "mulxq (%%rdi),%%r8,%%r9\n\t"
        "mulxq 8(%%rdi),%%rax,%%r10\n\t"
        "addq %%rax,%%r9\n\t"
        "mulxq 16(%%rdi),%%rax,%%r11\n\t"
        "adcq %%rax,%%r10\n\t"
        "mulxq 24(%%rdi),%%rax,%%r12\n\t"
        "adcq %%rax,%%r11\n\t"
        "adcq $0,%%r12\n\t"
        "movq 8(%%rsi),%%rdx\n\t"
        PM_MULTIPLY_ROW("%%r9", "%%r10", "%%r11", "%%r12", "%%r13")
        "movq 16(%%rsi),%%rdx\n\t"
        PM_MULTIPLY_ROW("%%r10", "%%r11", "%%r12", "%%r13", "%%r14")
        "movq 24(%%rsi),%%rdx\n\t"
        PM_MULTIPLY_ROW("%%r11", "%%r12", "%%r13", "%%r14", "%%r15")
        PM_REDUCE_AND_STORE
        :
        : "b"(&out), "S"(&a), "D"(&b)
        : PM_CLOBBERS
    );
}

PM_ALWAYS_INLINE void square(Element& out, const Element& a) {
    asm volatile(
        // The products of different words, once each: r9..r14.
        "movq (%%rsi),%%rdx\n\t"
        "mulxq 8(%%rsi),%%r9,%%r10\n\t"
        "mulxq 16(%%rsi),%%rax,%%r11\n\t"
        "addq %%rax,%%r10\n\t"
        "mulxq 24(%%rsi),%%rax,%%r12\n\t"
        "adcq %%rax,%%r11\n\t"
        "adcq $0,%%r12\n\t"
        "movq 8(%%rsi),%%rdx\n\t"
        "mulxq 16(%%rsi),%%rax,%%rcx\n\t"
        "addq %%rax,%%r11\n\t"
        "adcq %%rcx,%%r12\n\t"
        "mulxq 24(%%rsi),%%rax,%%r13\n\t"
        "adcq $0,%%r13\n\t"
        "addq %%rax,%%r12\n\t"
        "adcq $0,%%r13\n\t"
        "movq 16(%%rsi),%%rdx\n\t"
        "mulxq 24(%%rsi),%%rax,%%r14\n\t"
        "addq %%rax,%%r13\n\t"
        "adcq $0,%%r14\n\t"
        // Doubled, with the squares of the words added.
        "xorl %%r15d,%%r15d\n\t"
        "movq (%%rsi),%%rdx\n\t"
        "mulxq %%rdx,%%r8,%%rcx\n\t"
        "adcxq %%r9,%%r9\n\t"    "adoxq %%rcx,%%r9\n\t"
        "movq 8(%%rsi),%%rdx\n\t"
        "mulxq %%rdx,%%rax,%%rcx\n\t"
        "adcxq %%r10,%%r10\n\t"  "adoxq %%rax,%%r10\n\t"
        "adcxq %%r11,%%r11\n\t"  "adoxq %%rcx,%%r11\n\t"
        "movq 16(%%rsi),%%rdx\n\t"
        "mulxq %%rdx,%%rax,%%rcx\n\t"
        "adcxq %%r12,%%r12\n\t"  "adoxq %%rax,%%r12\n\t"
        "adcxq %%r13,%%r13\n\t"  "adoxq %%rcx,%%r13\n\t"
        "movq 24(%%rsi),%%rdx\n\t"
        "mulxq %%rdx,%%rax,%%rcx\n\t"
        "adcxq %%r14,%%r14\n\t"  "adoxq %%rax,%%r14\n\t"
        "adcxq %%r15,%%r15\n\t"  "adoxq %%rcx,%%r15\n\t"
        PM_REDUCE_AND_STORE
        :
        : "b"(&out), "S"(&a)
        : PM_CLOBBERS
    );
}

// `factor` is below 2^32.
PM_ALWAYS_INLINE void multiply_small(Element& out, const Element& a, std::uint64_t factor) {
    asm volatile(
        "mulxq (%%rsi),%%r8,%%r9\n\t"
        "mulxq 8(%%rsi),%%rax,%%r10\n\t"
        "addq %%rax,%%r9\n\t"
        "mulxq 16(%%rsi),%%rax,%%r11\n\t"
        "adcq %%rax,%%r10\n\t"
        "mulxq 24(%%rsi),%%rax,%%r12\n\t"
        "adcq %%rax,%%r11\n\t"
        "adcq $0,%%r12\n\t"
        PM_REDUCE_WORD_AND_STORE
        :
        : "b"(&out), "S"(&a), "d"(factor)
        : "rax", "r8", "r9", "r10", "r11", "r12", "cc", "memory"
    );
}

PM_ALWAYS_INLINE void add(Element& out, const Element& a, const Element& b) {
    asm volatile(
        "movq (%%rsi),%%r8\n\t"    "movq 8(%%rsi),%%r9\n\t"
        "movq 16(%%rsi),%%r10\n\t" "movq 24(%%rsi),%%r11\n\t"
        "addq (%%rdi),%%r8\n\t"    "adcq 8(%%rdi),%%r9\n\t"
        "adcq 16(%%rdi),%%r10\n\t" "adcq 24(%%rdi),%%r11\n\t"
        "sbbq %%rax,%%rax\n\t"
        "andq $38,%%rax\n\t"
        "addq %%rax,%%r8\n\t"
        "adcq $0,%%r9\n\t" "adcq $0,%%r10\n\t" "adcq $0,%%r11\n\t"
        // Once more: a and b may both be just below 2^256.
        "sbbq %%rax,%%rax\n\t"
        "andq $38,%%rax\n\t"
        "addq %%rax,%%r8\n\t"
        "movq %%r8,(%%rbx)\n\t"    "movq %%r9,8(%%rbx)\n\t"
        "movq %%r10,16(%%rbx)\n\t" "movq %%r11,24(%%rbx)\n\t"
        :
        : "b"(&out), "S"(&a), "D"(&b)
        : "rax", "r8", "r9", "r10", "r11", "cc", "memory"
    );
}

PM_ALWAYS_INLINE void subtract(Element& out, const Element& a, const Element& b) {
    asm volatile(
        "movq (%%rsi),%%r8\n\t"    "movq 8(%%rsi),%%r9\n\t"
        "movq 16(%%rsi),%%r10\n\t" "movq 24(%%rsi),%%r11\n\t"
        "subq (%%rdi),%%r8\n\t"    "sbbq 8(%%rdi),%%r9\n\t"
        "sbbq 16(%%rdi),%%r10\n\t" "sbbq 24(%%rdi),%%r11\n\t"
        "sbbq %%rax,%%rax\n\t"
        "andq $38,%%rax\n\t"
        "subq %%rax,%%r8\n\t"
        "sbbq $0,%%r9\n\t" "sbbq $0,%%r10\n\t" "sbbq $0,%%r11\n\t"
        "sbbq %%rax,%%rax\n\t"
        "andq $38,%%rax\n\t"
        "subq %%rax,%%r8\n\t"
        "movq %%r8,(%%rbx)\n\t"    "movq %%r9,8(%%rbx)\n\t"
        "movq %%r10,16(%%rbx)\n\t" "movq %%r11,24(%%rbx)\n\t"
        :
        : "b"(&out), "S"(&a), "D"(&b)
        : "rax", "r8", "r9", "r10", "r11", "cc", "memory"
    );
}

#define PM_SWAP_WORD(at)                                            \
    "movq " at "(%%rsi),%%rax\n\t"                                  \
    "movq " at "(%%rdi),%%rcx\n\t"                                  \
    "movq %%rax,%%r8\n\t"                                           \
    "cmovnzq %%rcx,%%rax\n\t"                                       \
    "cmovnzq %%r8,%%rcx\n\t"                                        \
    "movq %%rax," at "(%%rsi)\n\t"                                  \
    "movq %%rcx," at "(%%rdi)\n\t"

// `choice` is 0 or 1. Conditional moves: a compiler may branch on a mask it sees through, or use
// vector loads, which wait for the word stores before them.
PM_ALWAYS_INLINE void swap_if(std::uint64_t choice, Element& a, Element& b) {
    asm volatile(
        "testq %%rdx,%%rdx\n\t"
        PM_SWAP_WORD("0") PM_SWAP_WORD("8") PM_SWAP_WORD("16") PM_SWAP_WORD("24")
        :
        : "S"(&a), "D"(&b), "d"(choice)
        : "rax", "rcx", "r8", "cc", "memory"
    );
}

// clang-format on

#undef PM_SWAP_WORD
#undef PM_REDUCE_AND_STORE
#undef PM_REDUCE_WORD_AND_STORE
#undef PM_MULTIPLY_ROW
#undef PM_CLOBBERS

// a^(p - 2) = 1 / a; 0 for 0.
void invert(Element& out, const Element& a);

// RFC 7748 section 5: little-endian, the top bit ignored.
[[nodiscard]] Element from_bytes(const std::uint8_t* bytes);
// The unique value below p.
void to_bytes(std::uint8_t* bytes, const Element& a);

}  // namespace phantom::crypto::field25519
