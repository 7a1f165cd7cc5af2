#pragma once

// What is never acted against, and what an action must come with. What a peer sends can make us look
// hard at somebody; it cannot make us cut off ourselves.

#include <array>
#include <map>
#include <vector>

#include "remedy/ledger.h"

namespace phantom::remedy {

inline constexpr std::size_t kGuardedMax = 65'536;
// A shorter prefix is half a world.
inline constexpr std::uint8_t kRouteLengthMinV4 = 8;
inline constexpr std::uint8_t kRouteLengthMinV6 = 16;
inline constexpr Duration kConfirmWithinMax = 24h;

struct Request {
    Target target{};
    Terms terms{};
    double confidence = 0;     // 0 to 1
    bool is_approved = false;  // by somebody who may: then confidence is not asked for
    std::string reason = {};
};

// Of one kind of action.
struct Limits {
    double confidence_min = 0.9;
    bool needs_approval = false;
    std::size_t active_max = 10'000;
    // Above this, none of the kind without somebody's approval.
    std::size_t unasked_max = 10'000;
};
using ExecutorLimits = std::array<Limits, kExecutorCount>;
[[nodiscard]] inline std::size_t index_of(Executor executor) {
    return static_cast<std::size_t>(executor) - 1;
}
// How sure one has to be before each without being asked: the more is cut, the surer.
[[nodiscard]] ExecutorLimits default_limits();

// Of the members of a mesh, so many may be cut off at a time without anybody's approval; one always.
inline constexpr std::size_t kCutOffPercentMax = 5;

struct GuardOptions {
    // This machine, its gateways and resolvers, controllers, the managing peers, warning lists; the first
    // kGuardedMax. Loopback, multicast, link-local and "none" are guarded always.
    std::vector<wire::Prefix> prefixes = {};
    // Ourselves and who holds the root, among others.
    std::vector<MemberId> members = {};
    // And beside these, for one kind of action only.
    std::map<Executor, std::vector<wire::Prefix>> prefixes_of = {};
    std::map<Executor, std::vector<MemberId>> members_of = {};
    std::size_t member_count = 0;  // of the mesh
    ExecutorLimits limits = default_limits();
};

class Guard {
  public:
    explicit Guard(GuardOptions options = {});

    // kBadTarget, kGuarded, kBadDuration, kNeedsApproval, kLowConfidence, kBudget.
    [[nodiscard]] Status check(const Request& request, const Ledger& ledger) const;
    // What nobody can approve: kBadTarget, kGuarded, kBadDuration.
    [[nodiscard]] Status check_always(const Request& request) const;
    [[nodiscard]] bool is_guarded(const Target& target) const;

  private:
    [[nodiscard]] bool is_guarded(const wire::Prefix& prefix, Executor executor) const;
    [[nodiscard]] bool is_guarded(const MemberId& member, Executor executor) const;
    [[nodiscard]] bool is_over_budget(const Target& target, const Ledger& ledger) const;

    GuardOptions options_;
};

}  // namespace phantom::remedy
