#include "cli/node_verbs.h"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/client.h"
#include "cli/dns.h"
#include "cli/down.h"
#include "cli/import.h"
#include "cli/netcheck.h"
#include "cli/output.h"
#include "cli/rotate.h"
#include "cli/show.h"
#include "cli/start.h"
#include "cli/token.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

std::vector<std::string> node_options(const Arguments& arguments) {
    std::vector<std::string> options;
    const auto add = [&](const char* option, const std::string& value) {
        if (!value.empty()) {
            options.insert(options.end(), {option, value});
        }
    };
    add("--name", arguments.name);
    add("--endpoint", arguments.endpoint);
    add("--interface", arguments.interface);
    add("--listen", arguments.listen == 0 ? "" : std::to_string(arguments.listen));
    add("--carrier", arguments.carrier);
    add("--api", arguments.api);
    add("--traces", arguments.traces);
    if (arguments.relay) {
        options.emplace_back(*arguments.relay ? "--relay" : "--no-relay");
    }
    if (!arguments.port_mapping) {
        options.emplace_back("--no-port-mapping");
    }
    if (!arguments.lan_discovery) {
        options.emplace_back("--no-lan-discovery");
    }
    return options;
}

// A node that runs here already is not to be started twice.
bool is_running(const Arguments& arguments) {
    const Answer answer = ask(arguments.places, {{"verb", "status"}});
    if (answer.exit != Exit::kOk) {
        return false;
    }
    const auto& self = answer.body.at("self").as_object();
    std::fputs(
        fmt::format(
            "phantom: {} runs here already, in mesh {}. 'phantom down' stops it.\n",
            self.at("name").as_string().c_str(), answer.body.at("mesh").as_string().c_str()
        )
            .c_str(),
        stderr
    );
    return true;
}

int init(const Arguments& arguments) {
    if (is_running(arguments)) {
        return static_cast<int>(Exit::kFailed);
    }
    auto options = node_options(arguments);
    options.emplace_back("--init");
    if (const Exit exit = start_daemon(arguments.places, options); exit != Exit::kOk) {
        return static_cast<int>(exit);
    }
    if (!arguments.as_json) {
        print("The mesh is made, and this node is up.\n");
    }
    return create_token(arguments, true);
}

std::string read_token(const Arguments& arguments) {
    if (arguments.token_file.empty()) {
        return arguments.token;
    }
    std::string token;
    if (arguments.token_file == "-") {
        std::cin >> token;
    } else {
        std::ifstream(arguments.token_file) >> token;
    }
    return token;
}

int show_node(const Arguments& arguments);

int join(const Arguments& arguments) {
    const std::string token = read_token(arguments);
    if (token.empty()) {
        std::fputs(
            "phantom: which token? 'phantom token create' on a node of the mesh prints one.\n",
            stderr
        );
        return static_cast<int>(Exit::kUsage);
    }
    if (is_running(arguments)) {
        return static_cast<int>(Exit::kFailed);
    }
    auto options = node_options(arguments);
    options.emplace_back("--join");
    const Exit exit = start_daemon(arguments.places, options, token + "\n");
    if (exit != Exit::kOk) {
        return static_cast<int>(exit);
    }
    return show_node(arguments);
}

// live: the daemon answers. startup: it was ready once. ready: every peer that is there has agreed its
// keys.
bool passes(const std::string& check, const json::object& status) {
    if (check == "ready") {
        return status.at("ready").as_bool();
    }
    return check != "startup" || status.at("started").as_bool();
}

