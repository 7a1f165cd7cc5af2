#include "cli/completion.h"

#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace phantom::cli {

namespace {

struct Word {
    std::string text;
    std::string help;
    bool is_option = false;
};

// A verb, "token create" perhaps, and what may follow it.
struct Verb {
    std::string path;  // empty: the program alone
    std::vector<Word> words;
};

void add_options(const CLI::App& app, std::vector<Word>& words) {
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            words.push_back({"--" + name, option->get_description(), true});
        }
    }
}

void describe(const CLI::App& app, const std::string& path, std::vector<Verb>& verbs) {
    Verb verb{path, {}};
    const auto under = app.get_subcommands(static_cast<bool (*)(const CLI::App*)>(nullptr));
    for (const CLI::App* each : under) {
        verb.words.push_back({each->get_name(), each->get_description(), false});
    }
    add_options(app, verb.words);
    verbs.push_back(std::move(verb));
    for (const CLI::App* each : under) {
        describe(*each, path.empty() ? each->get_name() : path + " " + each->get_name(), verbs);
    }
}

// For all three shells: the text between single quotes.
std::string quoted(std::string_view text, std::string_view instead_of_quote) {
    std::string out = "'";
    for (const char each : text) {
        each == '\'' ? out += instead_of_quote : out += each;
    }
    return out + "'";
}

// What `case` compares with: the paths of all verbs, separated by `between`.
std::string paths(const std::vector<Verb>& verbs, const char* between) {
    std::vector<std::string> found;
    for (const Verb& verb : verbs) {
        if (!verb.path.empty()) {
            found.push_back(quoted(verb.path, "'\\''"));
        }
    }
    return fmt::format("{}", fmt::join(found, between));
}

std::string for_bash(const std::vector<Verb>& verbs) {
    std::string out = fmt::format(
        R"(# phantom completion bash > /etc/bash_completion.d/phantom
_phantom() {{
    local each next verb='' offered=''
    for each in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        next=${{verb:+$verb }}$each
        case $next in
            {}) verb=$next ;;
        esac
    done
    case $verb in
)",
        paths(verbs, " | ")
    );
    for (const Verb& verb : verbs) {
        std::vector<std::string> words;
        words.reserve(verb.words.size());
        for (const Word& word : verb.words) {
            words.push_back(word.text);
        }
        out += fmt::format("        '{}') offered='{}' ;;\n", verb.path, fmt::join(words, " "));
    }
    return out + R"(    esac
    mapfile -t COMPREPLY < <(compgen -W "$offered" -- "${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _phantom phantom
)";
}

// `_describe` splits at the first colon that has no backslash before it.
std::string with_colons_escaped(std::string_view text) {
    std::string out;
    for (const char each : text) {
        out += each == ':' ? "\\:" : std::string(1, each);
    }
    return out;
}

std::string for_zsh(const std::vector<Verb>& verbs) {
    std::string out = fmt::format(
        R"(#compdef phantom
# phantom completion zsh > /usr/local/share/zsh/site-functions/_phantom
_phantom() {{
    local each next verb=''
    local -a offered
    for each in "${{(@)words[2,CURRENT-1]}}"; do
        next=${{verb:+$verb }}$each
        case $next in
            ({}) verb=$next ;;
        esac
    done
    case $verb in
)",
        paths(verbs, "|")
    );
    for (const Verb& verb : verbs) {
        out += fmt::format("        ('{}') offered=(\n", verb.path);
        for (const Word& word : verb.words) {
            const std::string text = word.text + ":" + with_colons_escaped(word.help);
            out += fmt::format("            {}\n", quoted(text, "'\\''"));
        }
        out += "        ) ;;\n";
    }
    return out + R"(    esac
    _describe phantom offered || _files
}
compdef _phantom phantom
)";
}

std::string for_fish(const std::vector<Verb>& verbs) {
    std::string out = fmt::format(
        R"(# phantom completion fish > /etc/fish/completions/phantom.fish
function __phantom_verb
    set -l verb ''
    for each in (commandline -opc)[2..-1]
        set -l next (string trim "$verb $each")
        switch $next
            case {}
                set verb $next
        end
    end
    echo $verb
end
)",
        paths(verbs, " ")
    );
    for (const Verb& verb : verbs) {
        for (const Word& word : verb.words) {
            out += fmt::format(
                "complete -c phantom -n 'test (__phantom_verb) = \"{}\"' {} {} -d {}\n", verb.path,
                word.is_option ? "-l" : "-f -a", word.is_option ? word.text.substr(2) : word.text,
                quoted(word.help, "\\'")
            );
        }
    }
    return out;
}

}  // namespace

std::string completion(const CLI::App& app, std::string_view shell) {
    std::vector<Verb> verbs;
    describe(app, "", verbs);
    return shell == "bash" ? for_bash(verbs) : shell == "zsh" ? for_zsh(verbs) : for_fish(verbs);
}

}  // namespace phantom::cli
