#include "cli/cvss.h"

#include <cstdio>
#include <optional>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "assess/cvss3.h"
#include "assess/cvss4.h"
#include "cli/output.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

constexpr const char* kCvssExamples = R"(
Examples:
  phantom cvss CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H
  phantom cvss - --json < vectors.txt    an object for each line

With '-' a line that cannot be read is answered too, and the exit status is 0.
)";

std::string in_quotes(std::string_view text) {
    return json::serialize(json::string(printable(text)));
}

std::string sentence_of(const assess::Problem& problem) {
    return fmt::format("column {}: {}", problem.column, problem.text);
}

// A field `name` with the score, and one with its severity. fmt writes 7.5 where Boost.JSON writes 7.5E0.
std::string score_fields(std::string_view name, std::string_view severity, assess::Score score) {
    return fmt::format(
        R"(,"{}":{},"{}":"{}")", name, score.to_string(), severity,
        assess::name_of(score.severity())
    );
}

std::string score_line(std::string_view name, assess::Score score) {
    return fmt::format(
        "\n  {:<13}  {:>4}  {}", name, score.to_string(), assess::name_of(score.severity())
    );
}

// The line without its end; none: there are no more. What is longer than any vector is cut, so that the
// input's longest line costs no memory.
std::optional<std::string> read_line(std::FILE* input) {
    std::string line;
    int byte = std::getc(input);
    if (byte == EOF) {
        return std::nullopt;
    }
    for (; byte != EOF && byte != '\n'; byte = std::getc(input)) {
        if (line.size() <= assess::kCvssTextSizeMax) {
            line += static_cast<char>(byte);
        }
    }
    if (line.ends_with('\r')) {
        line.pop_back();
    }
    return line;
}

int score_lines(bool as_json) {
    while (const auto line = read_line(stdin)) {
        print((as_json ? cvss_as_json(*line) : cvss_as_text(*line)) + "\n");
    }
    return static_cast<int>(std::ferror(stdin) == 0 ? Exit::kOk : Exit::kFailed);
}

int cvss(const Arguments& arguments) {
    if (arguments.vector == "-") {
        return score_lines(arguments.as_json);
    }
    if (const auto vector = assess::parse_cvss(arguments.vector); !vector) {
        const assess::Problem& problem = vector.error();
        std::fputs(
            fmt::format(
                "phantom: {}\n  {}\n  {:>{}}\n", sentence_of(problem), printable(arguments.vector),
                '^', problem.column
            )
                .c_str(),
            stderr
        );
        return static_cast<int>(Exit::kFailed);
    }
    print(
        (arguments.as_json ? cvss_as_json(arguments.vector) : cvss_as_text(arguments.vector)) + "\n"
    );
    return 0;
}

}  // namespace

std::string cvss_as_json(std::string_view text) {
    std::string out = fmt::format(R"({{"schema":"phantom.cvss/1","vector":{})", in_quotes(text));
    const auto vector = assess::parse_cvss(text);
    if (!vector) {
        return out + fmt::format(
                         R"(,"severity":null,"error":{}}})", in_quotes(sentence_of(vector.error()))
                     );
    }
    out += fmt::format(R"(,"version":"{}")", assess::name_of(vector->version()));
    if (vector->version() == assess::CvssVersion::k40) {
        out += score_fields("score", "severity", assess::score_cvss4(*vector));
        out += fmt::format(
            R"(,"nomenclature":"{}","macro_vector":"{}")", assess::nomenclature_of(*vector),
            assess::macro_vector_of(*vector).to_string()
        );
    } else {
        const assess::Cvss3Scores scores = assess::score_cvss3(*vector);
        out += score_fields("base", "severity", scores.base);
        out += score_fields("temporal", "temporal_severity", scores.temporal);
        out += score_fields("environmental", "environmental_severity", scores.environmental);
    }
    return out + "}";
}

std::string cvss_as_text(std::string_view text) {
    const std::string out = printable(text);
    const auto vector = assess::parse_cvss(text);
    if (!vector) {
        return out + "\n  " + sentence_of(vector.error());
    }
    if (vector->version() == assess::CvssVersion::k40) {
        return out + score_line(assess::nomenclature_of(*vector), assess::score_cvss4(*vector));
    }
    const assess::Cvss3Scores scores = assess::score_cvss3(*vector);
    return out + score_line("base", scores.base) + score_line("temporal", scores.temporal) +
           score_line("environmental", scores.environmental);
}

void add_cvss_verb(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    CLI::App* made = verb(app, "cvss", "scores of a CVSS 3.0, 3.1 or 4.0 vector", cvss);
    made->add_option("vector", arguments.vector, "the vector, or '-' for one on each input line")
        ->required();
    made->footer(kCvssExamples);
}

}  // namespace phantom::cli
