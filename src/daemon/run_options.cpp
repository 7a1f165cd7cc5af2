#include "daemon/run_options.h"

#include <filesystem>

#include <CLI/CLI.hpp>

#include "daemon/api_service.h"
#include "daemon/mesh_carrier.h"
#include "daemon/trace_service.h"
#include "identity/membership.h"
#include "manual/manual.h"

namespace phantom::daemon {

namespace {

void take_environment(Environment environment, RunOptions& options) {
    // For containers, where it is elsewhere, and for tests.
    if (const char* path = environment("PHANTOM_RESOLV_CONF"); path != nullptr) {
        options.resolv_conf = path;
    }
    if (const char* level = environment("LOG_LEVEL"); level != nullptr) {
        options.log_level = parse_level(level);
        options.log_level_given = true;
    }
}

void add_api_option(CLI::App& app, RunOptions& options) {
    app.add_option_function<std::string>(
           "--api", [&options](const std::string& text) { options.api = parse_api_place(text); },
           "ADDRESS:PORT of the HTTPS API (default 127.0.0.1:8443), or 'off'"
    )
        ->check([](const std::string& text) {
            return parse_api_place(text) ? std::string()
                                         : std::string("an ADDRESS:PORT, a port, or 'off'");
        });
}

void add_observing_options(CLI::App& app, RunOptions& options) {
    app.add_option_function<std::string>(
           "--traces", [&options](const std::string& text) { options.traces = text; },
           "URL of a collector that speaks OTLP over HTTP (http://127.0.0.1:4318/v1/traces), or "
           "'off' (the default)"
    )
        ->check([](const std::string& text) {
            return is_trace_place(text) ? std::string()
                                        : std::string("a URL of http or https, or 'off'");
        });
    app.add_option_function<std::string>(
           "--log-format",
           [&options](const std::string& text) {
               options.log_format = text == "json" ? log::Format::kJson : log::Format::kText;
           },
           "'text' to standard error (the default), or 'json' to standard output, for collectors"
    )
        ->check(CLI::IsMember({"text", "json"}));
}

}  // namespace

ParsedRunOptions parse_run_options(
    std::span<const char* const> arguments, Environment environment
) {
    RunOptions options;
    CLI::App app{"A node of a PhantomMesh. 'phantom init' and 'phantom join' start it for you."};
    app.name("phantomd run");
    app.footer("Example: phantomd run --state-dir /var/lib/phantommesh --run-dir /run/phantommesh");
    app.add_option("--state-dir", options.state_dir, "keys and members")->capture_default_str();
    app.add_option("--run-dir", options.run_dir, "control socket and pid file")
        ->capture_default_str();
    app.add_flag("--background", options.background, "return when the node is ready");
    auto* init = app.add_flag("--init", options.init, "make a new mesh first");
    app.add_flag("--join", options.join, "join first, with the token on standard input")
        ->excludes(init);
    app.add_option("--name", options.name, "this node's name (default: the host's)");
    app.add_option("--interface", options.interface, "network interface")
        ->check([](const std::string& name) {
            return name.empty() || name.size() > identity::kInterfaceNameMax ||
                           name.find('/') != std::string::npos
                       ? std::string("15 characters at most, no '/'")
                       : std::string();
        });
    app.add_option("--listen", options.listen_port, "UDP port");
    app.add_option("--endpoint", options.endpoint, "HOST:PORT at which others reach this node");
    auto* relay = app.add_flag_callback(
        "--relay", [&] { options.relay = true; },
        "carry other members' sealed packets where they cannot reach each other (the default)"
    );
    app.add_flag_callback("--no-relay", [&] { options.relay = false; }, "do not")->excludes(relay);
    app.add_option_function<std::string>(
           "--carrier",
           [&](const std::string& text) { options.carrier_port = parse_carrier_port(text); },
           "TCP port that serves members whose network lets no UDP through, or 'off'"
    )
        ->check([](const std::string& text) {
            return parse_carrier_port(text) ? std::string() : std::string("a TCP port, or 'off'");
        });
    add_api_option(app, options);
    add_observing_options(app, options);
    app.add_flag_callback(
        "--no-port-mapping", [&] { options.port_mapping = false; },
        "do not ask the router for a way in (PCP, NAT-PMP, UPnP)"
    );
    app.add_flag_callback(
        "--no-lan-discovery", [&] { options.lan_discovery = false; },
        "do not look for members on the local network"
    );
    app.add_flag_callback(
        "--no-ipv4", [&] { options.ipv4 = false; },
        "IPv6 alone inside the mesh: for a machine's second mesh, since both have 100.64.0.0/10"
    );
    bool wants_manual = false;
    app.add_flag("--manual", wants_manual, "print the page for man(8)");
    take_environment(environment, options);
    std::vector<std::string> words(arguments.rbegin(), arguments.rend());
    try {
        app.parse(words);
    } catch (const CLI::ParseError& error) {
        std::ostringstream out;
        std::ostringstream problems;
        const int status = app.exit(error, out, problems);
        return {std::nullopt, out.str() + problems.str(), status == 0 ? 0 : 2};
    }
    if (wants_manual) {
        const manual::Page page{
            .name = "phantomd",
            .section = 8,
            .does = "a user-space WireGuard, and the daemon of a PhantomMesh node",
            .usage = usage_text(),
            .related = "phantom(1), wg(8), wg-quick(8)",
        };
        return {std::nullopt, manual::manual(app, page), 0};
    }
    // In the background the working directory is another one.
    options.state_dir = std::filesystem::absolute(options.state_dir).string();
    options.run_dir = std::filesystem::absolute(options.run_dir).string();
    options.resolv_conf = std::filesystem::absolute(options.resolv_conf).string();
    return {std::move(options), {}, 0};
}

}  // namespace phantom::daemon
