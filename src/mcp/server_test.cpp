#include "mcp/server.h"

#include <gtest/gtest.h>

#include "mcp/arguments.h"

namespace phantom::mcp {
namespace {

namespace json = boost::json;

constexpr Instant kNow{1'000'000'000'000};

json::object parsed(std::string_view text) {
    return json::parse(text).as_object();
}

// A node that answers each verb with what it is told, and remembers what it was asked.
class Mcp : public testing::Test {
  protected:
    Server server(bool allow_writes = false) {
        return {
            {.allow_writes = allow_writes, .version = "1.2.3"},
            {
                .ask =
                    [this](const json::object& request) {
                        asked_.push_back(request);
                        const auto found =
                            answers_.find(std::string(request.at("verb").as_string()));
                        return found == answers_.end() ? Reply{"the node does not run", {}}
                                                       : found->second;
                    },
                .examine_machine = [] { return parsed(R"({"verdict": "ok", "checks": []})"); },
            },
            random_,
        };
    }

    // Its answer, parsed.
    static json::object say(Server& server, std::string_view text, Instant now = kNow) {
        const auto answer = server.hear({.text = std::string(text)}, now);
        EXPECT_TRUE(answer.has_value()) << text;
        EXPECT_EQ(answer.value_or("").find('\n'), std::string::npos) << "one line";
        return answer ? parsed(*answer) : json::object();
    }
    static void begin(Server& server, std::string_view protocol = kProtocolNewest) {
        const json::object answer =
            say(server, json::serialize(json::object{
                            {"jsonrpc", "2.0"},
                            {"id", 0},
                            {"method", "initialize"},
                            {"params",
                             json::object{
                                 {"protocolVersion", protocol},
                                 {"capabilities", json::object()},
                                 {"clientInfo", json::object{{"name", "test"}}}
                             }},
                        }));
        EXPECT_TRUE(answer.contains("result"));
        EXPECT_FALSE(
            server.hear({.text = R"({"jsonrpc":"2.0","method":"notifications/initialized"})"}, kNow)
                .has_value()
        );
    }
    static json::object call(
        Server& server, std::string_view tool, const json::object& arguments, Instant now = kNow
    ) {
        const json::object answer =
            say(server,
                json::serialize(json::object{
                    {"jsonrpc", "2.0"},
                    {"id", "x"},
                    {"method", "tools/call"},
                    {"params", json::object{{"name", tool}, {"arguments", arguments}}},
                }),
                now);
        EXPECT_EQ(answer.at("id"), "x");
        return answer.contains("result") ? answer.at("result").as_object() : answer;
    }
    static std::string text_of(const json::object& result) {
        return std::string(result.at("content").as_array()[0].as_object().at("text").as_string());
    }
    static int code_of(const json::object& answer) {
        return answer.at("error").as_object().at("code").to_number<int>();
    }

    SeededRandom random_{7};
    std::map<std::string, Reply> answers_;
    std::vector<json::object> asked_;
};

TEST_F(Mcp, agrees_on_a_version_that_both_speak) {
    const auto agreed = [this](std::string_view wanted) {
        Server one = server();
        const json::object answer =
            say(one, json::serialize(json::object{
                         {"jsonrpc", "2.0"},
                         {"id", 1},
                         {"method", "initialize"},
                         {"params", json::object{{"protocolVersion", wanted}}},
                     }));
        return std::string(answer.at("result").as_object().at("protocolVersion").as_string());
    };
    EXPECT_EQ(agreed("2025-11-25"), "2025-11-25");
    EXPECT_EQ(agreed("2025-06-18"), "2025-06-18");
    EXPECT_EQ(agreed("2024-11-05"), "2024-11-05");
    EXPECT_EQ(agreed("2099-01-01"), "2025-11-25") << "the client decides whether it can";
}

TEST_F(Mcp, introduces_itself) {
    Server one = server();
    const json::object result =
        say(one,
            R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}})"
        )
            .at("result")
            .as_object();
    EXPECT_EQ(result.at("serverInfo").as_object().at("version"), "1.2.3");
    EXPECT_TRUE(result.at("capabilities").as_object().contains("tools"));
    EXPECT_NE(
        std::string(result.at("instructions").as_string()).find("attacker"), std::string::npos
    );
}

