// ./dev bench alert: how many alerts go in, what a million of them weigh, and how long it is from a new group to the
// first byte at its receiver (with the disk in between).

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <malloc.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "alert/config_reader.h"
#include "alert/dispatcher.h"
#include "alert/message.h"
#include "alert/state_json.h"
#include "base/assert.h"
#include "courier/outgoing.h"
#include "store/records.h"

namespace phantom::alert {
namespace {

constexpr std::size_t kMillion = 1'000'000;
constexpr std::size_t kSources = 10'000;
constexpr WallTime kStart{1'790'000'000'000'000'000};

std::shared_ptr<const Config> bench_config(const std::string& url) {
    auto config = read_config(fmt::format(
        "route: {{receiver: hook, group_by: [alertname, subject]}}\n"
        "receivers: [{{name: hook, webhook_configs: [{{url: '{}'}}]}}]\n",
        url
    ));
    PM_ASSERT(config.has_value());
    return std::make_shared<const Config>(std::move(*config));
}

// As the daemon makes one of a finding (daemon/alert_record.cpp).
Alert bench_alert(std::size_t number, Priority priority) {
    auto made = make_alert(
        {.labels =
             {{"alertname", "port-scan"},
              {"rule", "behaviour:port-scan"},
              {"node", "dune"},
              {"subject", fmt::format("100.64.{}.{}", number / 256 % 256, number % 256)},
              {"peer", fmt::format("peer-{}", number % kSources)},
              {"object", fmt::format("100.{}.7.1", number / 65'536)},
              {"technique", "T1046"}},
         .annotations =
             {{"summary", "tried 214 ports in 10 s, last of 100.64.7.1, 190 without success"},
              {"risk", "risk 7.1 (P2) = 1 + 9 x 0.93 x 0.72: confidence 0.93; severity 6.5 of 10"},
              {"number", fmt::format("{}", number)}},
         .priority = priority,
         .starts_at = kStart,
         .ends_at = {}}
    );
    PM_ASSERT(made.has_value());
    return std::move(*made);
}

std::size_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::size_t pages = 0;
    file >> pages >> pages;
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// Findings of 10,000 sources that go on: what the book does all day.
void observe_known(benchmark::State& state) {
    Dispatcher dispatcher(bench_config("http://127.0.0.1:1/"));
    std::vector<Alert> alerts;
    for (std::size_t index = 0; index < kSources; ++index) {
        alerts.push_back(bench_alert(index, Priority::kP3));
    }
    std::size_t next = 0;
    WallTime now = kStart;
    for (auto _ : state) {
        now = later(now, std::chrono::microseconds(5));
        benchmark::DoNotOptimize(dispatcher.observe(alerts[next], now));
        next = (next + 1) % alerts.size();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(observe_known);

// Each one another: routing, grouping and all. Made beforehand, as they come from the pipeline.
void observe_new(benchmark::State& state) {
    constexpr std::size_t kCount = 200'000;
    std::vector<Alert> alerts;
    for (std::size_t index = 0; index < kCount; ++index) {
        alerts.push_back(bench_alert(index, Priority::kP3));
    }
    const auto config = bench_config("http://127.0.0.1:1/");
    for (auto _ : state) {
        Dispatcher dispatcher(config);
        for (const Alert& alert : alerts) {
            benchmark::DoNotOptimize(dispatcher.observe(alert, kStart));
        }
        state.PauseTiming();
        PM_ASSERT(dispatcher.alert_count() == kCount);
        {
            const Dispatcher gone = std::move(dispatcher);
        }
        state.ResumeTiming();
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kCount));
}
BENCHMARK(observe_new)->Unit(benchmark::kMillisecond)->Iterations(3);

// From the fields of a finding.
void make_and_observe(benchmark::State& state) {
    Dispatcher dispatcher(bench_config("http://127.0.0.1:1/"));
    std::size_t next = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(
            dispatcher.observe(bench_alert(next % kSources, Priority::kP3), kStart)
        );
        ++next;
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(make_and_observe);

void a_million_alerts(benchmark::State& state) {
    for (auto _ : state) {
        ::malloc_trim(0);
        const std::size_t before = resident_bytes();
        Dispatcher dispatcher(bench_config("http://127.0.0.1:1/"));
        for (std::size_t index = 0; index < kMillion; ++index) {
            PM_ASSERT(dispatcher.observe(bench_alert(index, Priority::kP3), kStart).has_value());
        }
        (void)dispatcher.take_changed_alerts();
        (void)dispatcher.take_changed_groups();
        PM_ASSERT(dispatcher.alert_count() == kMillion);
        state.counters["bytes_per_alert"] =
            static_cast<double>(resident_bytes() - before) / static_cast<double>(kMillion);
        state.counters["groups"] = static_cast<double>(dispatcher.group_count());
    }
}
BENCHMARK(a_million_alerts)->Unit(benchmark::kSecond)->Iterations(1);

// Says 200 to everything; when the first byte of the last request came.
class Receiver200 {
  public:
    Receiver200() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        ::sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::socklen_t size = sizeof address;
        PM_ASSERT(::bind(fd_, reinterpret_cast<const ::sockaddr*>(&address), size) == 0);
        PM_ASSERT(::listen(fd_, 64) == 0);
        PM_ASSERT(::getsockname(fd_, reinterpret_cast<::sockaddr*>(&address), &size) == 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~Receiver200() {
        ::shutdown(fd_, SHUT_RDWR);
        thread_.join();
        ::close(fd_);
    }
    Receiver200(const Receiver200&) = delete;
    Receiver200& operator=(const Receiver200&) = delete;

    [[nodiscard]] std::string url() const { return fmt::format("http://127.0.0.1:{}/", port_); }
    [[nodiscard]] std::int64_t first_byte_ns() const { return first_byte_ns_; }

  private:
    void serve() {
        for (;;) {
            const int connection = ::accept(fd_, nullptr, nullptr);
            if (connection < 0) {
                return;
            }
            std::array<char, 65'536> piece;
            if (::recv(connection, piece.data(), 1, 0) == 1) {
                first_byte_ns_ = monotonic_now().ns;
                (void)::recv(connection, piece.data(), piece.size(), 0);
                constexpr std::string_view kAnswer =
                    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                (void)::send(connection, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
            }
            ::shutdown(connection, SHUT_WR);
            (void)::recv(connection, piece.data(), piece.size(), 0);
            ::close(connection);
        }
    }

    int fd_;
    std::uint16_t port_ = 0;
    std::atomic<std::int64_t> first_byte_ns_ = 0;
    std::thread thread_;
};

std::filesystem::path bench_folder(const char* in) {
    std::string name = std::string(in) + "/alert_bench_XXXXXX";
    const char* made = ::mkdtemp(name.data());
    PM_ASSERT(made != nullptr);
    return made;
}

void wait_for_answer(courier::Outgoing& outgoing) {
    while (outgoing.pending_count() > 0) {
        ::pollfd waiting{.fd = outgoing.answers_fd(), .events = POLLIN, .revents = 0};
        ::poll(&waiting, 1, 1'000);
        PM_ASSERT(outgoing.run_once(wall_now()).has_value());
    }
}

// A P1 of a group of its own: routed, written, on the disk with what is known of it, and out.
void new_group_to_first_byte(benchmark::State& state, const char* folder_in) {
    const std::filesystem::path folder = bench_folder(folder_in);
    std::vector<double> us;
    {
        const Receiver200 receiver;
        const auto config = bench_config(receiver.url());
        SystemRandom random;
        auto outgoing = courier::Outgoing::open((folder / "alerts.db").string(), {}, random);
        PM_ASSERT(outgoing.has_value());
        store::Records records((*outgoing)->store());
        Dispatcher dispatcher(config);
        std::size_t number = 0;
        for (auto _ : state) {
            const Alert alert = bench_alert(number++, Priority::kP1);
            const WallTime now = wall_now();
            const std::int64_t begin_ns = monotonic_now().ns;
            PM_ASSERT(dispatcher.observe(alert, now).has_value());
            for (const Notification& each : dispatcher.due(now)) {
                const auto parcels = parcels_of(each, config->receivers.at(each.receiver));
                const auto also = [&]() -> Status {
                    PM_TRY(records.put(
                        "group",
                        {.key = to_hex(each.group),
                         .value =
                             write_group(dispatcher.record_of(*dispatcher.find_group(each.group)))}
                    ));
                    return records.put(
                        "alert", {.key = to_hex(alert.fingerprint),
                                  .value = write_entry(*dispatcher.find(alert.fingerprint))}
                    );
                };
                PM_ASSERT((*outgoing)->put(parcels, now, also).has_value());
            }
            PM_ASSERT((*outgoing)->run_once(now).has_value());
            wait_for_answer(**outgoing);
            const auto took_ns = static_cast<double>(receiver.first_byte_ns() - begin_ns);
            us.push_back(took_ns / 1'000);
            state.SetIterationTime(took_ns / 1e9);
        }
    }
    std::filesystem::remove_all(folder);
    std::ranges::sort(us);
    state.counters["p50_us"] = us[us.size() / 2];
    state.counters["p99_us"] = us[us.size() * 99 / 100];
    state.counters["max_us"] = us.back();
}
// The disk of the working directory; and memory, which shows what is not the disk's.
BENCHMARK_CAPTURE(new_group_to_first_byte, disk, ".")
    ->UseManualTime()
    ->Iterations(1'000)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(new_group_to_first_byte, memory, "/dev/shm")
    ->UseManualTime()
    ->Iterations(1'000)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace phantom::alert