int show_node(const Arguments& arguments) {
    const Answer answer = ask(arguments.places, {{"verb", "status"}});
    if (answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    if (arguments.as_json) {
        print_json(answer.body);
    } else if (arguments.check.empty()) {
        print(show_status(answer.body, wants_colour()));
    }
    return static_cast<int>(passes(arguments.check, answer.body) ? Exit::kOk : Exit::kFailed);
}

int up(const Arguments& arguments) {
    if (is_running(arguments)) {
        return 0;
    }
    return static_cast<int>(start_daemon(arguments.places, node_options(arguments)));
}

int ping(const Arguments& arguments) {
    unsigned answered = 0;
    for (unsigned index = 0; index < arguments.count; ++index) {
        Answer answer =
            ask(arguments.places, {{"verb", "ping"}, {"peer", arguments.peer}, {"begin", true}});
        for (int polls = 0; polls < 100 && answer.exit == Exit::kOk; ++polls) {
            if (answer.body.at("rtt_ms").is_number()) {
                break;
            }
            std::this_thread::sleep_for(10ms);
            answer = ask(arguments.places, {{"verb", "ping"}, {"peer", arguments.peer}});
        }
        if (answer.exit != Exit::kOk) {
            return fail_with(answer);
        }
        const json::value* rtt = answer.body.if_contains("rtt_ms");
        const bool heard = rtt != nullptr && rtt->is_number();
        answered += heard ? 1 : 0;
        if (arguments.as_json) {
            print_json(answer.body);
        } else if (heard) {
            print(fmt::format(
                "{} answers by {} in {:.3f} ms\n", arguments.peer,
                answer.body.at("path").as_string().c_str(), rtt->to_number<double>()
            ));
        } else {
            print(fmt::format("{} does not answer\n", arguments.peer));
        }
        if (index + 1 < arguments.count) {
            std::this_thread::sleep_for(1s);
        }
    }
    return static_cast<int>(answered > 0 ? Exit::kOk : Exit::kFailed);
}

int wait(const Arguments& arguments) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(arguments.timeout_s);
    while (std::chrono::steady_clock::now() < end) {
        const Answer answer = ask(arguments.places, {{"verb", "status"}});
        if (answer.exit == Exit::kOk && answer.body.at("ready").as_bool()) {
            return 0;
        }
        std::this_thread::sleep_for(100ms);
    }
    std::fputs(
        fmt::format(
            "phantom: not ready within {} s; 'phantom status' says who is missing\n",
            arguments.timeout_s
        )
            .c_str(),
        stderr
    );
    return static_cast<int>(Exit::kFailed);
}

int revoke(const Arguments& arguments) {
    const Answer answer = ask(arguments.places, {{"verb", "revoke"}, {"peer", arguments.peer}});
    if (answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    if (arguments.as_json) {
        print_json(answer.body);
    } else {
        print(fmt::format("{} is no longer a member, and cannot come back.\n", arguments.peer));
    }
    return 0;
}

void add_node_options(CLI::App& verb, Arguments& arguments) {
    verb.add_option("--name", arguments.name, "this node's name (default: the host's)");
    verb.add_option("--listen", arguments.listen, "UDP port (default 51820)");
    verb.add_option("--interface", arguments.interface, "network interface (default phantom0)");
    verb.add_option(
        "--endpoint", arguments.endpoint,
        "HOST:PORT at which others reach this node (default: its own addresses)"
    );
    verb.add_option(
        "--carrier", arguments.carrier,
        "TCP port that serves members whose network lets no UDP through, or 'off' (default 443)"
    );
    verb.add_option(
        "--api", arguments.api,
        "ADDRESS:PORT of the HTTPS API (default 127.0.0.1:8443), a port of 127.0.0.1, or 'off'"
    );
    verb.add_option(
        "--traces", arguments.traces,
        "URL of a collector that speaks OTLP over HTTP (http://127.0.0.1:4318/v1/traces), or 'off'"
    );
    auto* relay = verb.add_flag_callback(
        "--relay", [&] { arguments.relay = true; },
        "carry other members' sealed packets where they cannot reach each other (the default)"
    );
    verb.add_flag_callback(
            "--no-relay", [&] { arguments.relay = false; }, "do not"
    )
        ->excludes(relay);
    verb.add_flag_callback(
        "--no-port-mapping", [&] { arguments.port_mapping = false; },
        "do not ask the router for a way in (PCP, NAT-PMP, UPnP)"
    );
    verb.add_flag_callback(
        "--no-lan-discovery", [&] { arguments.lan_discovery = false; },
        "do not look for members on the local network"
    );
}

void add_own_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    CLI::App* init_verb = verb(app, "init", "make a new mesh; this is its first node", init);
    add_node_options(*init_verb, arguments);
    CLI::App* join_verb = verb(app, "join", "become a node of a mesh", join);
    add_node_options(*join_verb, arguments);
    join_verb->add_option("token", arguments.token, "what 'phantom token create' printed");
    join_verb->add_option("--token-file", arguments.token_file, "read it from a file, or '-'");
    add_node_options(*verb(app, "up", "start the node again", up), arguments);
    verb(app, "down", "stop the node; its place in the mesh is kept", down);
    CLI::App* status_verb = verb(app, "status", "this node and its peers", show_node);
    status_verb
        ->add_option(
            "--check", arguments.check, "only the exit status says: live, startup or ready"
        )
        ->check(CLI::IsMember({"live", "startup", "ready"}));
    verb(app, "peers", "the same as status", show_node);
    CLI::App* ping_verb = verb(app, "ping", "measure the round trip to a peer", ping);
    ping_verb->add_option("peer", arguments.peer, "its name")->required();
    ping_verb->add_option("-c,--count", arguments.count, "how often")->capture_default_str();
    verb(
        app, "netcheck", "how this node is reached, and what would help",
        [](const Arguments& given) { return netcheck(given.places, given.as_json); }
    );
    CLI::App* wait_verb = verb(app, "wait", "until the node and its peers are ready", wait);
    wait_verb->add_option("--timeout", arguments.timeout_s, "seconds")->capture_default_str();
    CLI::App* rotate_verb =
        verb(app, "rotate", "change all keys of this node", [](const Arguments& given) {
            return rotate(given.places, given.timeout_s, given.as_json);
        });
    rotate_verb->add_option("--timeout", arguments.timeout_s, "seconds")->capture_default_str();
    CLI::App* revoke_verb = verb(app, "revoke", "put a node out of the mesh, for good", revoke);
    revoke_verb->add_option("peer", arguments.peer, "its name")->required();
}