TEST_F(Mcp, refuses_what_is_no_request) {
    Server one = server();
    EXPECT_EQ(code_of(say(one, "{")), -32700);
    EXPECT_EQ(code_of(say(one, "[]")), -32600) << "batches are not taken";
    EXPECT_EQ(code_of(say(one, "7")), -32600);
    EXPECT_EQ(code_of(say(one, R"({"id":1,"method":"ping"})")), -32600);
    EXPECT_EQ(code_of(say(one, R"({"jsonrpc":"2.0","id":null,"method":"ping"})")), -32600);
    EXPECT_EQ(code_of(say(one, R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})")), -32600);
    EXPECT_EQ(code_of(say(one, R"({"jsonrpc":"2.0","id":1,"method":7})")), -32600);
    EXPECT_EQ(code_of(say(one, R"({"jsonrpc":"2.0","id":1,"method":"ping","params":[]})")), -32600);
    EXPECT_EQ(code_of(say(one, R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})")), -32600)
        << "initialize comes first";
    const auto too_long = one.hear({.text = "", .is_too_long = true}, kNow);
    EXPECT_EQ(code_of(parsed(too_long.value())), -32600);
    EXPECT_TRUE(asked_.empty());
}

TEST_F(Mcp, says_nothing_to_what_wants_no_answer) {
    Server one = server();
    for (const char* text : {
             "",
             "  ",
             R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})",
             R"({"jsonrpc":"2.0","id":1,"result":{}})",
         }) {
        EXPECT_FALSE(one.hear({.text = text}, kNow).has_value()) << text;
    }
    EXPECT_TRUE(
        say(one, R"({"jsonrpc":"2.0","id":"p","method":"ping"})").at("result").as_object().empty()
    );
}

TEST_F(Mcp, knows_its_methods_and_tools) {
    Server one = server();
    begin(one);
    EXPECT_EQ(code_of(say(one, R"({"jsonrpc":"2.0","id":1,"method":"resources/list"})")), -32601);
    EXPECT_EQ(
        code_of(
            say(one, R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"x"}})")
        ),
        -32602
    );
    EXPECT_EQ(code_of(call(one, "rm", {})), -32602);
}

TEST_F(Mcp, lists_tools_with_schemas_and_hints) {
    Server one = server();
    begin(one);
    const json::object answer = say(one, R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})");
    const json::array& tools = answer.at("result").as_object().at("tools").as_array();
    EXPECT_EQ(tools.size(), 12U);
    for (const json::value& each : tools) {
        const json::object& tool = each.as_object();
        EXPECT_EQ(tool.at("inputSchema").as_object().at("type"), "object");
        EXPECT_EQ(tool.at("inputSchema").as_object().at("additionalProperties"), false);
        EXPECT_EQ(tool.at("outputSchema").as_object().at("type"), "object");
        EXPECT_EQ(tool.at("annotations").as_object().at("readOnlyHint"), true);
        EXPECT_FALSE(tool.at("description").as_string().empty());
    }
}

TEST_F(Mcp, hides_and_refuses_writes_unless_they_are_allowed) {
    Server one = server();
    begin(one);
    const json::object refused = call(one, "block", {{"address", "203.0.113.9"}});
    EXPECT_EQ(code_of(refused), -32602);
    EXPECT_TRUE(asked_.empty());
    Server two = server(true);
    begin(two);
    const json::object answer = say(two, R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})");
    EXPECT_EQ(answer.at("result").as_object().at("tools").as_array().size(), 16U);
}

TEST_F(Mcp, answers_in_text_and_as_a_structure) {
    answers_["actions"] = {
        "", parsed(R"({"schema":"phantom.actions/1","actions":[{"number":4}]})")
    };
    Server one = server();
    begin(one);
    const json::object result = call(one, "actions", {});
    EXPECT_EQ(result.at("isError"), false);
    EXPECT_EQ(parsed(text_of(result)), result.at("structuredContent").as_object());
    EXPECT_EQ(result.at("structuredContent").as_object().at("total"), 1);
    Server old = server();
    begin(old, "2024-11-05");
    EXPECT_FALSE(call(old, "actions", {}).contains("structuredContent"));
}

