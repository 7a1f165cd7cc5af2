#include "manual/manual.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

namespace phantom::manual {
namespace {

class Manual : public testing::Test {
  protected:
    Manual() {
        app_.footer("\nExamples:\n  program a\\b\n.hidden\n");
        app_.add_flag("--json", json_, "answer in JSON");
        CLI::App* token = app_.add_subcommand("token", "invitations");
        token->add_subcommand("create", "print a new one")
            ->add_option("--uses", uses_, "how often")
            ->capture_default_str();
    }
    [[nodiscard]] std::string page() const {
        return manual(
            app_, {.name = "program", .does = "it works", .usage = "", .related = "other(8)"}
        );
    }

    CLI::App app_{"a program"};
    bool json_ = false;
    int uses_ = 3;
};

TEST_F(Manual, has_every_option_and_every_verb) {
    const std::string text = page();
    EXPECT_NE(text.find(".TH PROGRAM 1 "), std::string::npos);
    EXPECT_NE(text.find("\\fB\\-\\-json\\fR\nanswer in JSON\n"), std::string::npos) << text;
    EXPECT_NE(text.find(".SS program token create\nprint a new one\n"), std::string::npos);
    EXPECT_NE(text.find("\\fB\\-\\-uses\\fR \\fIINT\\fR [3]\nhow often\n"), std::string::npos);
    EXPECT_EQ(text.find(".SS program token\n"), std::string::npos) << "it does nothing alone";
}

TEST_F(Manual, shows_text_as_it_is) {
    EXPECT_NE(page().find("  program a\\eb\n\\&.hidden\n.fi\n"), std::string::npos) << page();
}

TEST_F(Manual, shows_examples_where_they_were_given) {
    app_.get_subcommand("token")->get_subcommand("create")->footer("token examples");
    app_.add_subcommand("status", "who is there");
    const std::string text = page();
    EXPECT_NE(text.find("token examples"), std::string::npos);
    EXPECT_EQ(text.find(".hidden"), text.rfind(".hidden")) << "those of the program, once";
}

TEST_F(Manual, is_well_formed) {
    // NOLINTNEXTLINE(cert-env33-c): a test of a page for readers runs a reader
    if (std::system("command -v mandoc >/dev/null") != 0) {
        GTEST_SKIP() << "mandoc is not installed";
    }
    const std::string file = testing::TempDir() + "manual_test_page";
    std::ofstream(file) << page();
    // NOLINTNEXTLINE(cert-env33-c): likewise
    EXPECT_EQ(std::system(("mandoc -T lint -W error " + file).c_str()), 0);
}

}  // namespace
}  // namespace phantom::manual
