#include "incident/incident.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "incident/book.h"
#include "incident/post_mortem.h"
#include "incident/record.h"

namespace phantom::incident {
namespace {

constexpr WallTime kBegin{1'790'000'000'000'000'000};

WallTime later(std::int64_t seconds) {
    return {kBegin.ns + seconds * 1'000'000'000};
}

wire::Address address(std::string_view text) {
    return *wire::Address::parse(text);
}

Report report_of(std::uint64_t alert, std::string_view subject, std::int64_t after_s) {
    return {
        .alert = alert,
        .subject = address(subject),
        .object = {},
        .subject_name = "birch",
        .text = "29 ports",
        .assessment = "risk 5.5",
        .technique = "T1046",
        .risk_tenths = 55,
        .priority = 3,
        .confidence = 0.7,
        .first_seen = later(after_s - 3),
        .at = later(after_s),
    };
}

// ---- Life cycle ----------------------------------------------------------------------------------

TEST(IncidentLifeCycle, goes_where_the_standard_says_and_nowhere_else) {
    using enum State;
    const std::set<std::pair<State, State>> allowed{
        {kNew, kTriage},
        {kTriage, kAnalysis},
        {kAnalysis, kContainment},
        {kContainment, kEradication},
        {kEradication, kRecovery},
        {kRecovery, kPostIncident},
        {kPostIncident, kClosed},
        {kTriage, kFalsePositive},
        {kTriage, kMerged},
        {kContainment, kAnalysis},
        {kEradication, kAnalysis},
        {kRecovery, kAnalysis},
        {kClosed, kReopened},
        {kReopened, kTriage},
        {kReopened, kAnalysis},
        {kAnalysis, kFalsePositive},
        {kContainment, kFalsePositive},
        {kEradication, kFalsePositive},
        {kRecovery, kFalsePositive},
    };
    for (std::size_t from = 0; from < static_cast<std::size_t>(kCount); ++from) {
        for (std::size_t to = 0; to < static_cast<std::size_t>(kCount); ++to) {
            const auto a = static_cast<State>(from);
            const auto b = static_cast<State>(to);
            EXPECT_EQ(may_follow(a, b), allowed.contains({a, b}))
                << name_of(a) << " " << name_of(b);
            Incident incident;
            incident.state = a;
            const Status moved = incident.move(b, kBegin, "");
            EXPECT_EQ(moved.has_value(), allowed.contains({a, b}));
            EXPECT_EQ(incident.state, moved ? b : a);
            EXPECT_EQ(incident.timeline.size(), moved ? 1U : 0U) << "each move is on the timeline";
        }
    }
}

TEST(IncidentLifeCycle, walks_through_what_lies_between) {
    Incident incident;
    ASSERT_TRUE(incident.advance(State::kContainment, later(5), "blocked"));
    EXPECT_EQ(incident.timeline.size(), 3U);
    EXPECT_EQ(incident.timeline.back().text, "analysis -> containment: blocked");
    EXPECT_EQ(incident.contained, later(5));
    ASSERT_TRUE(incident.move(State::kAnalysis, later(6), "more"));
    ASSERT_TRUE(incident.advance(State::kClosed, later(9), "done"));
    EXPECT_EQ(incident.contained, later(5)) << "the first time stays";
    EXPECT_EQ(incident.recovered, later(9));
    EXPECT_EQ(incident.closed, later(9));
    EXPECT_FALSE(incident.is_open());
    EXPECT_FALSE(incident.advance(State::kMerged, later(9), ""));
}

TEST(IncidentTimeline, is_in_order_and_has_an_end) {
    Incident incident;
    incident.note(later(2), "action", "second");
    incident.note(later(1), "detection", "first");
    incident.note(later(2), "detection", "third");
    EXPECT_EQ(incident.timeline[0].text, "first");
    EXPECT_EQ(incident.timeline[2].text, "third");
    for (std::size_t count = 0; count < kTimelineMax; ++count) {
        incident.note(later(3), "detection", std::string(2'000, 'x'));
    }
    EXPECT_EQ(incident.timeline.size(), kTimelineMax);
    EXPECT_EQ(incident.not_kept, 3U);
    EXPECT_EQ(incident.timeline.back().text.size(), kEntrySizeMax);
}

TEST(IncidentTimeline, nothing_in_it_steers_a_terminal) {
    Incident incident;
    incident.note(kBegin, "detection", "a\x1b[31mb\nc\x80");
    EXPECT_EQ(incident.timeline[0].text, "a?[31mb?c?");
}

// ---- Which alert belongs to which ------------------------------------------------------------------

TEST(IncidentBookTest, alerts_of_one_subject_are_one_story) {
    IncidentBook book;
    EXPECT_EQ(book.report(report_of(1, "100.64.0.7", 0)).number, 1U);
    EXPECT_EQ(book.report(report_of(2, "100.64.0.7", 60)).number, 1U);
    EXPECT_EQ(book.report(report_of(3, "100.64.0.8", 61)).number, 2U);
    EXPECT_EQ(book.find(1)->alerts, (std::vector<std::uint64_t>{1, 2}));
    EXPECT_EQ(book.find(1)->opened, later(0));
    EXPECT_EQ(book.find(1)->last_seen, later(60));
    const std::int64_t next_day =
        std::chrono::seconds(kCorrelationWindow / std::chrono::seconds(1)).count();
    EXPECT_EQ(book.report(report_of(4, "100.64.0.7", 61 + next_day)).number, 3U) << "a day later";
}

TEST(IncidentBookTest, the_worst_that_was_seen_stays) {
    IncidentBook book;
    Report worse = report_of(1, "100.64.0.7", 0);
    worse.risk_tenths = 92;
    worse.priority = 1;
    (void)book.report(worse);
    const Incident& incident = book.report(report_of(2, "100.64.0.7", 1));
    EXPECT_EQ(incident.risk_tenths, 92);
    EXPECT_EQ(incident.priority, 1);
}

TEST(IncidentBookTest, new_evidence_opens_again_what_was_closed_but_not_what_was_none) {
    IncidentBook book;
    Incident& first = book.report(report_of(1, "100.64.0.7", 0));
    ASSERT_TRUE(first.advance(State::kClosed, later(1), ""));
    EXPECT_EQ(book.report(report_of(2, "100.64.0.7", 2)).number, 1U);
    EXPECT_EQ(first.state, State::kReopened);
    EXPECT_TRUE(first.is_open());
    ASSERT_TRUE(first.advance(State::kContainment, later(3), "blocked"));
    EXPECT_EQ(first.state, State::kContainment);

    Incident& second = book.report(report_of(3, "100.64.0.8", 4));
    ASSERT_TRUE(second.move(State::kTriage, later(5), ""));
    ASSERT_TRUE(second.move(State::kFalsePositive, later(5), ""));
    EXPECT_EQ(book.report(report_of(4, "100.64.0.8", 6)).number, 3U);
}

// ---- Correlation ---------------------------------------------------------------------------------

Report against(
    std::uint64_t alert, const char* subject, const char* object, const char* technique
) {
    Report report = report_of(alert, subject, static_cast<std::int64_t>(alert));
    report.object = address(object);
    report.technique = technique;
    return report;
}

// T1110 and T1046 serve one tactic after the other here, T1021 the one after both.
IncidentBook book_with_techniques() {
    IncidentBook book;
    book.set_techniques([](std::string_view first, std::string_view next) {
        const auto place = [](std::string_view technique) {
            return technique == "T1110"   ? 1
                   : technique == "T1046" ? 2
                   : technique == "T1021" ? 3
                                          : 0;
        };
        return place(first) > 0 && place(next) > place(first);
    });
    return book;
}

TEST(Correlation, two_against_one_host_with_one_technique_are_one_attack) {
    IncidentBook book = book_with_techniques();
    EXPECT_EQ(book.report(against(1, "10.0.0.1", "10.0.0.9", "T1110")).number, 1U);
    EXPECT_EQ(book.report(against(2, "10.0.0.2", "10.0.0.9", "T1110")).number, 1U);
    EXPECT_EQ(book.report(against(3, "10.0.0.3", "10.0.0.9", "T1021")).number, 1U) << "a next step";
    EXPECT_EQ(book.report(against(4, "10.0.0.4", "10.0.0.8", "T1110")).number, 2U)
        << "another host";
    EXPECT_EQ(book.report(against(5, "10.0.0.5", "10.0.0.9", "T9999")).number, 3U)
        << "nothing is known of how it would follow";
}

TEST(Correlation, who_was_attacked_and_goes_on_is_part_of_it) {
    IncidentBook book = book_with_techniques();
    EXPECT_EQ(book.report(against(1, "10.0.0.1", "10.0.0.9", "T1110")).number, 1U);
    EXPECT_EQ(book.report(against(2, "10.0.0.9", "10.0.0.8", "T1021")).number, 1U);
    EXPECT_EQ(book.report(against(3, "10.0.0.7", "10.0.0.6", "T1021")).number, 2U);
    EXPECT_EQ(book.report(against(4, "10.0.0.6", "10.0.0.5", "T1110")).number, 3U)
        << "guessing comes before moving on";
}

TEST(Correlation, an_alert_that_belongs_to_two_makes_them_one) {
    IncidentBook book = book_with_techniques();
    (void)book.report(against(1, "10.0.0.1", "10.0.0.9", "T1110"));
    (void)book.report(against(2, "10.0.0.2", "10.0.0.8", "T1110"));
    book.find(1)->playbooks = {"contain"};
    book.find(2)->playbooks = {"look"};
    EXPECT_EQ(book.report(against(3, "10.0.0.1", "10.0.0.8", "T1110")).number, 1U);
    EXPECT_EQ(book.find(2)->state, State::kMerged);
    EXPECT_EQ(book.find(2)->merged_into, 1U);
    EXPECT_EQ(book.find(1)->alerts, (std::vector<std::uint64_t>{1, 3, 2}));
    EXPECT_EQ(book.find(1)->subjects.size(), 2U);
    EXPECT_EQ(book.take_changed(), (std::vector<std::uint64_t>{2, 1}));
    const auto told = [&](std::uint64_t number, std::string_view part) {
        return std::ranges::any_of(book.find(number)->timeline, [&](const TimelineEntry& each) {
            return each.text.find(part) != std::string::npos;
        });
    };
    EXPECT_EQ(book.find(1)->playbooks, (std::set<std::string>{"contain", "look"}))
        << "begun for either, they are not begun again";
    EXPECT_TRUE(told(1, "incident 2 is part of this"));
    EXPECT_TRUE(told(2, "merged: into incident 1"));
    EXPECT_EQ(book.report(against(4, "10.0.0.2", "10.0.0.7", "T1110")).number, 1U);
}

TEST(Correlation, what_somebody_works_on_is_linked_and_kept) {
    IncidentBook book = book_with_techniques();
    (void)book.report(against(1, "10.0.0.1", "10.0.0.9", "T1110"));
    Incident& second = book.report(against(2, "10.0.0.2", "10.0.0.8", "T1110"));
    ASSERT_TRUE(second.advance(State::kContainment, later(3), "blocked"));
    (void)book.report(against(4, "10.0.0.1", "10.0.0.8", "T1110"));
    (void)book.report(against(5, "10.0.0.1", "10.0.0.8", "T1110"));
    EXPECT_EQ(second.state, State::kContainment);
    EXPECT_EQ(std::ranges::count(second.timeline, "correlation", &TimelineEntry::source), 1);
    EXPECT_FALSE(book.merge(2, 1, later(6), "by hand")) << "the life cycle says so";
    EXPECT_FALSE(book.merge(1, 1, later(6), ""));
    EXPECT_FALSE(book.merge(1, 77, later(6), ""));
}

TEST(Correlation, what_was_joined_can_be_split) {
    IncidentBook book = book_with_techniques();
    (void)book.report(against(1, "10.0.0.1", "10.0.0.9", "T1110"));
    (void)book.report(against(2, "10.0.0.2", "10.0.0.9", "T1110"));
    (void)book.report(against(3, "10.0.0.2", "10.0.0.8", "T1021"));
    const std::vector<std::uint64_t> second{2, 3};
    const auto number = book.split(1, second, later(9));
    ASSERT_TRUE(number.has_value());
    EXPECT_EQ(book.find(1)->alerts, (std::vector<std::uint64_t>{1}));
    EXPECT_EQ(book.find(1)->techniques, (std::set<std::string>{"T1110"}));
    EXPECT_EQ(book.find(*number)->alerts, second);
    EXPECT_EQ(book.find(*number)->subject, address("10.0.0.2"));
    EXPECT_EQ(book.find(*number)->split_from, 1U);
    EXPECT_EQ(book.find(*number)->first_seen, later(-1));
    const std::vector<std::uint64_t> all{1};
    const std::vector<std::uint64_t> none{77};
    EXPECT_FALSE(book.split(1, all, later(9))) << "nothing would be left";
    EXPECT_FALSE(book.split(*number, none, later(9)));
    EXPECT_FALSE(book.split(77, all, later(9)));
    EXPECT_FALSE(book.reopen(1, later(9), "")) << "it is open";
}

TEST(IncidentBookTest, new_evidence_brings_it_back_to_analysis) {
    IncidentBook book;
    Incident& incident = book.report(report_of(1, "100.64.0.7", 0));
    ASSERT_TRUE(incident.advance(State::kRecovery, later(1), ""));
    EXPECT_EQ(book.report(report_of(2, "100.64.0.7", 2)).state, State::kAnalysis);
}

TEST(IncidentBookTest, lets_go_of_what_is_over_first) {
    IncidentBook book;
    for (std::size_t number = 0; number < kIncidentsMax; ++number) {
        const std::string subject =
            "10.0." + std::to_string(number / 250) + "." + std::to_string(number % 250);
        (void)book.report(report_of(number, subject, 0));
    }
    ASSERT_TRUE(book.find(100)->advance(State::kClosed, later(1), ""));
    (void)book.report(report_of(9'000, "10.9.9.9", 1));
    EXPECT_EQ(book.all().size(), kIncidentsMax);
    EXPECT_EQ(book.take_dropped(), (std::vector<std::uint64_t>{100}));
    (void)book.report(report_of(9'001, "10.9.9.8", 1));
    EXPECT_EQ(book.take_dropped(), (std::vector<std::uint64_t>{1})) << "then the oldest";
}

// ---- Written and read ------------------------------------------------------------------------------

Incident full_incident() {
    IncidentBook book;
    Incident incident = book.report(report_of(1, "100.64.0.7", 0));
    incident.actions = {4, 5};
    incident.playbooks = {"contain"};
    incident.note(later(1), "action", "a \"quoted\" | pipe");
    EXPECT_TRUE(incident.advance(State::kClosed, later(90), "by the operator"));
    return incident;
}

TEST(IncidentRecord, is_read_as_it_was_written) {
    const Incident incident = full_incident();
    const auto read = parse_incident(boost::json::serialize(to_json(incident)));
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(*read, incident);
}

TEST(IncidentRecord, of_anything_else_it_says_so) {
    const boost::json::object whole = to_json(full_incident());
    for (const auto& [key, value] : whole) {
        boost::json::object damaged = whole;
        damaged.erase(key);
        const bool for_people = key == "times";
        // Not written by the version before.
        const bool is_later = key == "subjects" || key == "objects" || key == "facts" ||
                              key == "playbooks" || key == "merged_into" || key == "split_from";
        EXPECT_EQ(from_json(damaged).has_value(), for_people || is_later) << key;
        damaged[key] = boost::json::object{{"what", "ever"}};
        EXPECT_EQ(from_json(damaged).has_value(), for_people) << key;
    }
    const std::string text = boost::json::serialize(whole);
    for (std::size_t size = 0; size < text.size(); size += 7) {
        EXPECT_FALSE(parse_incident(text.substr(0, size)));
    }
}

TEST(PostMortem, tells_times_actions_and_what_is_open) {
    const std::string text = post_mortem(
        full_incident(), {.outcomes = {{4, "in force until noon"}},
                          .tactics = {{"T1046", "discovery"}},
                          .evidence = {"001-packets.pcapng, 7 packets"},
                          .evidence_head = "abcd",
                          .playbooks = {"contain: done"}}
    );
    for (const char* part :
         {"# Incident 1: 29 ports", "birch", "| first seen, 2026-", "| 3.0 s |",
          "| detected | contained | 90.0 s |", "| 4 | in force until noon |",
          "| 5 | taken back, or ended by itself |", "T1046", "a \"quoted\" \\| pipe",
          "| T1046 | discovery |", "- 001-packets.pcapng, 7 packets", "abcd", "- contain: done",
          "it was one. Squared error 0.090", "Root cause"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
    }
}

TEST(PostMortem, is_there_for_machines_too) {
    const boost::json::object record = post_mortem_record(full_incident(), {});
    EXPECT_DOUBLE_EQ(record.at("seconds").at("detected_to_contained").as_double(), 90);
    EXPECT_TRUE(record.at("seconds").at("detected_to_acknowledged").is_null());
    EXPECT_EQ(record.at("verdict").as_string(), "it was one");
    EXPECT_EQ(record.at("actions").as_object().size(), 2U);
}

}  // namespace
}  // namespace phantom::incident
