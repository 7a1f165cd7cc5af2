// The last part of /metrics: the store, the API, the process.

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/resource.h>
#include <unistd.h>

#include "daemon/api_service.h"
#include "daemon/metrics_service.h"
#include "daemon/trace_service.h"
#include "metrics/families.h"

namespace phantom::daemon {

namespace {

using metrics::family;

// With what SQLite keeps beside it; 0: it is not there.
std::uint64_t size_of_database(const std::filesystem::path& path) {
    std::uint64_t size = 0;
    for (const char* suffix : {"", "-wal", "-shm"}) {
        std::error_code error;
        const auto of_file = std::filesystem::file_size(path.string() + suffix, error);
        size += error ? 0 : of_file;
    }
    return size;
}

// proc(5), /proc/pid/stat, what is behind the name: field 3 is the first.
class ProcessFields {
  public:
    ProcessFields() {
        std::ifstream file("/proc/self/stat");
        std::string text;
        std::getline(file, text);
        const std::size_t name_end = text.rfind(')');
        std::istringstream rest(name_end == std::string::npos ? "" : text.substr(name_end + 1));
        std::string field;
        while (rest >> field) {
            fields_.push_back(std::strtoull(field.c_str(), nullptr, 10));
        }
    }
    // As proc(5) numbers them; 0 where there is none.
    [[nodiscard]] std::uint64_t field(std::size_t number) const {
        return number - 3 < fields_.size() ? fields_[number - 3] : 0;
    }

  private:
    std::vector<std::uint64_t> fields_;
};

constexpr std::size_t kUserTicks = 14;
constexpr std::size_t kSystemTicks = 15;
constexpr std::size_t kThreads = 20;
constexpr std::size_t kStartTicks = 22;
constexpr std::size_t kVirtualBytes = 23;
constexpr std::size_t kResidentPages = 24;

double boot_time_s() {
    timespec since_boot{};
    (void)clock_gettime(CLOCK_BOOTTIME, &since_boot);
    return static_cast<double>(wall_now().ns) / 1e9 -
           (static_cast<double>(since_boot.tv_sec) + static_cast<double>(since_boot.tv_nsec) / 1e9);
}

std::size_t open_descriptors() {
    std::error_code error;
    std::size_t count = 0;
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd", error)) {
        (void)each;
        ++count;
    }
    return count == 0 ? 0 : count - 1;  // without the one that looks
}

}  // namespace

void MetricsService::write_store(metrics::Writer& page) const {
    const AuditService::Counts audit = at_.audit.counts();
    page.write(family("phantommesh_store_up"), audit.is_up);
    page.begin(family("phantommesh_store_size_bytes"));
    page.add({"node"}, size_of_database(at_.node.files().path_of(kDatabaseFile)));
    page.add({"deliveries"}, size_of_database(at_.node.files().path_of(kAlertStoreFile)));
    page.write(family("phantommesh_audit_entries"), audit.entries);
    page.write(family("phantommesh_audit_unsigned_entries"), audit.not_signed);
    page.write(family("phantommesh_audit_waiting_entries"), audit.waiting);
    page.write(family("phantommesh_audit_lost_entries"), audit.lost);
    const TraceService::Counters traces = at_.traces.counters();
    page.begin(family("phantommesh_traces_spans"));
    page.add({"sent"}, traces.sent);
    page.add({"dropped"}, traces.dropped);
}

void MetricsService::write_api(metrics::Writer& page) const {
    page.write(family("phantommesh_api_up"), at_.api.is_listening());
    page.write(family("phantommesh_api_tokens"), at_.api.token_count());
    const api::Server* const server = at_.api.server();
    if (server == nullptr) {
        return;
    }
    const api::Server::Counters& counters = server->counters();
    page.write(family("phantommesh_api_connections"), counters.connections.load());
    page.write(family("phantommesh_api_listeners"), counters.listeners.load());
    page.begin(family("phantommesh_api_connections_opened"));
    page.add({"accepted"}, counters.accepted.load());
    page.add({"refused"}, counters.refused.load());
    page.begin(family("phantommesh_api_requests"));
    static constexpr std::array<std::string_view, 6> kClasses{"",    "1xx", "2xx",
                                                              "3xx", "4xx", "5xx"};
    for (std::size_t hundreds = 2; hundreds < kClasses.size(); ++hundreds) {
        page.add({kClasses[hundreds]}, counters.answers.at(hundreds).load());
    }
    page.write(family("phantommesh_api_request_seconds"), counters.took);
    page.write(family("phantommesh_api_late_answers"), counters.late.load());
    page.write(family("phantommesh_api_rejected_tokens"), counters.rejected_tokens.load());
}

void MetricsService::write_process(metrics::Writer& page) {
    const ProcessFields process;
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    const auto page_size = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    page.write(
        family("process_cpu_seconds"),
        static_cast<double>(process.field(kUserTicks) + process.field(kSystemTicks)) / ticks
    );
    page.write(family("process_resident_memory_bytes"), process.field(kResidentPages) * page_size);
    page.write(family("process_virtual_memory_bytes"), process.field(kVirtualBytes));
    page.write(
        family("process_start_time_seconds"),
        boot_time_s() + static_cast<double>(process.field(kStartTicks)) / ticks
    );
    page.write(family("process_open_fds"), open_descriptors());
    rlimit limit{};
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    page.write(family("process_max_fds"), limit.rlim_cur);
    page.write(family("phantommesh_process_threads"), process.field(kThreads));
    rusage usage{};
    (void)getrusage(RUSAGE_THREAD, &usage);
    page.begin(family("phantommesh_process_context_switches"));
    page.add({"voluntary"}, static_cast<std::uint64_t>(usage.ru_nvcsw));
    page.add({"involuntary"}, static_cast<std::uint64_t>(usage.ru_nivcsw));
}

}  // namespace phantom::daemon