void add_token_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    CLI::App* token_verb = app.add_subcommand("token", "invitations");
    token_verb->require_subcommand(1);
    CLI::App* create_verb =
        verb(*token_verb, "create", "print a new one", [](const Arguments& given) {
            return create_token(given, false);
        });
    create_verb->add_option("--uses", arguments.uses, "for how many machines")
        ->check(CLI::Range(1, 255))
        ->capture_default_str();
    create_verb->add_option("--lifetime", arguments.lifetime_s, "seconds")
        ->check(CLI::Range(60, 30 * 86'400))
        ->capture_default_str();
    create_verb->add_option("--tag", arguments.tags, "what policies may call who joins with it")
        ->delimiter(',');
    verb(*token_verb, "list", "those given out", list_tokens);
    verb(*token_verb, "revoke", "nobody joins with it any more", revoke_token)
        ->add_option("id", arguments.token_id, "its id, or the beginning of it")
        ->required();
}

void add_neighbourhood_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    CLI::App* import_verb = verb(
        app, "import", "stock WireGuard peers, from wg-quick's file",
        [](const Arguments& given) {
            return import_peers(given.places, given.import, given.as_json);
        }
    );
    import_verb->add_option("file", arguments.import.file, "the file, or '-'");
    import_verb->add_flag("--list", arguments.import.list, "those imported");
    import_verb->add_option("--remove", arguments.import.remove, "take one out: its public key");
    CLI::App* dns_verb = app.add_subcommand("dns", "NAME.mesh on this machine");
    dns_verb->require_subcommand(1);
    verb(*dns_verb, "on", "make this machine ask for it", [](const Arguments& given) {
        return dns(given.places, "on", given.as_json);
    });
    verb(*dns_verb, "off", "undo that", [](const Arguments& given) {
        return dns(given.places, "off", given.as_json);
    });
    verb(*dns_verb, "status", "who answers, and who asks", [](const Arguments& given) {
        return dns(given.places, "status", given.as_json);
    });
}

}  // namespace

void add_node_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    add_own_verbs(app, arguments, verb);
    add_token_verbs(app, arguments, verb);
    add_neighbourhood_verbs(app, arguments, verb);
}

}  // namespace phantom::cli
