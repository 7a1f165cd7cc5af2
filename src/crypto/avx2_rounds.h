#pragma once

// The inner loop of the AVX2 kernel: 20 rounds of ChaCha20 on eight blocks and, between them, up to
// eight times 64 bytes of Poly1305. Inside this component only.
//
// Assembly, because neither compiler gives what the machine can. From intrinsics GCC 12 spills 84
// registers a double round (the state alone fills all 16) and adds 128-bit products through memory:
// 1,163 cycles a pass with its sums; clang 19 820; this 610 (AMD Zen 3 with its other threads busy).
// The processor reorders the two halves, which share no register: finer interleaving than whole
// rounds was not faster. No branch or address depends on a secret.

#include <cstddef>
#include <cstdint>

#include "crypto/avx2_pass.h"

namespace phantom::crypto::avx2 {

// clang-format off

// Rows 0-3 live in ymm0-3, 4-7 in ymm4-7, 12-15 in ymm12-15. Rows 8-11 stay in memory (rdi), each
// in a register only for one quarter round, which leaves ymm8-11 for them and for rotations.
#define PM_ROW(n) #n "*32(%%rdi)"
#define PM_OP3(op, x, y, z) op " %%ymm" #x ",%%ymm" #y ",%%ymm" #z "\n\t"
#define PM_ADD(x, to) PM_OP3("vpaddd", x, to, to)
#define PM_XOR(x, to) PM_OP3("vpxor", x, to, to)
#define PM_SHUFFLE(mask, x) "vpshufb " mask ",%%ymm" #x ",%%ymm" #x "\n\t"
#define PM_ROTATE16 "512(%%rdi)"
#define PM_ROTATE8 "544(%%rdi)"
#define PM_PLAIN_ROUNDS "576(%%rdi)"
#define PM_ROTATE(bits, x, spare)                                   \
    "vpslld $" #bits ",%%ymm" #x ",%%ymm" #spare "\n\t"             \
    "vpsrld $(32-" #bits "),%%ymm" #x ",%%ymm" #x "\n\t"            \
    "vpor %%ymm" #spare ",%%ymm" #x ",%%ymm" #x "\n\t"

// RFC 8439 section 2.1, two at once: the second's work fills the first's waiting times.
#define PM_QUARTER_ROUNDS(a, b, c, d, e, f, g, h)                   \
    PM_ADD(b, a) PM_ADD(f, e)                                       \
    PM_XOR(a, d) PM_XOR(e, h)                                       \
    PM_SHUFFLE(PM_ROTATE16, d) PM_SHUFFLE(PM_ROTATE16, h)           \
    "vpaddd " PM_ROW(c) ",%%ymm" #d ",%%ymm8\n\t"                   \
    "vpaddd " PM_ROW(g) ",%%ymm" #h ",%%ymm9\n\t"                   \
    PM_XOR(8, b) PM_XOR(9, f)                                       \
    PM_ROTATE(12, b, 10) PM_ROTATE(12, f, 11)                       \
    PM_ADD(b, a) PM_ADD(f, e)                                       \
    PM_XOR(a, d) PM_XOR(e, h)                                       \
    PM_SHUFFLE(PM_ROTATE8, d) PM_SHUFFLE(PM_ROTATE8, h)             \
    PM_ADD(d, 8) PM_ADD(h, 9)                                       \
    "vmovdqa %%ymm8," PM_ROW(c) "\n\t"                              \
    "vmovdqa %%ymm9," PM_ROW(g) "\n\t"                              \
    PM_XOR(8, b) PM_XOR(9, f)                                       \
    PM_ROTATE(7, b, 10) PM_ROTATE(7, f, 11)

#define PM_COLUMN_ROUND                                             \
    PM_QUARTER_ROUNDS(0, 4, 8, 12, 1, 5, 9, 13)                     \
    PM_QUARTER_ROUNDS(2, 6, 10, 14, 3, 7, 11, 15)
#define PM_DIAGONAL_ROUND                                           \
    PM_QUARTER_ROUNDS(0, 5, 10, 15, 1, 6, 11, 12)                   \
    PM_QUARTER_ROUNDS(2, 7, 8, 13, 3, 4, 9, 14)

// poly1305::add_block on h0 = r8, h1 = r9, h2 = r10, with the key at (rbx): r0, r1 at 8, s1 at 16;
// the block is at (r11).
#define PM_ADD_BLOCK(offset)                                        \
    "addq " #offset "(%%r11),%%r8\n\t"                              \
    "adcq " #offset "+8(%%r11),%%r9\n\t"                            \
    "adcq $1,%%r10\n\t"                                             \
    "movq %%r8,%%rdx\n\t"                                           \
    "mulxq (%%rbx),%%r8,%%r12\n\t"                                  \
    "mulxq 8(%%rbx),%%rax,%%r13\n\t"                                \
    "movq %%r9,%%rdx\n\t"                                           \
    "mulxq 16(%%rbx),%%r14,%%r15\n\t"                               \
    "mulxq (%%rbx),%%r9,%%rdx\n\t"                                  \
    /* d0 = h0 r0 + h1 s1: r8, and r12 to carry into d1 */          \
    "addq %%r14,%%r8\n\t"                                           \
    "adcq %%r15,%%r12\n\t"                                          \
    /* d1 = h0 r1 + h1 r0 + h2 s1: rax; d2 = h2 r0: r13 */          \
    "movq 16(%%rbx),%%r14\n\t"                                      \
    "imulq %%r10,%%r14\n\t"                                         \
    "imulq (%%rbx),%%r10\n\t"                                       \
    "addq %%r9,%%rax\n\t"                                           \
    "adcq %%rdx,%%r13\n\t"                                          \
    "addq %%r14,%%rax\n\t"                                          \
    "adcq %%r10,%%r13\n\t"                                          \
    "addq %%r12,%%rax\n\t"                                          \
    "adcq $0,%%r13\n\t"                                             \
    /* h = (d0, d1, d2 & 3) + 5 (d2 >> 2) */                        \
    "movq %%r13,%%r14\n\t"                                          \
    "movq %%r13,%%r10\n\t"                                          \
    "shrq $2,%%r14\n\t"                                             \
    "andq $-4,%%r13\n\t"                                            \
    "andl $3,%%r10d\n\t"                                            \
    "addq %%r13,%%r14\n\t"                                          \
    "movq %%rax,%%r9\n\t"                                           \
    "addq %%r14,%%r8\n\t"                                           \
    "adcq $0,%%r9\n\t"                                              \
    "adcq $0,%%r10\n\t"

#define PM_LOAD_SUM "movq 40(%%rbx),%%r8\n\tmovq 48(%%rbx),%%r9\n\tmovq 56(%%rbx),%%r10\n\t"
#define PM_STORE_SUM "movq %%r8,40(%%rbx)\n\tmovq %%r9,48(%%rbx)\n\tmovq %%r10,56(%%rbx)\n\t"

#define PM_LOAD_ROW(n, from) "vmovdqa " from ",%%ymm" #n "\n\t"
#define PM_STORE_ROW(n) "vmovdqa %%ymm" #n "," PM_ROW(n) "\n\t"
// Rows 8-11 go from memory to memory.
#define PM_LOAD_ROWS                                                \
    PM_LOAD_ROW(8, "8*32(%%rax)") PM_LOAD_ROW(9, "9*32(%%rax)")     \
    PM_LOAD_ROW(10, "10*32(%%rax)") PM_LOAD_ROW(11, "11*32(%%rax)") \
    PM_STORE_ROW(8) PM_STORE_ROW(9) PM_STORE_ROW(10) PM_STORE_ROW(11)              \
    PM_LOAD_ROW(0, "(%%rax)") PM_LOAD_ROW(1, "1*32(%%rax)")         \
    PM_LOAD_ROW(2, "2*32(%%rax)") PM_LOAD_ROW(3, "3*32(%%rax)")     \
    PM_LOAD_ROW(4, "4*32(%%rax)") PM_LOAD_ROW(5, "5*32(%%rax)")     \
    PM_LOAD_ROW(6, "6*32(%%rax)") PM_LOAD_ROW(7, "7*32(%%rax)")     \
    PM_LOAD_ROW(12, "(%%rdx)") PM_LOAD_ROW(14, "1*32(%%rdx)") PM_LOAD_ROW(15, "2*32(%%rdx)") \
    PM_OP3("vpxor", 13, 13, 13)
#define PM_STORE_ROWS                                               \
    PM_STORE_ROW(0) PM_STORE_ROW(1) PM_STORE_ROW(2) PM_STORE_ROW(3) \
    PM_STORE_ROW(4) PM_STORE_ROW(5) PM_STORE_ROW(6) PM_STORE_ROW(7) \
    PM_STORE_ROW(12) PM_STORE_ROW(13) PM_STORE_ROW(14) PM_STORE_ROW(15)

// clang-format on

static_assert(offsetof(PacketSum, key) == 0);
static_assert(offsetof(poly1305::Key, r1) == 8);
static_assert(offsetof(poly1305::Key, s1) == 16);
static_assert(offsetof(PacketSum, sum) == 40);
static_assert(sizeof(poly1305::Sum) == 24);
static_assert(sizeof(SumLane) == 16);
static_assert(offsetof(PassState, row) == 0);
static_assert(offsetof(PassState, rotate16) == 512);
static_assert(offsetof(PassState, rotate8) == 544);
static_assert(offsetof(PassState, plain_rounds) == 576);
static_assert(offsetof(KeyRows, word) == 0);
static_assert(offsetof(Lanes, block_number) == 0);
static_assert(offsetof(Lanes, counter_low) == 32);
static_assert(offsetof(Lanes, counter_high) == 64);

// Ten double rounds into `state`, the first `sum_count` of them beside 64 bytes of Poly1305 each.
inline void stir(
    PassState& state, const KeyRows& rows, const Lanes& lanes, const SumLane* sums,
    std::size_t sum_count
) {
    state.plain_rounds = 10 - sum_count;
    const void* rows_at = &rows;
    const void* lanes_at = &lanes;
    // clang-format off
    asm volatile(
        PM_LOAD_ROWS
        "testq %[sum_count],%[sum_count]\n\t"
        "jz 3f\n\t"
        "movq 8(%[sums]),%%rbx\n\t"
        PM_LOAD_SUM
        ".p2align 5\n"
        "1:\n\t"
        "movq (%[sums]),%%r11\n\t"
        "cmpq 8(%[sums]),%%rbx\n\t"
        "je 2f\n\t"
        PM_STORE_SUM
        "movq 8(%[sums]),%%rbx\n\t"
        PM_LOAD_SUM
        "2:\n\t"
        PM_COLUMN_ROUND
        PM_ADD_BLOCK(0)
        PM_ADD_BLOCK(16)
        PM_DIAGONAL_ROUND
        PM_ADD_BLOCK(32)
        PM_ADD_BLOCK(48)
        "addq $16,%[sums]\n\t"
        "decq %[sum_count]\n\t"
        "jnz 1b\n\t"
        PM_STORE_SUM
        ".p2align 5\n"
        "3:\n\t"
        PM_COLUMN_ROUND
        PM_DIAGONAL_ROUND
        "decq " PM_PLAIN_ROUNDS "\n\t"
        "jnz 3b\n\t"
        PM_STORE_ROWS
        : [sums] "+S"(sums), [sum_count] "+c"(sum_count), "+a"(rows_at), "+d"(lanes_at)
        : "D"(&state)
        : "rbx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
          "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
          "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "cc", "memory"
    );
    // clang-format on
}

// As many blocks as lie between `from` and `end`, which is not before it.
inline void add_blocks(PacketSum& packet, const std::uint8_t* from, const std::uint8_t* end) {
    // clang-format off
    asm volatile(
        "movq %%rdi,%%r11\n\t"
        PM_LOAD_SUM
        "jmp 2f\n"
        "1:\n\t"
        PM_ADD_BLOCK(0)
        "addq $16,%%r11\n"
        "2:\n\t"
        "cmpq %[end],%%r11\n\t"
        "jne 1b\n\t"
        PM_STORE_SUM
        :
        : "b"(&packet), "D"(from), [end] "c"(end)
        : "rax", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "cc", "memory"
    );
    // clang-format on
}

#undef PM_ROW
#undef PM_OP3
#undef PM_ADD
#undef PM_XOR
#undef PM_SHUFFLE
#undef PM_ROTATE16
#undef PM_ROTATE8
#undef PM_PLAIN_ROUNDS
#undef PM_ROTATE
#undef PM_QUARTER_ROUNDS
#undef PM_COLUMN_ROUND
#undef PM_DIAGONAL_ROUND
#undef PM_ADD_BLOCK
#undef PM_LOAD_SUM
#undef PM_STORE_SUM
#undef PM_LOAD_ROW
#undef PM_STORE_ROW
#undef PM_LOAD_ROWS
#undef PM_STORE_ROWS

}  // namespace phantom::crypto::avx2
