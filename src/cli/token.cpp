#include "cli/token.h"

#include <fmt/format.h>

#include "cli/output.h"
#include "cli/show.h"

namespace phantom::cli {

namespace json = boost::json;

int create_token(const Arguments& arguments, bool is_first) {
    json::array tags(arguments.tags.begin(), arguments.tags.end());
    Answer answer =
        ask(arguments.places, {{"verb", "token.create"},
                               {"uses", arguments.uses},
                               {"lifetime_s", arguments.lifetime_s},
                               {"tags", std::move(tags)}});
    if (answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    const std::string api = is_first ? add_first_api_token(arguments.places, answer.body) : "";
    if (arguments.as_json) {
        print_json(answer.body);
        return 0;
    }
    const std::string token(answer.body.at("token").as_string());
    print(fmt::format(
        "On the next machine, before {}:\n\n  phantom join {}\n\n",
        answer.body.at("expires").as_string().c_str(), token
    ));
    print(api);
    return 0;
}

int list_tokens(const Arguments& arguments) {
    const Answer answer = ask(arguments.places, {{"verb", "token.list"}});
    if (answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    if (arguments.as_json) {
        print_json(answer.body);
    } else {
        print(show_tokens(answer.body));
    }
    return 0;
}

int revoke_token(const Arguments& arguments) {
    const Answer answer =
        ask(arguments.places, {{"verb", "token.revoke"}, {"id", arguments.token_id}});
    if (answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    if (arguments.as_json) {
        print_json(answer.body);
    }
    return 0;
}

}  // namespace phantom::cli
