// Rules replaced between two packets: what goes on, and what begins anew.

#include <memory>

#include <gtest/gtest.h>

#include "detect/detect_fixture.h"

namespace phantom::detect {
namespace {

using Sids = std::vector<std::uint32_t>;

// One detector, whose rules can be replaced, and the frames of one connection.
class Swapping {
  public:
    explicit Swapping(std::string_view rules)
        : rules_(std::make_unique<RuleSet>(rules_of(rules))),
          detector_(*rules_, {.check_checksums = false, .inline_mode = true, .tcp = {}}) {}

    // The numbers of the rules that speak about them.
    Sids see(const std::vector<Bytes>& frames) {
        Sids sids;
        const Detector::Sinks sinks{
            .detection = [&](const Detection& seen) { sids.push_back(seen.rule.sid); }, .file = {}
        };
        for (const Bytes& frame : frames) {
            Packet packet;
            packet.time_us = ++number_ * 1'000;
            packet.number = number_;
            packet.link_type = kLinkRaw;
            packet.frame = frame;
            detector_.packet(packet, sinks);
        }
        return sids;
    }
    // Those that were not seen yet.
    Sids see(Connection& connection) {
        const std::vector<Bytes> frames(
            connection.frames.begin() + static_cast<std::ptrdiff_t>(seen_), connection.frames.end()
        );
        seen_ = connection.frames.size();
        return see(frames);
    }
    // The old ones are gone afterwards: a sanitizer sees whoever still looks at them.
    void use(std::string_view rules) {
        auto fresh = std::make_unique<RuleSet>(rules_of(rules));
        detector_.use(*fresh);
        rules_ = std::move(fresh);
    }

