#pragma once

// What speaks for an attack, and how strongly: log-likelihood ratios, fused into one.
//
//     const double llr = log_likelihood_ratio({.attacks = 40, .benign = 2}, {.attacks = 100, .benign = 900});
//     const Fused fused = fuse(0.01, {{EvidenceFamily::kSignature, llr}});
//
// Rules of one family see the same packets and fire together, so that adding them up would count one fact
// many times: of a family its strongest counts alone, and the families add up.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace phantom::assess {

enum class EvidenceFamily : std::uint8_t {
    kSignature,   // a rule over packets
    kScenario,    // behaviour over time: buckets, triggers
    kAnomaly,     // far from the peer's own baseline
    kLog,         // a rule over log lines
    kReputation,  // feeds name the address
    kPeerReport,  // another node of the mesh decided so
    kCount,
};
inline constexpr std::size_t kEvidenceFamilyCount =
    static_cast<std::size_t>(EvidenceFamily::kCount);

[[nodiscard]] std::string_view name_of(EvidenceFamily family);

// Findings that were judged, by people or by what came of them: one rule's, or all.
struct JudgedFindings {
    std::uint64_t attacks = 0;
    std::uint64_t benign = 0;
};

// ln[((tp + 1) / (P + 2)) / ((fp + 1) / (N + 2))]: what a firing of this rule says. A rule that was never judged
// says little: 0 among as many attacks as others. `of_rule` is a part of `of_all`.
[[nodiscard]] double log_likelihood_ratio(
    const JudgedFindings& of_rule, const JudgedFindings& of_all
);

struct Evidence {
    EvidenceFamily family = EvidenceFamily::kSignature;
    double llr = 0;  // finite
};

// A feed that names the subject.
struct FeedHit {
    double confidence = 0;  // 0 to 1: how often the feed has been right
    std::chrono::seconds age{0};
    std::chrono::seconds half_life{1};  // above 0
};

// 1 - prod(1 - confidence x 2^(-age / half-life)): that one feed at least is right, were they independent.
[[nodiscard]] double reputation_of(std::span<const FeedHit> hits);

// What these say beyond `prior`. None where they say less than that: to be named by nobody is no alibi.
[[nodiscard]] std::optional<Evidence> reputation_evidence(
    std::span<const FeedHit> hits, double prior
);

// The log-odds, and what they are the sum of.
struct Fused {
    double prior = 0;  // log-odds
    std::array<std::optional<double>, kEvidenceFamilyCount> families{};

    [[nodiscard]] double log_odds() const;
    // Keeps the strongest of its family.
    void add(const Evidence& evidence);
};

// `prior`: how many findings are attacks before anything is known of them; between 0 and 1, neither of them.
// The strongest of a family is what speaks most for an attack: a noisy rule that somebody trips on purpose
// does not outweigh what he did.
[[nodiscard]] Fused fuse(double prior, std::span<const Evidence> evidence);

}  // namespace phantom::assess