TEST_F(Mcp, tells_the_model_what_is_wrong_with_its_arguments) {
    Server one = server();
    begin(one);
    const json::object result = call(one, "alert_explain", {{"number", "three"}});
    EXPECT_EQ(result.at("isError"), true);
    EXPECT_EQ(text_of(result), "'number' is to be of the type integer");
    EXPECT_EQ(text_of(call(one, "alert_explain", {})), "'number' is missing");
    EXPECT_EQ(text_of(call(one, "alerts", {{"limit", 501}})), "'limit' is 1 to 500");
    EXPECT_EQ(text_of(call(one, "status", {{"verbose", true}})), "there is no argument 'verbose'");
    EXPECT_TRUE(asked_.empty());
}

TEST_F(Mcp, passes_on_why_there_is_no_answer) {
    Server one = server();
    begin(one);
    const json::object result = call(one, "status", {});
    EXPECT_EQ(result.at("isError"), true);
    EXPECT_EQ(text_of(result), "the node does not run");
    answers_["status"] = {"", parsed(R"({"peers": [{}]})")};
    EXPECT_NE(text_of(call(one, "status", {})).find("another version"), std::string::npos);
}

TEST_F(Mcp, cuts_long_lists_and_says_so) {
    json::array entries;
    for (int number = 1; number <= 120; ++number) {
        entries.push_back(json::object{{"number", number}});
    }
    answers_["alerts"] = {"", {{"alerts", entries}}};
    Server one = server();
    begin(one);
    const json::object content =
        call(one, "alerts", {{"limit", 20}}).at("structuredContent").as_object();
    EXPECT_EQ(content.at("alerts").as_array().size(), 20U);
    EXPECT_EQ(content.at("alerts").as_array().back().as_object().at("number"), 120) << "the newest";
    EXPECT_EQ(content.at("total"), 120);
    EXPECT_EQ(content.at("left_out"), 100);
}

TEST_F(Mcp, makes_plain_what_somebody_outside_wrote) {
    answers_["alerts"] = {
        "",
        {{"number", 1},
         {"text", "a\x1b[2J\xe2\x80\xae"},
         {"assessment", std::string(2 * kTextSizeMax, 'x')}}
    };
    Server one = server();
    begin(one);
    const json::object content =
        call(one, "alert_explain", {{"number", 1}}).at("structuredContent").as_object();
    EXPECT_EQ(content.at("text"), "a?[2J???");
    EXPECT_LE(content.at("assessment").as_string().size(), kTextSizeMax + 16);
}

TEST_F(Mcp, does_what_it_said_only_with_the_confirmation_of_that) {
    answers_["block"] = {"", parsed(R"({"schema":"phantom.block/1","number":null})")};
    Server one = server(true);
    begin(one);
    const json::object given{{"address", "203.0.113.9"}, {"for_s", 60}};
    const json::object would = call(one, "block", given).at("structuredContent").as_object();
    EXPECT_EQ(would.at("done"), false);
    EXPECT_EQ(asked_.back().at("dry_run"), true);
    json::object confirmed = given;
    confirmed["confirmation"] = would.at("confirmation");
    const json::object did = call(one, "block", confirmed).at("structuredContent").as_object();
    EXPECT_EQ(did.at("done"), true);
    EXPECT_EQ(asked_.back().at("dry_run"), false);
    EXPECT_EQ(asked_.back().at("for_s"), 60);
    const std::size_t asked = asked_.size();
    EXPECT_EQ(call(one, "block", confirmed).at("isError"), true) << "it works once";
    EXPECT_EQ(asked_.size(), asked);
}

