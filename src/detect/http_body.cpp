#include "detect/http_body.h"

#include <algorithm>
#include <optional>
#include <string>

#include "detect/text.h"

namespace phantom::detect {

namespace {

constexpr std::size_t kChunkLineMax = 4096;
constexpr std::size_t kTriedMax = 4096;

// RFC 1952 section 2.3, without regard to flags that are reserved and to checksums. 0: no header;
// none: cut off.
std::optional<std::size_t> gzip_header_size(ByteView bytes) {
    constexpr std::size_t kFixed = 10;
    if (bytes.size() < kFixed) {
        return std::nullopt;
    }
    if (bytes[0] != 0x1f || bytes[1] != 0x8b || bytes[2] != 8) {
        return 0;
    }
    const std::uint8_t flags = bytes[3];
    std::size_t at = kFixed;
    if ((flags & 4U) != 0) {
        if (bytes.size() < at + 2) {
            return std::nullopt;
        }
        at += 2U + load_le<std::uint16_t>(bytes.data() + at);
    }
    for (const unsigned text : {8U, 16U}) {
        if ((flags & text) != 0) {
            while (at < bytes.size() && bytes[at] != 0) {
                ++at;
            }
            ++at;
        }
    }
    at += (flags & 2U) != 0 ? 2 : 0;
    return at <= bytes.size() ? std::optional(at) : std::nullopt;
}

}  // namespace

void ChunkedBody::size_line() {
    const std::string_view text = trimmed({line_.data(), line_.size()});
    if (text.empty()) {
        line_.clear();
        return;  // servers put empty lines in front
    }
    std::uint64_t size = 0;
    std::size_t digits = 0;
    for (; digits < text.size(); ++digits) {
        const int digit = hex_digit(text[digits]);
        if (digit < 0 || size > UINT32_MAX) {
            break;
        }
        size = size * 16 + static_cast<unsigned>(digit);
    }
    if (digits == 0 || size > UINT32_MAX) {
        state_ = State::kBroken;
        return;
    }
    line_.clear();
    left_ = size;
    state_ = size == 0 ? State::kTrailer : State::kData;
}

void ChunkedBody::give_up(std::vector<std::uint8_t>& out) {
    state_ = State::kBroken;
    out.insert(out.end(), line_.begin(), line_.end());
    line_.clear();
}

void ChunkedBody::end(std::vector<std::uint8_t>& out) {
    if (state_ == State::kSize) {
        give_up(out);
    }
}

void ChunkedBody::end_of_line(std::vector<std::uint8_t>& out) {
    switch (state_) {
        case State::kSize:
            size_line();
            if (state_ == State::kBroken) {
                give_up(out);
            }
            return;
        case State::kTrailer:
            if (trimmed({line_.data(), line_.size()}).empty()) {
                state_ = State::kDone;
            }
            line_.clear();
            return;
        default:
            line_.clear();
            state_ = State::kSize;
    }
}

std::size_t ChunkedBody::add(ByteView bytes, std::vector<std::uint8_t>& out) {
    std::size_t at = 0;
    while (at < bytes.size() && state_ != State::kDone) {
        if (state_ == State::kBroken) {
            out.insert(out.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end());
            return bytes.size();
        }
        if (state_ == State::kData) {
            const std::size_t size = std::min<std::size_t>(left_, bytes.size() - at);
            const ByteView part = bytes.subspan(at, size);
            out.insert(out.end(), part.begin(), part.end());
            at += size;
            left_ -= size;
            if (left_ == 0) {
                state_ = State::kDataEnd;
            }
            continue;
        }
        const char next = static_cast<char>(bytes[at++]);
        line_.push_back(next);
        if (state_ == State::kSize && trimmed({line_.data(), line_.size()}).size() == 1 &&
            hex_digit(next) < 0 && !is_blank(next)) {
            give_up(out);
            continue;
        }
        if (line_.back() == '\n' || line_.size() >= kChunkLineMax) {
            end_of_line(out);
        }
    }
    return at;
}

ContentDecoder::ContentDecoder(std::string_view codings) {
    for (const std::string_view coding : split(codings, ',')) {
        Layer layer;
        // As browsers do, with whatever stands around the word.
        const std::string name = lowered(coding);
        if (name.find("gzip") != std::string::npos) {
            layer.kinds = {Compression::kGzip, Compression::kRawDeflate, Compression::kZlib};
        } else if (name.find("deflate") != std::string::npos) {
            layer.kinds = {Compression::kZlib, Compression::kRawDeflate, Compression::kGzip};
        } else {
            continue;
        }
        if (layers_.size() < kContentCodingsMax) {
            layers_.insert(layers_.begin(), std::move(layer));
        }
    }
}

std::vector<std::uint8_t> ContentDecoder::through(Layer& layer, ByteView part) {
    if (layer.passes) {
        return {part.begin(), part.end()};
    }
    std::vector<std::uint8_t> out;
    if (!layer.has_output) {
        layer.tried.insert(layer.tried.end(), part.begin(), part.end());
    }
    while (true) {
        if (!layer.inflater) {
            const bool is_gzip = layer.kinds.front() == Compression::kGzip;
            const auto header = is_gzip ? gzip_header_size(layer.tried) : 0;
            if (!header) {
                return out;  // not all of it is there
            }
            // Our own reading of the header forgives what zlib does not.
            const Compression kind =
                is_gzip && *header > 0 ? Compression::kRawDeflate : layer.kinds.front();
            layer.inflater = std::make_unique<Inflater>(kind);
            part = ByteView(layer.tried).subspan(*header);
        }
        layer.inflater->add(part, out, kInflatedBodyMax);
        layer.has_output = layer.has_output || !out.empty() || layer.tried.size() > kTriedMax;
        if (layer.has_output || !layer.inflater->is_broken()) {
            return out;
        }
        layer.inflater.reset();
        layer.kinds.erase(layer.kinds.begin());
        if (layer.kinds.empty()) {
            layer.passes = true;
            return std::move(layer.tried);
        }
    }
}

std::vector<std::uint8_t> ContentDecoder::add(ByteView part) {
    std::vector<std::uint8_t> bytes(part.begin(), part.end());
    for (Layer& layer : layers_) {
        bytes = through(layer, bytes);
    }
    return bytes;
}

}  // namespace phantom::detect
