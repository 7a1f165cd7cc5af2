#pragma once

// Deliveries from "decided" to "the receiver has it", through a crash at any moment: put down on disk, sent,
// tried again, struck off. A crash after put() can only send the same key again.
//
//     auto outgoing = PM_TRY(courier::Outgoing::open("/var/lib/phantommesh/alerts.db", {}, random));
//     PM_TRY(outgoing->put(parcels, now));            // returns when they are on the disk
//     for (;;) {
//         PM_TRY(outgoing->run_once(wall_now()));     // takes answers, starts what is due
//         ... poll(outgoing->answers_fd(), until outgoing->next_due()) ...
//     }
//
// One thread, besides the sender's own. The file holds what the parcels hold until they are delivered, secrets
// included, as the configuration does; it is its owner's alone.

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "courier/schedule.h"
#include "courier/sender.h"
#include "store/outbox.h"

namespace phantom::courier {

// What waits, in bytes; in number it is store::kOutboxPendingMax.
inline constexpr std::size_t kPendingBytesMax = std::size_t{256} << 20U;

struct OutgoingOptions {
    ScheduleLimits limits;
    SenderOptions sender;
    // How long the key of a delivery that is done cannot come again.
    Duration remembered = std::chrono::hours(24 * 7);
    std::size_t pending_max = store::kOutboxPendingMax;
    std::size_t pending_bytes_max = kPendingBytesMax;
};

// Outcomes that nobody has taken yet; the oldest go first.
inline constexpr std::size_t kOutcomesMax = 10'000;

// Of one try.
struct Outcome {
    enum class State : std::uint8_t { kDelivered, kRetry, kDeadLetter };
    std::string key;
    State state = State::kRetry;
    std::uint32_t attempts = 0;
    WallTime at;
    WallTime next_at;  // of a retry
    std::string answer;
};

struct OutgoingCounters {
    std::uint64_t put_total = 0;
    std::uint64_t known_total = 0;  // of a key that was there already
    std::uint64_t delivered_total = 0;
    std::uint64_t retries_total = 0;
    std::uint64_t dead_letters_total = 0;
    std::uint64_t shed_total = 0;        // gave way to what matters more
    std::uint64_t unreadable_total = 0;  // of those found at start
};

class Outgoing {
  public:
    // What an earlier process left is taken up.
    [[nodiscard]] static Result<std::unique_ptr<Outgoing>> open(
        const std::string& path, const OutgoingOptions& options, Random& random
    );

    // All of them or none; one of a known key is left out. Where there is no room, what matters less than all of them
    // gives way; where that is not enough, store::StoreError::kFull. `also` is on the disk with them, or not at all.
    [[nodiscard]] Status put(
        std::span<const Parcel> parcels, WallTime now, const std::function<Status()>& also = {}
    );

    [[nodiscard]] Status run_once(WallTime now);
    // Since the last time.
    [[nodiscard]] std::vector<Outcome> take_outcomes() { return std::exchange(outcomes_, {}); }
    [[nodiscard]] WallTime next_due() const { return schedule_.next_due(); }
    [[nodiscard]] int answers_fd() const { return sender_->answers_fd(); }

    [[nodiscard]] std::size_t pending_count() const { return schedule_.pending_count(); }
    [[nodiscard]] const OutgoingCounters& counters() const { return counters_; }
    [[nodiscard]] store::Store& store() { return store_; }
    [[nodiscard]] store::Outbox& outbox() { return outbox_; }

  private:
    Outgoing(
        store::Store store, std::unique_ptr<Sender> sender, const OutgoingOptions& options,
        Random& random
    );

    [[nodiscard]] Status take_up_pending();
    void note(Outcome outcome);
    void add(const Parcel& parcel, const store::OutboxEntry& entry);
    [[nodiscard]] Status make_room_for(std::span<const store::OutboxEntry> entries, WallTime now);
    // Its destination, for the log.
    std::string forget(const std::string& key);
    [[nodiscard]] Status settle(SendId id, const Answer& answer, WallTime now);
    [[nodiscard]] Status start(const std::string& key);

    OutgoingOptions options_;
    Random& random_;
    store::Store store_;
    store::Outbox outbox_;
    std::unique_ptr<Sender> sender_;
    Schedule schedule_;
    struct Pending {
        Request request;
        std::size_t size_bytes = 0;
    };
    std::map<std::string, Pending> pending_;
    std::size_t pending_bytes_ = 0;
    std::map<SendId, std::string> sending_;  // its key
    SendId next_id_ = 1;
    std::vector<Outcome> outcomes_;
    OutgoingCounters counters_;
};

}  // namespace phantom::courier
