#include "detect/inflate.h"

#include <algorithm>
#include <array>

#include <zlib.h>

namespace phantom::detect {

namespace {

constexpr std::size_t kInflateStep = 4096;

int window_bits(Compression kind) {
    switch (kind) {
        case Compression::kGzip:
            return MAX_WBITS + 16;
        case Compression::kZlib:
            return MAX_WBITS;
        case Compression::kRawDeflate:
            return -MAX_WBITS;
    }
    return MAX_WBITS;
}

}  // namespace

struct Inflater::State {
    z_stream stream{};
    bool ended;
    bool broken;

    explicit State(Compression kind)
        : ended(inflateInit2(&stream, window_bits(kind)) != Z_OK), broken(ended) {}
    ~State() { inflateEnd(&stream); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
};

Inflater::Inflater(Compression kind) : state_(std::make_unique<State>(kind)) {}
Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;

bool Inflater::is_broken() const {
    return state_->broken;
}

bool Inflater::add(ByteView part, std::vector<std::uint8_t>& out, std::size_t size_max) {
    State& state = *state_;
    std::array<std::uint8_t, kInflateStep> step;
    // zlib takes a pointer to what it does not write.
    state.stream.next_in =
        const_cast<std::uint8_t*>(  // NOLINT(cppcoreguidelines-pro-type-const-cast)
            part.data()
        );
    state.stream.avail_in = static_cast<unsigned>(part.size());
    while (!state.ended && out.size() < size_max) {
        state.stream.next_out = step.data();
        state.stream.avail_out = step.size();
        const int result = inflate(&state.stream, Z_SYNC_FLUSH);
        const std::size_t made =
            std::min(step.size() - state.stream.avail_out, size_max - out.size());
        out.insert(out.end(), step.begin(), step.begin() + static_cast<std::ptrdiff_t>(made));
        state.broken = result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR;
        state.ended = state.broken || result == Z_STREAM_END;
        if (state.stream.avail_out != 0) {
            break;
        }
    }
    return !state.ended && out.size() < size_max;
}

std::vector<std::uint8_t> inflate_all(Compression kind, ByteView bytes, std::size_t size_max) {
    std::vector<std::uint8_t> out;
    Inflater(kind).add(bytes, out, size_max);
    return out;
}

}  // namespace phantom::detect
