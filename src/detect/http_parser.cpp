#include "detect/http_parser.h"

#include <algorithm>

#include "detect/http_buffers.h"
#include "detect/http_uri.h"
#include "detect/text.h"

namespace phantom::detect {

namespace {

// What was begun goes on with every byte; this only ends a parser that does not advance.
constexpr unsigned kHttpStepsMax = 1'000'000;

std::string_view without_line_end(std::string_view line) {
    while (line.ends_with('\n') || line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    return line;
}

}  // namespace

void HttpParser::add(Direction direction, ByteView bytes) {
    for (unsigned steps = 0; !bytes.empty() && steps < kHttpStepsMax; ++steps) {
        bytes = bytes.subspan(step(direction, bytes));
    }
}

std::size_t HttpParser::step(Direction direction, ByteView bytes) {
    Half& here = half(direction);
    switch (here.state) {
        case State::kFirstLine:
        case State::kFields:
            return head_line(direction, bytes);
        case State::kSized: {
            const std::size_t size = std::min<std::size_t>(here.left, bytes.size());
            here.left -= size;
            body(direction, bytes.first(size));
            if (here.left == 0) {
                complete(direction);
            }
            return size;
        }
        case State::kChunked: {
            if (!here.chunks) {
                return bytes.size();
            }
            std::vector<std::uint8_t> content;
            const std::size_t size = here.chunks->add(bytes, content);
            body(direction, content);
            if (here.chunks->is_complete()) {
                complete(direction);
            }
            return size;
        }
        case State::kUntilEnd:
            body(direction, bytes);
            return bytes.size();
        case State::kTunnel:
            return bytes.size();
    }
    return bytes.size();
}

// An empty line; two carriage returns where lines end without any. One blank may be the end too.
bool HttpParser::ends_head(Half& here, std::string_view line) const {
    const bool had_bare_end = here.had_bare_end;
    here.had_bare_end = !line.ends_with("\r\n");
    here.waits = line == " \n" || line == "\t\n";
    return line == "\n" || line == "\r\n" || (line == "\r\r\n" && had_bare_end);
}

// Collects the head; at its first line and its end, it is read.
std::size_t HttpParser::head_line(Direction direction, ByteView bytes) {
    Half& here = half(direction);
    if (here.waits && bytes.front() != '\n') {
        here.waits = false;
        fields(direction);
        return 0;
    }
    const auto end = std::ranges::find(bytes, std::uint8_t{'\n'});
    const bool has_end = end != bytes.end();
    const auto size = static_cast<std::size_t>(end - bytes.begin()) + (has_end ? 1 : 0);
    const std::size_t begin = here.head.size();
    here.head.append(reinterpret_cast<const char*>(bytes.data()), size);
    if (here.head.size() > kHttpHeadSizeMax) {
        here.state = State::kTunnel;
        return size;
    }
    if (!has_end) {
        return size;
    }
    // The line may have begun in an earlier part.
    const std::size_t line_begin = begin == 0 ? 0 : here.head.rfind('\n', here.head.size() - 2);
    const std::string_view line = std::string_view(here.head).substr(
        line_begin == std::string::npos || begin == 0 ? 0 : line_begin + 1
    );
    if (here.state == State::kFirstLine) {
        if (trimmed(line).empty()) {
            here.head.resize(here.head.size() - line.size());
        } else {
            first_line(direction, line);
        }
    } else if (ends_head(here, line)) {
        fields(direction);
    }
    return size;
}

// `line` is the last of the head so far.
void HttpParser::first_line(Direction direction, std::string_view line) {
    Half& here = half(direction);
    // What stands behind a lone carriage return is a field already.
    std::string first(without_line_end(line));
    first.erase(0, std::min(first.find_first_not_of(" \t\r"), first.size()));
    here.had_bare_end = !line.ends_with("\r\n");
    here.waits = false;
    const std::size_t cut = first.find('\r');
    const std::string rest = cut == std::string::npos ? "" : first.substr(cut + 1) + "\n";
    first.resize(std::min(cut, first.size()));
    if (direction == Direction::kToServer) {
        here.head = rest;
        request_line(first);
    } else if (read_status_line(first)) {
        here.head = rest;
        status_line(first);
    } else if (here.head.size() > line.size()) {
        content_without_head();  // the second line is no status either
    }
}

// A response that does not begin as one: all of it is content.
void HttpParser::content_without_head() {
    Half& here = half(Direction::kToClient);
    here.transaction = transactions_.first_open(Direction::kToClient);
    const std::string content = std::move(here.head);
    here.head.clear();
    here.state = State::kUntilEnd;
    body(
        Direction::kToClient,
        {reinterpret_cast<const std::uint8_t*>(content.data()), content.size()}
    );
}

void HttpParser::request_line(std::string_view line) {
    Half& here = half(Direction::kToServer);
    const HttpRequestLine read = read_request_line(line);
    here.transaction = transactions_.begin();
    Transaction& transaction = *here.transaction;
    here.first_line = line;
    constexpr Direction kUp = Direction::kToServer;
    transaction.add(BufferId::kHttpRequestLine, kUp, std::string(line));
    transaction.add(BufferId::kHttpMethod, kUp, read.method);
    transaction.add(BufferId::kHttpUri, kUp, normalised_uri(read.uri));
    transaction.add(BufferId::kHttpUriRaw, kUp, read.uri);
    if (!read.protocol.empty()) {
        transaction.add(BufferId::kHttpProtocol, kUp, read.protocol);
    }
    transaction.reach(kUp, Stage::kLine);
    here.state = State::kFields;
}

void HttpParser::status_line(std::string_view line) {
    Half& here = half(Direction::kToClient);
    constexpr Direction kDown = Direction::kToClient;
    Transactions::Shared transaction = transactions_.first_open(kDown);
    if (transaction == nullptr) {
        transaction = transactions_.begin();
        transaction->reach(Direction::kToServer, Stage::kComplete);
    }
    here.transaction = transaction;
    here.first_line = line;
    const HttpStatusLine read = read_status_line(line).value_or(HttpStatusLine{});
    transaction->add(BufferId::kHttpResponseLine, kDown, std::string(line));
    transaction->add(BufferId::kHttpProtocol, kDown, read.protocol);
    transaction->add(BufferId::kHttpStatCode, kDown, read.code);
    transaction->add(BufferId::kHttpStatMessage, kDown, read.message);
    transaction->reach(kDown, Stage::kLine);
    here.state = State::kFields;
}

void HttpParser::fields(Direction direction) {
    Half& here = half(direction);
    Transaction& transaction = *here.transaction;
    const std::string head = std::move(here.head);
    here.head.clear();
    HttpFields read;
    read.read(head);
    add_field_buffers(
        transaction,
        {.direction = direction, .first_line = here.first_line, .head = head, .fields = read}
    );
    if (direction == Direction::kToServer) {
        request_fields(transaction, read);
    } else {
        response_fields(transaction, read);
    }
    // What precedes the answer proper: another head follows.
    const std::string_view code = transaction.text(BufferId::kHttpStatCode);
    if (direction == Direction::kToClient && code == "100") {
        std::erase_if(transaction.buffers, [&](const Transaction::Buffer& each) {
            return each.direction == direction;
        });
        here.state = State::kFirstLine;
        return;
    }
    transaction.reach(direction, Stage::kHeaders);
    begin_body(direction, read);
}

void HttpParser::request_fields(Transaction& transaction, const HttpFields& fields) {
    const HttpField* length = fields.find("Content-Length");
    if (length != nullptr && length->repeated) {
        transaction.note(Event::kHttpDuplicateContentLengthRequest, Direction::kToServer);
    }
    if (const HttpField* authorization = fields.find("Authorization")) {
        const std::string value = lowered(authorization->value);
        const bool known = value.starts_with("basic") || value.starts_with("digest") ||
                           value.starts_with("bearer");
        if (!known) {
            transaction.note(Event::kHttpAuthUnrecognized, Direction::kToServer);
        }
    }
    const std::string_view protocol = transaction.text(BufferId::kHttpProtocol);
    if (fields.find("Host") == nullptr && protocol == "HTTP/1.1") {
        transaction.note(Event::kHttpMissingHost, Direction::kToServer);
    }
}

void HttpParser::response_fields(Transaction& transaction, const HttpFields& fields) {
    const HttpField* length = fields.find("Content-Length");
    if (length != nullptr && length->repeated) {
        transaction.note(Event::kHttpDuplicateContentLengthResponse, Direction::kToClient);
    }
    transaction.file_name = file_name_of(fields, transaction.text(BufferId::kHttpUri));
}

// RFC 9112 section 6.3.
void HttpParser::begin_body(Direction direction, const HttpFields& fields) {
    Half& here = half(direction);
    const Transaction& transaction = *here.transaction;
    const std::string_view method = transaction.text(BufferId::kHttpMethod);
    const bool up = direction == Direction::kToServer;
    here.decoder.reset();
    if (!up) {
        const std::string_view code = transaction.text(BufferId::kHttpStatCode);
        if (code == "101" || (method == "CONNECT" && code.starts_with('2'))) {
            here.state = State::kTunnel;
            half(Direction::kToServer).state = State::kTunnel;
            complete(direction);
            here.state = State::kTunnel;
            return;
        }
        // Where a length is given all the same, there may be a body all the same.
        const bool has_none = code == "204" || code == "304" || code.starts_with('1');
        const bool says_length =
            !fields.value("Content-Length").empty() || !fields.value("Transfer-Encoding").empty();
        if (method == "HEAD" || (has_none && !says_length)) {
            complete(direction);
            return;
        }
    } else if (method == "CONNECT") {
        complete(direction);
        return;
    }
    if (const HttpField* coding = fields.find("Content-Encoding")) {
        here.decoder.emplace(coding->value);
    }
    const std::string transfer = lowered(fields.value("Transfer-Encoding"));
    if (transfer.find("chunked") != std::string::npos) {
        here.chunks.emplace();
        here.state = State::kChunked;
        return;
    }
    if (const HttpField* length = fields.find("Content-Length")) {
        if (const auto size = number<std::uint64_t>(trimmed(length->value))) {
            here.left = *size;
            here.state = State::kSized;
            if (*size == 0) {
                complete(direction);
            }
            return;
        }
        here.transaction->note(
            up ? Event::kHttpInvalidContentLengthRequest : Event::kHttpInvalidContentLengthResponse,
            direction
        );
    }
    if (up) {
        complete(direction);
        return;
    }
    here.state = State::kUntilEnd;
}

void HttpParser::body(Direction direction, ByteView bytes) {
    Half& here = half(direction);
    if (here.transaction == nullptr || bytes.empty()) {
        return;
    }
    if (here.decoder) {
        here.transaction->append_body(direction, here.decoder->add(bytes));
    } else {
        here.transaction->append_body(direction, bytes);
    }
    if (here.transaction->of(direction).body.size() >= kBodySizeMax) {
        here.transaction->reach(direction, Stage::kBody);
    }
}

void HttpParser::complete(Direction direction) {
    Half& here = half(direction);
    if (here.transaction != nullptr) {
        here.transaction->reach(direction, Stage::kComplete);
    }
    here.transaction = nullptr;
    here.state = State::kFirstLine;
    here.decoder.reset();
    here.chunks.reset();
}

// Into the body, where there is one, as zeros would be; otherwise nothing can be paired any more.
void HttpParser::skip(Direction direction, std::size_t size) {
    Half& here = half(direction);
    if (here.state == State::kSized) {
        here.left -= std::min<std::uint64_t>(here.left, size);
        if (here.left == 0) {
            complete(direction);
        }
    } else if (here.state != State::kUntilEnd) {
        end(direction);
        here.state = State::kTunnel;
    }
}

void HttpParser::end(Direction direction) {
    Half& here = half(direction);
    if (here.state == State::kFirstLine && !here.head.empty() &&
        direction == Direction::kToClient) {
        content_without_head();
    }
    if (here.state == State::kChunked && here.chunks) {
        std::vector<std::uint8_t> content;
        here.chunks->end(content);
        body(direction, content);
    }
    if (here.state == State::kFields && here.transaction != nullptr) {
        fields(direction);
    }
    if (here.transaction != nullptr) {
        complete(direction);
    }
    here.state = State::kTunnel;
}

}  // namespace phantom::detect
