#include "daemon/dns_service.h"

#include "base/log.h"
#include "daemon/control_server.h"
#include "daemon/json_fields.h"

namespace phantom::daemon {

namespace {

std::vector<wire::Address> addresses_of(const names::MemberNames& self) {
    std::vector<wire::Address> addresses{self.v6};
    if (!self.v4.is_none()) {
        addresses.insert(addresses.begin(), self.v4);
    }
    return addresses;
}

}  // namespace

names::MemberNames DnsService::MeshNames::names_of(const identity::MemberRecord& member) const {
    return {
        .name = member.certificate.name.text(),
        .v4 = has_v4_ ? member.certificate.overlay_v4 : wire::Address{},
        .v6 = member.descriptor.overlay_v6(),
    };
}

std::optional<names::MemberNames> DnsService::MeshNames::by_name(std::string_view name) const {
    if (mesh_.self().certificate.name.text() == name) {
        return self();
    }
    const auto* member = mesh_.directory().find_name(name);
    return member != nullptr ? std::optional(names_of(*member)) : std::nullopt;
}

std::optional<names::MemberNames> DnsService::MeshNames::by_address(const wire::Address& address
) const {
    names::MemberNames own = self();
    if (own.v4 == address || own.v6 == address) {
        return own;
    }
    for (const auto& [node, member] : mesh_.directory().members()) {
        if (member.certificate.overlay_v4 == address || member.descriptor.overlay_v6() == address) {
            return names_of(member);
        }
    }
    return std::nullopt;
}

names::MemberNames DnsService::MeshNames::self() const {
    return names_of(mesh_.self());
}

DnsService::DnsService(
    const mesh::Node& mesh, identity::StateDirectory& files, DnsHook::Options options, bool has_v4,
    io::EventLoop& loop, Random& random
)
    : names_(mesh, has_v4), server_(names_, loop, random), hook_(files, std::move(options)) {}

void DnsService::start() {
    listen();
    if (hook_.wanted()) {
        engage();
    } else if (hook_.kind() != DnsHook::Kind::kNone) {
        stop();  // an earlier run was killed while it was being undone
    }
}

void DnsService::listen() {
    next_listen_ = monotonic_now() + kDnsListenInterval;
    const auto problem = server_.listen(addresses_of(names_.self()));
    if (problem && problem != listen_problem_) {
        log::warning("no name server: {}", *problem);
    }
    listen_problem_ = problem;
}

void DnsService::tick() {
    const Instant now = monotonic_now();
    server_.tick(now);
    if (listen_problem_ && now >= next_listen_) {
        listen();
        if (hook_.wanted() && hook_.kind() == DnsHook::Kind::kNone) {
            engage();
        }
    }
}

void DnsService::engage() {
    if (server_.addresses().empty()) {
        // This machine is not made to ask where nobody answers.
        hook_problem_ = hook_.release();
        return;
    }
    auto servers = hook_.engage(server_.addresses().front());
    hook_problem_ = servers ? std::nullopt : std::optional(servers.error());
    if (hook_problem_) {
        log::error("dns: {}", *hook_problem_);
        return;
    }
    server_.set_upstreams(std::move(*servers));
    log::info("dns: this machine asks for .mesh, by {}", text_of(hook_.kind()));
}

void DnsService::stop() {
    server_.set_upstreams({});
    hook_problem_ = hook_.release();
    if (hook_problem_) {
        log::warning("dns: {}", *hook_problem_);
    }
}

void DnsService::reload() {
    listen();
    if (hook_.wanted()) {
        engage();
    }
}

boost::json::object DnsService::answer(std::string_view verb) {
    if (verb == "dns.on") {
        hook_.set_wanted(true);
        engage();
        if (hook_.kind() == DnsHook::Kind::kNone) {
            hook_.set_wanted(false);
            return control_error(
                "refused", hook_problem_.value_or(listen_problem_.value_or("no address"))
            );
        }
    } else if (verb == "dns.off") {
        hook_.set_wanted(false);
        stop();
    } else if (verb != "dns.status") {
        return control_error("unknown_verb", "dns.on, dns.off or dns.status");
    }
    return status();
}

boost::json::object DnsService::status() const {
    boost::json::array listening;
    for (const wire::Address& each : server_.addresses()) {
        listening.emplace_back(each.to_string());
    }
    boost::json::array upstreams;
    for (const wire::SocketAddress& each : server_.upstreams()) {
        upstreams.emplace_back(each.to_string());
    }
    return {
        {"schema", "phantom.dns/1"},
        {"on", hook_.wanted()},
        {"hook", text_of(hook_.kind())},
        {"zone", "mesh"},
        {"listening", std::move(listening)},
        {"upstreams", std::move(upstreams)},
        {"problem", or_null(hook_problem_ ? hook_problem_ : listen_problem_)},
    };
}

}  // namespace phantom::daemon