TEST_F(Mcp, refuses_a_confirmation_of_something_else_and_one_that_is_too_old) {
    answers_["block"] = {"", parsed(R"({"number":null})")};
    answers_["undo"] = {"", parsed(R"({"number":4})")};
    Server one = server(true);
    begin(one);
    const auto confirmation = [&] {
        return call(one, "block", {{"address", "203.0.113.9"}})
            .at("structuredContent")
            .as_object()
            .at("confirmation");
    };
    const auto did = [&] {
        return std::ranges::count_if(asked_, [](const json::object& each) {
            return each.at("dry_run") == false;
        });
    };
    const json::object other{{"address", "203.0.113.10"}, {"confirmation", confirmation()}};
    EXPECT_NE(text_of(call(one, "block", other)).find("something else"), std::string::npos);
    const json::object undo{{"number", 4}, {"confirmation", confirmation()}};
    EXPECT_NE(text_of(call(one, "undo", undo)).find("something else"), std::string::npos);
    const json::object late{{"address", "203.0.113.9"}, {"confirmation", confirmation()}};
    EXPECT_NE(
        text_of(call(one, "block", late, kNow + kConfirmationLife + std::chrono::seconds(1)))
            .find("too old"),
        std::string::npos
    );
    const json::object first{{"address", "203.0.113.9"}, {"confirmation", confirmation()}};
    for (std::size_t more = 0; more < kConfirmationsMax; ++more) {
        (void)confirmation();
    }
    EXPECT_NE(text_of(call(one, "block", first)).find("no such"), std::string::npos);
    EXPECT_EQ(did(), 0);
}

TEST_F(Mcp, shows_the_alert_that_would_be_taken) {
    answers_["alerts"] = {
        "", parsed(R"({"number":3,"state":"firing","text":"scan","assessment":"x"})")
    };
    answers_["ack"] = {"", parsed(R"({"number":3})")};
    Server one = server(true);
    begin(one);
    const json::object would =
        call(one, "ack", {{"number", 3}}).at("structuredContent").as_object();
    EXPECT_EQ(would.at("answer"), parsed(R"({"number":3,"state":"firing","text":"scan"})"));
    EXPECT_EQ(asked_.back().at("verb"), "alerts");
    (void)call(one, "ack", {{"number", 3}, {"confirmation", would.at("confirmation")}});
    EXPECT_EQ(asked_.back().at("verb"), "ack");
}

TEST_F(Mcp, gives_no_confirmation_for_what_cannot_be_done) {
    answers_["block"] = {"this machine's own address is never blocked", {}};
    Server one = server(true);
    begin(one);
    const json::object result = call(one, "block", {{"address", "192.0.2.1"}});
    EXPECT_EQ(result.at("isError"), true);
    EXPECT_FALSE(result.contains("structuredContent"));
}

TEST(Tools, have_schemas_that_can_be_checked) {
    for (const std::vector<Tool>* tools : {&read_tools(), &write_tools()}) {
        for (const Tool& tool : *tools) {
            const json::object input = parsed(tool.input);
            for (const auto& [name, schema] : input.at("properties").as_object()) {
                const json::object& own = schema.as_object();
                const bool bounded = own.contains("enum") || own.contains("maxLength") ||
                                     (own.contains("minimum") && own.contains("maximum"));
                EXPECT_TRUE(bounded) << tool.name << " " << std::string_view(name);
            }
            (void)parsed(tool.output);
            EXPECT_EQ(tool.writes, input.at("properties").as_object().contains("confirmation"));
        }
    }
}

TEST(LineReader, puts_lines_together_and_bounds_them) {
    LineReader reader;
    EXPECT_TRUE(reader.feed("{\"a\"").empty());
    const auto lines = reader.feed(":1}\r\nb\n");
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].text, "{\"a\":1}");
    EXPECT_EQ(lines[1].text, "b");
    EXPECT_TRUE(reader.feed(std::string(kLineSizeMax, 'x')).empty());
    const auto exact = reader.feed("\n");
    ASSERT_EQ(exact.size(), 1U);
    EXPECT_FALSE(exact[0].is_too_long);
    (void)reader.feed(std::string(kLineSizeMax, 'x'));
    (void)reader.feed(std::string(kLineSizeMax, 'y'));
    const auto after = reader.feed("z\nnext\n");
    ASSERT_EQ(after.size(), 2U);
    EXPECT_TRUE(after[0].is_too_long && after[0].text.empty());
    EXPECT_EQ(after[1].text, "next");
}

}  // namespace
}  // namespace phantom::mcp
