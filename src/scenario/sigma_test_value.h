#pragma once

// One value of a rule, held against one value of an event. Costs at most the product of their lengths,
// regular expressions their limit of steps.

#include <optional>
#include <string>
#include <vector>

#include "scenario/pattern.h"
#include "scenario/sigma_record.h"
#include "scenario/yaml.h"

namespace phantom::scenario {

inline constexpr std::size_t kSigmaValueMax = 8U << 10U;

// `field|contains|all` taken apart.
struct SigmaModifiers {
    enum class Place : std::uint8_t { kWhole, kContains, kStarts, kEnds };
    enum class Order : std::uint8_t { kNone, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

    Place place = Place::kWhole;
    Order order = Order::kNone;
    bool all = false;
    bool is_expression = false;
    std::string expression_flags;  // i, m, s
    bool is_network = false;
    bool is_presence = false;
    bool is_reference = false;
    bool is_cased = false;
    bool is_negated = false;
    bool with_dashes = false;
    // Before it is compared, in this order.
    std::vector<std::string> encodings;  // wide, utf16be, utf16, base64, base64offset

    // What stands behind the first '|'.
    [[nodiscard]] static OrFlaw<SigmaModifiers> parse(std::string_view text);
};

class SigmaTest {
  public:
    // A value may stand for several (windash, base64offset): one that holds is enough.
    [[nodiscard]] static OrFlaw<std::vector<SigmaTest>> build(
        const Yaml& value, const SigmaModifiers& modifiers
    );

    // `field` is null where the event has none of that name.
    [[nodiscard]] bool holds(const SigmaField* field, const SigmaRecord& record) const;

  private:
    enum class Kind : std::uint8_t {
        kText,
        kGlob,
        kExpression,
        kNetwork,
        kNumber,
        kPresence,
        kNothing,
        kReference,
    };
    using Place = SigmaModifiers::Place;

    [[nodiscard]] static OrFlaw<SigmaTest> of_text(
        std::string_view text, const SigmaModifiers& modifiers, bool is_encoded
    );
    [[nodiscard]] static OrFlaw<SigmaTest> special(
        const Yaml& value, const SigmaModifiers& modifiers
    );
    [[nodiscard]] bool holds_text(std::string_view value, std::string_view wanted) const;
    [[nodiscard]] bool holds_number(std::string_view value) const;

    Kind kind_ = Kind::kText;
    Place place_ = Place::kWhole;
    SigmaModifiers::Order order_ = SigmaModifiers::Order::kNone;
    bool is_cased_ = false;
    bool wanted_ = true;  // of presence
    double number_ = 0;
    std::string text_;
    std::string wilds_;  // of a glob: for each byte 0, '*' or '?'
    std::optional<Pattern> pattern_;
    std::optional<wire::Prefix> network_;
};

}  // namespace phantom::scenario
