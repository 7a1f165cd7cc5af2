// A capture from anybody, all the way: records, frames, fragments, streams, applications, rules, EVE.

#include <algorithm>

#include "base/assert.h"
#include "detect/capture.h"
#include "detect/eve.h"

using namespace phantom;

namespace {

constexpr const char* kFuzzRules = R"(
alert ip any any -> any any (msg:"any"; sid:1;)
alert tcp any any -> any any (content:"a"; content:"b"; distance:1; within:9; pcre:"/c+/R"; sid:2;)
alert udp any any -> any any (byte_jump:2,0,relative,multiplier 3; byte_test:4,>,9,-2,relative; sid:3;)
alert http any any -> any any (http.uri; url_decode; content:"/"; file.data; content:"E"; sid:4;)
alert http any any -> any any (http.header; pcre:"/^Host/m"; http.host; dotprefix; content:".e"; sid:5;)
alert dns any any -> any any (dns.query; to_md5; bsize:16; dns.answers.rrname; absent:or_else; sid:6;)
alert tls any any -> any any (tls.sni; content:"."; ja3.hash; content:"a"; sid:7;)
alert tls any any -> any any (tls.cert_subject; content:"C"; sid:8;)
alert ssh any any -> any any (ssh.hassh; content:"0"; sid:9;)
alert sip any any -> any any (sip.method; content:"A"; sid:10;)
alert icmp any any -> any any (itype:>2; icmp_id:0; threshold:type both,track by_src,count 2,seconds 9; sid:11;)
alert pkthdr any any -> any any (decode-event:ipv6.trunc_exthdr; sid:12;)
alert tcp any any -> any any (flags:*SF; tcp.mss:>0; flowbits:set,x; tcp.hdr; isdataat:19; sid:13;)
)";

const detect::RuleSet& fuzz_rules() {
    static const detect::RuleSet* const rules = [] {
        auto* made = new detect::RuleSet;  // NOLINT(cppcoreguidelines-owning-memory): for good
        made->add("fuzz", kFuzzRules, detect::Variables::defaults());
        PM_ASSERT(made->unusable().empty());
        PM_ASSERT(made->finish());
        return made;
    }();
    return *rules;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteView left(data, size);
    auto capture = detect::CaptureReader::open([&](MutableBytes to) {
        const std::size_t taken = std::min(to.size(), left.size());
        std::ranges::copy(left.first(taken), to.begin());
        left = left.subspan(taken);
        return taken;
    });
    if (!capture) {
        return 0;
    }
    detect::Detector detector(
        fuzz_rules(),
        {.check_checksums = false, .inline_mode = size % 2 == 0, .tcp = {.midstream = true}}
    );
    const detect::Detector::Sinks sinks{
        .detection =
            [](const detect::Detection& seen) {
                PM_ASSERT(detect::eve_alert(seen, {.with_packet = true}).ends_with("}\n"));
            },
        .file = [](const detect::FileSeen& seen
                ) { PM_ASSERT(detect::eve_file(seen).ends_with("}\n")); },
    };
    std::uint64_t number = 0;
    for (auto next = capture->next(); next && *next; next = capture->next()) {
        detect::Packet frame;
        frame.time_us = (*next)->time_us;
        frame.number = ++number;
        frame.link_type = (*next)->link_type;
        frame.frame = (*next)->bytes;
        detector.packet(frame, sinks);
    }
    detector.end(sinks);
    return 0;
}
