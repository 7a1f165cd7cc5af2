#include "cli/completion.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace phantom::cli {
namespace {

class Completion : public testing::Test {
  protected:
    Completion() {
        app_.add_flag("--json", json_, "answer in JSON: a 'schema' and more");
        CLI::App* token = app_.add_subcommand("token", "somebody's invitation: a text");
        token->add_subcommand("create", "print a new one")
            ->add_option("--uses", uses_, "how often");
        app_.add_subcommand("status", "who is there");
    }

    static bool is_installed(const std::string& shell) {
        // NOLINTNEXTLINE(cert-env33-c): a test of scripts for shells runs shells
        return std::system(fmt::format("command -v {} >/dev/null", shell).c_str()) == 0;
    }

    // What the shell prints, or says of it, with `more` after the script.
    static std::string said_by(const std::string& command, const std::string& script) {
        const std::string file = testing::TempDir() + "completion_test_script";
        std::FILE* written = std::fopen(file.c_str(), "w");
        EXPECT_NE(written, nullptr);
        std::fputs(script.c_str(), written);
        std::fclose(written);
        // NOLINTNEXTLINE(cert-env33-c): likewise
        std::FILE* pipe = popen(fmt::format("{} {} 2>&1", command, file).c_str(), "r");
        EXPECT_NE(pipe, nullptr);
        std::string said;
        char line[256];
        while (std::fgets(line, sizeof line, pipe) != nullptr) {
            said += line;
        }
        const int status = pclose(pipe);
        return status == 0 ? said : said + "(failed)";
    }

    // What bash offers after these words, the last of which is being typed.
    [[nodiscard]] std::string offered_by_bash(const std::string& words, int index) const {
        return said_by(
            "bash",
            completion(app_, "bash") +
                fmt::format(
                    "COMP_WORDS=({}); COMP_CWORD={}; _phantom; echo \"${{COMPREPLY[*]}}\"\n", words,
                    index
                )
        );
    }

    CLI::App app_{"a program"};
    bool json_ = false;
    int uses_ = 1;
};

TEST_F(Completion, is_accepted_by_each_shell) {
    int tried = 0;
    for (const std::string shell : {"bash", "zsh", "fish"}) {
        if (is_installed(shell)) {
            EXPECT_EQ(said_by(shell + " -n", completion(app_, shell)), "") << shell;
            ++tried;
        }
    }
    EXPECT_GE(tried, 1);
}

TEST_F(Completion, offers_what_may_follow_in_bash) {
    EXPECT_EQ(offered_by_bash("phantom ''", 1), "token status --help --json\n");
    EXPECT_EQ(offered_by_bash("phantom st", 1), "status\n");
    EXPECT_EQ(offered_by_bash("phantom token ''", 2), "create --help\n");
    EXPECT_EQ(offered_by_bash("phantom --json token create --u", 4), "--uses\n");
    EXPECT_EQ(offered_by_bash("phantom no-verb st", 2), "status\n");
}

TEST_F(Completion, quotes_what_help_texts_hold) {
    EXPECT_NE(
        completion(app_, "zsh").find(R"('token:somebody'\''s invitation\: a text')"),
        std::string::npos
    );
    EXPECT_NE(
        completion(app_, "fish").find(R"(-d 'somebody\'s invitation: a text')"), std::string::npos
    );
}

}  // namespace
}  // namespace phantom::cli
