// Sends and counts UDP datagrams as fast as one core can, for the flood test and the benchmark.
//
//     flood initiations 10.0.0.2 51820 --seconds 5 --pps 500000   handshake initiations, bad mac1
//     flood transport   10.0.0.2 51820 --seconds 5 --size 1452    transport data of no session
//     flood sequence    10.7.0.2 9000  --seconds 5 --size 64      payload of 8 bytes count and
//     zeros flood sink        10.7.0.2 9000                             counts `sequence` until
//     SIGTERM
//
// With --segments N the kernel cuts each send into N datagrams (UDP_SEGMENT), which is how one core
// gets beyond 500,000 a second. Each prints one line of JSON when it ends.

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <random>
#include <span>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t kBatchSize = 64;
constexpr std::size_t kDatagramSizeMax = 65507;
constexpr std::size_t kInitiationSize = 148;
constexpr int kSocketBufferSize = 8 << 20;
// A paced sender sleeps between bursts of about so long, to leave the core to others.
constexpr auto kBurstInterval = 100us;
// How long to listen for answers after the last datagram.
constexpr auto kAnswerWait = 300ms;

enum class Kind : std::uint8_t { kInitiations, kTransport, kSequence, kSink };

struct Options {
    Kind kind = Kind::kSink;
    sockaddr_storage address{};
    socklen_t address_size = 0;
    std::uint64_t pps = 0;  // 0: as fast as it goes
    std::uint64_t seconds = 5;
    std::uint64_t size = 64;
    std::uint64_t segments = 1;
};

volatile std::sig_atomic_t stop_requested = 0;

[[noreturn]] void die(const char* what) {
    std::fprintf(stderr, "flood: %s: %s\n", what, std::strerror(errno));
    std::exit(1);
}

void rest(std::chrono::nanoseconds time) {
    const timespec wanted{.tv_sec = 0, .tv_nsec = time.count()};
    nanosleep(&wanted, nullptr);
}

[[noreturn]] void usage() {
    std::fprintf(
        stderr,
        "usage: flood initiations|transport|sequence|sink ADDRESS PORT"
        " [--pps N] [--seconds N] [--size N] [--segments N]\n"
    );
    std::exit(2);
}

// ---- Arguments --------------------------------------------------------------------------------

std::uint64_t parse_number(std::string_view text, std::uint64_t max) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > max) {
        usage();
    }
    return value;
}

Kind parse_kind(std::string_view text) {
    constexpr std::array<std::string_view, 4> kNames{
        "initiations", "transport", "sequence", "sink"
    };
    const auto* const found = std::ranges::find(kNames, text);
    if (found == kNames.end()) {
        usage();
    }
    return static_cast<Kind>(found - kNames.begin());
}

void parse_address(const char* text, std::uint16_t port, Options& options) {
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        std::memcpy(&options.address, &v4, sizeof v4);
        options.address_size = sizeof v4;
    } else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        std::memcpy(&options.address, &v6, sizeof v6);
        options.address_size = sizeof v6;
    } else {
        usage();
    }
}

Options parse_options(std::span<char*> arguments) {
    if (arguments.size() < 4 || arguments.size() % 2 != 0) {
        usage();
    }
    Options options;
    options.kind = parse_kind(arguments[1]);
    const auto port = static_cast<std::uint16_t>(parse_number(arguments[3], UINT16_MAX));
    parse_address(arguments[2], port, options);
    for (std::size_t index = 4; index < arguments.size(); index += 2) {
        const std::string_view name = arguments[index];
        if (name == "--pps") {
            options.pps = parse_number(arguments[index + 1], 100'000'000);
        } else if (name == "--seconds") {
            options.seconds = parse_number(arguments[index + 1], 3600);
        } else if (name == "--size") {
            options.size = parse_number(arguments[index + 1], kDatagramSizeMax);
        } else if (name == "--segments") {
            options.segments =
                std::max<std::uint64_t>(1, parse_number(arguments[index + 1], kBatchSize));
        } else {
            usage();
        }
    }
    return options;
}

