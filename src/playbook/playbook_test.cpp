#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "playbook/dry_run.h"
#include "playbook/playbook_fixture.h"
#include "playbook/reader.h"
#include "playbook/run.h"

namespace phantom::playbook {
namespace {

namespace json = boost::json;

// In a test Run is GoogleTest's.
using RunOf = Run;

constexpr WallTime at_s(std::int64_t seconds) {
    return {1'790'000'000'000'000'000 + seconds * 1'000'000'000};
}

std::string problem_in(const std::string& text) {
    const auto read = read_playbook(text);
    return read ? "" : read.error().text();
}

Playbook playbook_of(const std::string& text) {
    auto read = read_playbook(text);
    EXPECT_TRUE(read.has_value()) << read.error().text() << "\n" << text;
    return read ? std::move(*read) : Playbook();
}

// ---- The public ones -----------------------------------------------------------------------------

std::filesystem::path data_folder() {
    const char* root = std::getenv("PHANTOM_DATA");
    return std::filesystem::path(root == nullptr ? "../shared/data" : root) / "threat/playbooks";
}

std::string text_of_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

constexpr std::array kPublic{"fin", "http", "manual", "openc2", "powershell", "ssh"};

TEST(PublicPlaybooks, are_all_taken) {
    if (!std::filesystem::exists(data_folder())) {
        GTEST_SKIP() << "PHANTOM_DATA has no playbooks";
    }
    for (const char* name : kPublic) {
        const std::string text =
            text_of_file(data_folder() / (std::string(name) + "-playbook.json"));
        ASSERT_FALSE(text.empty()) << name;
        EXPECT_EQ(problem_in(text), "") << name;
    }
}

// Whatever the schemas require is missed when it is not there, and refused when it is of another kind.
TEST(PublicPlaybooks, changed_ones_are_refused_with_the_place) {
    if (!std::filesystem::exists(data_folder())) {
        GTEST_SKIP() << "PHANTOM_DATA has no playbooks";
    }
    for (const char* name : kPublic) {
        const json::object whole =
            json::parse(text_of_file(data_folder() / (std::string(name) + "-playbook.json")))
                .as_object();
        for (const char* key :
             {"type", "spec_version", "id", "name", "created_by", "created", "modified",
              "workflow_start", "workflow"}) {
            json::object changed = whole;
            changed.erase(key);
            EXPECT_EQ(
                problem_in(json::serialize(changed)), "$: '" + std::string(key) + "' is missing"
            );
            changed[key] = 7;
            EXPECT_TRUE(problem_in(json::serialize(changed)).starts_with("$." + std::string(key)))
                << key;
        }
        json::object changed = whole;
        changed["surprise"] = 1;
        EXPECT_EQ(problem_in(json::serialize(changed)), "$.surprise: there is no such property");
        for (const auto& step : whole.at("workflow").as_object()) {
            changed = whole;
            changed.at("workflow").as_object().erase(step.key());
            EXPECT_NE(problem_in(json::serialize(changed)), "")
                << name << " without " << step.key();
            changed = whole;
            changed.at("workflow").as_object().at(step.key()).as_object()["type"] = "endless";
            const std::string problem = problem_in(json::serialize(changed));
            EXPECT_NE(problem.find(std::string(step.key())), std::string::npos) << problem;
            changed = whole;
            changed.at("workflow").as_object().at(step.key()).as_object()["colour"] = "red";
            EXPECT_NE(problem_in(json::serialize(changed)).find("colour"), std::string::npos);
        }
    }
}

// ---- The flow ------------------------------------------------------------------------------------------

TEST(Flow, of_a_sound_one_nothing_is_said) {
    EXPECT_EQ(
        problem_in(playbook_text(
            start_to(test_id("action", 1)) + action(1, "actions", then(test_id("end", 1))) +
            end_step()
        )),
        ""
    );
}

TEST(Flow, what_does_not_hold_together_is_refused) {
    const auto expect = [](const std::string& workflow, const char* part,
                           const std::string& variables = "") {
        const std::string problem = problem_in(playbook_text(workflow, variables));
        EXPECT_NE(problem.find(part), std::string::npos) << part << " not in: " << problem;
    };
    const std::string to_end = then(test_id("end", 1));
    const std::string start = start_to(test_id("action", 1));
    expect(start + action(1, "actions", then(test_id("end", 9))) + end_step(), "there is no step");
    expect(
        start + action(1, "x", to_end) + action(2, "y", to_end) + end_step(),
        "nothing leads to this step"
    );
    expect(
        start + action(1, "x", then(test_id("action", 2))) +
            action(2, "y", then(test_id("action", 1))) + end_step(),
        "nothing leads to this step"
    );
    expect(
        start +
            action(
                1, "x",
                fmt::format(
                    R"("on_success":"{}","on_failure":"{}")", test_id("action", 2),
                    test_id("end", 1)
                )
            ) +
            action(2, "y", then(test_id("action", 1))) + end_step(),
        "goes in a circle"
    );
    expect(
        start + action(1, "block __who__:value", to_end) + end_step(),
        "there is no variable __who__"
    );
    expect(
        start + action(1, "block __who__:value", to_end) + end_step(), "nothing gives it one",
        R"("__who__":{"type":"string"})"
    );
    expect(start_to(test_id("start", 1)) + action(1, "x", to_end) + end_step(), "back to a start");
    expect(
        start + action(1, "x", to_end + R"(,"targets":["nobody"])") + end_step(),
        "no target 'nobody'"
    );
    expect(
        start + action(1, "x", to_end + R"(,"out_args":["__fixed__"])") + end_step(), "is constant",
        R"("__fixed__":{"type":"string","value":"1","constant":true})"
    );
    expect(
        start +
            action(
                1, "x",
                fmt::format(R"("on_completion":"{0}","on_failure":"{0}")", test_id("end", 1))
            ) +
            end_step(),
        "may not be"
    );
    const std::string condition = fmt::format(
        R"("{}":{{"type":"if-condition","condition":"a =","on_true":"{}"}},)",
        test_id("if-condition", 1), test_id("action", 1)
    );
    expect(
        start_to(test_id("if-condition", 1)) + condition + action(1, "x", to_end) + end_step(),
        "a value is missing"
    );
}

TEST(Reader, tells_the_line_of_what_is_no_json) {
    EXPECT_TRUE(problem_in("{\n\"a\": 1,\n}").starts_with("line 3"));
    EXPECT_NE(problem_in(""), "");
    EXPECT_NE(problem_in("[]"), "");
    EXPECT_NE(problem_in(std::string(kPlaybookSizeMax + 1, ' ')), "");
}

// ---- Runs ------------------------------------------------------------------------------------------------

// Carries every order out at once; what was done, in order.
std::vector<std::string> carry_out(
    Run& run, const std::map<std::string, OrderOutcome>& outcomes = {}, std::int64_t begin_s = 0
) {
    std::vector<std::string> done;
    for (std::int64_t turn = begin_s; turn < begin_s + 3'000 && run.state() == RunState::kRunning;
         ++turn) {
        for (const Order& order : run.advance(at_s(turn))) {
            const std::string& text = order.command.command;
            done.push_back(text + (order.target.name.empty() ? "" : "@" + order.target.name));
            const auto outcome = outcomes.find(text);
            run.report(
                order.token,
                outcome == outcomes.end() ? OrderOutcome{true, "", {}} : outcome->second, at_s(turn)
            );
        }
    }
    return done;
}

using Texts = std::vector<std::string>;

TEST(PlaybookRun, does_one_step_after_the_other_against_each_target) {
    const Playbook playbook = playbook_of(playbook_text(
        start_to(test_id("action", 1)) +
        action(1, "first", then(test_id("action", 2)) + R"(,"targets":["one","two"])") +
        action(2, "second", then(test_id("end", 1))) + end_step()
    ));
    RunOf run(playbook, {}, at_s(0));
    EXPECT_EQ(carry_out(run), (Texts{"first@one", "first@two", "second"}));
    EXPECT_EQ(run.state(), RunState::kDone);
}

std::string if_step(const std::string& condition) {
    return fmt::format(
        R"("{}":{{"type":"if-condition","condition":"{}","on_true":"{}","on_false":"{}","on_completion":"{}"}},)",
        test_id("if-condition", 1), condition, test_id("action", 2), test_id("action", 3),
        test_id("action", 4)
    );
}

TEST(PlaybookRun, takes_the_branch_that_its_results_say_and_comes_back) {
    const Playbook playbook = playbook_of(playbook_text(
        start_to(test_id("action", 1)) +
            action(1, "count", then(test_id("if-condition", 1)) + R"(,"out_args":["__number__"])") +
            if_step("__number__:value > 2") +
            action(2, "many __number__:value", then(test_id("end", 1))) +
            action(3, "few", then(test_id("end", 2))) +
            action(4, "after", then(test_id("end", 3))) + end_step(1) + "," + end_step(2) + "," +
            end_step(3),
        R"("__number__":{"type":"integer"})"
    ));
    RunOf many(playbook, {}, at_s(0));
    EXPECT_EQ(
        carry_out(many, {{"count", {true, "x", {{"number", "3"}}}}}),
        (Texts{"count", "many 3", "after"})
    );
    RunOf few(playbook, {}, at_s(0));
    EXPECT_EQ(carry_out(few, {{"count", {true, "1", {}}}}), (Texts{"count", "few", "after"}))
        << "without a field of its name, the text";
    EXPECT_EQ(few.state(), RunState::kDone);
}

TEST(PlaybookRun, repeats_what_a_while_holds_and_no_more_than_it_may) {
    const std::string loop = fmt::format(
        R"("{}":{{"type":"while-condition","condition":"__left__:value > 0","on_true":"{}","on_completion":"{}"}},)",
        test_id("while-condition", 1), test_id("action", 1), test_id("end", 2)
    );
    const Playbook playbook = playbook_of(playbook_text(
        start_to(test_id("while-condition", 1)) + loop +
            action(
                1, "take __left__:value", then(test_id("end", 1)) + R"(,"out_args":["__left__"])"
            ) +
            end_step(1) + "," + end_step(2),
        R"("__left__":{"type":"integer","value":"3"})"
    ));
    RunOf run(playbook, {}, at_s(0));
    EXPECT_EQ(
        carry_out(run, {{"take 3", {true, "2", {}}}, {"take 2", {true, "0", {}}}}),
        (Texts{"take 3", "take 2"})
    );
    EXPECT_EQ(run.state(), RunState::kDone);
    RunOf endless(playbook, {}, at_s(0));
    (void)carry_out(endless, {{"take 3", {true, "3", {}}}});
    EXPECT_EQ(endless.state(), RunState::kFailed);
    EXPECT_NE(endless.log().back().text.find("more than 1000 steps"), std::string::npos);
}

TEST(PlaybookRun, a_body_may_go_back_to_its_while_by_itself) {
    const std::string loop = fmt::format(
        R"("{}":{{"type":"while-condition","condition":"__left__:value > 0","on_true":"{}","on_completion":"{}"}},)",
        test_id("while-condition", 1), test_id("action", 1), test_id("end", 1)
    );
    const Playbook playbook = playbook_of(playbook_text(
        start_to(test_id("while-condition", 1)) + loop +
            action(1, "take", then(test_id("while-condition", 1)) + R"(,"out_args":["__left__"])") +
            end_step(),
        R"("__left__":{"type":"integer","value":"1"})"
    ));
    RunOf run(playbook, {}, at_s(0));
    EXPECT_EQ(carry_out(run, {{"take", {true, "0", {}}}}), (Texts{"take"}));
    EXPECT_EQ(run.state(), RunState::kDone);
}

TEST(PlaybookRun, does_things_at_the_same_time_and_waits_for_all) {
    const std::string parallel = fmt::format(
        R"("{}":{{"type":"parallel","next_steps":["{}","{}"],"on_completion":"{}"}},)",
        test_id("parallel", 1), test_id("action", 1), test_id("action", 2), test_id("action", 3)
    );
    const Playbook playbook = playbook_of(playbook_text(
        start_to(test_id("parallel", 1)) + parallel + action(1, "left", then(test_id("end", 1))) +
        action(2, "right", then(test_id("end", 1))) + action(3, "both", then(test_id("end", 2))) +
        end_step(1) + "," + end_step(2)
    ));
    RunOf run(playbook, {}, at_s(0));
    const auto orders = run.advance(at_s(0));
    ASSERT_EQ(orders.size(), 2U);
    run.report(orders[1].token, {true, "", {}}, at_s(1));
    EXPECT_TRUE(run.advance(at_s(1)).empty()) << "the other is not done";
    run.report(orders[0].token, {true, "", {}}, at_s(2));
    EXPECT_EQ(carry_out(run, {}, 2), (Texts{"both"}));
    EXPECT_EQ(run.state(), RunState::kDone);
}

TEST(PlaybookRun, switches_by_value) {
    const std::string choice = fmt::format(
        R"("{}":{{"type":"switch-condition","switch":"__who__:value","cases":{{"birch":"{}","default":"{}"}}}},)",
        test_id("switch-condition", 1), test_id("action", 1), test_id("action", 2)
    );
    const Playbook playbook = playbook_of(playbook_text(
        start_to(test_id("switch-condition", 1)) + choice +
            action(1, "one", then(test_id("end", 1))) +
            action(2, "other", then(test_id("end", 1))) + end_step(),
        R"("__who__":{"type":"string","external":true})"
    ));
    RunOf birch(playbook, {{"__who__", "birch"}}, at_s(0));
    EXPECT_EQ(carry_out(birch), (Texts{"one"}));
    RunOf amber(playbook, {{"__who__", "amber"}, {"__unknown__", "x"}}, at_s(0));
    EXPECT_EQ(carry_out(amber), (Texts{"other"}));
    RunOf nobody(playbook, {}, at_s(0));
    (void)carry_out(nobody);
    EXPECT_EQ(nobody.state(), RunState::kFailed);
}

TEST(PlaybookRun, what_fails_goes_where_it_is_told) {
    const std::string workflow =
        start_to(test_id("action", 1)) +
        action(
            1, "first",
            fmt::format(
                R"("on_success":"{}","on_failure":"{}")", test_id("end", 1), test_id("action", 2)
            )
        ) +
        action(2, "instead", then(test_id("end", 1))) +
        action(3, "clean up", then(test_id("end", 2))) + end_step(1) + "," + end_step(2);
    const std::string exception =
        fmt::format(R"("workflow_exception":"{}",)", test_id("action", 3));
    const Playbook playbook = playbook_of(playbook_text(workflow, "", exception));
    RunOf told(playbook, {}, at_s(0));
    EXPECT_EQ(carry_out(told, {{"first", {false, "no", {}}}}), (Texts{"first", "instead"}));
    EXPECT_EQ(told.state(), RunState::kDone);
    RunOf both(playbook, {}, at_s(0));
    EXPECT_EQ(
        carry_out(both, {{"first", {false, "no", {}}}, {"instead", {false, "no", {}}}}),
        (Texts{"first", "instead", "clean up"})
    );
    EXPECT_EQ(both.state(), RunState::kFailed) << "handled, and yet not what was wanted";
    RunOf all(playbook, {}, at_s(0));
    const OrderOutcome no{false, "no", {}};
    EXPECT_EQ(carry_out(all, {{"first", no}, {"instead", no}, {"clean up", no}}).size(), 3U);
    EXPECT_EQ(all.state(), RunState::kFailed);
}

TEST(PlaybookRun, waits_and_gives_up_in_time) {
    const Playbook playbook = playbook_of(playbook_text(
        start_to(test_id("action", 1)) +
        action(1, "slow", then(test_id("end", 1)) + R"(,"delay":5000,"timeout":2000)") + end_step()
    ));
    RunOf run(playbook, {}, at_s(0));
    EXPECT_TRUE(run.advance(at_s(0)).empty()) << "the delay begins";
    EXPECT_TRUE(run.advance(at_s(4)).empty());
    EXPECT_FALSE(run.is_due(at_s(4)));
    EXPECT_TRUE(run.is_due(at_s(5)));
    const auto orders = run.advance(at_s(5));
    ASSERT_EQ(orders.size(), 1U);
    EXPECT_EQ(orders[0].until, at_s(7));
    EXPECT_TRUE(run.advance(at_s(6)).empty());
    (void)run.advance(at_s(7));
    EXPECT_EQ(run.state(), RunState::kFailed);
    run.report(orders[0].token, {true, "late", {}}, at_s(8));
    EXPECT_EQ(run.state(), RunState::kFailed) << "who comes too late is not heard";
}

TEST(PlaybookRun, goes_on_after_a_restart_but_does_nothing_twice) {
    const Playbook playbook = playbook_of(playbook_text(
        start_to(test_id("action", 1)) +
        action(1, "pull the cable", then(test_id("action", 2)), "manual") +
        action(2, "block", then(test_id("end", 1))) + end_step()
    ));
    RunOf run(playbook, {}, at_s(0));
    ASSERT_EQ(run.advance(at_s(0)).size(), 1U);
    auto again = RunOf::load(playbook, run.save(), at_s(10));
    ASSERT_TRUE(again.has_value());
    ASSERT_EQ(again->waiting().size(), 1U) << "what a person does goes on";
    EXPECT_EQ(again->waiting()[0].command, "pull the cable");
    again->report(again->waiting()[0].token, {true, "done", {}}, at_s(11));
    ASSERT_EQ(again->advance(at_s(11)).size(), 1U);
    auto killed = RunOf::load(playbook, again->save(), at_s(12));
    ASSERT_TRUE(killed.has_value());
    EXPECT_EQ(killed->state(), RunState::kFailed) << "nobody knows whether it was blocked";
    EXPECT_FALSE(RunOf::load(playbook, {}, at_s(0)).has_value());
}

TEST(PlaybookRun, can_be_stopped) {
    const Playbook playbook = playbook_of(playbook_text(
        start_to(test_id("action", 1)) + action(1, "x", then(test_id("end", 1)), "manual") +
        end_step()
    ));
    RunOf run(playbook, {}, at_s(0));
    (void)run.advance(at_s(0));
    run.stop(at_s(1), "enough");
    EXPECT_EQ(run.state(), RunState::kStopped);
    EXPECT_TRUE(run.advance(at_s(2)).empty());
}

TEST(DryRun, says_every_step_once_and_does_none) {
    const Playbook playbook = playbook_of(playbook_text(
        start_to(test_id("action", 1)) +
            action(
                1, "block __who__:value",
                then(test_id("if-condition", 1)) + R"(,"out_args":["__number__"])"
            ) +
            if_step("__number__:value > 2") + action(2, "many", then(test_id("end", 1))) +
            action(3, "few", then(test_id("end", 1))) +
            action(4, "after", then(test_id("end", 1))) + end_step(1),
        R"("__number__":{"type":"integer","value":"1"},"__who__":{"type":"string","external":true})"
    ));
    std::string all;
    for (const std::string& line : dry_run(playbook, {{"__who__", "10.0.0.7"}})) {
        all += line + "\n";
    }
    for (const char* part :
         {"block 10.0.0.7", "not known before", "  a2: phantommesh 'many'", "else:", "'after'"}) {
        EXPECT_NE(all.find(part), std::string::npos) << part << " not in\n" << all;
    }
}

}  // namespace
}  // namespace phantom::playbook
