#include "cli/signs.h"

#include <boost/json.hpp>

#include "behaviour/behaviour.h"
#include "cli/packets_of.h"

namespace phantom::cli {

namespace {

std::string sign_json(const behaviour::Sign& sign) {
    constexpr std::int64_t kNsPerUs = 1'000;
    const behaviour::SignInfo& info = behaviour::info_of(sign.kind);
    const boost::json::object all{
        {"schema", "phantom.sign/1"},
        {"at_us", sign.at.ns / kNsPerUs},
        {"since_us", sign.since.ns / kNsPerUs},
        {"sign", info.name},
        {"technique", info.technique},
        {"severity", info.severity},
        {"llr", sign.llr},
        {"subject", sign.subject.to_string()},
        {"object", sign.object.is_none() ? "" : sign.object.to_string()},
        {"port", sign.port},
        {"text", behaviour::explain(sign)},
    };
    return boost::json::serialize(all) + "\n";
}

}  // namespace

bool write_signs(detect::CaptureReader& capture, std::FILE* out) {
    constexpr std::int64_t kNsPerUs = 1'000;
    // A capture that nobody lives in cannot be fooled twice: the same one says the same each time.
    SeededRandom random(1);
    behaviour::Behaviour behaviour(random);
    bool is_written = true;
    const behaviour::Behaviour::Sink sink = [&](const behaviour::Sign& sign) {
        const std::string line = sign_json(sign);
        is_written = std::fwrite(line.data(), 1, line.size(), out) == line.size() && is_written;
    };
    const bool is_whole = each_ip_packet(capture, [&](ByteView packet, std::int64_t time_us) {
        behaviour.packet(packet, {time_us * kNsPerUs}, sink);
    });
    return is_whole && is_written;
}

}  // namespace phantom::cli