int open_socket(const Options& options) {
    const int made = socket(options.address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (made < 0) {
        die("socket");
    }
    // Forced, if we may: a short queue would measure the scheduler.
    for (const int name : {SO_RCVBUFFORCE, SO_SNDBUFFORCE}) {
        setsockopt(made, SOL_SOCKET, name, &kSocketBufferSize, sizeof kSocketBufferSize);
    }
    return made;
}

// ---- One batch of datagrams -------------------------------------------------------------------

class Batch {
  public:
    Batch(const Options& options, std::size_t datagram_size)
        : kind_(options.kind),
          size_(datagram_size),
          segments_(std::min<std::size_t>(options.segments, kDatagramSizeMax / datagram_size)),
          bytes_(kBatchSize * datagram_size),
          address_(options.address) {
        std::mt19937_64 random(std::random_device{}());
        std::ranges::generate(bytes_, [&] { return static_cast<std::uint8_t>(random()); });
        for (std::size_t index = 0; index < kBatchSize; ++index) {
            messages_[index].msg_hdr.msg_name = &address_;
            messages_[index].msg_hdr.msg_namelen = options.address_size;
            messages_[index].msg_hdr.msg_iov = &parts_[index];
            messages_[index].msg_hdr.msg_iovlen = 1;
            set_type(bytes_.data() + index * size_);
        }
    }
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;
    ~Batch() = default;

    void configure(int socket) const {
        const int segment_size = static_cast<int>(size_);
        if (segments_ > 1 &&
            setsockopt(socket, SOL_UDP, UDP_SEGMENT, &segment_size, sizeof segment_size) != 0) {
            die("UDP_SEGMENT");
        }
    }

    // How many datagrams were accepted by the socket.
    std::size_t send(int socket, std::size_t count, std::uint64_t first_number) {
        for (std::size_t index = 0; index < count; ++index) {
            number(bytes_.data() + index * size_, first_number + index);
        }
        unsigned message_count = 0;
        for (std::size_t start = 0; start < count; start += segments_) {
            const std::size_t datagrams = std::min(segments_, count - start);
            parts_[message_count++] = {bytes_.data() + start * size_, datagrams * size_};
        }
        const int sent = sendmmsg(socket, messages_.data(), message_count, 0);
        if (sent < 0 && errno != ENOBUFS && errno != EAGAIN && errno != ECONNREFUSED) {
            die("sendmmsg");
        }
        return sent < 0 ? 0 : std::min(count, static_cast<std::size_t>(sent) * segments_);
    }

  private:
    void set_type(std::uint8_t* datagram) const {
        if (kind_ == Kind::kSequence) {
            std::memset(datagram, 0, size_);
            return;
        }
        const std::array<std::uint8_t, 4> type{
            static_cast<std::uint8_t>(kind_ == Kind::kInitiations ? 1 : 4), 0, 0, 0
        };
        std::ranges::copy(type, datagram);
    }

    // The count of `sequence`; elsewhere the sender or receiver index and what follows it, so that
    // no two datagrams are alike.
    void number(std::uint8_t* datagram, std::uint64_t value) const {
        const std::size_t offset = kind_ == Kind::kSequence ? 0 : 4;
        const std::uint64_t mixed = kind_ == Kind::kSequence ? value : value * 0x9e3779b97f4a7c15U;
        std::memcpy(datagram + offset, &mixed, sizeof mixed);
    }

    Kind kind_;
    std::size_t size_;
    std::size_t segments_;
    std::vector<std::uint8_t> bytes_;
    sockaddr_storage address_;
    std::array<iovec, kBatchSize> parts_{};
    std::array<mmsghdr, kBatchSize> messages_{};
};

std::uint64_t count_answers(int socket) {
    std::uint64_t count = 0;
    std::array<std::uint8_t, 2048> buffer{};
    const auto deadline = Clock::now() + kAnswerWait;
    while (Clock::now() < deadline) {
        if (recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT) >= 0) {
            ++count;
        } else {
            rest(1ms);
        }
    }
    return count;
}

