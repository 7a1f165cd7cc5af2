#include "detect/http_buffers.h"

#include <array>

#include "detect/text.h"

namespace phantom::detect {

namespace {

struct FieldBuffer {
    std::string_view field;
    BufferId id;
};

constexpr std::array kRequestBuffers{
    FieldBuffer{"User-Agent", BufferId::kHttpUserAgent},
    FieldBuffer{"Referer", BufferId::kHttpReferer},
    FieldBuffer{"Accept", BufferId::kHttpAccept},
    FieldBuffer{"Accept-Encoding", BufferId::kHttpAcceptEncoding},
    FieldBuffer{"Accept-Language", BufferId::kHttpAcceptLanguage},
    FieldBuffer{"Cookie", BufferId::kHttpCookie},
    FieldBuffer{"Host", BufferId::kHttpHostRaw},
};
constexpr std::array kResponseBuffers{
    FieldBuffer{"Server", BufferId::kHttpServer},
    FieldBuffer{"Location", BufferId::kHttpLocation},
    FieldBuffer{"Set-Cookie", BufferId::kHttpCookie},
};
constexpr std::array kCommonBuffers{
    FieldBuffer{"Connection", BufferId::kHttpConnection},
    FieldBuffer{"Content-Length", BufferId::kHttpContentLength},
    FieldBuffer{"Content-Type", BufferId::kHttpContentType},
};

template <class Table>
void add_each(Transaction& transaction, const HttpHead& head, const Table& table) {
    for (const FieldBuffer& each : table) {
        if (const HttpField* field = head.fields.find(each.field)) {
            transaction.add(each.id, head.direction, field->value);
        }
    }
}

// Without a port; in small letters, as names of hosts have no case.
std::string host_of(std::string_view value) {
    const std::size_t colon = value.rfind(':');
    if (colon != std::string_view::npos && value.find(']', colon) == std::string_view::npos) {
        value = value.substr(0, colon);
    }
    return lowered(trimmed(value));
}

bool is_cookie(std::string_view name) {
    return equal_ignoring_case(name, "Cookie") || equal_ignoring_case(name, "Set-Cookie");
}

}  // namespace

void add_field_buffers(Transaction& transaction, const HttpHead& head) {
    const bool up = head.direction == Direction::kToServer;
    std::string fields;
    std::string names = "\r\n";
    for (const HttpField& field : head.fields.all()) {
        names += field.name + "\r\n";
        if (!is_cookie(field.name)) {
            fields += field.name + ": " + field.value + "\r\n";
        }
        transaction.add(
            up ? BufferId::kHttpRequestHeader : BufferId::kHttpResponseHeader, head.direction,
            field.name + ": " + field.value
        );
    }
    names += "\r\n";
    if (!head.fields.all().empty()) {
        transaction.add(BufferId::kHttpHeader, head.direction, fields);
        transaction.add(BufferId::kHttpHeaderNames, head.direction, names);
        transaction.add(BufferId::kHttpHeaderRaw, head.direction, std::string(head.head));
    }
    transaction.add(
        BufferId::kHttpStart, head.direction,
        std::string(head.first_line) + "\r\n" + std::string(head.head)
    );
    add_each(transaction, head, kCommonBuffers);
    if (!up) {
        add_each(transaction, head, kResponseBuffers);
        return;
    }
    add_each(transaction, head, kRequestBuffers);
    if (const HttpField* host = head.fields.find("Host")) {
        transaction.add(BufferId::kHttpHost, head.direction, host_of(host->value));
    }
}

std::string file_name_of(const HttpFields& fields, std::string_view uri) {
    const std::string disposition(fields.value("Content-Disposition"));
    const std::size_t at = lowered(disposition).find("filename=");
    if (at != std::string::npos) {
        std::string_view name = std::string_view(disposition).substr(at + 9);
        const bool quoted = name.starts_with('"');
        name.remove_prefix(quoted ? 1 : 0);
        name = name.substr(0, name.find_first_of(quoted ? "\"" : "; \t"));
        if (!name.empty()) {
            return std::string(name);
        }
    }
    return std::string(uri.substr(0, uri.find('?')));
}

}  // namespace phantom::detect
