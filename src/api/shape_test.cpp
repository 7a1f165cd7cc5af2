#include "api/shape.h"

#include <gtest/gtest.h>

namespace phantom::api {
namespace {

namespace json = boost::json;

constexpr const char* kText = R"(
Peer {                       # somebody
  name: string(1..8)
  rtt_ms: number?            # as measured last
}
Alert {
  number: int(1..100)
  state: "firing" | "resolved"
  at: time
  peers: [Peer](0..2)
  notes?: {string}
  assessment: any
}
AlertInFull {
  ...Alert
  number: int(5..5)          # more narrowly
  more: bool
}
)";

json::value alert() {
    return {
        {"number", 7},
        {"state", "firing"},
        {"at", "2026-01-15T12:00:00Z"},
        {"peers", {{{"name", "birch"}, {"rtt_ms", nullptr}}}},
        {"assessment", {1, "x"}},
    };
}

std::string faults_of(const char* shape, const json::value& value) {
    const auto shapes = Shapes::parse(kText);
    EXPECT_TRUE(shapes.has_value()) << shapes.error();
    std::string text;
    for (const Fault& fault : shapes->check(*shapes->find(shape), value)) {
        text += fault.pointer + " " + fault.detail + ";";
    }
    return text;
}

TEST(Shapes, what_fits_has_no_faults) {
    EXPECT_EQ(faults_of("Alert", alert()), "");
}

TEST(Shapes, each_fault_is_told_with_its_place) {
    json::value wrong = alert();
    json::object& object = wrong.as_object();
    object["number"] = 101;
    object["state"] = "gone";
    object.erase("at");
    object["peers"].as_array()[0].as_object()["name"] = "";
    object["peers"].as_array()[0].as_object()["rtt_ms"] = "fast";
    object["a/b"] = 1;
    object["notes"] = json::object{{"x", 1}};
    EXPECT_EQ(
        faults_of("Alert", wrong),
        "/number has to be 1 to 100;/state has to be one of firing, resolved;/at is missing;"
        "/peers/0/name has to have 1 to 8 bytes;/peers/0/rtt_ms has to be a number;"
        "/notes/x has to be a text;/a~1b is not known;"
    );
}

TEST(Shapes, a_number_that_is_none_and_a_list_that_is_too_long_are_faults) {
    json::value wrong = alert();
    wrong.as_object()["number"] = 7.5;
    wrong.as_object()["peers"] = json::array(3, nullptr);
    EXPECT_EQ(
        faults_of("Alert", wrong),
        "/number has to be a whole number;/peers has to have 0 to 2 elements;"
    );
    EXPECT_EQ(faults_of("Alert", json::value("x")), " has to be an object;");
}

TEST(Shapes, what_is_taken_over_can_be_said_more_narrowly) {
    json::value more = alert();
    more.as_object()["more"] = true;
    EXPECT_EQ(faults_of("AlertInFull", more), "/number has to be 5 to 5;");
}

TEST(Shapes, no_more_faults_than_are_told) {
    json::object much;
    for (int index = 0; index < 100; ++index) {
        much["x" + std::to_string(index)] = index;
    }
    const auto shapes = Shapes::parse("A {\n}\n");
    EXPECT_EQ(shapes->check(*shapes->find("A"), much).size(), kFaultsMax);
}

TEST(Shapes, become_json_schema) {
    const auto shapes = Shapes::parse(kText);
    EXPECT_EQ(
        json::serialize(Shapes::schema_of(*shapes->find("Peer"))),
        R"({"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":8},)"
        R"("rtt_ms":{"anyOf":[{"type":"number"},{"type":"null"}],"description":"as measured last"}},)"
        R"("required":["name","rtt_ms"],"description":"somebody"})"
    );
    const json::object alerts = Shapes::schema_of(*shapes->find("Alert"));
    const json::object& peers = alerts.at("properties").at("peers").as_object();
    EXPECT_EQ(peers.at("items").at("$ref"), "#/components/schemas/Peer");
    EXPECT_EQ(peers.at("maxItems"), 2);
}

TEST(Shapes, what_is_wrong_is_refused_with_its_line) {
    for (const char* text :
         {"x", "a {\n}", "A {\n", "A {\nx\n}", "A {\nx: what\n}", "A {\nx: int(2..1)\n}",
          "A {\nx: bool(1..2)\n}", "A {\nx: [int\n}", "A {\nx: \"a\n}", "A {\n...B\n}",
          "A {\n...A\n}", "A {\n}\nA {\n}", "A {\nx y: int\n}", "A {\nx: int int\n}"}) {
        const auto shapes = Shapes::parse(text);
        ASSERT_FALSE(shapes.has_value()) << text;
        EXPECT_TRUE(shapes.error().starts_with("line ")) << shapes.error();
    }
    EXPECT_EQ(Shapes::parse("A {\nx: B\n}").error(), "there is no shape 'B'");
}

TEST(Shapes, a_parameters_text_becomes_what_its_type_asks_for) {
    Type number;
    number.kind = Type::Kind::kInteger;
    EXPECT_EQ(value_of_text(number, "12"), 12);
    EXPECT_TRUE(value_of_text(number, "12x").is_null());
    EXPECT_TRUE(value_of_text(number, "99999999999999999999").is_null());
    Type truth;
    truth.kind = Type::Kind::kBool;
    EXPECT_EQ(value_of_text(truth, "true"), true);
    EXPECT_TRUE(value_of_text(truth, "1").is_null());
}

}  // namespace
}  // namespace phantom::api