int run_sender(const Options& options) {
    const std::size_t smallest = options.kind == Kind::kSequence ? 8 : 32;
    const std::size_t size = options.kind == Kind::kInitiations
                                 ? kInitiationSize
                                 : std::max<std::size_t>(options.size, smallest);
    const int socket = open_socket(options);
    Batch batch(options, size);
    batch.configure(socket);
    const auto start = Clock::now();
    const auto end = start + std::chrono::seconds(options.seconds);
    std::uint64_t sent = 0;
    std::uint64_t offered = 0;
    for (auto now = start; now < end && stop_requested == 0; now = Clock::now()) {
        std::size_t count = kBatchSize;
        if (options.pps != 0) {
            const auto elapsed = std::chrono::duration<double>(now - start).count();
            const auto due = static_cast<std::uint64_t>(elapsed * static_cast<double>(options.pps));
            if (due <= offered) {
                rest(kBurstInterval);
                continue;
            }
            count = static_cast<std::size_t>(std::min<std::uint64_t>(due - offered, kBatchSize));
        }
        const std::size_t accepted = batch.send(socket, count, offered);
        sent += accepted;
        offered += options.kind == Kind::kSequence ? accepted : count;
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    const std::uint64_t answers = count_answers(socket);
    std::printf(
        "{\"sent\": %llu, \"seconds\": %.6f, \"answers\": %llu}\n",
        static_cast<unsigned long long>(sent), seconds, static_cast<unsigned long long>(answers)
    );
    close(socket);
    return 0;
}

// ---- Sink -------------------------------------------------------------------------------------

struct Tally {
    std::uint64_t received = 0;
    std::uint64_t bytes = 0;
    std::uint64_t reordered = 0;
    std::uint64_t highest = 0;  // sequence number plus one
    Clock::time_point first{};
    Clock::time_point last{};

    void count(const std::uint8_t* datagram, std::size_t size) {
        std::uint64_t number = 0;
        if (size >= sizeof number) {
            std::memcpy(&number, datagram, sizeof number);
        }
        ++received;
        bytes += size;
        reordered += number + 1 < highest ? 1 : 0;
        highest = std::max(highest, number + 1);
    }
};

void print(const Tally& tally) {
    const double seconds = std::chrono::duration<double>(tally.last - tally.first).count();
    std::printf(
        "{\"received\": %llu, \"bytes\": %llu, \"reordered\": %llu, \"highest\": %llu,"
        " \"seconds\": %.6f}\n",
        static_cast<unsigned long long>(tally.received),
        static_cast<unsigned long long>(tally.bytes),
        static_cast<unsigned long long>(tally.reordered),
        static_cast<unsigned long long>(tally.highest), seconds
    );
}

int run_sink(const Options& options) {
    const int socket = open_socket(options);
    const auto* const address = reinterpret_cast<const sockaddr*>(&options.address);
    if (bind(socket, address, options.address_size) != 0) {
        die("bind");
    }
    constexpr timeval kPoll{.tv_sec = 0, .tv_usec = 50'000};
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &kPoll, sizeof kPoll);
    constexpr std::size_t kSlotSize = 2048;
    std::vector<std::uint8_t> bytes(kBatchSize * kSlotSize);
    std::array<iovec, kBatchSize> parts{};
    std::array<mmsghdr, kBatchSize> messages{};
    for (std::size_t index = 0; index < kBatchSize; ++index) {
        parts[index] = {bytes.data() + index * kSlotSize, kSlotSize};
        messages[index].msg_hdr.msg_iov = &parts[index];
        messages[index].msg_hdr.msg_iovlen = 1;
    }
    Tally tally;
    while (stop_requested == 0) {
        const int count = recvmmsg(socket, messages.data(), kBatchSize, MSG_WAITFORONE, nullptr);
        if (count <= 0) {
            continue;
        }
        tally.last = Clock::now();
        if (tally.received == 0) {
            tally.first = tally.last;
        }
        for (std::size_t index = 0; index < static_cast<std::size_t>(count); ++index) {
            tally.count(bytes.data() + index * kSlotSize, messages[index].msg_len);
        }
    }
    print(tally);
    close(socket);
    return 0;
}

}  // namespace

int main(int argument_count, char** arguments) {
    const Options options = parse_options({arguments, static_cast<std::size_t>(argument_count)});
    for (const int number : {SIGTERM, SIGINT}) {
        std::signal(number, [](int) { stop_requested = 1; });
    }
    prctl(PR_SET_TIMERSLACK, 1UL);
    return options.kind == Kind::kSink ? run_sink(options) : run_sender(options);
}
