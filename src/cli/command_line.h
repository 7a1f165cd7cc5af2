#pragma once

// The command line of `phantom`: all its verbs and options, and what they do. Help, completions, the page for man(1) and
// docs/reference/cli.md are made from it.

#include <CLI/App.hpp>

#include "cli/arguments.h"
#include "cli/verbs.h"

namespace phantom::cli {

class CommandLine final {
  public:
    CommandLine();
    ~CommandLine();
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;

    // The exit status.
    [[nodiscard]] int run(int argc, char** argv);
    [[nodiscard]] const CLI::App& app() const { return app_; }

  private:
    void add_options();
    void add_verbs();
    void add_page_verbs();
    [[nodiscard]] int do_it();

    Arguments arguments_;
    Command command_ = nullptr;
    const CLI::App* verb_ = nullptr;  // the one that is meant
    CLI::App app_;
};

}  // namespace phantom::cli
