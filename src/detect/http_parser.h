#pragma once

// HTTP/1 in both directions: requests and responses paired in order, heads and bodies.

#include <optional>

#include "detect/app_parser.h"
#include "detect/http_body.h"
#include "detect/http_message.h"

namespace phantom::detect {

class HttpParser final : public AppParser {
  public:
    void add(Direction direction, ByteView bytes) override;
    void skip(Direction direction, std::size_t size) override;
    void end(Direction direction) override;

  private:
    enum class State : std::uint8_t { kFirstLine, kFields, kSized, kChunked, kUntilEnd, kTunnel };
    struct Half {
        State state = State::kFirstLine;
        std::string head;  // lines not used yet
        std::string first_line;
        std::uint64_t left = 0;
        bool waits = false;         // a line of one blank: what comes next says if it ends the head
        bool had_bare_end = false;  // the line before ended without a carriage return
        std::optional<ChunkedBody> chunks;
        std::optional<ContentDecoder> decoder;
        Transactions::Shared transaction;
    };

    [[nodiscard]] std::size_t step(Direction direction, ByteView bytes);
    [[nodiscard]] std::size_t head_line(Direction direction, ByteView bytes);
    [[nodiscard]] bool ends_head(Half& here, std::string_view line) const;
    void first_line(Direction direction, std::string_view line);
    void content_without_head();
    void request_line(std::string_view line);
    void status_line(std::string_view line);
    void fields(Direction direction);
    void request_fields(Transaction& transaction, const HttpFields& fields);
    void response_fields(Transaction& transaction, const HttpFields& fields);
    void begin_body(Direction direction, const HttpFields& fields);
    void body(Direction direction, ByteView bytes);
    void complete(Direction direction);
    [[nodiscard]] Half& half(Direction direction) { return halves_[side(direction)]; }

    std::array<Half, 2> halves_;
};

}  // namespace phantom::detect
