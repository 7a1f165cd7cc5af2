#pragma once

// How JSON objects look, in a notation for people, which is checked against and published as JSON Schema:
//
//     Silence {                          # nobody is told of some alerts for a while
//       number: int                      # as lists show it
//       until: time
//       state: "firing" | "resolved"     # nothing else
//       by: string(0..200)?              # may be null
//       comment?: string                 # may be missing
//       alerts: [int(1..)]
//       channels: {Channel}              # an object; its names are not known here
//     }
//     Alert { ...Silence                 # all that a Silence has, and
//       more: any
//     }
//
// Pure. Immutable once parsed; any thread.

#include <cstdint>
#include <expected>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

namespace phantom::api {

// A type in a type, as deep.
inline constexpr std::size_t kShapeDepthMax = 16;
// No more faults of one value are told.
inline constexpr std::size_t kFaultsMax = 16;

struct Type {
    enum class Kind : std::uint8_t {
        kAny,
        kBool,
        kInteger,
        kNumber,
        kString,
        kTime,  // RFC 3339, or empty where it has not come
        kChoice,
        kList,
        kMap,
        kNamed,
    };
    Kind kind = Kind::kAny;
    bool may_be_null = false;
    // Of a number its value, of a string its size in bytes, of a list its elements.
    std::int64_t least = std::numeric_limits<std::int64_t>::min();
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
    std::vector<std::string> choices;
    std::string name;                // of a kNamed
    std::shared_ptr<const Type> of;  // of a list or a map
};

struct Field {
    std::string name;
    Type type;
    bool is_optional = false;
    std::string does;
};

struct Shape {
    std::string name;
    std::string does;
    std::vector<Field> fields;

    [[nodiscard]] const Field* find(std::string_view field) const;
};

struct Fault {
    std::string pointer;  // RFC 6901, or the name of a parameter
    std::string detail;
};

class Shapes {
  public:
    // "line 7: ..." where it is wrong, also where a name is of no shape.
    [[nodiscard]] static std::expected<Shapes, std::string> parse(std::string_view text);

    [[nodiscard]] const Shape* find(std::string_view name) const;
    [[nodiscard]] const std::map<std::string, Shape, std::less<>>& all() const { return shapes_; }

    // What is wrong with a value that somebody sent: fields that are not known among it.
    [[nodiscard]] std::vector<Fault> check(const Shape& shape, const boost::json::value& value)
        const;

    // JSON Schema 2020-12. Shapes are referred to as "#/components/schemas/NAME".
    [[nodiscard]] static boost::json::object schema_of(const Type& type);
    [[nodiscard]] static boost::json::object schema_of(const Shape& shape);

  private:
    std::map<std::string, Shape, std::less<>> shapes_;
};

// A parameter's text as the value that its type asks for; null where it is none.
[[nodiscard]] boost::json::value value_of_text(const Type& type, std::string_view text);

}  // namespace phantom::api
