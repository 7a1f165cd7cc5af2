// Signatures over public captures with the public rules: bytes and packets a second, beside the search for patterns alone, and decoding alone.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "detect/capture.h"
#include "detect/detector.h"

namespace phantom::detect::test {
namespace {

namespace fs = std::filesystem;

struct Frame {
    std::uint64_t time_us;
    std::uint32_t link_type;
    std::vector<std::uint8_t> bytes;
};
// One capture each: flows of one are not those of another.
using Captures = std::vector<std::vector<Frame>>;

fs::path threat_data() {
    const char* const data =
        std::getenv("PHANTOM_DATA");  // NOLINT(concurrency-mt-unsafe): one thread
    return fs::path(data == nullptr ? "../shared/data" : data) / "threat";
}

std::string text_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<Frame> frames_of(const fs::path& path) {
    const std::string text = text_of(path);
    std::size_t at = 0;
    auto capture = CaptureReader::open([&](MutableBytes out) {
        const std::size_t size = std::min(out.size(), text.size() - at);
        std::copy_n(text.begin() + static_cast<std::ptrdiff_t>(at), size, out.begin());
        at += size;
        return size;
    });
    std::vector<Frame> frames;
    while (capture) {
        const auto next = capture->next();
        if (!next || !*next) {
            break;
        }
        const CapturedPacket& packet = **next;
        frames.push_back(
            {packet.time_us, packet.link_type, {packet.bytes.begin(), packet.bytes.end()}}
        );
    }
    return frames;
}

const Captures& captures() {
    static const Captures kAll = [] {
        Captures all;
        std::error_code error;
        for (fs::recursive_directory_iterator at(threat_data() / "ids-tests", error), end;
             !error && at != end; at.increment(error)) {
            if (at->path().extension() == ".pcap") {
                all.push_back(frames_of(at->path()));
            }
        }
        return all;
    }();
    return kAll;
}

// As the watcher has them: members attack members.
const RuleSet& public_rules() {
    static const RuleSet* const kRules = [] {
        auto* rules = new RuleSet;  // NOLINT(cppcoreguidelines-owning-memory): for good
        const Variables variables = Variables::of_mesh();
        std::error_code error;
        for (const auto& each : fs::directory_iterator(threat_data() / "rules", error)) {
            if (each.path().extension() == ".rules") {
                rules->add(each.path().string(), text_of(each.path()), variables);
            }
        }
        if (!rules->finish()) {
            std::abort();
        }
        return rules;
    }();
    return *kRules;
}

Packet packet_of(const Frame& frame, std::uint64_t number) {
    Packet packet;
    packet.time_us = frame.time_us;
    packet.number = number;
    packet.link_type = frame.link_type;
    packet.frame = frame.bytes;
    return packet;
}

// All captures once; bytes as on the wire.
template <class Each>
void measure(benchmark::State& state, Each each) {
    std::int64_t packets = 0;
    std::int64_t bytes = 0;
    for (const auto& capture : captures()) {
        for (const Frame& frame : capture) {
            ++packets;
            bytes += static_cast<std::int64_t>(frame.bytes.size());
        }
    }
    if (packets == 0) {
        state.SkipWithError("no captures: set PHANTOM_DATA");
        return;
    }
    for (auto _ : state) {
        for (const auto& capture : captures()) {
            each(capture);
        }
    }
    state.SetItemsProcessed(state.iterations() * packets);
    state.SetBytesProcessed(state.iterations() * bytes);
    state.counters["bit/s"] = benchmark::Counter(
        static_cast<double>(state.iterations() * bytes * 8), benchmark::Counter::kIsRate
    );
}

void decode_only(benchmark::State& state) {
    measure(state, [](const std::vector<Frame>& capture) {
        Decoder decoder({.check_checksums = false});
        std::uint64_t number = 0;
        for (const Frame& frame : capture) {
            decoder.decode(packet_of(frame, ++number), [](const Packet& packet) {
                benchmark::DoNotOptimize(packet.payload.data());
            });
        }
    });
}
BENCHMARK(decode_only)->Unit(benchmark::kMillisecond);

// The ceiling: what is looked for in payloads, and nothing is done with what is found.
void prefilter_only(benchmark::State& state) {
    const RuleSet& rules = public_rules();
    std::vector<std::uint32_t> found;
    measure(state, [&](const std::vector<Frame>& capture) {
        Decoder decoder({.check_checksums = false});
        std::uint64_t number = 0;
        for (const Frame& frame : capture) {
            decoder.decode(packet_of(frame, ++number), [&](const Packet& packet) {
                found.clear();
                rules.prefilter().scan(0, packet.payload, found);
                benchmark::DoNotOptimize(found.data());
            });
        }
    });
}
BENCHMARK(prefilter_only)->Unit(benchmark::kMillisecond);

void signatures(benchmark::State& state) {
    const RuleSet& rules = public_rules();
    std::uint64_t alerts = 0;
    const Detector::Sinks sinks{
        .detection = [&](const Detection& /*seen*/) { ++alerts; }, .file = {}
    };
    measure(state, [&](const std::vector<Frame>& capture) {
        Detector detector(
            rules, {.check_checksums = false, .inline_mode = true, .tcp = {.midstream = true}}
        );
        std::uint64_t number = 0;
        for (const Frame& frame : capture) {
            detector.packet(packet_of(frame, ++number), sinks);
        }
        detector.end(sinks);
    });
    state.counters["rules"] = static_cast<double>(rules.entries().size());
    state.counters["alerts"] = static_cast<double>(alerts) /
                               static_cast<double>(std::max<std::int64_t>(state.iterations(), 1));
}
BENCHMARK(signatures)->Unit(benchmark::kMillisecond);

// What a node does beside the packets when its rules have changed: from the files' text to a set that can be taken.
void load_rules(benchmark::State& state) {
    std::vector<std::string> texts;
    std::error_code error;
    for (const auto& each : fs::directory_iterator(threat_data() / "rules", error)) {
        if (each.path().extension() == ".rules") {
            texts.push_back(text_of(each.path()));
        }
    }
    if (texts.empty()) {
        state.SkipWithError("no rules: set PHANTOM_DATA");
        return;
    }
    const Variables variables = Variables::of_mesh();
    for (auto _ : state) {
        RuleSet set;
        for (const std::string& text : texts) {
            set.add("public", text, variables);
        }
        benchmark::DoNotOptimize(set.finish().has_value());
    }
}
BENCHMARK(load_rules)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace phantom::detect::test
