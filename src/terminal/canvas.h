#pragma once

// A rectangle of cells to draw on. Drawing outside of it draws nothing. No I/O.
//
//     Canvas canvas({.width = 80, .height = 24});
//     canvas.put(0, 0, "NAME", {.bold = true});

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace phantom::terminal {

// No terminal is larger; what says so is taken for this.
inline constexpr int kWidthMax = 1'000;
inline constexpr int kHeightMax = 500;

struct Size {
    int width = 80;
    int height = 24;
    friend bool operator==(const Size&, const Size&) = default;
};

enum class Colour : std::uint8_t { kNone, kRed, kGreen, kYellow, kBlue, kCyan, kGrey };

struct Style {
    Colour colour = Colour::kNone;
    bool bold = false;
    bool reverse = false;
    friend bool operator==(const Style&, const Style&) = default;
};

struct Cell {
    char32_t glyph = U' ';
    Style style;
    friend bool operator==(const Cell&, const Cell&) = default;
};

class Canvas {
  public:
    explicit Canvas(Size size);

    [[nodiscard]] Size size() const { return size_; }
    [[nodiscard]] const Cell& at(int x, int y) const;

    // UTF-8, a column for each character. The column behind it.
    int put(int x, int y, std::string_view text, Style style = {});
    // `count` times.
    void fill(int x, int y, int count, char32_t glyph, Style style = {});
    // The style of a whole row, on which text is drawn already.
    void tint(int y, Style style);

    // Lines without the spaces at their end.
    [[nodiscard]] std::string text() const;

  private:
    [[nodiscard]] bool holds(int x, int y) const;
    [[nodiscard]] std::size_t index(int x, int y) const;

    Size size_;
    std::vector<Cell> cells_;
};

// The columns that `text` takes: its characters.
[[nodiscard]] int columns_of(std::string_view text);
// At most `columns` of it; where something is left out it ends with `mark`, a single character.
[[nodiscard]] std::string cut_to(std::string_view text, int columns, std::string_view mark);

// The next character of UTF-8 that `text` begins with, taken off it; U+FFFD for a byte that is none.
[[nodiscard]] char32_t take_character(std::string_view& text);
void append_character(std::string& text, char32_t character);

}  // namespace phantom::terminal
