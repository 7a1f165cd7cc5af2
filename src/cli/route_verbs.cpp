#include "cli/route_verbs.h"

#include <CLI/CLI.hpp>

#include "cli/route.h"

namespace phantom::cli {

void add_route_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    CLI::App* route_verb = app.add_subcommand("route", "networks behind members, and the way out");
    route_verb->require_subcommand(1);
    verb(*route_verb, "list", "who routes what, and why not", [](const Arguments& given) {
        return list_routes(given.places, given.as_json);
    });
    verb(
        *route_verb, "offer", "carry a network behind this node",
        [](const Arguments& given) { return offer_route(given.places, given.route, given.as_json); }
    )
        ->add_option("what", arguments.route, "192.168.7.0/24, or 'exit' for everything")
        ->required();
    verb(
        *route_verb, "withdraw", "carry it no longer",
        [](const Arguments& given) {
            return withdraw_route(given.places, given.route, given.as_json);
        }
    )
        ->add_option("what", arguments.route, "as it was offered")
        ->required();
    CLI::App* use_verb = route_verb->add_subcommand("use", "what this node leaves by");
    use_verb->require_subcommand(1);
    verb(
        *use_verb, "exit", "send everything through a member",
        [](const Arguments& given) { return use_exit(given.places, given.route, given.as_json); }
    )
        ->add_option("name", arguments.route, "its name, or 'none'")
        ->required();
}

}  // namespace phantom::cli
