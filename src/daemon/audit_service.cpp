#include "daemon/audit_service.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/hex.h"
#include "base/log.h"
#include "daemon/control_server.h"
#include "daemon/json_fields.h"
#include "fields/fields.h"
#include "incident/record.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr const char* kHeadFile = "audit.head";
constexpr Duration kAuditLook = std::chrono::seconds(1);
constexpr Duration kRetentionInterval = std::chrono::hours(1);

ByteView bytes_of_text(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

json::object describe_entry(const store::AuditEntry& entry) {
    return {
        {"number", entry.sequence},   {"at", incident::time_text(entry.at)},
        {"who", entry.who},           {"from", entry.origin},
        {"what", entry.what},         {"target", entry.target},
        {"why", entry.why},           {"outcome", entry.outcome},
        {"hash", hex_of(entry.hash)},
    };
}

}  // namespace

void AuditService::start() {
    const std::string path = node_.files().path_of(kDatabaseFile).string();
    auto opened = store::Store::open(path);
    if (!opened) {
        problem_ = fmt::format(
            "{}: {}. 'phantom down' and 'phantom restore FILE' bring a backup back", path,
            opened.error().message()
        );
        log::error("audit: {}", problem_);
        return;
    }
    store_ = std::make_unique<store::Store>(std::move(*opened));
    repository_ = std::make_unique<store::SqliteAudit>(*store_);
    records_ = std::make_unique<store::Records>(*store_);
    log_ = std::make_unique<store::AuditLog>(*repository_);
    if (const Status ready = log_->open(); !ready) {
        problem_ = ready.error().message();
        log::error("audit: {}", problem_);
        log_.reset();
        return;
    }
    const auto& policy = node_.state().policy;
    policy_sequence_ = policy ? policy->sequence : 0;
    revocations_ = node_.state().revocations.size();
    tell(
        {.who = "node",
         .origin = "start",
         .what = "start",
         .target = {},
         .why = {},
         .outcome = "done"}
    );
    flush();
}

void AuditService::stop() {
    if (log_) {
        tell(
            {.who = "node",
             .origin = "stop",
             .what = "stop",
             .target = {},
             .why = {},
             .outcome = "done"}
        );
        flush();
        sign(wall_now());
    }
}

void AuditService::tell(Doing doing) {
    note(store::AuditEntry{
        .sequence = 0,
        .at = wall_now(),
        .who = std::move(doing.who),
        .origin = std::move(doing.origin),
        .what = std::move(doing.what),
        .target = std::move(doing.target),
        .why = std::move(doing.why),
        .outcome = std::move(doing.outcome),
        .hash = {},
    });
}

void AuditService::note(store::AuditEntry entry) {
    if (!log_) {
        return;
    }
    if (waiting_.size() == kAuditWaitingMax) {
        ++not_kept_;
        ++lost_;
        return;
    }
    waiting_.push_back(std::move(entry));
}

AuditService::Counts AuditService::counts() const {
    Counts counts{.waiting = waiting_.size(), .lost = lost_};
    if (log_ != nullptr) {
        counts.is_up = true;
        counts.entries = log_->sequence();
        counts.not_signed = log_->sequence() - log_->signed_head().sequence;
    }
    return counts;
}

void AuditService::flush() {
    if (!log_ || waiting_.empty()) {
        return;
    }
    if (const std::uint64_t lost = std::exchange(not_kept_, 0); lost > 0) {
        waiting_.push_back(
            {.sequence = 0,
             .at = wall_now(),
             .who = "node",
             .origin = "audit log",
             .what = "entries not kept",
             .target = {},
             .why = {},
             .outcome = std::to_string(lost),
             .hash = {}}
        );
    }
    if (const Status written = log_->append(waiting_); !written) {
        log::error("audit: {} entries: {}", waiting_.size(), written.error().message());
        return;  // they are tried again
    }
    waiting_.clear();
}

// What came from the root, whoever told us.
void AuditService::note_changes() {
    const auto& policy = node_.state().policy;
    if (policy && policy->sequence != policy_sequence_) {
        policy_sequence_ = policy->sequence;
        tell(
            {.who = "root",
             .origin = "mesh",
             .what = "policy in force",
             .target = fmt::format("sequence {}", policy->sequence),
             .why = {},
             .outcome = "done"}
        );
    }
    const auto& revocations = node_.state().revocations;
    for (; revocations_ < revocations.size(); ++revocations_) {
        tell(
            {.who = "root",
             .origin = "mesh",
             .what = "member revoked",
             .target = revocations[revocations_].node.to_string(),
             .why = {},
             .outcome = "done"}
        );
    }
    revocations_ = revocations.size();
}