  private:
    std::unique_ptr<RuleSet> rules_;
    Detector detector_;
    std::uint64_t number_ = 0;
    std::size_t seen_ = 0;
};

constexpr const char* kOther = "alert tcp any any -> any any (content:\"never\"; sid:99;)\n";

TEST(Swap, a_pattern_that_began_before_is_found_after_it) {
    Connection connection;
    Swapping swapping(kOther);
    connection.say(true, "xxATT");
    EXPECT_EQ(swapping.see(connection), Sids{});
    swapping.use("alert tcp any any -> any any (content:\"ATTACK\"; sid:1;)");
    connection.say(true, "ACKxx");
    EXPECT_EQ(swapping.see(connection), Sids{1});
}

TEST(Swap, an_unchanged_rule_does_not_say_again_what_it_has_said) {
    const std::string rule = "alert tcp any any -> any any (content:\"ATTACK\"; sid:1;)\n";
    Connection connection;
    Swapping swapping(rule);
    connection.say(true, "ATTACK");
    EXPECT_EQ(swapping.see(connection), Sids{1});
    // Another place among the rules is no change.
    swapping.use(kOther + rule);
    connection.say(true, "more");
    EXPECT_EQ(swapping.see(connection), Sids{});
}

TEST(Swap, a_changed_rule_begins_anew) {
    Connection connection;
    Swapping swapping("alert tcp any any -> any any (content:\"ATTACK\"; sid:1;)");
    connection.say(true, "ATTACK");
    EXPECT_EQ(swapping.see(connection), Sids{1});
    swapping.use("alert tcp any any -> any any (content:\"ATTACK\"; sid:1; rev:2;)");
    connection.say(true, "more");
    EXPECT_EQ(swapping.see(connection), Sids{1});
}

TEST(Swap, bits_of_a_flow_are_known_by_their_names) {
    Connection connection;
    Swapping swapping(
        "alert tcp any any -> any any (content:\"first\"; flowbits:set,other; noalert; sid:1;)\n"
        "alert tcp any any -> any any (content:\"second\"; flowbits:set,mine; flowint:n,=,7; "
        "noalert; "
        "sid:2;)"
    );
    connection.say(true, "second");
    EXPECT_EQ(swapping.see(connection), Sids{});
    swapping.use(
        "alert tcp any any -> any any (content:\"third\"; flowbits:isset,mine; flowint:n,==,7; "
        "sid:3;)\n"
        "alert tcp any any -> any any (content:\"third\"; flowbits:isset,other; sid:4;)"
    );
    connection.say(true, "third");
    EXPECT_EQ(swapping.see(connection), Sids{3});
}

TEST(Swap, bits_of_an_address_are_known_by_their_names) {
    Swapping swapping(
        "alert udp any any -> any 9 (content:\"a\"; xbits:set,bad,track ip_src,expire 60; noalert; "
        "sid:1;)"
    );
    EXPECT_EQ(swapping.see({udp(true, 9, bytes_of("a"))}), Sids{});
    swapping.use(
        "alert udp any any -> any 10 (content:\"b\"; xbits:isset,worse,track ip_src; sid:2;)\n"
        "alert udp any any -> any 10 (content:\"b\"; xbits:isset,bad,track ip_src; sid:3;)"
    );
    EXPECT_EQ(swapping.see({udp(true, 10, bytes_of("b"))}), Sids{3});
}

TEST(Swap, what_was_counted_for_a_threshold_counts_on) {
    const std::string rule =
        "alert udp any any -> any any (content:\"x\"; threshold:type threshold,track by_src,count "
        "4,seconds 60; sid:1;)\n";
    const Bytes frame = udp(true, 9, bytes_of("x"));
    Swapping swapping(rule);
    EXPECT_EQ(swapping.see({frame, frame, frame}), Sids{});
    swapping.use(kOther + rule);
    EXPECT_EQ(swapping.see({frame}), Sids{1});
    EXPECT_EQ(swapping.see({frame, frame, frame}), Sids{});
    swapping.use(
        "alert udp any any -> any any (content:\"x\"; threshold:type threshold,track by_src,count "
        "4,seconds 61; sid:1;)"
    );
    EXPECT_EQ(swapping.see({frame}), Sids{}) << "another rule now";
}

TEST(Swap, a_new_rule_of_addresses_speaks_of_flows_that_are_there) {
    const std::string old = "alert tcp 10.0.0.1 any -> any any (sid:1;)\n";
    Connection connection;
    Swapping swapping(old);
    EXPECT_EQ(swapping.see(connection), Sids{1});
    swapping.use(old + "alert tcp any any -> 192.0.2.2 any (sid:2;)");
    connection.say(true, "x");
    EXPECT_EQ(swapping.see(connection), Sids{2}) << "and the old one not again";
}

TEST(Swap, a_flow_passes_as_long_as_the_rule_that_lets_it_is_there) {
    const std::string pass = "pass tcp any any -> any any (content:\"friend\"; sid:1;)\n";
    const std::string alert = "alert tcp any any -> any any (content:\"ATTACK\"; sid:2;)\n";
    Connection connection;
    Swapping swapping(pass + alert);
    connection.say(true, "friend");
    connection.say(true, "ATTACK");
    EXPECT_EQ(swapping.see(connection), Sids{});
    swapping.use(alert + pass);
    connection.say(true, "ATTACK");
    EXPECT_EQ(swapping.see(connection), Sids{});
    swapping.use(alert);
    connection.say(true, "ATTACK");
    EXPECT_EQ(swapping.see(connection), Sids{2});
}

TEST(Swap, a_message_that_is_being_read_meets_the_new_rules) {
    Connection connection;
    const std::string line = "alert http any any -> any any (http.uri; content:\"/x\"; sid:1;)\n";
    Swapping swapping(line);
    connection.say(true, "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nATT");
    EXPECT_EQ(swapping.see(connection), Sids{1});
    swapping.use(
        kOther + line +
        "alert http any any -> any any (http.uri; content:\"/x\"; http.method; content:\"POST\"; "
        "sid:2;)\n"
        "alert http any any -> any any (http.request_body; content:\"ATTACK\"; sid:3;)"
    );
    connection.say(true, "ACK");
    EXPECT_EQ(swapping.see(connection), (Sids{2, 3})) << "and the old one not again";
}

TEST(Swap, with_each_packet_misses_none) {
    const std::string rule = "alert udp any any -> any any (content:\"hit\"; sid:1;)\n";
    Swapping swapping(rule);
    for (unsigned round = 0; round < 50; ++round) {
        EXPECT_EQ(swapping.see({udp(true, 9, bytes_of("a hit"))}), Sids{1});
        swapping.use(round % 2 == 0 ? kOther + rule : rule + kOther);
    }
}

}  // namespace
}  // namespace phantom::detect
