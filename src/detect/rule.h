#pragma once

// A rule as it is evaluated: everything that could be looked up has been.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "detect/buffers.h"
#include "detect/matches.h"
#include "detect/networks.h"
#include "detect/packet.h"
#include "detect/transforms.h"

namespace phantom::detect {

inline constexpr unsigned kPriorityDefault = 3;

enum class RuleAction : std::uint8_t { kPass, kDrop, kReject, kAlert };

// Which packets a rule is for, before anything else is asked.
enum class RuleProtocol : std::uint8_t {
    kIp,
    kTcp,
    kTcpPacket,  // packets only, no streams
    kTcpStream,
    kUdp,
    kIcmp,  // of both families
    kIcmpv6,
    kSctp,
    kIgmp,
    kArp,
    kPacketHeader,  // also what could not be decoded to the end
    kApplication,   // over TCP or UDP, as `application` says
};

struct FlowTest {
    std::optional<Direction> direction;
    std::optional<bool> established;
    bool stateless = false;
    bool only_stream = false;
    bool no_stream = false;
    std::optional<bool> fragment;

    [[nodiscard]] bool is_empty() const {
        return !direction && !established && !only_stream && !no_stream && !fragment;
    }
};

// A number in the packet's headers.
enum class PacketNumber : std::uint8_t {
    kPayloadSize,
    kTtl,
    kIpId,
    kIpProtocol,
    kTcpSequence,
    kTcpAcknowledgement,
    kTcpWindow,
    kTcpMss,
    kTcpWindowScale,
    kIcmpType,
    kIcmpCode,
    kIcmpId,
    kIcmpSequence,
    kIcmpv6Mtu,
    kIgmpType,
    kSctpChunkCount,
    kSctpTag,
};

struct PacketNumberTest {
    PacketNumber number;
    IntegerCondition test;
    bool negated = false;
};

// flags:S,CE and its kin.
struct TcpFlagsTest {
    enum class Kind : std::uint8_t { kExactly, kAll, kAny, kNone };
    Kind kind = Kind::kExactly;
    std::uint8_t flags = 0;
    std::uint8_t ignored = 0;
};

struct FragmentBitsTest {
    TcpFlagsTest::Kind kind = TcpFlagsTest::Kind::kExactly;
    std::uint8_t bits = 0;  // reserved 4, don't fragment 2, more fragments 1
};

struct IpOptionTest {
    std::optional<std::uint8_t> option;  // none: any
};

struct SameAddressTest {};

using PacketTest =
    std::variant<PacketNumberTest, TcpFlagsTest, FragmentBitsTest, IpOptionTest, SameAddressTest>;

// A number in a message of an application.
enum class MessageNumber : std::uint8_t {
    kUriSize,
    kUriRawSize,
    kDnsOpcode,
    kDnsResponseCode,
    kDnsRecordType,
    kTlsCertificateCount,
};

struct MessageNumberTest {
    MessageNumber number;
    IntegerCondition test;
    bool negated = false;
};

// The buffer, what is done to it, and what is said of it.
struct Section {
    BufferId buffer = BufferId::kPayload;
    std::vector<Transform> transforms;
    std::vector<BufferMatch> matches;
    // The rule set's number for buffer and transforms.
    std::size_t inspected = 0;
};

// flowbits, xbits, hostbits: bits that live longer than a packet.
struct BitOption {
    enum class Scope : std::uint8_t { kFlow, kSource, kDestination, kPair };
    enum class Operation : std::uint8_t { kSet, kUnset, kToggle, kIsSet, kIsNotSet };
    Scope scope = Scope::kFlow;
    Operation operation = Operation::kSet;
    // Of their names (digest.h). Any of them where it is a question.
    std::vector<std::uint64_t> bits;
    std::uint64_t lifetime_s = 30;

    [[nodiscard]] bool is_question() const {
        return operation == Operation::kIsSet || operation == Operation::kIsNotSet;
    }
};

// flowint: counters of a flow.
struct CounterOption {
    enum class Operation : std::uint8_t {
        kSet,
        kAdd,
        kSubtract,
        kLess,
        kAtMost,
        kEqual,
        kNotEqual,
        kAtLeast,
        kGreater,
        kIsSet,
        kNotSet,
    };
    Operation operation = Operation::kSet;
    std::uint64_t counter = 0;  // of its name
    std::uint64_t value = 0;
    std::optional<std::uint64_t> other;

    [[nodiscard]] bool is_question() const { return operation >= Operation::kLess; }
};

struct Threshold {
    enum class Kind : std::uint8_t { kLimit, kThreshold, kBoth, kDetectionFilter, kBackoff };
    enum class Track : std::uint8_t { kSource, kDestination, kBoth, kRule, kFlow };
    enum class Unique : std::uint8_t { kNone, kSourcePort, kDestinationPort };
    Kind kind = Kind::kLimit;
    Track track = Track::kSource;
    Unique unique = Unique::kNone;
    std::uint32_t count = 1;
    std::uint32_t seconds = 60;
    std::uint32_t multiplier = 10;
};

struct StreamSizeTest {
    enum class Side : std::uint8_t { kServer, kClient, kBoth, kEither };
    Side side = Side::kBoth;
    IntegerCondition test;
};

struct Rule {
    // Who it is.
    RuleAction action = RuleAction::kAlert;
    std::uint32_t gid = 1;
    std::uint32_t sid = 0;
    std::uint32_t revision = 0;
    // Of the line it was read from: what is remembered of a rule is remembered by it, so that an unchanged
    // rule goes on in the next rule set, and a changed one begins anew.
    std::uint64_t identity = 0;
    std::uint32_t priority = kPriorityDefault;
    std::string message;
    std::string category;
    std::vector<std::pair<std::string, std::string>> metadata;
    std::vector<std::string> references;

    // Which packets it is for.
    RuleProtocol protocol = RuleProtocol::kIp;
    AppProtocol application = AppProtocol::kUnknown;
    std::optional<Packet::Network> network;
    AddressList source;
    AddressList destination;
    PortList source_port;
    PortList destination_port;
    bool both_ways = false;

    // What it asks.
    FlowTest flow;
    std::vector<PacketTest> packet_tests;
    std::vector<Event> events;
    std::vector<Section> sections;
    std::vector<MessageNumberTest> message_numbers;
    std::vector<BitOption> bits;
    std::vector<CounterOption> counters;
    std::vector<StreamSizeTest> stream_sizes;
    std::optional<std::pair<AppProtocol, bool>> application_test;  // negated?
    bool asks_events_of_application = false;

    // What follows.
    std::optional<Threshold> threshold;
    std::optional<Threshold> detection_filter;
    bool is_silent = false;  // noalert
    bool asks_packet = false;
    std::size_t position = 0;  // in the order in which rules were read
};

}  // namespace phantom::detect
