#pragma once

// One list of the view, as a table.

#include <string>
#include <vector>

#include "top/model.h"
#include "top/table.h"

namespace phantom::top {

[[nodiscard]] std::string_view name_of(Pane pane);
// What stands where there are no rows.
[[nodiscard]] std::string empty_text(const Model& model, Pane pane);
// How many of them want somebody: "2 open".
[[nodiscard]] std::string remark(const Model& model, Pane pane);

// Of all rows that are shown, at `width`: bars of traffic take what is left.
[[nodiscard]] Table table_of(const Model& model, Pane pane, bool unicode);

// The one that is selected, in full: lines of a name and a text.
struct Detail {
    std::string title;
    std::vector<std::pair<std::string, std::string>> lines;
};
[[nodiscard]] Detail detail_of(const Model& model);

}  // namespace phantom::top
