#include "detect/ssh_parser.h"

#include <algorithm>

#include <fmt/format.h>

#include "detect/byte_reader.h"
#include "detect/digest.h"

namespace phantom::detect {

namespace {

constexpr std::uint8_t kKeyExchangeInit = 20;
constexpr std::uint8_t kNewKeys = 21;

std::string_view name_list(ByteReader& reader) {
    return as_text(reader.bytes(reader.u32()));
}

}  // namespace

void SshParser::add(Direction direction, ByteView bytes) {
    Half& here = halves_[side(direction)];
    if (here.done) {
        return;
    }
    here.kept.insert(here.kept.end(), bytes.begin(), bytes.end());
    while (!here.done && !here.kept.empty()) {
        const std::size_t used = here.has_banner ? packet(direction) : banner(direction);
        if (used == 0 || here.done) {
            return;  // finished: nothing is kept any more
        }
        here.kept.erase(here.kept.begin(), here.kept.begin() + static_cast<std::ptrdiff_t>(used));
    }
}

// "SSH-2.0-OpenSSH_9.2p1 Debian-2"
std::size_t SshParser::banner(Direction direction) {
    Half& here = halves_[side(direction)];
    const auto end = std::ranges::find(here.kept, std::uint8_t{'\n'});
    if (end == here.kept.end()) {
        if (here.kept.size() > kSshBannerSizeMax) {
            finish(direction);
        }
        return 0;
    }
    const auto size = static_cast<std::size_t>(end - here.kept.begin()) + 1;
    std::string_view line = as_text(ByteView(here.kept).first(size - 1));
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    if (!line.starts_with("SSH-")) {
        return size;  // RFC 4253 section 4.2: a server may say something before
    }
    line.remove_prefix(4);
    const std::size_t dash = std::min(line.find('-'), line.size());
    transaction_->add(BufferId::kSshProtocol, direction, std::string(line.substr(0, dash)));
    line.remove_prefix(std::min(dash + 1, line.size()));
    transaction_->add(
        BufferId::kSshSoftware, direction, std::string(line.substr(0, line.find(' ')))
    );
    transaction_->reach(direction, Stage::kLine);
    here.has_banner = true;
    return size;
}

std::size_t SshParser::packet(Direction direction) {
    const Half& here = halves_[side(direction)];
    ByteReader reader(here.kept);
    const std::uint32_t size = reader.u32();
    if (reader.has_failed()) {
        return 0;
    }
    if (size < 2 || size > kSshPacketSizeMax) {
        finish(direction);
        return 0;
    }
    if (reader.left() < size) {
        return 0;
    }
    ByteReader body(reader.bytes(size));
    const std::uint8_t padding = body.u8();
    const std::uint8_t message = body.u8();
    if (message == kKeyExchangeInit && size >= padding + 2U) {
        key_exchange(direction, body.rest());
    } else if (message == kNewKeys) {
        finish(direction);
    }
    return 4U + size;
}

void SshParser::key_exchange(Direction direction, ByteView body) {
    ByteReader reader(body);
    reader.bytes(16);
    const std::string_view methods = name_list(reader);
    name_list(reader);  // host keys
    // Ciphers, checks and compressions, each from the client and from the server.
    std::array<std::string_view, 6> lists;
    for (std::string_view& list : lists) {
        list = name_list(reader);
    }
    if (reader.has_failed()) {
        return;
    }
    const bool up = direction == Direction::kToServer;
    const std::size_t way = up ? 0 : 1;
    const std::string text =
        fmt::format("{};{};{};{}", methods, lists[way], lists[2 + way], lists[4 + way]);
    const ByteView bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    transaction_->add(
        up ? BufferId::kSshHassh : BufferId::kSshHasshServer, direction,
        hex_digest(Digest::kMd5, bytes)
    );
    transaction_->add(
        up ? BufferId::kSshHasshString : BufferId::kSshHasshServerString, direction, text
    );
    transaction_->reach(direction, Stage::kHeaders);
}

void SshParser::finish(Direction direction) {
    Half& here = halves_[side(direction)];
    here.done = true;
    here.kept.clear();
    transaction_->reach(direction, Stage::kComplete);
}

void SshParser::skip(Direction direction, std::size_t /*size*/) {
    finish(direction);
}

void SshParser::end(Direction direction) {
    finish(direction);
}

}  // namespace phantom::detect
