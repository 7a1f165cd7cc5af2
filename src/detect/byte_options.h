#pragma once

// byte_test, byte_jump, byte_extract and byte_math on bytes. Positions are from the buffer's begin.

#include <optional>

#include "detect/matches.h"

namespace phantom::detect {

[[nodiscard]] bool holds(
    const ByteTest& test, ByteView buffer, std::size_t cursor, const MatchContext& context
);
// Where the cursor is afterwards; none outside of the buffer.
[[nodiscard]] std::optional<std::size_t> land(
    const ByteJump& jump, ByteView buffer, std::size_t cursor, const MatchContext& context
);
[[nodiscard]] std::optional<std::size_t> extract_number(
    const ByteExtract& extract, ByteView buffer, std::size_t cursor, MatchContext& context
);
[[nodiscard]] std::optional<std::size_t> compute(
    const ByteMath& math, ByteView buffer, std::size_t cursor, MatchContext& context
);

}  // namespace phantom::detect
