#include "detect/sip_parser.h"

#include <algorithm>
#include <array>

#include "detect/byte_reader.h"
#include "detect/http_message.h"
#include "detect/text.h"

namespace phantom::detect {

namespace {

constexpr std::array<std::string_view, 14> kSipMethods{
    "INVITE",    "ACK",    "BYE",     "CANCEL", "REGISTER", "OPTIONS", "PRACK",
    "SUBSCRIBE", "NOTIFY", "PUBLISH", "INFO",   "REFER",    "MESSAGE", "UPDATE",
};

struct SipField {
    std::string_view name;
    std::string_view short_name;  // RFC 3261 section 20
    BufferId id;
};

constexpr std::array kSipFields{
    SipField{"From", "f", BufferId::kSipFrom},
    SipField{"To", "t", BufferId::kSipTo},
    SipField{"Via", "v", BufferId::kSipVia},
    SipField{"User-Agent", "User-Agent", BufferId::kSipUserAgent},
    SipField{"Content-Type", "c", BufferId::kSipContentType},
    SipField{"Content-Length", "l", BufferId::kSipContentLength},
};

}  // namespace

bool looks_like_sip(ByteView message) {
    const std::string_view text = as_text(message);
    if (text.starts_with("SIP/")) {
        return true;
    }
    const std::string_view word = text.substr(0, text.find(' '));
    return std::ranges::find(kSipMethods, word) != kSipMethods.end() &&
           text.substr(0, text.find('\n')).find("SIP/") != std::string_view::npos;
}

void SipParser::add(Direction direction, ByteView bytes) {
    const std::string_view text = as_text(bytes);
    if (!looks_like_sip(bytes)) {
        return;
    }
    const Transactions::Shared transaction = transactions_.begin();
    transaction->reach(opposite(direction), Stage::kComplete);
    transaction->of(opposite(direction)).is_inspected = true;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line(trimmed(text.substr(0, end)));
    if (line.starts_with("SIP/")) {
        const HttpRequestLine words = read_request_line(line);
        const std::size_t blank = std::min(words.uri.find(' '), words.uri.size());
        transaction->add(BufferId::kSipResponseLine, direction, line);
        transaction->add(BufferId::kSipProtocol, direction, words.method);
        transaction->add(BufferId::kSipStatCode, direction, words.uri.substr(0, blank));
        transaction->add(
            BufferId::kSipStatMessage, direction, std::string(trimmed(words.uri.substr(blank)))
        );
    } else {
        const std::vector<std::string_view> words = split(line, ' ');
        transaction->add(BufferId::kSipRequestLine, direction, line);
        transaction->add(BufferId::kSipMethod, direction, std::string(words.front()));
        transaction->add(BufferId::kSipProtocol, direction, std::string(words.back()));
        if (words.size() > 2) {
            transaction->add(BufferId::kSipUri, direction, std::string(words[1]));
        }
    }
    const std::string_view rest = text.substr(std::min(end + 1, text.size()));
    HttpFields fields;
    fields.read(rest.substr(0, rest.find("\r\n\r\n")));
    for (const HttpField& field : fields.all()) {
        for (const SipField& each : kSipFields) {
            if (equal_ignoring_case(field.name, each.name) ||
                equal_ignoring_case(field.name, each.short_name)) {
                transaction->add(each.id, direction, field.value);
            }
        }
    }
    transaction->reach(direction, Stage::kComplete);
}

}  // namespace phantom::detect
