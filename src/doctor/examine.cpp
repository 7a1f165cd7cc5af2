#include "doctor/examine.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <linux/capability.h>

namespace phantom::doctor {

namespace {

// pidfd_open(2), by which the node waits for programs, is in 5.3; UDP super-packets through TUN are in 6.2.
constexpr unsigned kKernelNeeded = 5'003;
constexpr unsigned kKernelWanted = 6'002;
// docs/protocol.md: the outer packet of a frame that is relayed has at most 1,440 bytes; of one that is not 1,280 with
// the headers of IPv6, UDP and WireGuard.
constexpr std::uint32_t kMtuRelayed = 1'440;
constexpr std::uint32_t kMtuDirect = 1'360;
constexpr std::int64_t kClockErrorMaxUs = 1'000'000;
// A clock that stands before this was never set: 2026-01-01.
constexpr std::int64_t kClockEarliestSeconds = 1'767'225'600;
constexpr std::uint64_t kFilesNeeded = 256;
constexpr std::uint64_t kFilesWanted = 1'024;
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;
constexpr std::uint64_t kMemoryNeeded = 48 * kMiB;
constexpr std::uint64_t kMemoryWanted = 256 * kMiB;
constexpr std::uint64_t kDiskNeeded = 16 * kMiB;
constexpr std::uint64_t kDiskWanted = 512 * kMiB;  // what evidence alone may take
constexpr std::uint64_t kFreeFilesNeeded = 64;
constexpr unsigned kOthers = 0077;

using Findings = std::vector<Finding>;

void ok(Findings& out, std::string_view check, std::string found) {
    out.push_back({check, State::kOk, std::move(found), ""});
}
void warn(Findings& out, std::string_view check, std::string found, std::string advice) {
    out.push_back({check, State::kWarning, std::move(found), std::move(advice)});
}
void problem(Findings& out, std::string_view check, std::string found, std::string advice) {
    out.push_back({check, State::kProblem, std::move(found), std::move(advice)});
}

bool has(const CapabilityFacts& facts, unsigned capability) {
    return (facts.effective >> capability & 1U) != 0;
}

std::string size_text(std::uint64_t bytes) {
    constexpr std::uint64_t kGiB = 1'024 * kMiB;
    return bytes >= 10 * kGiB ? fmt::format("{} GiB", bytes / kGiB)
                              : fmt::format("{} MiB", bytes / kMiB);
}

void examine_kernel(const KernelFacts& facts, Findings& out) {
    const unsigned version = facts.major * 1'000 + facts.minor;
    const std::string found = fmt::format("Linux {}", facts.release);
    if (version < kKernelNeeded) {
        problem(out, "kernel", found, "Linux 5.3 is needed, 6.2 or newer is better: upgrade it.");
    } else if (version < kKernelWanted) {
        warn(
            out, "kernel", found,
            "From Linux 6.2 on UDP goes through the tunnel in batches, and several times faster."
        );
    } else {
        ok(out, "kernel", found);
    }
}

void examine_capabilities(const CapabilityFacts& facts, Findings& out) {
    if (!has(facts, CAP_NET_ADMIN)) {
        if (facts.is_root) {
            problem(
                out, "capabilities", "root, but without CAP_NET_ADMIN",
                "Give it to the container or the service: --cap-add NET_ADMIN, or "
                "AmbientCapabilities=CAP_NET_ADMIN."
            );
        } else {
            warn(
                out, "capabilities", "not root: what only root may do is not checked",
                "Run 'sudo phantom doctor'; 'phantom up' needs root, too."
            );
        }
        return;
    }
    std::string missing;
    const auto need = [&](unsigned capability, const char* name) {
        if (!has(facts, capability)) {
            missing += (missing.empty() ? "" : ", ") + std::string(name);
        }
    };
    need(CAP_SYS_ADMIN, "CAP_SYS_ADMIN (offloads are used without being proven)");
    need(CAP_NET_BIND_SERVICE, "CAP_NET_BIND_SERVICE (no TCP port 443 for members without UDP)");
    if (missing.empty()) {
        ok(out, "capabilities", "all that a node uses");
    } else {
        warn(
            out, "capabilities", "missing: " + missing,
            "Give them to the container or the service, if that matters to you."
        );
    }
}

void examine_tun(const TunFacts& facts, const CapabilityFacts& capabilities, Findings& out) {
    if (facts.open_errno == ENOENT) {
        problem(
            out, "tun", "there is no /dev/net/tun",
            "Run 'modprobe tun'. In a container give it the device: --device /dev/net/tun."
        );
    } else if (facts.open_errno == ENODEV || facts.open_errno == ENXIO) {
        problem(
            out, "tun", "/dev/net/tun is there, and the kernel has no driver behind it",
            "Run 'modprobe tun' on the host."
        );
    } else if (facts.open_errno != 0) {
        problem(
            out, "tun", fmt::format("/dev/net/tun: {}", std::strerror(facts.open_errno)),
            "Let this user and container open it: mode 0666, and the device rule 'c 10:200 rw'."
        );
    } else if (facts.create_errno == EPERM && !has(capabilities, CAP_NET_ADMIN)) {
        // Said once, by "capabilities".
        warn(out, "tun", "/dev/net/tun opens; making an interface needs CAP_NET_ADMIN", "");
    } else if (facts.create_errno != 0) {
        problem(
            out, "tun",
            fmt::format("an interface cannot be made: {}", std::strerror(facts.create_errno)),
            "The kernel's log (dmesg) says more."
        );
    } else {
        ok(out, "tun", "an interface can be made");
    }
}

void examine_offloads(const OffloadFacts& facts, const TunFacts& tun, Findings& out) {
    if (!facts.is_proven || tun.create_errno != 0 || tun.open_errno != 0) {
        warn(
            out, "offloads", "not proven: this needs TUN, CAP_NET_ADMIN and CAP_SYS_ADMIN",
            "They are used as the kernel accepts them; run this as root to see that they are right."
        );
        return;
    }
    const std::string usable = facts.usable.to_string();
    std::string missing;
    const auto expect = [&](bool is_there, const char* name) {
        if (!is_there) {
            missing += (missing.empty() ? "" : " ") + std::string(name);
        }
    };
    expect(facts.usable.tso, "tso");
    expect(facts.usable.uso, "uso");
    expect(facts.usable.gso, "gso");
    expect(facts.usable.gro, "gro");
    if (missing.empty()) {
        ok(out, "offloads", usable + ", proven with packets");
    } else {
        warn(
            out, "offloads", fmt::format("{}; not usable: {}", usable, missing),
            "The tunnel works without them, and slower. A newer kernel may have them right."
        );
    }
}

void examine_way_out(const WayOutFacts& facts, Findings& out) {
    if (!facts.exists) {
        warn(
            out, "way out", "no default route",
            "Members on this network are reached; for all others set a default route."
        );
        return;
    }
    const std::string found = fmt::format("{}, MTU {}", facts.interface, facts.mtu);
    if (facts.mtu < kMtuDirect) {
        problem(
            out, "way out", found,
            fmt::format(
                "Packets of the mesh need {} bytes, of relayed ones {}: raise the MTU of {}.",
                kMtuDirect, kMtuRelayed, facts.interface
            )
        );
    } else if (facts.mtu < kMtuRelayed) {
        warn(
            out, "way out", found,
            fmt::format("Relayed packets need {} bytes and are cut into fragments.", kMtuRelayed)
        );
    } else {
        ok(out, "way out", found);
    }
    if (facts.send_errno == EPERM) {
        problem(
            out, "udp", "the firewall of this machine drops UDP that leaves from the node's port",
            "Let it out: nft insert rule inet filter output udp sport 51820 accept (table and "
            "chain as 'nft list ruleset' has them)."
        );
    } else if (facts.send_errno != 0) {
        warn(
            out, "udp",
            fmt::format("a datagram to the gateway: {}", std::strerror(facts.send_errno)),
            "Is the link up, and does the gateway answer ('ip neigh')?"
        );
    } else {
        ok(out, "udp", "leaves this machine");
    }
}

void examine_clock(const ClockFacts& facts, Findings& out) {
    if (facts.unix_s < kClockEarliestSeconds) {
        problem(
            out, "clock", "stands before 2026",
            "Set it: invitations and certificates have a time, and none would be good."
        );
    } else if (!facts.is_known) {
        warn(out, "clock", "the kernel does not say whether it is synchronised", "");
    } else if (!facts.is_synchronised) {
        warn(
            out, "clock", "nothing synchronises it",
            "Turn on systemd-timesyncd or chrony: who joins with a token has to agree on the time."
        );
    } else if (facts.error_max_us > kClockErrorMaxUs) {
        warn(
            out, "clock",
            fmt::format("may be wrong by {:.1f} s", static_cast<double>(facts.error_max_us) / 1e6),
            "Does the time service reach its servers ('chronyc sources', 'timedatectl')?"
        );
    } else {
        ok(out, "clock",
           fmt::format(
               "synchronised, wrong by {:.1f} ms at most",
               static_cast<double>(facts.error_max_us) / 1e3
           ));
    }
}

void examine_port(const PortFacts& facts, Findings& out) {
    const std::string_view check = facts.is_tcp ? "tcp port" : "udp port";
    const std::string port = std::to_string(facts.port);
    if (facts.is_held_by_node) {
        ok(out, check, port + ", the node has it");
    } else if (facts.bind_errno == EADDRINUSE) {
        const std::string held =
            fmt::format("{} is taken{}", port, facts.holder.empty() ? "" : " by " + facts.holder);
        if (facts.is_tcp) {
            warn(
                out, check, held,
                "Members without UDP cannot come in there: free it, or choose another with "
                "--carrier."
            );
        } else {
            problem(
                out, check, held,
                "Free it, or choose another with --listen. A new node takes the next free one, "
                "which no firewall expects."
            );
        }
    } else if (facts.bind_errno == EACCES) {
        warn(
            out, check, port + " may not be bound by this user",
            "Run this as root, or give CAP_NET_BIND_SERVICE."
        );
    } else if (facts.bind_errno != 0) {
        problem(
            out, check, fmt::format("{}: {}", port, std::strerror(facts.bind_errno)),
            "Has the machine an address ('ip address')?"
        );
    } else {
        ok(out, check, port + ", free");
    }
}

void examine_firewall(
    const FirewallFacts& facts, const CapabilityFacts& capabilities, Findings& out
) {
    if (!has(capabilities, CAP_NET_ADMIN)) {
        warn(out, "nftables", "not checked: needs CAP_NET_ADMIN", "");
        return;
    }
    if (facts.netlink_errno != 0) {
        problem(
            out, "nftables",
            fmt::format("the kernel refuses it: {}", std::strerror(facts.netlink_errno)),
            "Run 'modprobe nf_tables': without it nothing can be blocked, and no exit node works."
        );
        return;
    }
    if (!facts.has_program || !facts.program_works) {
        problem(
            out, "nftables",
            facts.has_program ? "'nft list tables' fails" : "the program nft is not there",
            "Install the package nftables: blocks, routes and exit nodes are set up with it."
        );
        return;
    }
    if (facts.dropping_inputs.empty()) {
        ok(out, "nftables", "usable; no chain drops what comes in by default");
        return;
    }
    warn(
        out, "nftables",
        fmt::format("usable; '{}' drops what no rule lets in", facts.dropping_inputs.front()),
        "Let UDP come in to the node's port, if others are to reach this machine first."
    );
}

void examine_limits(const LimitFacts& facts, Findings& out) {
    const std::string files = fmt::format("{} open files", facts.files_soft);
    if (facts.files_soft < kFilesNeeded) {
        problem(
            out, "files", files,
            fmt::format("Raise it: 'ulimit -n {}', or LimitNOFILE= of the service.", kFilesWanted)
        );
    } else if (facts.files_soft < kFilesWanted) {
        warn(
            out, "files", files,
            fmt::format(
                "The API serves fewer clients: 'ulimit -n {}' or LimitNOFILE=.", kFilesWanted
            )
        );
    } else {
        ok(out, "files", files);
    }
    const std::string memory = size_text(facts.memory_available_bytes) + " available";
    if (facts.memory_available_bytes < kMemoryNeeded) {
        problem(
            out, "memory", memory, "A node takes 30 MiB and more: free some, or raise its limit."
        );
    } else if (facts.memory_available_bytes < kMemoryWanted) {
        warn(out, "memory", memory, "Signatures and feeds take up to 256 MiB: use few of them.");
    } else {
        ok(out, "memory", memory);
    }
}

// Whether something can be written, which no number of free bytes says for sure.
bool examine_writing(std::string_view check, const FolderFacts& facts, Findings& out) {
    if (facts.exists && !facts.is_folder) {
        problem(
            out, check, facts.path + " is no folder",
            "Move it away, or name another with --state-dir."
        );
        return false;
    }
    switch (facts.write_errno) {
        case 0:
            return true;
        case ENOSPC:
        case EDQUOT:
            problem(
                out, check, fmt::format("{}: no room is left", facts.nearest),
                "Free some: until then incidents, audit and keys are not kept."
            );
            return false;
        case EROFS:
            problem(
                out, check, fmt::format("{} is read-only", facts.nearest),
                "Mount it for writing, or name another folder."
            );
            return false;
        case EACCES:
            warn(
                out, check, fmt::format("{} is not for this user", facts.nearest),
                "Run 'sudo phantom doctor' to see what the node sees."
            );
            return false;
        default:
            problem(
                out, check, fmt::format("{}: {}", facts.nearest, std::strerror(facts.write_errno)),
                "Nothing can be written there: the kernel's log (dmesg) may say why."
            );
            return false;
    }
}

void examine_modes(const FolderFacts& facts, Findings& out) {
    if (!facts.exists) {
        ok(out, "state", facts.path + " is made by 'phantom init' or 'phantom join'");
        return;
    }
    if (facts.is_of_another) {
        problem(
            out, "state", facts.path + " belongs to another user",
            fmt::format("Who owns it has this node's keys: chown -R root {}", facts.path)
        );
    } else if (!facts.loose_secrets.empty()) {
        const LoosePlace& first = facts.loose_secrets.front();
        problem(
            out, "state",
            fmt::format("{} can be read by others (mode {:04o})", first.path, first.mode),
            fmt::format(
                "chmod 600 {}; then 'phantom rotate', if somebody may have read it.", first.path
            )
        );
    } else if ((facts.mode & kOthers) != 0) {
        warn(
            out, "state", fmt::format("{} is open to others (mode {:04o})", facts.path, facts.mode),
            fmt::format("chmod 700 {}", facts.path)
        );
    } else {
        ok(out, "state", facts.path + ", for its owner alone");
    }
}

void examine_disk(const FolderFacts& facts, Findings& out) {
    if (!examine_writing("disk", facts, out)) {
        return;
    }
    const std::string found =
        fmt::format("{} free for {}", size_text(facts.free_bytes), facts.path);
    if (facts.free_bytes < kDiskNeeded) {
        problem(out, "disk", found, "Free some: soon incidents, audit and keys are not kept.");
    } else if (facts.counts_files && facts.free_files < kFreeFilesNeeded) {
        problem(
            out, "disk", fmt::format("{} more files can be made", facts.free_files),
            "Remove small files there: the file system has no inodes left."
        );
    } else if (facts.free_bytes < kDiskWanted) {
        warn(out, "disk", found, "Evidence of incidents alone may take 512 MiB.");
    } else {
        ok(out, "disk", found);
    }
}

void examine_daemon(const DaemonFacts& facts, Findings& out) {
    if (!facts.problem.empty()) {
        problem(
            out, "node", facts.problem,
            "Its log says more; 'phantom down' and 'phantom up' start it again."
        );
    } else if (!facts.is_running) {
        ok(out, "node", "none runs here");
    } else if (facts.warnings.empty()) {
        ok(out, "node", "runs, and has nothing to complain of");
    }
    for (const std::string& each : facts.warnings) {
        warn(out, "node", each, "");
    }
}

}  // namespace

std::string_view name_of(State state) {
    switch (state) {
        case State::kOk:
            return "ok";
        case State::kWarning:
            return "warning";
        case State::kProblem:
            return "problem";
    }
    return "";
}

std::vector<Finding> examine(const Facts& facts) {
    Findings out;
    examine_kernel(facts.kernel, out);
    examine_capabilities(facts.capabilities, out);
    examine_tun(facts.tun, facts.capabilities, out);
    examine_offloads(facts.offloads, facts.tun, out);
    examine_way_out(facts.way_out, out);
    for (const PortFacts& port : facts.ports) {
        examine_port(port, out);
    }
    examine_firewall(facts.firewall, facts.capabilities, out);
    examine_clock(facts.clock, out);
    examine_limits(facts.limits, out);
    examine_disk(facts.state, out);
    examine_modes(facts.state, out);
    if (examine_writing("run folder", facts.run, out)) {
        ok(out, "run folder", facts.run.path);
    }
    examine_daemon(facts.daemon, out);
    return out;
}

State verdict(const std::vector<Finding>& findings) {
    State worst = State::kOk;
    for (const Finding& each : findings) {
        worst = std::max(worst, each.state);
    }
    return worst;
}

}  // namespace phantom::doctor
