#pragma once

// Bytes from a terminal as keys. A state machine: the bytes of one key may come in several reads. Source: ECMA-48, and
// what xterm sends for its keys. No I/O.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace phantom::terminal {

// A sequence that is longer is none, and is dropped.
inline constexpr std::size_t kSequenceSizeMax = 32;

struct Key {
    enum class Kind : std::uint8_t {
        kCharacter,
        kEnter,
        kTab,
        kBackTab,
        kBackspace,
        kEscape,
        kUp,
        kDown,
        kLeft,
        kRight,
        kHome,
        kEnd,
        kPageUp,
        kPageDown,
        kInterrupt,  // Ctrl-C
        kSuspend,    // Ctrl-Z
        kRedraw,     // Ctrl-L
    };
    Kind kind = Kind::kCharacter;
    char32_t character = 0;  // of kCharacter
    friend bool operator==(const Key&, const Key&) = default;
};

class KeyReader {
  public:
    [[nodiscard]] std::vector<Key> feed(std::string_view bytes);
    // Nothing has come for a while: what is pending is no sequence, and an ESC alone is the key.
    [[nodiscard]] std::vector<Key> settle();
    [[nodiscard]] bool is_pending() const { return !pending_.empty(); }

  private:
    // Takes one key off the front of what is pending. False: more bytes are needed.
    [[nodiscard]] bool take(std::vector<Key>& keys);
    [[nodiscard]] bool take_sequence(std::vector<Key>& keys);

    std::string pending_;
};

}  // namespace phantom::terminal
