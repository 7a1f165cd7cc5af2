#include "cli/mcp.h"

#include <array>
#include <cerrno>

#include <unistd.h>

#include "cli/doctor.h"
#include "cli/output.h"
#include "mcp/server.h"

namespace phantom::cli {

namespace {

constexpr std::size_t kReadSize = 65'536;

mcp::Node node_at(const Places& places) {
    return {
        .ask =
            [places](const boost::json::object& request) {
                Answer answer = ask(places, request);
                return mcp::Reply{std::move(answer.error), std::move(answer.body)};
            },
        .examine_machine = [places] { return doctor_report(places, {}); },
    };
}

}  // namespace

int serve_mcp(const Places& places, bool allow_writes) {
    SystemRandom random;
    mcp::Server server(
        {.allow_writes = allow_writes, .version = PM_VERSION}, node_at(places), random
    );
    mcp::LineReader reader;
    std::array<char, kReadSize> buffer{};
    for (;;) {
        const ssize_t count = read(STDIN_FILENO, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return static_cast<int>(count == 0 ? Exit::kOk : Exit::kFailed);
        }
        for (const mcp::Line& line :
             reader.feed({buffer.data(), static_cast<std::size_t>(count)})) {
            if (const auto answer = server.hear(line, monotonic_now())) {
                print(*answer + "\n");
            }
        }
    }
}

}  // namespace phantom::cli
