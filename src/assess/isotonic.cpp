#include "assess/isotonic.h"

#include "base/assert.h"

namespace phantom::assess {

namespace {

void absorb(PooledBlock& into, const PooledBlock& next) {
    into.last = next.last;
    into.attacks += next.attacks;
    into.count += next.count;
}

// `block` behind those there are, which are pooled as long as `violates` says so of the last two.
template <class Violates>
void push_pooled(std::vector<PooledBlock>& blocks, const PooledBlock& block, Violates violates) {
    blocks.push_back(block);
    while (blocks.size() > 1 && violates(blocks[blocks.size() - 2], blocks.back())) {
        const PooledBlock last = blocks.back();
        blocks.pop_back();
        absorb(blocks.back(), last);
    }
}

}  // namespace

std::vector<PooledBlock> pool_adjacent_violators(std::span<const Verdict> sorted) {
    std::vector<PooledBlock> blocks;
    std::size_t begin = 0;
    while (begin < sorted.size()) {
        PooledBlock block{.first = sorted[begin].log_odds, .last = sorted[begin].log_odds};
        std::size_t end = begin;
        for (; end < sorted.size() && sorted[end].log_odds == block.first; ++end) {
            ++block.count;
            block.attacks += sorted[end].attack ? 1 : 0;
        }
        PM_ASSERT(end == sorted.size() || sorted[end].log_odds > block.first);
        // Cross-multiplied, so that equal rates are equal.
        push_pooled(blocks, block, [](const PooledBlock& left, const PooledBlock& right) {
            return left.attacks * right.count >= right.attacks * left.count;
        });
        begin = end;
    }
    return blocks;
}

std::vector<PooledBlock> pool_smoothed(std::span<const PooledBlock> blocks) {
    std::vector<PooledBlock> pooled;
    for (const PooledBlock& block : blocks) {
        push_pooled(pooled, block, [](const PooledBlock& left, const PooledBlock& right) {
            return (left.attacks + 1) * (right.count + 2) > (right.attacks + 1) * (left.count + 2);
        });
    }
    return pooled;
}

}  // namespace phantom::assess
