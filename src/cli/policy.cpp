#include "cli/policy.h"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "cli/output.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

std::optional<std::string> read_file(const std::string& name) {
    if (name == "-") {
        return std::string(std::istreambuf_iterator<char>(std::cin), {});
    }
    std::ifstream file(name);
    std::string text(std::istreambuf_iterator<char>(file), {});
    return file.bad() || !file.is_open() ? std::nullopt : std::optional(std::move(text));
}

std::string line_of(const std::string& text, std::int64_t line) {
    std::size_t begin = 0;
    for (std::int64_t at = 1; at < line && begin != std::string::npos; ++at) {
        begin = text.find('\n', begin);
        begin += begin == std::string::npos ? 0 : 1;
    }
    return begin == std::string::npos ? "" : text.substr(begin, text.find('\n', begin) - begin);
}

// FILE:LINE:COLUMN: what is wrong, the line, and a caret under the place; as compilers say it.
std::string point_at(const std::string& name, const std::string& text, const json::object& error) {
    const std::int64_t line = error.at("line").as_int64();
    const std::int64_t column = error.at("column").as_int64();
    std::string caret;
    for (const char each : line_of(text, line)) {
        if (static_cast<std::int64_t>(caret.size()) + 1 >= column) {
            break;
        }
        if ((static_cast<unsigned char>(each) & 0xc0U) != 0x80U) {
            caret += each == '\t' ? '\t' : ' ';
        }
    }
    return fmt::format(
        "{}:{}:{}: {}\n  {}\n  {}^\n", name, line, column, error.at("message").as_string().c_str(),
        line_of(text, line), caret
    );
}

int fail_at(const Answer& answer, const std::string& name, const std::string& text) {
    const auto* error = answer.body.if_contains("error");
    if (error == nullptr || !error->is_object() || !error->get_object().contains("line")) {
        return fail_with(answer);
    }
    std::fputs(point_at(name, text, error->get_object()).c_str(), stderr);
    return static_cast<int>(answer.exit);
}

// Sends the file with `verb`; `done` says in words what came of it.
template <class Done>
int send_file(
    const Places& places, bool as_json, const std::string& name, const char* verb, Done done
) {
    const auto text = read_file(name);
    if (!text) {
        std::fputs(fmt::format("phantom: cannot read {}\n", name).c_str(), stderr);
        return static_cast<int>(Exit::kFailed);
    }
    const Answer answer = ask(places, {{"verb", verb}, {"text", *text}});
    if (answer.exit != Exit::kOk) {
        return fail_at(answer, name == "-" ? "standard input" : name, *text);
    }
    if (as_json) {
        print_json(answer.body);
    } else {
        print(done(answer.body));
    }
    return 0;
}

}  // namespace

int set_policy(const Places& places, bool as_json, const PolicyArguments& arguments) {
    return send_file(places, as_json, arguments.file, "policy.set", [](const json::object& body) {
        return fmt::format(
            "Policy {} is signed and on its way to every node. What no grant covers is denied.\n",
            body.at("sequence").to_number<std::uint64_t>()
        );
    });
}

int check_policy(const Places& places, bool as_json, const PolicyArguments& arguments) {
    return send_file(places, as_json, arguments.file, "policy.check", [](const json::object& body) {
        return fmt::format(
            "It can be read, and its tests hold: {} grants, {} tests. Nothing was changed.\n",
            body.at("grants").to_number<std::uint64_t>(),
            body.at("tests").to_number<std::uint64_t>()
        );
    });
}

int show_policy(const Places& places, bool as_json) {
    const Answer answer = ask(places, {{"verb", "policy.show"}});
    if (answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    if (as_json) {
        print_json(answer.body);
    } else if (!answer.body.at("active").as_bool()) {
        print("There is no policy: everybody reaches everybody.\n");
    } else {
        // A comment, so that what is shown can be changed and set again.
        print(fmt::format(
            "// policy {}, signed {}\n{}", answer.body.at("sequence").to_number<std::uint64_t>(),
            answer.body.at("signed").as_string().c_str(), answer.body.at("text").as_string().c_str()
        ));
    }
    return 0;
}

int clear_policy(const Places& places, bool as_json) {
    const Answer answer = ask(places, {{"verb", "policy.clear"}});
    if (answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    if (as_json) {
        print_json(answer.body);
    } else {
        print("There is no policy any more: everybody reaches everybody.\n");
    }
    return 0;
}

int explain_policy(const Places& places, bool as_json, const PolicyArguments& arguments) {
    const Answer answer =
        ask(places, {{"verb", "policy.explain"},
                     {"src", arguments.source},
                     {"dst", arguments.destination},
                     {"port", arguments.port}});
    if (answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    if (as_json) {
        print_json(answer.body);
    } else {
        print(fmt::format("{}\n", answer.body.at("text").as_string().c_str()));
    }
    return answer.body.at("allowed").as_bool() ? 0 : kExitDenied;
}

}  // namespace phantom::cli
