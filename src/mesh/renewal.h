#pragma once

// Certificates are renewed, and keys changed, without anybody's doing: a member asks the root's node in
// the last third of its certificate's life, or once it has next keys, and the root's node gives the
// next certificate. Without I/O and without clocks.

#include <chrono>

#include "base/clock.h"
#include "base/random.h"
#include "identity/member.h"
#include "mesh/messages.h"

namespace phantom::mesh {

// Of those that admit, so many are called where none is linked.
inline constexpr std::size_t kIntroducersWantedMax = 4;

// Between two requests of a member that gets no answer; doubled up to the second figure.
inline constexpr Duration kRenewRetryFirst = std::chrono::seconds(2);
inline constexpr Duration kRenewRetryMax = std::chrono::hours(6);
// The root's node looks at one request of a member in so long a time,
inline constexpr Duration kRenewIntervalMin = std::chrono::seconds(1);
// and of all of them at so many a second: each costs it two signatures and a write.
inline constexpr Duration kRenewCost = std::chrono::milliseconds(50);
inline constexpr Duration kRenewCredit = std::chrono::seconds(1);
// A node's keys are changed at this age. Its certificate is renewed by that, too.
inline constexpr std::uint64_t kKeysLifetimeS = 365ULL * 86'400;

// When a member begins to ask: in the last third, each at another moment of the third's first tenth.
[[nodiscard]] identity::UnixTime renewal_due(const identity::Certificate& certificate);
// Earlier than that the root's node gives nothing: in the first half.
[[nodiscard]] bool may_be_renewed(const identity::Certificate& certificate, identity::UnixTime now);

// When a member makes its next keys: in the first tenth after their age, each at another moment.
[[nodiscard]] identity::UnixTime rotation_due(const identity::Certificate& certificate);

// The member's side: when to ask again.
class RenewalClock {
  public:
    [[nodiscard]] bool due(const identity::Certificate& held, identity::UnixTime wall, Instant now)
        const {
        return wall >= renewal_due(held) && may_ask(now);
    }
    [[nodiscard]] bool may_ask(Instant now) const { return now >= next_; }
    void asked(Instant now);
    void granted() { *this = {}; }
    // How often it asked in vain: who is asked may be another each time.
    [[nodiscard]] std::size_t attempts() const { return attempts_; }

  private:
    Instant next_;  // zero: at once
    Duration retry_ = kRenewRetryFirst;
    std::size_t attempts_ = 0;
};

// `descriptor` is what the member wants to be certified, maybe with its next keys; all of it is signed by
// the key that is certified now.
[[nodiscard]] Result<RenewRequest> make_renew_request(
    const identity::Descriptor& descriptor, const crypto::SigningKey& certified
);
// The descriptor. kWrongNode where it is not `member`'s, kBadSignature; what Descriptor::verify says.
[[nodiscard]] Result<identity::Descriptor> check_renew_request(
    const RenewRequest& request, const identity::MemberRecord& member, identity::UnixTime now
);

// What the root's node certifies next: the keys that were asked for, under the generation that its list
// of what it has issued says (identity::IssuedPlaces).
struct NextKeys {
    identity::KeysHash hash;
    std::uint32_t generation = 0;
};
// The root's side: the same place for as long again. kBadGeneration.
[[nodiscard]] Result<identity::Certificate> renew(
    const identity::Certificate& certificate, const NextKeys& keys, const crypto::SigningKey& root,
    identity::UnixTime now, Random& random
);

}  // namespace phantom::mesh