void AuditService::tick() {
    const Instant now = monotonic_now();
    if (!log_ || now < next_look_) {
        return;
    }
    next_look_ = now + kAuditLook;
    note_changes();
    flush();
    const WallTime at = wall_now();
    if (log_->wants_signature(at)) {
        sign(at);
    }
    if (now >= next_retention_) {
        next_retention_ = now + kRetentionInterval;
        if (const Status done = log_->retain(at); !done) {
            log::error("audit: {}", done.error().message());
        }
    }
}

json::object AuditService::signer() const {
    const identity::MemberRecord& self = node_.mesh().self();
    const auto encoded = self.encode();
    return {
        {"mesh", self.descriptor.mesh.to_string()},
        {"node", self.descriptor.node.to_string()},
        {"name", self.certificate.name.text()},
        {"root_key", hex_of(node_.state().membership.root.encoded())},
        {"record", encoded ? hex_of(*encoded) : ""},
        {"verify_key", hex_of(node_.state().keys->public_keys().verify.encoded())},
    };
}

void AuditService::sign(WallTime now) {
    if (const Status is_signed = log_->sign(node_.state().keys->signing(), now); !is_signed) {
        log::error("audit: {}", is_signed.error().message());
        return;
    }
    const store::AuditHead& head = log_->signed_head();
    const std::string text = json::serialize(json::object{
        {"schema", "phantom.audit_head/1"},
        {"sequence", head.sequence},
        {"at", incident::time_text(head.at)},
        {"at_ns", std::to_string(head.at.ns)},
        {"hash", hex_of(head.hash)},
        {"signature", hex_of(head.signature)},
        {"signer", signer()},
    });
    if (const Status kept = node_.files().write(kHeadFile, bytes_of_text(text)); !kept) {
        log::error("{}: {}", kHeadFile, kept.error().message());
    }
}

json::object AuditService::list(const json::object& request) {
    const std::int64_t since_s = fields::number_at(request, "since_s", 0);
    const auto count = static_cast<std::uint64_t>(std::clamp<std::int64_t>(
        fields::number_at(request, "count", 100), 1, static_cast<std::int64_t>(kAuditShownMax)
    ));
    const WallTime oldest{since_s == 0 ? 0 : wall_now().ns - since_s * 1'000'000'000};
    // "before": the number of an entry; those before it.
    const auto before = static_cast<std::uint64_t>(std::max<std::int64_t>(
        fields::number_at(request, "before", static_cast<std::int64_t>(log_->sequence() + 1)), 1
    ));
    const std::uint64_t last = std::min(log_->sequence(), before - 1);
    const std::uint64_t from = last - std::min(last, count) + 1;
    json::array entries;
    const Status read = repository_->visit(from, [&](const store::AuditEntry& entry) {
        if (entry.sequence > last) {
            return false;
        }
        if (entry.at >= oldest) {
            entries.push_back(describe_entry(entry));
        }
        return true;
    });
    if (!read) {
        return control_error("refused", read.error().message());
    }
    return {{"schema", "phantom.audit/1"}, {"entries", std::move(entries)}};
}

json::object AuditService::head() const {
    return {
        {"schema", "phantom.audit_head/1"},
        {"sequence", log_->sequence()},
        {"hash", hex_of(log_->hash())},
        {"signed_sequence", log_->signed_head().sequence},
        {"signer", signer()},
    };
}

json::object AuditService::back_up(const json::object& request) {
    const std::string path = fields::text_at(request, "path");
    if (path.empty() || path.front() != '/') {
        return control_error(
            "bad_request", "\"path\" is where to, from the root of the file system"
        );
    }
    std::error_code error;
    if (std::filesystem::exists(path, error)) {
        return control_error("refused", path + " is there already; choose another name");
    }
    flush();
    sign(wall_now());
    if (const Status done = store_->back_up_to(path); !done) {
        return control_error("refused", fmt::format("{}: {}", path, done.error().message()));
    }
    return {
        {"schema", "phantom.backup/1"},
        {"path", path},
        {"size", static_cast<std::int64_t>(std::filesystem::file_size(path, error))},
        {"audit_entries", log_->sequence()},
    };
}

json::object AuditService::answer(const json::object& request) {
    if (!log_) {
        return control_error("refused", problem_);
    }
    flush();
    const std::string verb = fields::text_at(request, "verb");
    if (verb == "backup") {
        return back_up(request);
    }
    return verb == "audit" ? list(request) : head();
}

}  // namespace phantom::daemon
