// What nf_tables says of its chains. Source: linux/netfilter/nf_tables.h, and nfnetlink's framing.

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>

#include <endian.h>
#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "doctor/net_facts.h"
#include "io/command.h"
#include "io/fd.h"

namespace phantom::doctor {

namespace {

constexpr std::size_t kDumpBufferSize = std::size_t{32} << 10U;
constexpr int kDumpPartsMax = 256;
constexpr std::size_t kChainsNamedMax = 8;
// linux/netfilter.h, which does not go together with netinet/in.h.
constexpr std::uint32_t kHookLocalIn = 1;
constexpr std::uint32_t kVerdictDrop = 0;
constexpr std::uint8_t kFamilyAny = 0;
constexpr std::uint8_t kFamilyInet = 1;
constexpr std::uint8_t kFamilyIpv4 = 2;
constexpr std::uint8_t kFamilyIpv6 = 10;

struct Chain {
    std::string table;
    std::string name;
    bool is_filter = false;
    bool is_input = false;
    bool drops = false;
};

int read_hook(const nlattr* attribute, void* data) {
    auto& chain = *static_cast<Chain*>(data);
    if (mnl_attr_get_type(attribute) == NFTA_HOOK_HOOKNUM &&
        mnl_attr_validate(attribute, MNL_TYPE_U32) == 0) {
        chain.is_input = be32toh(mnl_attr_get_u32(attribute)) == kHookLocalIn;
    }
    return MNL_CB_OK;
}

int read_chain_field(const nlattr* attribute, void* data) {
    auto& chain = *static_cast<Chain*>(data);
    const bool is_text = mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0;
    switch (mnl_attr_get_type(attribute)) {
        case NFTA_CHAIN_TABLE:
            chain.table = is_text ? mnl_attr_get_str(attribute) : "";
            break;
        case NFTA_CHAIN_NAME:
            chain.name = is_text ? mnl_attr_get_str(attribute) : "";
            break;
        case NFTA_CHAIN_TYPE:
            chain.is_filter = is_text && std::string_view(mnl_attr_get_str(attribute)) == "filter";
            break;
        case NFTA_CHAIN_HOOK:
            (void)mnl_attr_parse_nested(attribute, read_hook, data);
            break;
        case NFTA_CHAIN_POLICY:
            chain.drops = mnl_attr_validate(attribute, MNL_TYPE_U32) == 0 &&
                          be32toh(mnl_attr_get_u32(attribute)) == kVerdictDrop;
            break;
        default:
            break;
    }
    return MNL_CB_OK;
}

const char* family_name(std::uint8_t family) {
    switch (family) {
        case kFamilyInet:
            return "inet";
        case kFamilyIpv4:
            return "ip";
        case kFamilyIpv6:
            return "ip6";
        default:
            return nullptr;
    }
}

int read_chain(const nlmsghdr* header, void* data) {
    auto& facts = *static_cast<FirewallFacts*>(data);
    const auto* message = static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(header));
    const char* family = family_name(message->nfgen_family);
    Chain chain;
    (void)mnl_attr_parse(header, sizeof(nfgenmsg), read_chain_field, &chain);
    if (family != nullptr && chain.is_filter && chain.is_input && chain.drops &&
        facts.dropping_inputs.size() < kChainsNamedMax) {
        facts.dropping_inputs.push_back(fmt::format("{} {} {}", family, chain.table, chain.name));
    }
    return MNL_CB_OK;
}

// 0, or errno.
int ask_for_chains(FirewallFacts& facts) {
    const io::Fd netlink(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
    if (!netlink.valid()) {
        return errno;
    }
    std::array<std::uint8_t, MNL_ALIGN(sizeof(nlmsghdr)) + MNL_ALIGN(sizeof(nfgenmsg))> request{};
    nlmsghdr* header = mnl_nlmsg_put_header(request.data());
    header->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8U | NFT_MSG_GETCHAIN;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    auto* message = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(header, sizeof(nfgenmsg)));
    message->nfgen_family = kFamilyAny;
    message->version = NFNETLINK_V0;
    if (send(netlink.get(), header, header->nlmsg_len, 0) < 0) {
        return errno;
    }
    std::array<std::uint8_t, kDumpBufferSize> buffer;
    for (int part = 0; part < kDumpPartsMax; ++part) {
        const ssize_t got = recv(netlink.get(), buffer.data(), buffer.size(), 0);
        if (got < 0) {
            return errno;
        }
        const int more =
            mnl_cb_run(buffer.data(), static_cast<std::size_t>(got), 0, 0, read_chain, &facts);
        if (more < MNL_CB_STOP) {
            return errno;
        }
        if (more == MNL_CB_STOP) {
            break;
        }
    }
    return 0;
}

bool is_in_path(const char* program) {
    const char* path = std::getenv("PATH");
    std::istringstream folders(path == nullptr ? "/usr/sbin:/sbin:/usr/bin:/bin" : path);
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (access((std::filesystem::path(folder) / program).c_str(), X_OK) == 0) {
            return true;
        }
    }
    return false;
}

}  // namespace

FirewallFacts read_firewall() {
    FirewallFacts facts;
    facts.netlink_errno = ask_for_chains(facts);
    facts.has_program = is_in_path("nft");
    facts.program_works = facts.has_program && io::run_command({"nft", "list", "tables"});
    return facts;
}

}  // namespace phantom::doctor
