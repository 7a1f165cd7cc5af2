#include "terminal/keys.h"

#include <optional>

#include "terminal/canvas.h"

namespace phantom::terminal {

namespace {

constexpr char kEsc = '\x1b';
using Kind = Key::Kind;

std::optional<Kind> kind_of_final(char final) {
    switch (final) {
        case 'A':
            return Kind::kUp;
        case 'B':
            return Kind::kDown;
        case 'C':
            return Kind::kRight;
        case 'D':
            return Kind::kLeft;
        case 'H':
            return Kind::kHome;
        case 'F':
            return Kind::kEnd;
        case 'Z':
            return Kind::kBackTab;
        default:
            return std::nullopt;
    }
}

// "\x1b[5~": the number says which.
std::optional<Kind> kind_of_number(std::string_view parameters) {
    const std::string_view number = parameters.substr(0, parameters.find(';'));
    if (number == "1" || number == "7") {
        return Kind::kHome;
    }
    if (number == "4" || number == "8") {
        return Kind::kEnd;
    }
    if (number == "5") {
        return Kind::kPageUp;
    }
    return number == "6" ? std::optional(Kind::kPageDown) : std::nullopt;
}

std::optional<Kind> kind_of_control(char byte) {
    switch (byte) {
        case '\r':
        case '\n':
            return Kind::kEnter;
        case '\t':
            return Kind::kTab;
        case '\x7f':
        case '\b':
            return Kind::kBackspace;
        case '\x03':
            return Kind::kInterrupt;
        case '\x1a':
            return Kind::kSuspend;
        case '\x0c':
            return Kind::kRedraw;
        default:
            return std::nullopt;
    }
}

bool is_final(char byte) {
    return byte >= '@' && byte <= '~';
}

// How many bytes a character of UTF-8 has that begins so.
std::size_t character_size(char first) {
    const auto byte = static_cast<unsigned char>(first);
    return byte < 0xc2 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf5 ? 4 : 1;
}

}  // namespace

std::vector<Key> KeyReader::feed(std::string_view bytes) {
    std::vector<Key> keys;
    for (const char byte : bytes) {
        pending_ += byte;
        while (!pending_.empty() && take(keys)) {
        }
    }
    return keys;
}

std::vector<Key> KeyReader::settle() {
    std::vector<Key> keys;
    if (pending_ == std::string(1, kEsc)) {
        keys.push_back({.kind = Kind::kEscape});
    }
    pending_.clear();
    return keys;
}

bool KeyReader::take(std::vector<Key>& keys) {
    if (pending_.front() == kEsc) {
        return take_sequence(keys);
    }
    if (const auto kind = kind_of_control(pending_.front())) {
        keys.push_back({.kind = *kind});
        pending_.erase(0, 1);
        return true;
    }
    if (pending_.size() < character_size(pending_.front())) {
        return false;
    }
    std::string_view rest = pending_;
    const char32_t character = take_character(rest);
    if (character >= U' ') {
        keys.push_back({.kind = Kind::kCharacter, .character = character});
    }
    pending_.erase(0, pending_.size() - rest.size());
    return true;
}

bool KeyReader::take_sequence(std::vector<Key>& keys) {
    if (pending_.size() < 2) {
        return false;
    }
    const char second = pending_[1];
    // The key, and another that followed fast. Alt and a key reads the same, and nothing here has Alt.
    if (second != '[' && second != 'O') {
        keys.push_back({.kind = Kind::kEscape});
        pending_.erase(0, 1);
        return true;
    }
    if (pending_.size() < 3) {
        return false;
    }
    const char final = pending_.back();
    if (!is_final(final)) {
        if (pending_.size() >= kSequenceSizeMax) {
            pending_.clear();
        }
        return false;
    }
    const std::string_view parameters = std::string_view(pending_).substr(2, pending_.size() - 3);
    const auto kind = final == '~' ? kind_of_number(parameters) : kind_of_final(final);
    if (kind) {
        keys.push_back({.kind = *kind});
    }
    pending_.clear();
    return true;
}

}  // namespace phantom::terminal
