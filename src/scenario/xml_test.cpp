#include "scenario/xml.h"

#include <gtest/gtest.h>

using namespace phantom::scenario;

namespace {

constexpr std::string_view kEvent =
    R"(<?xml version="1.0"?><Event xmlns="x"><System><Provider Name="Sec" Guid='{1}' /><EventID>4625</EventID>)"
    R"(<Empty/></System><!-- a comment --><EventData><Data Name="User">a&amp;b</Data><Data Name="Ip">192.0.2.7</Data></EventData></Event>)";

TEST(Xml, an_element_is_found_by_its_path) {
    EXPECT_EQ(xml_text(kEvent, "/Event/System[1]/EventID"), "4625");
    EXPECT_EQ(xml_text(kEvent, "/Event/EventData[1]/Data[@Name='Ip']"), "192.0.2.7");
    EXPECT_EQ(xml_text(kEvent, "/Event/EventData/Data[1]"), "a&b");
    EXPECT_EQ(xml_text(kEvent, "/Event/EventData/Data[2]"), "192.0.2.7");
    EXPECT_EQ(xml_text(kEvent, "/Event/System/Empty"), "");
    EXPECT_EQ(xml_attribute(kEvent, "/Event/System/Provider", "Name"), "Sec");
    EXPECT_EQ(xml_attribute(kEvent, "/Event/System/Provider", "Guid"), "{1}");
}

TEST(Xml, what_is_not_there_is_nothing) {
    EXPECT_FALSE(xml_text(kEvent, "/Event/EventID").has_value());
    EXPECT_FALSE(xml_text(kEvent, "/Event/EventData/Data[3]").has_value());
    EXPECT_FALSE(xml_text(kEvent, "Event").has_value());
    EXPECT_FALSE(xml_text(kEvent, "/Event/System[x]").has_value());
    EXPECT_FALSE(xml_attribute(kEvent, "/Event/System/Provider", "Nobody").has_value());
}

TEST(Xml, broken_documents_end) {
    for (const char* text :
         {"", "<", "<a", "</a></a>", "<a><a><a>", "<a b=></a>", "<a b=\"></a>"}) {
        EXPECT_FALSE(xml_text(text, "/a/b").has_value()) << text;
    }
    std::string deep;
    for (int count = 0; count < 100'000; ++count) {
        deep += "<a>";
    }
    EXPECT_FALSE(xml_text(deep, "/a/b").has_value());
}

}  // namespace
