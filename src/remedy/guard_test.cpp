#include "remedy/guard.h"

#include <cmath>

#include <gtest/gtest.h>

#include "remedy/remedy_fixture.h"

namespace phantom::remedy {
namespace {

Request sure_of(std::string_view address) {
    return {.target = against(address), .terms = {.duration = 1h}, .confidence = 1};
}

RemedyError why_not(const Guard& guard, const Request& request, const Ledger& ledger = {}) {
    const Status checked = guard.check(request, ledger);
    for (const RemedyError code :
         {RemedyError::kGuarded, RemedyError::kLowConfidence, RemedyError::kNeedsApproval,
          RemedyError::kBudget, RemedyError::kBadDuration, RemedyError::kBadTarget}) {
        if (!checked && checked.error().is(code)) {
            return code;
        }
    }
    EXPECT_TRUE(checked.has_value());
    return RemedyError::kStuck;  // it may be done
}
constexpr RemedyError kMayBeDone = RemedyError::kStuck;

Guard limited(const Limits& firewall) {
    GuardOptions options;
    options.limits[index_of(Executor::kFirewall)] = firewall;
    return Guard(options);
}

Request by(Executor executor, Key key, double confidence, std::uint32_t option = 0) {
    return {
        .target = {executor, std::move(key), option},
        .terms = {.duration = 1h},
        .confidence = confidence,
    };
}

TEST(Guard, strangers_may_be_acted_against) {
    EXPECT_EQ(why_not(Guard(), sure_of("192.0.2.7")), kMayBeDone);
    EXPECT_EQ(why_not(Guard(), sure_of("2001:db8::7")), kMayBeDone);
}

TEST(Guard, whatever_is_in_a_guarded_range_may_not) {
    const Guard guard({.prefixes = {prefix("192.0.2.0/24")}});
    EXPECT_EQ(why_not(guard, sure_of("192.0.2.7")), RemedyError::kGuarded);
    EXPECT_EQ(why_not(guard, sure_of("192.0.3.7")), kMayBeDone);
    Request nobody = sure_of("192.0.3.7");
    nobody.target.key = wire::Address{};
    EXPECT_EQ(why_not(guard, nobody), RemedyError::kGuarded);
    Request approved = sure_of("192.0.2.7");
    approved.is_approved = true;
    EXPECT_EQ(why_not(guard, approved), RemedyError::kGuarded) << "nobody can approve that";
}

TEST(Guard, confidence_is_asked_for_unless_somebody_approved) {
    const Guard guard = limited({.confidence_min = 0.9});
    Request request = sure_of("192.0.2.7");
    request.confidence = 0.89;
    EXPECT_EQ(why_not(guard, request), RemedyError::kLowConfidence);
    request.confidence = std::nan("");
    EXPECT_EQ(why_not(guard, request), RemedyError::kLowConfidence);
    request.is_approved = true;
    EXPECT_EQ(why_not(guard, request), kMayBeDone);
}

TEST(Guard, approval_is_asked_for_where_the_limits_say_so) {
    const Guard guard = limited({.needs_approval = true});
    Request request = sure_of("192.0.2.7");
    EXPECT_EQ(why_not(guard, request), RemedyError::kNeedsApproval);
    request.is_approved = true;
    EXPECT_EQ(why_not(guard, request), kMayBeDone);
}

TEST(Guard, durations_have_ends) {
    Request request = sure_of("192.0.2.7");
    for (const Duration duration : {Duration(-1s), Duration(0), Duration(kActionLongest + 1s)}) {
        request.terms.duration = duration;
        EXPECT_EQ(why_not(Guard(), request), RemedyError::kBadDuration);
    }
}

TEST(Guard, so_many_at_a_time) {
    const Guard guard = limited({.active_max = 2});
    Ledger ledger;
    for (std::uint64_t number = 1; number <= 2; ++number) {
        EXPECT_EQ(why_not(guard, sure_of("192.0.2.7"), ledger), kMayBeDone);
        ASSERT_TRUE(ledger.take(
            {.kind = RecordKind::kIntent, .action = {number}, .target = against("192.0.2.8")}
        ));
    }
    EXPECT_EQ(why_not(guard, sure_of("192.0.2.7"), ledger), RemedyError::kBudget);
}

TEST(Guard, fewer_at_a_time_where_nobody_was_asked) {
    const Guard guard = limited({.unasked_max = 1});
    Ledger ledger;
    ASSERT_TRUE(
        ledger.take({.kind = RecordKind::kIntent, .action = {1}, .target = against("192.0.2.8")})
    );
    Request request = sure_of("192.0.2.7");
    EXPECT_EQ(why_not(guard, request, ledger), RemedyError::kBudget);
    request.is_approved = true;
    EXPECT_EQ(why_not(guard, request, ledger), kMayBeDone);
}

// What a hostile peer would like us to do, by each executor.
TEST(Guard, what_would_cut_ourselves_off_is_refused_by_each_executor) {
    const MemberId holder = member(9);
    const Guard guard({
        .prefixes = {prefix("192.0.2.1/32"), prefix("2001:db8::1/128")},
        .members = {holder},
    });
    const std::vector<Request> hostile{
        by(Executor::kFirewall, wire::Address::parse("192.0.2.1").value(), 1),
        by(Executor::kRateLimit, wire::Address::parse("192.0.2.1").value(), 1, kRates[0]),
        by(Executor::kRateLimit, holder, 1, kRates[0]),
        by(Executor::kIsolation, holder, 1),
        by(Executor::kTunnel, holder, 1, kBar),
        by(Executor::kTunnel, holder, 1, kRekey),
        by(Executor::kCredential, holder, 1),
        by(Executor::kRoute, MemberRoute{prefix("10.0.0.0/8"), holder}, 1),
        by(Executor::kRoute, prefix("192.0.2.0/24"), 1),
        by(Executor::kRoute, prefix("2001:db8::/32"), 1),
        by(Executor::kRoute, prefix("0.0.0.0/0"), 1),
        by(Executor::kRoute, prefix("8.0.0.0/7"), 1),
        by(Executor::kRoute, prefix("2000::/8"), 1),
        by(Executor::kRoute, prefix("127.0.0.0/8"), 1),
        by(Executor::kRoute, wire::Prefix{}, 1),
    };
    for (const Request& each : hostile) {
        Request request = each;
        for (const bool approved : {false, true}) {
            request.is_approved = approved;
            EXPECT_EQ(why_not(guard, request), RemedyError::kGuarded)
                << name_of(request.target.executor) << " " << request.target.key.index();
        }
    }
    EXPECT_EQ(why_not(guard, by(Executor::kIsolation, Host{}, 1)), RemedyError::kNeedsApproval)
        << "nobody but a person isolates this machine";
}

TEST(Guard, what_suits_no_executor_is_no_target) {
    const Guard guard;
    for (const Request& each : {
             by(Executor::kFirewall, member(1), 1),
             by(Executor::kFirewall, Host{}, 1),
             by(Executor::kIsolation, prefix("192.0.2.0/24"), 1),
             by(Executor::kRateLimit, member(1), 1, 1'234),
             by(Executor::kTunnel, member(1), 1, 2),
             by(Executor::kRoute, member(1), 1),
             by(Executor::kCredential, Host{}, 1),
         }) {
        EXPECT_EQ(why_not(guard, each), RemedyError::kBadTarget) << name_of(each.target.executor);
    }
}

TEST(Guard, the_more_is_cut_the_surer_one_has_to_be) {
    struct Floor {
        Request request;
        double floor;
    };
    const std::vector<Floor> floors{
        {by(Executor::kRateLimit, member(1), 0, kRates[0]), 0.7},
        {by(Executor::kFirewall, wire::Address::parse("192.0.2.7").value(), 0), 0.9},
        {by(Executor::kTunnel, member(1), 0, kRekey), 0.9},
        {by(Executor::kTunnel, member(1), 0, kBar), 0.97},
        {by(Executor::kRoute, prefix("192.0.2.0/24"), 0), 0.95},
        {by(Executor::kIsolation, member(1), 0), 0.97},
        {by(Executor::kCredential, member(1), 0), 0.97},
    };
    for (const Floor& each : floors) {
        Request request = each.request;
        request.confidence = each.floor - 0.001;
        EXPECT_EQ(why_not(Guard(), request), RemedyError::kLowConfidence) << each.floor;
        request.confidence = each.floor;
        EXPECT_EQ(why_not(Guard(), request), kMayBeDone) << each.floor;
    }
}

TEST(Guard, each_executor_has_a_list_of_its_own) {
    const Guard guard({
        .prefixes_of = {{Executor::kFirewall, {prefix("192.0.2.7/32")}}},
        .members_of = {{Executor::kIsolation, {member(1)}}},
    });
    EXPECT_EQ(why_not(guard, sure_of("192.0.2.7")), RemedyError::kGuarded);
    EXPECT_EQ(why_not(guard, by(Executor::kRoute, prefix("192.0.2.0/24"), 1)), kMayBeDone);
    EXPECT_EQ(why_not(guard, by(Executor::kIsolation, member(1), 1)), RemedyError::kGuarded);
    EXPECT_EQ(why_not(guard, by(Executor::kCredential, member(1), 1)), kMayBeDone);
}

TEST(Guard, one_member_in_twenty_is_cut_off_and_one_always) {
    const auto may = [](std::size_t members, std::uint8_t cut_off) {
        GuardOptions options;
        options.member_count = members;
        Ledger ledger;
        for (std::uint8_t number = 1; number <= cut_off; ++number) {
            EXPECT_TRUE(ledger.take(
                {.kind = RecordKind::kIntent,
                 .action = {number},
                 .target = {Executor::kIsolation, member(number)}}
            ));
        }
        return why_not(Guard(options), by(Executor::kCredential, member(200), 1), ledger);
    };
    EXPECT_EQ(may(2, 0), kMayBeDone);
    EXPECT_EQ(may(2, 1), RemedyError::kBudget);
    EXPECT_EQ(may(100, 4), kMayBeDone);
    EXPECT_EQ(may(100, 5), RemedyError::kBudget);
    Ledger ledger;
    ASSERT_TRUE(ledger.take(
        {.kind = RecordKind::kIntent, .action = {1}, .target = {Executor::kIsolation, member(1)}}
    ));
    Request same = by(Executor::kTunnel, member(1), 1);
    EXPECT_EQ(why_not(Guard(), same, ledger), kMayBeDone) << "it is cut off already";
    Request other = by(Executor::kTunnel, member(2), 1);
    EXPECT_EQ(why_not(Guard(), other, ledger), RemedyError::kBudget);
    other.is_approved = true;
    EXPECT_EQ(why_not(Guard(), other, ledger), kMayBeDone) << "a person may";
}

}  // namespace
}  // namespace phantom::remedy
