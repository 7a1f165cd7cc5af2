// Whatever is a query can be answered within the size it asks for, and the response is recognised as
// one to it.

#include <vector>

#include "base/assert.h"
#include "wire/dns.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView message(data, size);
    (void)wire::parse_dns_reply(message);
    const auto query = wire::parse_dns_query(message);
    if (!query) {
        return 0;
    }
    std::vector<std::uint8_t> out(query->datagram_size());
    wire::DnsWriter writer(out, *query);
    if (query->question) {
        const wire::DnsName& name = query->question->name;
        PM_ASSERT(name.suffix(name.label_count()) == name);
        // Sixteen of the largest never fit into the smallest response.
        for (int index = 0; index < 16; ++index) {
            writer.answer(wire::DnsType::kPtr, 1, name);
        }
        writer.authority({name, name, name, 1, 1});
    }
    const ByteView response = writer.finish();
    PM_ASSERT(response.size() <= out.size());
    const auto reply = wire::parse_dns_reply(response);
    PM_ASSERT(reply.has_value() == query->question.has_value());
    PM_ASSERT(!reply || (reply->id == query->id && reply->question == *query->question));
    return 0;
}
