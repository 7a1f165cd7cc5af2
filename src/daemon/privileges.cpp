#include "daemon/privileges.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "io/thread_turns.h"

namespace phantom::daemon {

namespace {
constexpr std::array kKept{CAP_NET_ADMIN, CAP_NET_BIND_SERVICE, CAP_SYS_ADMIN};
}

void drop_privileges() {
    io::allow_full_share();  // the watcher's thread goes from the least share back
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> held{};
    if (syscall(SYS_capget, &header, held.data()) != 0) {
        return;
    }
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> kept{};
    for (const int capability : kKept) {
        const auto word = static_cast<std::size_t>(capability / 32);
        const std::uint32_t bit = held[word].permitted & (1U << (capability % 32));
        kept[word].permitted |= bit;
        kept[word].effective |= bit;
    }
    for (int capability = 0; capability <= CAP_LAST_CAP; ++capability) {
        bool keep = false;
        for (const int wanted : kKept) {
            keep = keep || wanted == capability;
        }
        if (!keep) {
            (void)prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
        }
    }
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (syscall(SYS_capset, &header, kept.data()) != 0) {
        log::warning("cannot give up capabilities: {}", std::strerror(errno));
    }
}

void protect_memory() {
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    (void)setrlimit(RLIMIT_CORE, &none);
#ifndef PM_SANITIZED
    // Sanitizers look into their own process.
    (void)prctl(PR_SET_DUMPABLE, 0);
#endif
}

}  // namespace phantom::daemon
