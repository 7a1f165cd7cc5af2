#include "store/audit_log.h"

#include <algorithm>

#include <fmt/format.h>

namespace phantom::store {

Status AuditLog::open() {
    const AuditStart start = PM_TRY(repository_.start());
    const auto last = PM_TRY(repository_.last());
    sequence_ = last ? last->sequence : start.sequence;
    hash_ = last ? last->hash : start.hash;
    first_ = start.sequence + 1;
    const auto heads = PM_TRY(repository_.heads());
    if (!heads.empty()) {
        signed_ = heads.back();
    }
    unsigned_since_ = last ? last->at : WallTime{};
    return {};
}

Status AuditLog::append(std::span<AuditEntry> entries) {
    std::uint64_t sequence = sequence_;
    crypto::Hash hash = hash_;
    for (AuditEntry& each : entries) {
        for (std::string* field :
             {&each.who, &each.origin, &each.what, &each.target, &each.why, &each.outcome}) {
            field->resize(std::min(field->size(), kAuditFieldMax));
        }
        each.sequence = ++sequence;
        each.hash = chain_hash(hash, each);
        hash = each.hash;
    }
    PM_TRY(repository_.append(entries));
    if (!entries.empty() && sequence_ == signed_.sequence) {
        unsigned_since_ = entries.front().at;
    }
    sequence_ = sequence;
    hash_ = hash;
    return {};
}

bool AuditLog::wants_signature(WallTime now) const {
    const std::uint64_t without = sequence_ - std::min(sequence_, signed_.sequence);
    return without >= kAuditUnsignedMax ||
           (without > 0 && now.ns - unsigned_since_.ns >= kAuditUnsignedAge.count());
}

Status AuditLog::sign(const crypto::SigningKey& key, WallTime now) {
    if (sequence_ == 0) {
        return {};
    }
    AuditHead head{.sequence = sequence_, .at = now, .hash = hash_, .signature = {}};
    const crypto::Signature signature = key.sign(kAuditHeadLabel, head.message());
    head.signature.assign(signature.encoded().begin(), signature.encoded().end());
    PM_TRY(repository_.append_head(head));
    signed_ = std::move(head);
    return {};
}

// Only up to a signed head, so that what is left begins with something vouched for.
Status AuditLog::retain(WallTime now) {
    const auto heads = PM_TRY(repository_.heads());
    AuditStart start;
    for (const AuditHead& each : heads) {
        const bool is_old = now.ns - each.at.ns > kAuditAgeMax.count();
        const bool is_over = sequence_ - std::min(sequence_, each.sequence) >= kAuditEntriesMax;
        if (each.sequence >= first_ && each.sequence < sequence_ && (is_old || is_over)) {
            start = {each.sequence, each.hash};
        }
    }
    if (start.sequence == 0) {
        return {};
    }
    PM_TRY(repository_.forget_until(start));
    first_ = start.sequence + 1;
    return {};
}

namespace {

class ChainCheck {
  public:
    ChainCheck(const AuditStart& start, std::span<const AuditHead> heads)
        : heads_(heads), hash_(start.hash) {
        verdict_.first = start.sequence + 1;
        verdict_.last = start.sequence;
        if (start.sequence > 0) {
            look_at_head(start.sequence);
        }
    }

    // False: there is no need to look further.
    bool see(const AuditEntry& entry) {
        if (entry.sequence != verdict_.last + 1) {
            return stop(fmt::format(
                "entry {} is missing: {} comes after {}", verdict_.last + 1, entry.sequence,
                verdict_.last
            ));
        }
        if (chain_hash(hash_, entry) != entry.hash) {
            return stop(fmt::format("entry {} is not what was written", entry.sequence));
        }
        hash_ = entry.hash;
        verdict_.last = entry.sequence;
        ++verdict_.entries;
        return look_at_head(entry.sequence);
    }

    [[nodiscard]] AuditVerdict finish(
        const crypto::VerifyKey& key, const std::optional<AuditStart>& known
    ) {
        verdict_.hash = hash_;
        if (verdict_.problem.empty() && at_ < heads_.size()) {
            stop(fmt::format(
                "entries are missing at the end: entry {} was signed, the last is {}",
                heads_[at_].sequence, verdict_.last
            ));
        }
        if (verdict_.problem.empty() && !heads_.empty()) {
            look_at_signature(key, heads_.back());
        }
        if (verdict_.problem.empty() && known &&
            (known->sequence > verdict_.last ||
             (known->sequence == verdict_.last && known->hash != hash_))) {
            stop(fmt::format(
                "entries are missing or others at the end: the node knows of {}, the last is {}",
                known->sequence, verdict_.last
            ));
        }
        return verdict_;
    }

  private:
    bool stop(std::string problem) {
        verdict_.problem = std::move(problem);
        return false;
    }

    bool look_at_head(std::uint64_t sequence) {
        if (at_ < heads_.size() && heads_[at_].sequence == sequence) {
            if (heads_[at_].hash != hash_) {
                return stop(fmt::format("entry {} is not the one that was signed then", sequence));
            }
            ++at_;
        }
        return true;
    }

    void look_at_signature(const crypto::VerifyKey& key, const AuditHead& head) {
        const auto signature = crypto::Signature::decode(head.signature);
        if (!signature ||
            !crypto::verify(key, kAuditHeadLabel, head.message(), *signature).has_value()) {
            stop(fmt::format("the head at entry {} is not signed by this node", head.sequence));
            return;
        }
        verdict_.signed_up_to = head.sequence;
        verdict_.signed_at = head.at;
    }

    std::span<const AuditHead> heads_;
    std::size_t at_ = 0;
    crypto::Hash hash_;
    AuditVerdict verdict_;
};

}  // namespace

Result<AuditVerdict> verify_audit(
    AuditRepository& repository, const crypto::VerifyKey& key,
    const std::optional<AuditStart>& known
) {
    const AuditStart start = PM_TRY(repository.start());
    const auto heads = PM_TRY(repository.heads());
    if (start.sequence > 0 && (heads.empty() || heads.front().sequence != start.sequence)) {
        AuditVerdict verdict;
        verdict.problem =
            fmt::format("nothing vouches for what came before entry {}", start.sequence + 1);
        return verdict;
    }
    ChainCheck check(start, heads);
    PM_TRY(repository.visit(0, [&](const AuditEntry& entry) { return check.see(entry); }));
    return check.finish(key, known);
}

}  // namespace phantom::store
