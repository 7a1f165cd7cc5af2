#pragma once

// The detector: packets in, detections out. No I/O, no clock but the packets' own; one thread.
//
//     RuleSet rules;
//     rules.add("local.rules", text, Variables::defaults());
//     PM_TRY_REASON(rules.finish());
//     Detector detector(rules, {});
//     detector.packet(frame, sinks);   // for each
//     detector.end(sinks);             // flows that are still open say what they have

#include "detect/decoder.h"
#include "detect/inspector.h"
#include "detect/tcp_tracker.h"

namespace phantom::detect {

// A file that went over the wire, when its last byte was seen.
struct FileSeen {
    const Packet& packet;
    const Flow& flow;
    const Transaction& transaction;
    Direction direction = Direction::kToServer;
};

class Detector {
  public:
    struct Options {
        bool check_checksums = true;
        // Look at bytes when they come, not when the other side has acknowledged them.
        bool inline_mode = false;
        TcpOptions tcp;
    };
    struct Sinks {
        Inspector::Sink detection;
        std::function<void(const FileSeen&)> file;
    };
    struct Counters {
        std::uint64_t frames = 0;
        std::uint64_t packets = 0;  // with those in tunnels, and those joined from fragments
        std::uint64_t detections = 0;
    };

    // `rules` outlives the detector, or is replaced by others before it goes.
    Detector(const RuleSet& rules, Options options)
        : options_(options),
          decoder_({.check_checksums = options.check_checksums}),
          inspector_(rules) {}

    // Between two packets: the next one is looked at with these rules alone. Connections and what is known of
    // them stay (inspector.h).
    void use(const RuleSet& rules) { inspector_.use(rules); }
    // `frame` has time, number, link type and bytes.
    void packet(const Packet& frame, const Sinks& sinks);
    void end(const Sinks& sinks);
    [[nodiscard]] const Counters& counters() const { return counters_; }

  private:
    void handle(const Packet& packet, const Sinks& sinks);
    void with_flow(const Packet& packet, const Sinks& sinks);
    void feed_stream(Flow& flow, Direction direction, bool all);
    void feed_datagram(Flow& flow, Direction direction, ByteView payload);
    void inspect_stream(
        const Packet& packet, Flow& flow, Direction direction, bool in_stream, bool ends,
        const Sinks& sinks
    );
    void report_files(const Packet& packet, Flow& flow, const Sinks& sinks) const;
    void finish(Flow& flow, const Sinks& sinks);
    static void recognise_stream(Flow& flow, Direction direction, std::uint64_t until);

    Options options_;
    Decoder decoder_;
    Inspector inspector_;
    FlowTable flows_;
    Counters counters_;
    std::uint64_t now_us_ = 0;
    std::uint64_t number_ = 0;
};

}  // namespace phantom::detect
