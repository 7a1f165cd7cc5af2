#pragma once

// Which fields of a head become which buffers.

#include "detect/http_message.h"
#include "detect/transaction.h"

namespace phantom::detect {

// `first_line` and `head` as they came.
struct HttpHead {
    Direction direction = Direction::kToServer;
    std::string_view first_line;
    std::string_view head;
    const HttpFields& fields;
};
void add_field_buffers(Transaction& transaction, const HttpHead& head);

// "attachment; filename=\"a.txt\"", or else the last part of the path.
[[nodiscard]] std::string file_name_of(const HttpFields& fields, std::string_view uri);

}  // namespace phantom::detect
