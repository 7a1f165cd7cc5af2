#pragma once

// What a body is wrapped in: chunks, and one or several compressions.

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "detect/inflate.h"

namespace phantom::detect {

inline constexpr std::size_t kContentCodingsMax = 3;
inline constexpr std::size_t kInflatedBodyMax = 1'048'576;

// RFC 9112 section 7.1. Takes bytes as they come, gives those of the content.
class ChunkedBody {
  public:
    // Appends to `out`. How many bytes belong to the body.
    std::size_t add(ByteView bytes, std::vector<std::uint8_t>& out);
    // Nothing more comes: what was taken for the beginning of a size is content.
    void end(std::vector<std::uint8_t>& out);
    [[nodiscard]] bool is_complete() const { return state_ == State::kDone; }
    // What stands where a size should be is none: the rest is content until the end.
    [[nodiscard]] bool is_broken() const { return state_ == State::kBroken; }

  private:
    enum class State : std::uint8_t { kSize, kData, kDataEnd, kTrailer, kDone, kBroken };
    void size_line();
    void end_of_line(std::vector<std::uint8_t>& out);
    void give_up(std::vector<std::uint8_t>& out);

    State state_ = State::kSize;
    std::vector<char> line_;
    std::uint64_t left_ = 0;
};

// RFC 9110 section 8.4: what "Content-Encoding" says, undone in reverse order. A coding that is
// announced and not there is passed over, as browsers do.
class ContentDecoder {
  public:
    explicit ContentDecoder(std::string_view codings);

    [[nodiscard]] std::vector<std::uint8_t> add(ByteView part);

  private:
    struct Layer {
        std::vector<Compression> kinds;  // to be tried one after the other
        std::unique_ptr<Inflater> inflater;
        std::vector<std::uint8_t> tried;  // what came before the first byte out
        bool has_output = false;
        bool passes = false;
    };
    static std::vector<std::uint8_t> through(Layer& layer, ByteView part);

    std::vector<Layer> layers_;
};

}  // namespace phantom::detect
