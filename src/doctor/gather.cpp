#include "doctor/gather.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/clock.h"
#include "doctor/folder_facts.h"
#include "doctor/net_facts.h"
#include "io/fd.h"
#include "io/offload_probe.h"
#include "io/text_file.h"
#include "io/tun.h"

namespace phantom::doctor {

namespace {

constexpr const char* kProbeInterface = "pmdoctor%d";
constexpr std::size_t kProcFileMax = 16'384;
constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::uint64_t kKiB = 1'024;

// The number behind "NAME:" in a file of /proc.
std::uint64_t number_behind(const std::string& text, std::string_view name, int base) {
    const std::size_t at = text.find(name);
    return at == std::string::npos ? 0
                                   : std::strtoull(text.c_str() + at + name.size(), nullptr, base);
}

KernelFacts read_kernel() {
    utsname name{};
    KernelFacts facts;
    if (uname(&name) == 0) {
        facts.release = name.release;
        char* rest = nullptr;
        facts.major = static_cast<unsigned>(std::strtoul(name.release, &rest, 10));
        if (*rest == '.') {
            facts.minor = static_cast<unsigned>(std::strtoul(rest + 1, nullptr, 10));
        }
    }
    return facts;
}

CapabilityFacts read_capabilities() {
    const std::string status = io::read_beginning("/proc/self/status", kProcFileMax).value_or("");
    return {.effective = number_behind(status, "CapEff:", 16), .is_root = geteuid() == 0};
}

TunFacts read_tun() {
    TunFacts facts;
    const io::Fd device(open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK));
    if (!device.valid()) {
        facts.open_errno = errno;
        return facts;
    }
    const auto made = io::Tun::create(kProbeInterface, 1, {.tso = false, .uso = false});
    if (!made) {
        facts.create_errno =
            made.error().detail() == 0 ? EPERM : static_cast<int>(made.error().detail());
    }
    return facts;
}

// In a thread of its own, which takes its namespace with it.
bool can_make_namespace() {
    bool made = false;
    std::thread([&made] { made = unshare(CLONE_NEWNET) == 0; }).join();
    return made;
}

OffloadFacts read_offloads(const TunFacts& tun) {
    if (tun.open_errno != 0 || tun.create_errno != 0 || !can_make_namespace()) {
        return {};
    }
    return {.is_proven = true, .usable = io::prove_offloads({})};
}

ClockFacts read_clock() {
    timex state{};
    const int code = adjtimex(&state);
    return {
        .is_known = code >= 0,
        .is_synchronised = code >= 0 && code != TIME_ERROR && (state.status & STA_UNSYNC) == 0,
        .error_max_us = state.maxerror,
        .unix_s = wall_now().ns / kNanosecondsPerSecond,
    };
}

// What the control group leaves, where there is a limit. Version 2: one hierarchy, seen from inside as its root or by
// the path that /proc says.
std::uint64_t memory_left_by_group() {
    const std::string own = io::read_beginning("/proc/self/cgroup", kProcFileMax).value_or("");
    const std::size_t at = own.find("0::/");
    const std::string path =
        at == std::string::npos ? "" : own.substr(at + 3, own.find('\n', at) - at - 3);
    for (const std::string& folder : {"/sys/fs/cgroup" + path, std::string("/sys/fs/cgroup")}) {
        const auto most = io::read_beginning(folder + "/memory.max", 64);
        const auto used = io::read_beginning(folder + "/memory.current", 64);
        if (most && used && most->front() >= '0' && most->front() <= '9') {
            const std::uint64_t limit = std::strtoull(most->c_str(), nullptr, 10);
            const std::uint64_t taken = std::strtoull(used->c_str(), nullptr, 10);
            return limit > taken ? limit - taken : 0;
        }
    }
    return UINT64_MAX;
}

LimitFacts read_limits() {
    LimitFacts facts;
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        facts.files_soft = files.rlim_cur;
        facts.files_hard = files.rlim_max;
    }
    const std::string memory = io::read_beginning("/proc/meminfo", kProcFileMax).value_or("");
    facts.memory_available_bytes =
        std::min(number_behind(memory, "MemAvailable:", 10) * kKiB, memory_left_by_group());
    return facts;
}

}  // namespace

Facts gather(const Places& places) {
    Facts facts;
    facts.kernel = read_kernel();
    facts.capabilities = read_capabilities();
    facts.tun = read_tun();
    facts.offloads = read_offloads(facts.tun);
    facts.way_out = read_way_out(places.udp_port, places.node_pid != 0);
    facts.clock = read_clock();
    facts.ports.push_back(read_port(places.udp_port, false, places.node_pid));
    if (places.tcp_port != 0) {
        facts.ports.push_back(read_port(places.tcp_port, true, places.node_pid));
    }
    facts.firewall = read_firewall();
    facts.limits = read_limits();
    facts.state = read_folder(places.state_dir);
    facts.run = read_folder(places.run_dir);
    return facts;
}

}  // namespace phantom::doctor
