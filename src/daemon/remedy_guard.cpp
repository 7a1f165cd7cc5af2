#include "daemon/remedy_guard.h"

#include <filesystem>

#include <fmt/format.h>

#include "daemon/client_routes.h"
#include "daemon/file_image.h"
#include "daemon/guard_list.h"
#include "daemon/own_endpoints.h"
#include "daemon/remedy_switches.h"
#include "io/gateway.h"
#include "names/resolv_conf.h"

namespace phantom::daemon {

namespace {

constexpr const char* kGuardFile = "guard";

wire::Prefix host_prefix(const wire::Address& address) {
    return wire::Prefix::of(address, static_cast<std::uint8_t>(address.bit_count()));
}

class GuardedBuilder {
  public:
    explicit GuardedBuilder(const MeshNode& node) : directory_(node.mesh().directory()) {
        guarded_.options.member_count = directory_.members().size();
        guarded_.management.udp_ports.push_back(node.state().membership.listen_port);
        guarded_.management.mark = kTunnelMark;
    }

    void add(const wire::Address& address) {
        if (!address.is_none()) {
            guarded_.options.prefixes.push_back(host_prefix(address));
        }
    }
    // In what it does, and where it is.
    void add(const identity::MemberRecord& member, bool with_endpoints) {
        guarded_.options.members.push_back(member_id(member.descriptor.node));
        for (const wire::Address& address : addresses_of(member)) {
            add(address);
        }
        if (with_endpoints) {
            for (const wire::SocketAddress& endpoint : member.descriptor.endpoints) {
                add(endpoint.address);
            }
        }
    }
    // Whoever holds the root, and the owner's machines, may speak to this one while it is isolated.
    void let_manage(const identity::MemberRecord& member) {
        for (const wire::Address& address : addresses_of(member)) {
            guarded_.management.addresses.push_back(address);
        }
    }
    void add(const GuardEntry& entry) {
        if (const auto* prefix = std::get_if<wire::Prefix>(&entry.what)) {
            add(*prefix, entry.executor);
            return;
        }
        const auto* member = directory_.find_name(std::get<std::string>(entry.what));
        if (member == nullptr) {
            return;  // not heard of: nothing of it to guard
        }
        if (!entry.executor) {
            add(*member, true);
            let_manage(*member);
            return;
        }
        guarded_.options.members_of[*entry.executor].push_back(member_id(member->descriptor.node));
        for (const wire::Address& address : addresses_of(*member)) {
            guarded_.options.prefixes_of[*entry.executor].push_back(host_prefix(address));
        }
    }
    [[nodiscard]] Guarded take() { return std::move(guarded_); }

  private:
    void add(const wire::Prefix& prefix, const std::optional<remedy::Executor>& executor) {
        auto& list = executor ? guarded_.options.prefixes_of[*executor] : guarded_.options.prefixes;
        list.push_back(prefix);
        if (!executor && prefix.length == prefix.address.bit_count()) {
            guarded_.management.addresses.push_back(prefix.address);
        }
    }
    static std::vector<wire::Address> addresses_of(const identity::MemberRecord& member) {
        std::vector<wire::Address> addresses{member.descriptor.overlay_v6()};
        if (!member.certificate.overlay_v4.is_none()) {
            addresses.push_back(member.certificate.overlay_v4);
        }
        return addresses;
    }

    const mesh::Directory& directory_;
    Guarded guarded_;
};

std::expected<std::vector<GuardEntry>, std::string> read_guard_list(MeshNode& node) {
    const std::filesystem::path path = node.files().path_of(kGuardFile);
    std::error_code error;
    if (!std::filesystem::exists(path, error) && !error) {
        return {};
    }
    const auto image = read_image(path.string(), kGuardListSizeMax);
    using List = std::expected<std::vector<GuardEntry>, std::string>;
    auto list = image ? parse_guard_list(image->content) : List(std::unexpected(image.error()));
    if (!list) {
        return std::unexpected(fmt::format(
            "{}: {}. Nothing is acted against until that is put right", path.string(), list.error()
        ));
    }
    return list;
}

}  // namespace

std::expected<Guarded, std::string> look_at_guarded(
    MeshNode& node, const std::string& resolv_conf
) {
    const auto list = read_guard_list(node);
    if (!list) {
        return std::unexpected(list.error());
    }
    GuardedBuilder builder(node);
    for (const wire::SocketAddress& own : own_endpoints(0, "")) {
        builder.add(own.address);
    }
    builder.add(node.mesh().self(), false);
    if (const auto gateway = io::default_gateway()) {
        builder.add(gateway->address);
    }
    if (const auto image = read_image(resolv_conf, names::kResolvConfSizeMax)) {
        for (const wire::SocketAddress& server : names::parse_resolv_conf(image->content).servers) {
            builder.add(server.address);
        }
    }
    // Without whoever holds the root nobody is admitted or put out.
    for (const auto& [id, member] : node.mesh().directory().members()) {
        if (member.descriptor.has(identity::Capability::kIntroducer)) {
            builder.add(member, true);
            builder.let_manage(member);
        }
    }
    for (const GuardEntry& entry : *list) {
        builder.add(entry);
    }
    return builder.take();
}

}  // namespace phantom::daemon
