// docs/reference/configuration.md: its examples are understood, and no key is missing in it.

#include <fstream>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>

#include "alert/config_reader.h"
#include "base/document_fixture.h"
#include "daemon/guard_list.h"
#include "daemon/handling_settings.h"
#include "daemon/oidc_settings.h"
#include "daemon/run_options.h"
#include "intake/config.h"
#include "intel/description.h"

namespace phantom::daemon {
namespace {

constexpr const char* kReference = PM_SOURCE_DIR "/docs/reference/configuration.md";

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    EXPECT_TRUE(file) << path;
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

// The indented lines below "<!-- example: NAME -->".
std::string example(std::string_view name) {
    std::istringstream lines(text_of(kReference));
    const std::string mark = "<!-- example: " + std::string(name) + " -->";
    std::string line;
    while (std::getline(lines, line) && line != mark) {
    }
    std::string text;
    while (std::getline(lines, line) && (line.empty() || line.starts_with("    "))) {
        text += (line.empty() ? line : line.substr(4)) + '\n';
    }
    EXPECT_GT(text.size(), 10U) << name;
    return text;
}

TEST(ConfigurationReference, its_examples_are_understood) {
    const auto handling = HandlingSettings::parse(example("handling.json"));
    EXPECT_TRUE(handling) << handling.error();
    const auto guard = parse_guard_list(example("guard"));
    ASSERT_TRUE(guard) << guard.error();
    EXPECT_EQ(guard->size(), 4U);
    const auto alerts = alert::read_config(example("alerts.yml"), [](const std::string&) {
        return Result<alert::TimeZone>(alert::TimeZone());
    });
    EXPECT_TRUE(alerts) << alerts.error().front().text;
    const auto inputs = intake::parse_config(example("inputs.yml"));
    ASSERT_TRUE(inputs) << inputs.error().reason;
    EXPECT_EQ(inputs->inputs.size(), 6U);
    const auto feeds = intel::read_descriptions(example("feeds.hujson"));
    ASSERT_TRUE(feeds) << feeds.error().text;
    EXPECT_EQ(feeds->size(), 3U);
    const auto oidc = OidcSettings::parse(example("oidc.json"));
    EXPECT_TRUE(oidc) << oidc.error();
}

TEST(ConfigurationReference, has_every_key_that_is_read) {
    const std::string reference = text_of(kReference);
    const std::regex key(R"re(key == "(\w+)"|Key\{"(\w+)"|text_of\("(\w+)"\))re");
    std::size_t found = 0;
    for (const char* reader :
         {"daemon/handling_settings.cpp", "daemon/action_settings.cpp", "daemon/oidc_settings.cpp",
          "intake/config.cpp", "intel/description.cpp"}) {
        const std::string source = text_of(std::string(PM_SOURCE_DIR "/src/") + reader);
        for (std::sregex_iterator each(source.begin(), source.end(), key), end; each != end;
             ++each) {
            const std::string name = (*each)[1].str() + (*each)[2].str() + (*each)[3].str();
            const bool is_told = reference.contains('"' + name + '"') ||
                                 reference.contains('`' + name + '`') ||
                                 reference.contains(name + ": ");
            EXPECT_TRUE(is_told) << name << " of " << reader;
            ++found;
        }
    }
    EXPECT_GT(found, 40U);
}

TEST(ConfigurationReference, has_the_options_as_they_are) {
    const std::array<const char*, 1> help{"--help"};
    const auto asked = parse_run_options(help, [](const char*) -> const char* { return nullptr; });
    std::istringstream lines(asked.text);
    std::string made = "\n";
    for (std::string line; std::getline(lines, line);) {
        made += line.empty() ? "\n" : "    " + line + "\n";
    }
    expect_made(kReference, "<!-- made from what phantomd run --help says -->\n", made);
}

}  // namespace
}  // namespace phantom::daemon
